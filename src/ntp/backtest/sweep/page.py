"""Page of a sweep: its charts and its ranking in one HTML file that works offline."""

from __future__ import annotations

from html import escape
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ntp.backtest.metrics import BY_ID
from ntp.backtest.pages import Page, html_table, write_page
from ntp.backtest.sweep.drawings import figure, heat_drawing, parallel_drawing
from ntp.backtest.sweep.objective import read_objective
from ntp.backtest.sweep.table import pivot
from ntp.backtest.wording import write_money, write_value

if TYPE_CHECKING:
    from ntp.backtest.sweep.sweep import Sweep

_BESIDE: Final = ("deflated_sharpe", "pnl_net_usd", "sharpe_ratio", "max_drawdown", "win_rate", "trades", "fills")
_RANKED: Final = 200
_MAPS: Final = 6
_NOTEBOOK: Final = 10
_MONEY: Final = "pnl_net_usd"


def write_sweep_page(sweep: Sweep, path: Path) -> Path:
    """Write the page of a sweep and return where it is; the file appears whole or not at all."""
    name, sources = sweep.about["strategy"]["name"], ", ".join(sweep.about["data"]["sources"])
    metric, note = _drawn(sweep)
    sections = [
        ("maps", "Heat maps", _maps(sweep, metric)), ("lines", "Parallel coordinates", _lines(sweep, metric)),
        ("ranking", "Ranking", ranking_table(sweep, _RANKED)),
    ]  # fmt: skip
    footer = "Sweep by ntp. The best of many owes something to luck: the deflated Sharpe ratio says how much."
    html = Page().html(f"Sweep of {name} on {sources}", _header(sweep, name, sources, note), sections, footer)
    return write_page(html, path)


def notebook_view(sweep: Sweep) -> str:
    """Best points as a small table for notebooks."""
    return ranking_table(sweep, _NOTEBOOK)


def ranking_table(sweep: Sweep, count: int) -> str:
    """Best points with their parameters and the main metrics."""
    metric = read_objective(sweep.objective).metric
    columns = [metric, *(name for name in _BESIDE if name != metric)]
    ranked = sweep.ranked()
    rows = [
        [
            str(place + 1), *(f"{point.parameters[axis.name]}" for axis in sweep.axes),
            *(write_value(name, point.metrics[name]) for name in columns), point.run_id,
        ]
        for place, point in enumerate(ranked[:count])
    ]
    head = ["Rank", *(axis.name for axis in sweep.axes), *(BY_ID[name].title for name in columns), "Run"]
    note = f"The best {count:,} of {len(ranked):,} points." if len(ranked) > count else ""
    return html_table(f"Points by {sweep.objective}", head, rows, note=note)


def _header(sweep: Sweep, name: str, sources: str, note: str) -> str:
    best = sweep.best()
    metric = read_objective(sweep.objective).metric
    data, effort = sweep.about["data"], sweep.effort
    verdict = f"No point has a {BY_ID[metric].title}."
    if best is not None:
        said = ", ".join(f"{key} = {value}" for key, value in best.parameters.items())
        verdict = f"Best by {BY_ID[metric].title}: {write_value(metric, best.metrics[metric])} at {said}"
    pairs = (
        ("Points", f"{len(sweep):,}, {sweep.about['search']}"), ("Trials counted", f"{sweep.trials:,}"),
        ("Over-fitting", overfitting_words(sweep)),
        ("Fill mode", sweep.about["fill_mode"]), ("Capital", write_money(sweep.about["capital_usd"])),
        ("Range", f"{data['from']} to {data['to']}"), ("Events", f"{data['events']:,}"),
        ("Computed", f"{effort.computed:,} in {effort.wall_s:.1f} s, {effort.stored:,} were stored"),
        ("Sweep", sweep.sweep_id),
    )  # fmt: skip
    facts = "".join(f"<div><dt>{escape(key)}</dt><dd>{escape(text)}</dd></div>" for key, text in pairs)
    notes = "".join(f"<li>{escape(text)}</li>" for text in (*sweep.warnings, note) if text)
    return (
        f"<h1>{escape(name)} <small>swept on {escape(sources)}</small></h1>"
        f'<p class="verdict open">{escape(verdict)}</p><dl class="facts">{facts}</dl>'
        + (f'<ul class="warnings">{notes}</ul>' if notes else "")
    )


def overfitting_words(sweep: Sweep) -> str:
    """Say how often choosing the best point would have over-fitted, and whether there was anything to choose."""
    profits = _numbers(sweep, _MONEY)
    lost = "; no point made money, so the best only lost least" if profits and max(profits) <= 0 else ""
    if sweep.overfitting is None:
        return f"unknown: {sweep.absent['overfitting_probability']}{lost}"
    share = 100 * sweep.overfitting.probability
    return f"{share:.0f} % of the halves of the events choose a point no better than the median{lost}"


def _numbers(sweep: Sweep, metric: str) -> set[float]:
    """Distinct values of a metric."""
    return {value for point in sweep if (value := point.metrics.number(metric)) is not None}


def _drawn(sweep: Sweep) -> tuple[str, str]:
    """Choose what the charts show; with it why, where the objective tells no point from another but P&L does."""
    metric = read_objective(sweep.objective).metric
    known = _numbers(sweep, metric)
    if len(known) > 1 or len(_numbers(sweep, _MONEY)) < 2:
        return sweep.objective, ""
    what = "the same at every point that has it" if known else "unknown at every point"
    return _MONEY, f"{BY_ID[metric].title}: {what}, so the charts show {BY_ID[_MONEY].title}."


def _maps(sweep: Sweep, metric: str) -> str:
    drawn = []
    for x, y in list(combinations([axis.name for axis in sweep.axes], 2))[:_MAPS]:
        cells = pivot(sweep, x, y, metric)
        if cells.best is not None:
            summary = f"Stronger is better{cells.note}; the best is framed."
            drawn.append(figure(f"{cells.title} over {x} and {y}", summary, heat_drawing(cells, x, y, metric)))
    return "".join(drawn)


def _lines(sweep: Sweep, metric: str) -> str:
    if sweep.best(metric) is None:
        return ""
    summary = "A line for each point; the better it is the stronger its line."
    return figure("All parameters together", summary, parallel_drawing(sweep, metric))
