"""What a result takes for granted, in sentences: the same in the report and in the document."""

from typing import TYPE_CHECKING, Any

from ntp.backtest.wording import MODE_MEANING, write_amount
from ntp.core import CASH_ONE
from ntp.markets import DOLLARS, PUSD

if TYPE_CHECKING:
    from ntp.backtest.run import Run


def assumptions_of(run: "Run") -> list[str]:
    """Say what must hold for the figures of a run to mean what they say."""
    engine = run.context.engine
    lines = [
        f"Queue model {engine.queue}: a resting order joins behind all that is displayed at its price.",
        f"Data is seen {engine.feed_latency} after it happened; orders reach the venue {engine.order_latency} "
        "after the decision.",
        *(f"{mode} fills: {MODE_MEANING[mode]}." for mode in run.fill_modes),
        "An order also fills when the opposite best stays at or beyond its price for longer than the order "
        "latency. What an own taker took stays gone until the recording shows it rebuilt.",
        "Other participants do not react to these orders.",
        "Fees follow the schedule in force on the date, with the venue's rounding.",
        *_currencies(run),
        *_marks(run),
        f"Random numbers come from seed {engine.seed}; the strategy ran "
        + ("compiled." if engine.compiled else "as Python."),
    ]
    return lines + [f"Rule waived: {rule}." for rule in run.context.waived]


def _currencies(run: "Run") -> list[str]:
    accounts = run.shown.output.accounts
    lines = []
    held = [account["venue"] for account in accounts if account["currency"] == PUSD]
    if held:
        lines.append(f"A pUSD, the dollar token of {', '.join(held)}, counts one dollar.")
    for account in accounts:
        if account["currency"] in DOLLARS:
            continue
        start = write_amount(account["start"] / CASH_ONE, account["currency"])
        lines.append(
            f"The account at {account['venue']} began with {start}, play money that no dollars buy; it is in "
            "no figure in dollars."
        )
    return lines


def _marks(run: "Run") -> list[str]:
    output = run.shown.output
    lines = [
        "A holding counts at the price at which it could leave (the bid for YES, the ask for NO), else at the "
        "last price; once its result is known, at that."
    ]
    at_cost = sum(row["marked"] == "cost" for row in output.open_positions)
    samples: Any = output.counters.get("unpriced_samples")
    if samples:
        lines.append(
            f"A holding without any price counts at its cost: in {samples[0]:,} of {samples[1]:,} samples of the "
            f"equity, and {at_cost:,} at the end."
        )
    return lines
