"""Writes the measured blocks of docs/fees.md and docs/iocs.md.

Run as ``python tests/markets/live_pages.py SHARED_DATA`` after a change of fees or of the analysis.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

if __package__:
    from .live_fees import Explanation, Summary, summarise, whole_contract_explanations
    from .live_iocs import Order, confusion, fill_rates, logistic, read_orders, trusted
else:
    from live_fees import Explanation, Summary, summarise, whole_contract_explanations
    from live_iocs import Order, confusion, fill_rates, logistic, read_orders, trusted

DOCS = Path(__file__).resolve().parents[2] / "docs"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
ANSWERS = ("fill", "no fill", "rejected")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "--|" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def fees_block(summary: Summary, whole: tuple[int, int, int]) -> str:
    counts = table(
        ("legs", "number"),
        [
            ("entries and exits with a fee confirmed by the exchange", summary.legs),
            ("of them one order", summary.single),
            ("one fill gives the charged fee", summary.one_fill),
            ("a partition into several fills gives it", summary.partitions),
            ("not explained", len(summary.unexplained)),
            ("single orders that one fill does not explain", whole[0]),
            ("of them whole contracts do, if aligning the balance is kept", whole[1]),
            ("of them whole contracts do, if the order's accumulator gives it back", whole[2]),
            ("legs whose cash, and whose fee, is not in whole cents", _fractional(summary)),
        ],
    )
    rows = [_fee_row(e) for e in summary.explanations if e.fills is None or len(e.fills) > 1]
    head = ("round trip", "orders", "size", "cash", "charged", "as one fill", "fills that give the charge")
    return f"{counts}\n\n{table(head, rows)}"


def _fractional(summary: Summary) -> int:
    legs = [explanation.leg for explanation in summary.explanations]
    return sum(bool(leg.notional % 10_000) and bool(leg.fee % 10_000) for leg in legs)


def _fee_row(explanation: Explanation) -> tuple[object, ...]:
    leg = explanation.leg
    fills = "none found" if explanation.fills is None else ", ".join(
        f"{size / 1e6:g} @ {price / 1e4:g}" for size, price in explanation.fills
    )  # fmt: skip
    one = "" if explanation.computed is None else f"{explanation.computed / 1e6:.4f}"
    return (leg.name, len(leg.moments), f"{leg.size / 1e6:g}", f"{leg.notional / 1e6:g}",
            f"{leg.fee / 1e6:.4f}", one, fills)  # fmt: skip


def iocs_block(orders: list[Order]) -> str:
    reasons = ("not a price", "nothing left to sell", "cents hide deci-cents", "")
    kept = trusted(orders)
    why = [
        (reason or "none: the ladder is taken at its word", len(of), *(_answers(of)))
        for reason in reasons
        for of in ([order for order in orders if order.reason == reason],)
    ]
    parts = [
        "### By the ladder alone\n",
        _confusion(orders, corrected=False),
        "\n### Why the ladder cannot be taken at its word\n",
        table(("reason", "orders", *(f"answer: {a}" for a in ANSWERS)), why),
        "\n### With these reasons\n",
        _confusion(orders, corrected=True),
        f"\n### What moves the rest ({len(kept)} orders)\n",
    ]
    for title, value, bounds in (
        (
            "feed messages of the contract between sending and answer",
            lambda o: o.messages,
            (2, 10, 25, 50, 100),
        ),
        ("latency to the answer, ms", lambda o: o.latency_ms, (40, 50, 70, 100)),
        ("age of the book at sending, ms", lambda o: o.book_age_ms, (25, 100, 250, 500)),
        ("size displayed at the touch", lambda o: o.visible, (10, 50, 200, 1000)),
    ):
        entries = fill_rates([o for o in kept if o.kind == "entry"], value, bounds)
        exits = fill_rates([o for o in kept if o.kind == "exit"], value, bounds)
        rows = [(a[0], a[1], _share(a), b[1], _share(b)) for a, b in zip(entries, exits, strict=True)]
        parts += [table((title, "entries", "filled", "exits", "filled"), rows), ""]
    parts.append("Logistic regression of the fill, coefficients per standard deviation:\n")
    fit = [(name, f"{weight:+.2f}", f"{error:.2f}") for name, weight, error in logistic(kept)]
    parts.append(table(("covariate", "coefficient", "standard error"), fit))
    return "\n".join(parts)


def _share(row: tuple[str, int, int]) -> str:
    return f"{100 * row[2] / row[1]:.0f} %" if row[1] else ""


def _answers(orders: list[Order]) -> list[int]:
    return [sum(order.answer == answer for order in orders) for answer in ANSWERS]


def _confusion(orders: list[Order], *, corrected: bool) -> str:
    cells = confusion(orders, (lambda o: o.corrected) if corrected else (lambda o: o.ladder))
    rows = [(f"predicted: {p}", *(cells.get((p, a), 0) for a in ANSWERS)) for p in ANSWERS]
    right = sum(number for (predicted, answer), number in cells.items() if predicted == answer)
    head = ("", *(f"answer: {a}" for a in ANSWERS))
    return f"{table(head, rows)}\n\nRight: {right} of {len(orders)}, {100 * right / len(orders):.1f} %."


def blocks(shared_data: Path) -> dict[str, str]:
    folder = shared_data / "kalshi_btc15m_live_fills"
    fees = fees_block(summarise(folder), whole_contract_explanations(folder))
    return {"fees.md": fees, "iocs.md": iocs_block(read_orders(folder))}


def measured(page: Path) -> str:
    text = page.read_text()
    return text[text.index(BEGIN) + len(BEGIN) : text.index(END)].strip()


def main() -> None:
    for name, block in blocks(Path(sys.argv[1])).items():
        page = DOCS / name
        text = page.read_text()
        start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
        page.write_text(f"{text[:start]}\n\n{block}\n\n{text[end:]}")


if __name__ == "__main__":
    main()
