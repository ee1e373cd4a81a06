"""Charts of the report as plain Plotly figures, coloured by the page or by a palette."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ntp.core import to_datetime
from ntp.statistics import drawdowns

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from ntp.backtest.run import ModeResult, Run

Chart = dict[str, Any]
_POINTS: Final = 1_200
"""Points of a line; more cannot be told apart on a screen."""
_MARKS: Final = 800
PALETTE: Final[Mapping[str, str]] = {
    "--pessimistic": "#b45309", "--base": "#0f766e", "--optimistic": "#6d4fc4", "--buy": "#1d6fb8",
    "--sell": "#c2410c", "--quiet": "#8a94a3",
}
"""Colours where there is no page to give them."""


def equity_chart(run: "Run") -> Chart:
    """Equity of all modes, with fees as lines and without them dotted."""
    traces = []
    for mode, result in run.fill_modes.items():
        frame = result.output.equity
        width = 2.5 if mode == run.context.fill_mode else 1.5
        for column, label, dash in (("equity", "", "solid"), ("equity_gross", " before fees", "dot")):
            ts, values = _opened(run, frame, column)
            keep = thin(values)
            traces.append({
                "type": "scatter", "mode": "lines", "name": mode + label, "legendgroup": mode,
                "showlegend": not label,
                "x": _times(ts[keep]), "y": _rounded(values[keep]),
                "line": {"color": f"--{mode}", "width": width, "dash": dash, "shape": "hv"},
                "hovertemplate": "%{y:$,.2f}<extra>%{fullData.name}</extra>",
            })
    return {"data": traces, "layout": {"yaxis": {"tickprefix": "$", "tickformat": ",.2~f"}}}


def drawdown_chart(run: "Run") -> Chart:
    """Fall below the running peak in all modes."""
    traces = []
    for mode, result in run.fill_modes.items():
        ts, values = _opened(run, result.output.equity, "equity")
        falls = drawdowns(values, result.facts.capital)
        keep = thin(falls)
        shown = mode == run.context.fill_mode
        traces.append({
            "type": "scatter", "mode": "lines", "name": mode, "x": _times(ts[keep]),
            "y": [round(float(fall), 8) for fall in falls[keep]],
            "line": {"color": f"--{mode}", "width": 2.5 if shown else 1.5, "shape": "hv"},
            "hovertemplate": "%{y:.3%}<extra>%{fullData.name}</extra>",
        })
    return {"data": traces, "layout": {"yaxis": {"tickformat": ".2~%"}}}


def price_chart(run: "Run", contract: str) -> Chart:
    """Draw the fills of a contract on its bid and ask, as far as these are known."""
    traces: list[dict[str, Any]] = []
    if run.prices is not None:
        quotes = run.prices.filter(pl.col("contract") == contract).sort("ts", maintain_order=True)
        for column in ("bid", "ask"):
            known = quotes.drop_nulls(column)
            keep = thin(known[column].to_numpy())
            traces.append({
                "type": "scatter", "mode": "lines", "name": column,
                "x": _times(_ns(known["ts"])[keep]), "y": _rounded(known[column].to_numpy()[keep]),
                "line": {"color": "--quiet", "width": 1, "shape": "hv",
                         "dash": "solid" if column == "bid" else "dot"},
                "hovertemplate": "%{y:$.4f}<extra>" + column + "</extra>",
            })
    traces.extend(_fill_marks(run.fills.filter(pl.col("contract") == contract)))
    return {"data": traces, "layout": {"yaxis": {"tickprefix": "$", "tickformat": ".2~f"}}}


def queue_chart(run: "Run") -> Chart:
    """Wait of maker fills over the contracts that were ahead."""
    fills = run.fills.filter(pl.col("is_maker") & pl.col("queue_ahead").is_not_null())
    fills = fills.gather_every(max(1, -(-len(fills) // _MARKS)))
    # logarithmic axes have no zero: an empty queue and an instant fill sit at their edge
    ahead = np.maximum(fills["queue_ahead"].to_numpy(), 0.1)
    wait = np.maximum(fills["wait_s"].to_numpy(), 0.001)
    return {
        "data": [{
            "type": "scatter", "mode": "markers", "name": "maker fill", "x": _rounded(ahead),
            "y": [round(float(value), 4) for value in wait],
            "marker": {"color": f"--{run.context.fill_mode}", "size": 6, "opacity": 0.55},
            "hovertemplate": "%{x:,.0f} contracts ahead<br>%{y:,.2f} s<extra></extra>",
        }],
        "layout": {
            "xaxis": {"type": "log", "title": {"text": "contracts ahead at joining"}},
            "yaxis": {"type": "log", "title": {"text": "seconds waited"}}, "showlegend": False,
        },
    }


def waiting_chart(run: "Run") -> Chart:
    """Share of passive orders with a fill by the time they rested."""
    traces = []
    for mode, result in run.fill_modes.items():
        curve = result.facts.survival
        shares = np.concatenate(([0.0], 1.0 - curve.surviving))
        times = np.concatenate(([0.0], curve.times))
        keep = thin(shares)
        traces.append({
            "type": "scatter", "mode": "lines", "name": mode,
            "x": [round(float(value), 3) for value in times[keep]],
            "y": [round(float(value), 5) for value in shares[keep]],
            "line": {"color": f"--{mode}", "width": 2, "shape": "hv"},
            "hovertemplate": "%{y:.1%} within %{x:,.1f} s<extra>%{fullData.name}</extra>",
        })
    return {
        "data": traces,
        "layout": {
            "xaxis": {"title": {"text": "seconds at rest"}},
            "yaxis": {"tickformat": ".0%", "rangemode": "tozero"},
        },
    }


def record_chart(records: pl.DataFrame, name: str) -> Chart:
    """One curve that the strategy recorded."""
    rows = records.filter(pl.col("name") == name).drop_nulls("value")
    values = rows["value"].cast(pl.Float64).to_numpy()
    keep = thin(values)
    return {
        "data": [{
            "type": "scatter", "mode": "lines", "name": name, "x": _times(_ns(rows["ts"])[keep]),
            "y": values[keep].tolist(), "line": {"color": "--base", "width": 1.5, "shape": "hv"},
        }],
        "layout": {"showlegend": False},
    }


def equity_figure(run: "Run") -> "Figure":
    """Equity chart as a Plotly figure for notebooks."""
    from plotly.graph_objects import Figure

    chart = equity_chart(run)
    for trace in chart["data"]:
        trace["line"]["color"] = PALETTE[trace["line"]["color"]]
    title = f"{run.context.strategy.name}: equity, dotted before fees"
    return Figure(chart["data"], {**chart["layout"], "title": {"text": title}})


def traded_contracts(result: "ModeResult", count: int) -> list[str]:
    """Contracts with the most fills."""
    counts = result.output.fills.group_by("contract").len()
    counts = counts.sort(["len", "contract"], descending=[True, False])
    return counts["contract"].head(count).to_list()


def thin(values: NDArray[np.float64], points: int = _POINTS) -> NDArray[np.int64]:
    """Choose rows that keep the shape of a line: first, last, and lowest and highest of each stretch."""
    count = len(values)
    if count <= points:
        return np.arange(count, dtype=np.int64)
    edges = np.linspace(0, count, points // 2 + 1).astype(np.int64)
    chosen = [0, count - 1]
    for low, high in pairwise(edges):
        stretch = values[low:high]
        chosen += [int(low + np.argmin(stretch)), int(low + np.argmax(stretch))]
    return np.unique(np.array(chosen, dtype=np.int64))


def _opened(
    run: "Run", frame: pl.DataFrame, column: str
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Curve in dollars from the beginning of the data, where it is the capital, to its end."""
    data = run.context.data
    first = min(data.start, int(frame["ts"][0])) if len(frame) else data.start
    capital = run.context.capital / 1e6
    values = np.concatenate(([capital], frame[column].to_numpy() / 1e6))
    ts = np.concatenate((np.array([first], dtype=np.int64), frame["ts"].to_numpy()))
    if data.end > ts[-1]:
        ts, values = np.append(ts, data.end), np.append(values, values[-1])
    return ts, values


