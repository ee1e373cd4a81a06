"""Prediction quality: were the fair values right, and where did the edge come from."""

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from ntp.backtest.facts import Facts, Floats
from ntp.backtest.pages import Axis, Chart, Line, Marks, Page, html_table
from ntp.backtest.wording import ABSENT, write_share
from ntp.core import DAY, HOUR, MINUTE
from ntp.statistics import brier_decomposition, brier_score, log_loss, reliability_diagram

if TYPE_CHECKING:
    from ntp.backtest.run import Run

_BINS: Final = 10
_LEFT: Final = (
    ("under 1 minute", MINUTE), ("1 to 5 minutes", 5 * MINUTE), ("5 to 15 minutes", 15 * MINUTE),
    ("15 minutes to 1 hour", HOUR), ("1 to 6 hours", 6 * HOUR), ("6 hours to 1 day", DAY), ("1 day to 1 week", 7 * DAY),
)  # fmt: skip
_LONGER: Final = "over 1 week"


def forecasts(run: "Run", page: Page) -> str:
    """Score the fair values beside the market's mid, and the edge by what was paid and when."""
    facts = run.shown.facts
    return _scores(facts, page) + _edges(facts)


def _scores(facts: Facts, page: Page) -> str:
    known = facts.forecasts.drop_nulls(["fair", "value"])
    if known.is_empty():
        return (
            "<p>No fair value was stated before a fill of a contract with a binary result, so there is no forecast to "
            "score. A strategy states one with <code>fair=</code> of an order or a signal.</p>"
        )
    rows = []
    for name, column in (("Strategy", "fair"), ("Market mid at the first fill", "mid")):
        both = known.drop_nulls([column])
        if not both.is_empty():
            rows.append(_score_row(name, both[column].to_numpy(), both["value"].to_numpy()))
    beside = known.drop_nulls("mid")
    skill = _skill(beside["fair"].to_numpy(), beside["mid"].to_numpy(), beside["value"].to_numpy())
    table = html_table(
        "Forecasts against results",
        ["Forecast", "Contracts", "Brier score", "Log loss", "Calibration error", "Reliability", "Resolution"], rows,
        sortable=False,
        note=f"Brier skill against the market, 1 less the ratio of both scores on the same contracts: {skill}.",
    )
    return table + page.figure(
        "Reliability of the fair values",
        "Share of contracts that paid, by the fair value stated; on the line they agree.",
        _reliability(known), _reliability_table(known),
    )


def _score_row(name: str, forecast: Floats, value: Floats) -> list[str]:
    parts = brier_decomposition(forecast, value)
    diagram = reliability_diagram(forecast, value, bins=_BINS)
    return [
        name, f"{len(value):,}", _number(brier_score(forecast, value)), _number(log_loss(forecast, value)),
        _number(None if diagram is None else diagram.calibration_error),
        _number(None if parts is None else parts.reliability), _number(None if parts is None else parts.resolution),
    ]  # fmt: skip


def _skill(fair: Floats, mid: Floats, value: Floats) -> str:
    own, market = brier_score(fair, value), brier_score(mid, value)
    if own is None or not market:
        return "not known, no mid was seen"
    return f"{1.0 - own / market:+.3f} over {len(value):,} contracts"


def _reliability(known: pl.DataFrame) -> Chart:
    diagonal = np.linspace(0.0, 1.0, 101)
    marks, lines = [], [Line("as stated", diagonal, diagonal, "--soft", width=1.0, straight=True)]
    for name, column, colour in (("market mid", "mid", "--bid"), ("fair value", "fair", "--base")):
        part = known.drop_nulls(column)
        diagram = reliability_diagram(part[column].to_numpy(), part["value"].to_numpy(), bins=_BINS)
        if diagram is None:
            continue
        notes = [f"{count:,} contracts" for count in diagram.count.tolist()]
        marks.append(Marks(name, diagram.forecast, diagram.happened, colour, hollow=column == "mid", notes=notes))
        if column == "fair":
            gap = np.full(len(diagram.forecast), np.nan)
            lines.append(Line(
                "90 % interval", np.repeat(diagram.forecast, 3),
                np.column_stack((diagram.low, diagram.high, gap)).ravel(), colour, width=1.0,
            ))  # fmt: skip
    return Chart(lines, marks, Axis("linear", "price", "Fair value of YES"), Axis("linear", "percent", "Paid"))


