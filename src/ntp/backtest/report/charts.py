"""Charts of the report: what is drawn from which columns."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ntp.backtest.pages import Axis, Chart, Floats, Marks, line_of, quiet
from ntp.core import CASH_ONE
from ntp.statistics import drawdowns

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from ntp.backtest.run import ModeResult, Run

_MARKS: Final = 800
_MINUTE: Final = 60_000_000_000
_UNSEEN: Final = 10
"""Parts of the time of the fills for which a quote is held without another one."""
_DASHES: Final = {"pessimistic": "8 3", "base": "", "optimistic": "2 3"}
_TIME: Final = Axis("time", "time")
PALETTE: Final[Mapping[str, str]] = {"--pessimistic": "#b45309", "--base": "#0f766e", "--optimistic": "#6d4fc4"}
"""Colours where there is no page to give them."""


def equity_chart(run: "Run") -> Chart:
    """Equity of all modes after fees, and before them, the mode shown on top."""
    lines = []
    for mode in _shown_last(run):
        frame = run.fill_modes[mode].output.equity
        shown = mode == run.context.fill_mode
        for column, label, width in (("equity_gross", " before fees", 1.0), ("equity", "", 1.5)):
            ts, values = _opened(run, frame, column)
            lines.append(line_of(
                mode + label, ts, values, f"--{mode}", dash="1 4" if label else _DASHES[mode],
                width=width + shown,
            ))
    return Chart(lines, (), _active(run), Axis("linear", "money" if run.shown.facts.in_dollars else "number"))


def drawdown_chart(run: "Run") -> Chart:
    """Fall below the running peak in all modes."""
    lines = []
    for mode in _shown_last(run):
        result = run.fill_modes[mode]
        ts, values = _opened(run, result.output.equity, "equity")
        falls = drawdowns(values, result.facts.capital)
        shown = mode == run.context.fill_mode
        lines.append(line_of(mode, ts, falls, f"--{mode}", dash=_DASHES[mode], width=1.5 + shown))
    return Chart(lines, (), _active(run), Axis("linear", "percent"))


def _active(run: "Run") -> Axis:
    """Time of a run, long stretches in which no mode's equity changed drawn short."""
    times = [_opened(run, result.output.equity, "equity")[0] for result in run.fill_modes.values()]
    return Axis("time", "time", cuts=quiet(times))


def price_chart(run: "Run", contract: str) -> Chart:
    """Draw the fills of a contract on its bid and ask, as far as these are known."""
    fills = run.fills.filter(pl.col("contract") == contract)
    quotes = _quotes(run, contract)
    lines = []
    for column in ("bid", "ask"):
        values = quotes[column].fill_null(np.nan).to_numpy()
        if np.isfinite(values).any():
            lines.append(line_of(
                column, _ms(quotes["ts"]), values, f"--{column}", dash="" if column == "bid" else "4 2", width=1.0
            ))
    return Chart(lines, _fill_marks(fills), _TIME, Axis("linear", "price"))


