"""Draws a chart as HTML and SVG: no script is needed to see it, and the page's colours paint it."""

import math
from html import escape
from typing import Any, Final

import numpy as np

from ntp.backtest.pages.chart import Axis, Chart, Floats, Line, Marks
from ntp.backtest.pages.chart_axis import ticks_of

_WIDE: Final = 2_000
_HIGH: Final = 1_000
"""Grid of a drawing; it is stretched to the place it gets, so that no script has to measure."""
_X_TICKS: Final = 7
_Y_TICKS: Final = 5
_EDGE: Final = ' class="end"'
_END: Final = 0.94
"""Share of the width from which a label would stand out of the figure."""
_ROOM: Final = 0.05
"""Share of the height left free above and below."""


def draw(chart: Chart, label: str) -> str:
    """Draw a chart; `label` tells it to those who do not see it."""
    (left, right), (low, high) = _padded(chart.x, *chart.extent("x"), 0.0), _padded(chart.y, *chart.extent("y"), _ROOM)
    x_ticks = ticks_of(chart.x, left, right, _X_TICKS)
    y_ticks = ticks_of(chart.y, low, high, _Y_TICKS)
    across = [_share(chart.x, value, left, right) for value, _ in x_ticks]
    up = [1 - _share(chart.y, value, low, high) for value, _ in y_ticks]
    grid = "".join(f'<line x1="0" x2="100%" y1="{at:.2%}" y2="{at:.2%}"/>' for at in up)
    grid += "".join(f'<line x1="{at:.2%}" x2="{at:.2%}" y1="0" y2="100%"/>' for at in across)
    cuts = "".join(
        f'<rect class="cut" x="{_share(chart.x, start, left, right):.2%}" y="0" height="100%" '
        f'width="{_share(chart.x, end, left, right) - _share(chart.x, start, left, right):.2%}"/>'
        for start, end in chart.x.cuts
    )
    box = (chart, left, right, low, high)
    paths = "".join(_path(line, number, *box) for number, line in enumerate(chart.lines))
    first = len(chart.lines)
    marks = "".join(_marks(each, first + number, *box) for number, each in enumerate(chart.marks))
    widest = max((text for _, text in y_ticks), key=len, default="")
    titles = "".join(
        f'<span class="{name}t">{escape(axis.title)}</span>'
        for name, axis in (("x", chart.x), ("y", chart.y)) if axis.title
    )
    beside = "".join(
        f'<span style="top:{at:.2%}">{escape(text)}</span>' for at, (_, text) in zip(up, y_ticks, strict=True)
    )
    below = "".join(
        f'<span style="left:{at:.2%}"{_EDGE if at > _END else ""}>{escape(text)}</span>'
        for at, (_, text) in zip(across, x_ticks, strict=True)
    )
    return (
        f'{_legend(chart)}<div class="plot" role="img" aria-label="{escape(label)}">'
        f'<div class="ys" aria-hidden="true"><i>{escape(widest)}</i>{beside}</div>'
        f'<svg class="area" aria-hidden="true"><g class="grid">{grid}{cuts}</g>'
        f'<svg viewBox="0 0 {_WIDE} {_HIGH}" preserveAspectRatio="none" width="100%" height="100%">{paths}</svg>'
        f'{marks}</svg><div class="xs" aria-hidden="true">{below}</div>{titles}</div>'
    )


def readings(chart: Chart) -> dict[str, Any]:
    """Collect the numbers behind a drawing, for what a person points at."""
    left, right = chart.extent("x")
    values, places = chart.x.stops(left, right)
    return {
        "x": [chart.x.scale, chart.x.unit, left, right], "y": chart.y.unit,
        "stops": [_digits(each, 6) for each in (values - left, places)] if chart.x.cuts else None,
        "lines": [
            {"name": line.name, "x": _digits(line.x - left, 0 if chart.x.scale == "time" else 3),
             "y": _digits(line.y, 6)}
            for line in chart.lines
        ],
        "marks": [[f"{each.name}: {note}" for note in each.notes] for each in chart.marks],
    }  # fmt: skip