def _reliability_table(known: pl.DataFrame) -> str:
    diagram = reliability_diagram(known["fair"].to_numpy(), known["value"].to_numpy(), bins=_BINS)
    if diagram is None:
        return ""
    rows = [
        [f"{forecast:.3f}", write_share(happened), f"{count:,}"]
        for forecast, happened, count in zip(diagram.forecast, diagram.happened, diagram.count.tolist(), strict=True)
    ]
    return html_table("Reliability of the fair values", ["Mean fair value", "Paid", "Contracts"], rows, sortable=False)


def _edges(facts: Facts) -> str:
    fills = _settled_fills(facts)
    if fills.is_empty():
        return "<p>No contract that was filled has a result yet, so no edge was realised.</p>"
    by_price = fills.with_columns(key=pl.col("paid").mul(10).floor().clip(0, 9).cast(pl.Int64)).sort("key")
    prices = _edge_rows(by_price, {key: f"{10 * key} to {10 * key + 10} ¢" for key in range(10)})
    names = [name for name, _ in _LEFT] + [_LONGER]
    bounds = [span for _, span in _LEFT]
    left = np.searchsorted(np.array(bounds), fills["left"].to_numpy(), "right")
    times = _edge_rows(fills.with_columns(key=pl.Series(left, dtype=pl.Int64)).sort("key"), dict(enumerate(names)))
    head = ["", "Fills", "Contracts filled", "Won", "Edge stated", "Edge realised"]
    return html_table(
        "Edge by price paid for the side bought", head, prices, sortable=False,
        note="Edges are means over contracts filled, in cents before fees: what the side was worth less what was paid. "
        "A sale of YES is a purchase of NO at one minus its price.",
    ) + html_table("Edge by time from the fill to settlement", head, times, sortable=False)


def _settled_fills(facts: Facts) -> pl.DataFrame:
    """See fills of settled contracts as purchases of one side: `paid`, `worth`, `stated`, `size`, `left` (ns)."""
    ends = facts.output.settlements.group_by("contract").agg(end=pl.col("ts").last())
    ts = facts.priced.select("contract", "ts").join(ends, on="contract", how="left", maintain_order="left")
    bought = facts.side > 0
    frame = pl.DataFrame({
        "paid": np.where(bought, facts.price, 1.0 - facts.price),
        "worth": np.where(bought, facts.fill_results, 1.0 - facts.fill_results),
        "stated": facts.side * (facts.of_fills("fair") - facts.price),
        "size": facts.size,
        "left": (ts["end"] - ts["ts"]).to_numpy() if len(ts) else np.empty(0),
        "scale": facts.priced["price_scale"].to_numpy(),
    })  # fmt: skip
    # an asset has no price from nought to one, so nothing is "won" on it
    return frame.filter(pl.col("worth").is_not_nan() & pl.col("paid").is_between(0, 1)).drop_nulls("left")


def _edge_rows(fills: pl.DataFrame, names: dict[int, str]) -> list[list[str]]:
    rows = []
    for (key,), part in fills.group_by("key", maintain_order=True):
        size = part["size"].to_numpy()
        won = float(np.average(part["worth"].to_numpy(), weights=size))
        realised = float(np.average((part["worth"] - part["paid"]).to_numpy(), weights=size))
        told = part.filter(pl.col("stated").is_not_nan())
        stated = (
            f"{100 * float(np.average(told['stated'].to_numpy(), weights=told['size'].to_numpy())):+.2f}"
            if len(told) else ABSENT
        )
        rows.append([
            names[int(str(key))], f"{len(part):,}", f"{size.sum():,.6g}", write_share(won), stated,
            f"{100 * realised:+.2f}",
        ])  # fmt: skip
    return rows


def _number(value: float | None) -> str:
    return ABSENT if value is None else f"{value:.4f}"