def _fill_marks(fills: pl.DataFrame) -> Sequence[dict[str, Any]]:
    marks = []
    for side, symbol in (("BUY", "triangle-up"), ("SELL", "triangle-down")):
        for maker, label in ((True, "maker"), (False, "taker")):
            part = fills.filter((pl.col("side") == side) & (pl.col("is_maker") == maker))
            if not len(part):
                continue
            part = part.gather_every(max(1, -(-len(part) // _MARKS)))
            marks.append({
                "type": "scatter", "mode": "markers", "name": f"{side.lower()} as {label}",
                "x": _times(_ns(part["ts"])), "y": part["price"].to_list(),
                "customdata": part["size"].to_list(),
                "marker": {
                    "symbol": symbol + ("" if maker else "-open"), "size": 9,
                    "color": f"--{side.lower()}", "line": {"width": 1.5, "color": f"--{side.lower()}"},
                },
                "hovertemplate": "%{customdata:,.4~f} at %{y:$.4f}<extra>%{fullData.name}</extra>",
            })
    return marks


def _ns(column: pl.Series) -> NDArray[np.int64]:
    return column.cast(pl.Int64).to_numpy()


def _times(ts: NDArray[np.int64]) -> list[str]:
    return [to_datetime(int(at)).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] for at in ts]


def _rounded(values: NDArray[np.float64]) -> list[float]:
    return [round(float(value), 6) for value in values]