def _path(line: Line, number: int, chart: Chart, left: float, right: float, low: float, high: float) -> str:
    x = np.rint(_shares(chart.x, line.x, left, right) * _WIDE)
    y = np.rint((1 - _shares(chart.y, line.y, low, high)) * _HIGH)
    parts: list[str] = []
    before = math.nan
    for across, down in zip(x.tolist(), y.tolist(), strict=True):
        if math.isnan(before):
            step = "" if math.isnan(down) else f"M{across:.0f} {down:.0f}"
        elif line.straight:
            step = "" if math.isnan(down) else f"L{across:.0f} {down:.0f}"
        else:
            step = f"H{across:.0f}" + ("" if math.isnan(down) or down == before else f"V{down:.0f}")
        parts.append(step)
        before = down
    dash = f' stroke-dasharray="{line.dash}"' if line.dash else ""
    style = f"stroke:var({line.colour});stroke-width:{line.width}px"
    return f'<path data-series="{number}" d="{"".join(parts)}" style="{style}"{dash}/>'


def _marks(each: Marks, number: int, chart: Chart, left: float, right: float, low: float, high: float) -> str:
    x = _shares(chart.x, each.x, left, right)
    y = 1 - _shares(chart.y, each.y, low, high)
    style = f"color:var({each.colour})" + (";fill:none" if each.hollow else "")
    uses = "".join(
        f'<use href="#m-{each.shape}" x="{across:.2%}" y="{down:.2%}"/>'
        for across, down in zip(x.tolist(), y.tolist(), strict=True)
    )
    return f'<g data-series="{number}" style="{style}">{uses}</g>'


def _legend(chart: Chart) -> str:
    count = len(chart.lines)
    series: list[tuple[int, Line | Marks]] = [
        *reversed([*enumerate(chart.lines)]), *enumerate(chart.marks, count),  # what is drawn on top comes first
    ]
    if len(series) < 2:
        return ""
    items = "".join(
        f'<li><button type="button" data-series="{number}" aria-pressed="true">{_swatch(each)}{escape(each.name)}'
        "</button></li>"
        for number, each in series
    )
    return f'<ul class="legend">{items}</ul>'


def _swatch(each: Line | Marks) -> str:
    if isinstance(each, Line):
        dash = f' stroke-dasharray="{each.dash}"' if each.dash else ""
        inside = f'<path d="M0 6H24" style="stroke:var({each.colour});stroke-width:{each.width + 0.5}px"{dash}/>'
    else:
        fill = ";fill:none" if each.hollow else ""
        inside = f'<use href="#m-{each.shape}" x="12" y="6" style="color:var({each.colour}){fill}"/>'
    return f'<svg width="24" height="12" aria-hidden="true">{inside}</svg>'


def _padded(axis: Axis, low: float, high: float, room: float) -> tuple[float, float]:
    if axis.scale == "log":
        return low * 0.9, high * 1.1
    return low - (high - low) * room, high + (high - low) * room


def _share(axis: Axis, value: float, low: float, high: float) -> float:
    return float(_shares(axis, np.array([value]), low, high)[0])


def _shares(axis: Axis, values: Floats, low: float, high: float) -> Floats:
    if axis.cuts:
        return np.asarray(np.interp(values, *axis.stops(low, high)), dtype=np.float64)
    if axis.scale == "log":
        values, low, high = np.log(values), math.log(low), math.log(high)
    return np.asarray((values - low) / (high - low), dtype=np.float64)


def _digits(values: Floats, digits: int) -> list[float | int | None]:
    return [
        None if math.isnan(value) else int(value) if digits == 0 else round(value, digits)
        for value in np.round(values, digits).tolist()
    ]