def queue_chart(run: "Run") -> Chart:
    """Wait of maker fills over the contracts that were ahead."""
    fills = run.fills.filter(pl.col("is_maker") & pl.col("queue_ahead").is_not_null())
    fills = fills.gather_every(max(1, -(-len(fills) // _MARKS)))
    # logarithmic axes have no zero: an empty queue and an instant fill sit at their edge
    ahead = np.maximum(fills["queue_ahead"].to_numpy(), 0.1)
    wait = np.maximum(fills["wait_s"].to_numpy(), 0.001)
    notes = [
        f"{queue:,.0f} contracts ahead, {seconds:,.2f} s"
        for queue, seconds in zip(fills["queue_ahead"], fills["wait_s"], strict=True)
    ]
    marks = Marks("maker fill", ahead, wait, f"--{run.context.fill_mode}", notes=notes)
    return Chart(
        (), (marks,), Axis("log", "number", "contracts ahead at joining"), Axis("log", "seconds", "waited"),
    )  # fmt: skip


def waiting_chart(run: "Run") -> Chart:
    """Share of passive orders with a fill by the time they rested."""
    lines = []
    for mode in _shown_last(run):
        curve = run.fill_modes[mode].facts.survival
        shares = np.concatenate(([0.0], 1.0 - curve.surviving))
        times = np.concatenate(([0.0], curve.times))
        shown = mode == run.context.fill_mode
        lines.append(line_of(mode, times, shares, f"--{mode}", dash=_DASHES[mode], width=1.5 + shown))
    return Chart(lines, (), Axis("linear", "seconds", "at rest"), Axis("linear", "percent"))


def record_chart(records: pl.DataFrame, name: str) -> Chart:
    """One curve that the strategy recorded."""
    rows = records.filter(pl.col("name") == name).drop_nulls("value")
    values = rows["value"].cast(pl.Float64).to_numpy()
    return Chart((line_of(name, _ms(rows["ts"]), values, "--base"),), (), _TIME, Axis())


def equity_figure(run: "Run") -> "Figure":
    """Equity chart as a Plotly figure for notebooks."""
    from plotly.graph_objects import Figure

    traces = [
        {
            "type": "scatter", "mode": "lines", "name": line.name,
            "x": line.x.astype("datetime64[ms]"), "y": line.y,
            "line": {
                "color": PALETTE[line.colour], "width": line.width, "shape": "hv",
                "dash": "dot" if line.name.endswith("before fees") else "solid",
            },
        }
        for line in equity_chart(run).lines
    ]
    title = f"{run.context.strategy.name}: equity, dotted before fees"
    return Figure(traces, {"title": {"text": title}})


def traded_contracts(result: "ModeResult", count: int) -> list[str]:
    """Contracts with the most fills."""
    counts = result.output.fills.group_by("contract").len()
    counts = counts.sort(["len", "contract"], descending=[True, False])
    return counts["contract"].head(count).to_list()


def same_modes(run: "Run") -> list[str]:
    """Modes whose fills are those of the mode shown, so that their lines lie below its line."""
    return [
        mode for mode, result in run.fill_modes.items()
        if mode != run.context.fill_mode and result.fills_hash == run.shown.fills_hash
    ]


def _shown_last(run: "Run") -> list[str]:
    """Modes in the order of drawing: the mode shown is never covered."""
    return sorted(run.fill_modes, key=lambda mode: mode == run.context.fill_mode)


def _opened(run: "Run", frame: pl.DataFrame, column: str) -> tuple[Floats, Floats]:
    """Curve in dollars from the beginning of the data, where it is the capital, to its end."""
    data = run.context.data
    first = min(data.start, int(frame["ts"][0])) if len(frame) else data.start
    values = np.concatenate(([run.context.capital / CASH_ONE], frame[column].to_numpy() / CASH_ONE))
    ts = np.concatenate((np.array([first], dtype=np.int64), frame["ts"].to_numpy()))
    if data.end > ts[-1]:
        ts, values = np.append(ts, data.end), np.append(values, values[-1])
    return _ms(pl.Series(ts)), values


def _quotes(run: "Run", contract: str) -> pl.DataFrame:
    """Quotes of a contract around its fills: at its fills and ends of orders, and as sampled.

    Where none is known for long the lines stop, not to show a price that nobody saw.
    """
    output = run.shown.output
    fills = output.fills.filter(pl.col("contract") == contract)
    parts = [fills, output.orders.filter(pl.col("contract") == contract).with_columns(ts=pl.col("done"))]
    if run.prices is not None:
        parts.append(run.prices.filter(pl.col("contract") == contract))
    columns = ("ts", "bid", "ask")
    parts = [part.select(columns).drop_nulls("ts") for part in parts if {"bid", "ask"} <= set(part.columns)]
    if not parts:
        return pl.DataFrame(schema={"ts": pl.Int64, "bid": pl.Float64, "ask": pl.Float64})
    first, last = int(fills["ts"].min()), int(fills["ts"].max())  # type: ignore[arg-type]
    room = max((last - first) // 20, _MINUTE)
    within = pl.concat(parts).filter(pl.col("ts").is_between(first - room, last + room)).sort("ts", maintain_order=True)
    lonely = within.filter(pl.col("ts").diff().shift(-1) > max((last - first) // _UNSEEN, _MINUTE))
    gaps = lonely.select(pl.col("ts") + 1, bid=pl.lit(None, pl.Float64), ask=pl.lit(None, pl.Float64))
    return pl.concat([within, gaps]).sort("ts", maintain_order=True)


def _fill_marks(fills: pl.DataFrame) -> Sequence[Marks]:
    marks = []
    for side, shape in (("BUY", "up"), ("SELL", "down")):
        for maker, label in ((True, "maker"), (False, "taker")):
            part = fills.filter((pl.col("side") == side) & (pl.col("is_maker") == maker))
            if not len(part):
                continue
            part = part.gather_every(max(1, -(-len(part) // _MARKS)))
            notes = [f"{size:,.6g} at ${price:.4f}" for size, price in zip(part["size"], part["price"], strict=True)]
            marks.append(Marks(
                f"{side.lower()} as {label}", _ms(part["ts"]), part["price"].to_numpy(), f"--{side.lower()}", shape,
                not maker, notes,
            ))  # fmt: skip
    return marks


def _ms(column: pl.Series) -> NDArray[np.float64]:
    return np.asarray(column.cast(pl.Int64).to_numpy() // 1_000_000, dtype=np.float64)
