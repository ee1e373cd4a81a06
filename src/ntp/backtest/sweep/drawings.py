"""Drawings of a sweep for its page: no script is needed to see them, and the page's colours paint them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Final

from ntp.backtest.sweep.objective import read_objective
from ntp.backtest.sweep.table import Cells, numbers_of
from ntp.backtest.wording import ABSENT, write_value

if TYPE_CHECKING:
    from ntp.backtest.sweep.sweep import Sweep

_LINES: Final = 400
"""Points drawn as lines; more could not be told apart."""
_WIDE: Final = 920
_HIGH: Final = 320
_LABELLED: Final = 14
"""Columns up to which each cell tells its value."""


def heat_drawing(cells: Cells, x: str, y: str, metric: str) -> str:
    """Draw a metric over two parameters: the stronger a cell, the better it is."""
    objective = read_objective(metric)
    known = sorted(
        objective.score(value) or 0.0 for row in cells.values for value in row if value is not None
    )
    left, top, foot = 90, 8, 46
    wide, high = (_WIDE - left) / len(cells.across), max(18.0, min(44.0, _HIGH / len(cells.down)))
    bottom = top + high * len(cells.down)
    parts = []
    for row, values in enumerate(cells.values):
        at_y = bottom - high * (row + 1)
        parts.append(_text(left - 8, at_y + high / 2 + 4, _short(cells.down[row]), "end"))
        for column, value in enumerate(values):
            at_x = left + wide * column
            share = _rank(known, None if value is None else objective.score(value))
            words = write_value(objective.metric, value)
            told = f"{x} {_short(cells.across[column])}, {y} {_short(cells.down[row])}: {words}"
            edge = ' stroke="var(--ink)" stroke-width="2"' if (row, column) == cells.best else ""
            fill = "var(--line)" if value is None else "var(--accent)"
            parts.append(
                f'<rect x="{at_x:.1f}" y="{at_y:.1f}" width="{max(wide - 2, 1):.1f}" height="{high - 2:.1f}" rx="2" '
                f'fill="{fill}" fill-opacity="{0.06 + 0.84 * share:.3f}"{edge}><title>{escape(told)}</title></rect>'
            )
            if len(cells.across) <= _LABELLED:
                colour = "var(--card)" if share > 0.62 else "var(--ink)"
                parts.append(_text(at_x + wide / 2 - 1, at_y + high / 2 + 3, words, "middle", colour))
    every = max(1, -(-len(cells.across) // _LABELLED))
    parts += [
        _text(left + wide * (place + 0.5), bottom + 16, _short(value), "middle")
        for place, value in enumerate(cells.across) if place % every == 0
    ]
    parts += [_text(left + (_WIDE - left) / 2, bottom + 38, x, "middle"), _text(left - 8, bottom + 16, y, "end")]
    return _svg(parts, bottom + foot, f"{cells.title} over {x} and {y}")


def parallel_drawing(sweep: Sweep, metric: str) -> str:
    """Draw points as lines over their parameters and the metric, the best on top."""
    objective = read_objective(metric)
    ranked = [point for point in sweep.ranked(metric) if point.metrics.number(objective.metric) is not None]
    ranked = ranked[:: max(1, -(-len(ranked) // _LINES))]
    columns: list[tuple[str, list[float], list[str]]] = []
    for axis in sweep.axes:
        values = [point.parameters[axis.name] for point in ranked]
        places, names = numbers_of(values)
        ends = names[:1] + names[-1:] if names else [_short(min(places)), _short(max(places))]
        columns.append((axis.name, places, ends))
    numbers = [point.metrics.number(objective.metric) or 0.0 for point in ranked]
    ends = [write_value(objective.metric, min(numbers)), write_value(objective.metric, max(numbers))]
    columns.append((objective.metric, numbers, ends))
    left, top, bottom = 70.0, 34.0, 34.0 + _HIGH
    step = (_WIDE - 2 * left) / (len(columns) - 1)
    parts = []
    for place in reversed(range(len(ranked))):
        share = 1.0 - place / len(ranked)
        points = " ".join(
            f"{left + step * at:.1f},{bottom - _HIGH * _share(values[place], values):.1f}"
            for at, (_, values, _) in enumerate(columns)
        )
        told = ", ".join(f"{key} {value}" for key, value in ranked[place].parameters.items())
        words = write_value(objective.metric, ranked[place].metrics[objective.metric])
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="var(--accent)" stroke-width="{1 + 1.5 * (place == 0)}" '
            f'stroke-opacity="{0.08 + 0.8 * share**3:.3f}"><title>{escape(f"{told}: {words}")}</title></polyline>'
        )
    for at, (name, _, (low, high)) in enumerate(columns):
        across = left + step * at
        parts.append(f'<line x1="{across:.1f}" x2="{across:.1f}" y1="{top}" y2="{bottom}" stroke="var(--soft)"/>')
        parts += [_text(across, 14, name, "middle", "var(--ink)"), _text(across, top - 6, high, "middle")]
        parts.append(_text(across, bottom + 14, low, "middle"))
    return _svg(parts, bottom + 24, f"Parallel coordinates of {len(ranked)} points")


def figure(title: str, summary: str, drawing: str) -> str:
    """Place a drawing with its title and what it shows."""
    return (
        f"<figure><figcaption><strong>{escape(title)}</strong> {escape(summary)}</figcaption>"
        f'<div class="scroll">{drawing}</div></figure>'
    )


def _svg(parts: Sequence[str], high: float, label: str) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDE} {high:.0f}" role="img" aria-label="{escape(label)}" '
        f'style="width:100%;min-width:34rem;height:auto;font:12px system-ui,sans-serif">{"".join(parts)}</svg>'
    )


def _text(x: float, y: float, words: str, anchor: str, colour: str = "var(--soft)") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'


def _short(value: object) -> str:
    return ABSENT if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _rank(known: Sequence[float], score: float | None) -> float:
    """Place of a score between the worst and the best, 0 to 1."""
    if score is None or known[0] == known[-1]:
        return 0.5
    return (score - known[0]) / (known[-1] - known[0])


def _share(value: float, values: Sequence[float]) -> float:
    low, high = min(values), max(values)
    return 0.5 if low == high else (value - low) / (high - low)
