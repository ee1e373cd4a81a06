"""Where the edge goes: what fills were predicted to earn, what it costs on the way, and what came of it."""

from typing import TYPE_CHECKING, Final

import numpy as np

from ntp.backtest.edge import EdgeOutcome
from ntp.backtest.formulas import Null
from ntp.backtest.pages import Axis, Chart, Line, Marks, Page, html_table
from ntp.backtest.wording import ABSENT
from ntp.core import format_ns
from ntp.pricing.edge import weighed_slope
from ntp.statistics import Regression

if TYPE_CHECKING:
    from ntp.backtest.run import Run

_PARTS: Final = (
    ("gross", "Edge before costs", "fair value less price; of what came, settlement value less price"),
    ("fee", "Fee", "of the smallest fill; of what came, what was charged"),
    ("adverse_selection", "Adverse selection", "expected; of what came, how far the mid moved against fills in 10 s"),
    ("uncertainty", "Model uncertainty", "what the band of the fair value takes off"),
    ("lock_up", "Lock-up", "what the cash would earn elsewhere until settlement"),
    ("net", "Net edge", "what is left; of what came, settlement value less price and fee"),
)  # fmt: skip


def edges(run: "Run", page: Page) -> str:
    """Decompose the edge, set what came beside it, and draw realised on predicted edge by event."""
    outcome = run.shown.edge
    if outcome is None:
        return (
            "<p>No fill has a fair value, so no edge was predicted. A strategy states one with <code>fair=</code> of "
            "an order or a signal.</p>"
        )
    realised = outcome.realised if run.shown.facts.fees_known else {**outcome.realised, "fee": None, "net": None}
    rows = [
        [title, _cents(outcome.predicted[name]), _cents(outcome.settled[name]), _cents(realised[name]), meaning]
        for name, title, meaning in _PARTS
    ]
    table = html_table(
        "Part by part", ["Cents per contract", "Predicted", "of it settled", "Realised", "Meaning"], rows,
        sortable=False,
        note=f"Means over contracts filled; {outcome.contracts:,.6g} contracts of {outcome.events:,} events have a "
        f"fair value and a result. {band_sentence(outcome)}",
    )
    table += _weeks_table(run)
    if outcome.through_origin is None:
        return table
    return table + page.figure(
        "Realised on predicted edge", line_sentence(outcome), _scatter(outcome, outcome.through_origin),
        _lines_table(outcome),
    )


def _weeks_table(run: "Run") -> str:
    rows = [
        [format_ns(row["ts"])[:10], f"{row['events']:,}", f"{row['slope']:.2f}",
         ABSENT if row["slope_error"] is None else f"{row['slope_error']:.2f}", f"{row['factor']:.2f}"]
        for row in run.shown.output.counters.get("size_factors") or ()
    ]
    return html_table(
        "Sizes scaled in this run", ["From", "Events so far", "Slope", "Standard error", "Sizes times"], rows,
        sortable=False, note="Looked at once a week, from the results seen by then; only changes are listed.",
    ) if rows else ""


def band_sentence(outcome: EdgeOutcome) -> str:
    """Say whether fills earned what they were predicted to."""
    band = outcome.band
    if isinstance(band, Null):
        return f"Whether the prediction held cannot be said: {band.reason}."
    verdict = "within" if band.holds else "outside"
    return (
        f"After adverse selection {band.predicted:+.2f} ¢ were predicted and {band.realised:+.2f} ¢ came, {verdict} "
        f"the 90 % band of {band.low:+.2f} to {band.high:+.2f} ¢."
    )


def line_sentence(outcome: EdgeOutcome) -> str:
    """Say how realised follows predicted edge, and what that means for sizes."""
    line = outcome.through_origin
    assert line is not None
    low, high = line.slope_interval()
    factor = outcome.factor
    said = "leaves sizes alone" if factor == 1.0 else f"would scale sizes by {factor:.2f}"
    weighed = weighed_slope(line.slope, line.slope_error)
    return (
        f"A cent predicted brought {line.slope:.2f} ¢ (90 % interval {low:.2f} to {high:.2f}, clustered over "
        f"{line.clusters:,} events); weighed by how well it is known, {weighed:.2f}, which {said}."
    )


def _scatter(outcome: EdgeOutcome, line: Regression) -> Chart:
    x, y = outcome.points["predicted"].to_numpy(), outcome.points["realised"].to_numpy()
    ends = np.linspace(min(0.0, float(x.min())), max(0.0, float(x.max())), 101)
    notes = [f"{row[0]}: {row[3]:,.6g} contracts" for row in outcome.points.iter_rows()]
    lines = [
        Line("as predicted", ends, ends, "--soft", width=1.0, straight=True),
        Line("realised", ends, line.slope * ends, "--base", straight=True),
    ]
    return Chart(
        lines, [Marks("events", x, y, "--bid", notes=notes)], Axis(title="Predicted edge, cents"),
        Axis(title="Realised edge, cents"),
    )


def _lines_table(outcome: EdgeOutcome) -> str:
    lines = (("through the origin", outcome.through_origin), ("with an intercept", outcome.line))
    rows = [[name, *_line_row(line)] for name, line in lines if line is not None]
    return html_table(
        "Realised on predicted edge by contracts filled", ["Line", "Slope", "90 % interval", "Intercept", "Events"],
        rows, sortable=False,
    )


def _line_row(line: Regression) -> list[str]:
    low, high = line.slope_interval()
    return [f"{line.slope:.3f}", f"{low:.3f} to {high:.3f}", f"{line.intercept:+.2f} ¢", f"{line.clusters:,}"]


def _cents(value: float | None) -> str:
    return ABSENT if value is None else f"{value:+.3f}"


__all__ = ["band_sentence", "edges", "line_sentence"]
