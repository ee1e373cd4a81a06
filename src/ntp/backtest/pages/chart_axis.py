"""Where an axis has its marks, and how values are written on it."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np

from ntp.backtest.pages.chart import Axis, Unit

_MOST: Final = 20_000
"""Marks to choose from where most of an axis is cut."""
_MINUTE: Final = 60_000
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_STEPS_MS: Final = (
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, _MINUTE, 2 * _MINUTE,
    5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR,
    _DAY, 2 * _DAY, 5 * _DAY, 10 * _DAY, 30 * _DAY, 90 * _DAY, 180 * _DAY, 365 * _DAY,
)  # fmt: skip


def ticks_of(axis: Axis, low: float, high: float, count: int) -> list[tuple[float, str]]:
    """Places of about `count` marks between two values, and what is written at each."""
    if axis.scale == "log":
        first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
        stride = max(1, -(-(last - first + 1) // count))
        values: Sequence[float] = [10.0**power for power in range(first, last + 1, stride)]
        return [(value, write(axis.unit, value)) for value in values or [low]]
    if axis.scale == "time":
        return _dated(_seen_times(axis, low, high, count))
    step = _nice((high - low) / count)
    values = [number * step for number in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
    digits = max(2 if axis.unit == "price" else 0, _digits(step))
    return [(value, write(axis.unit, value, digits)) for value in values]


def write(unit: Unit, value: float, digits: int | None = None) -> str:
    """Write a value of an axis; `digits` after the point where they are known from the step."""
    if unit == "time":
        return _clock(value, 1)
    if unit == "percent":
        value, digits = value * 100, max(0, (digits or 2) - 2)
    shown = f"{abs(value):,.{digits}f}" if digits is not None else f"{abs(value):,.6g}"
    sign = "-" if value < 0 and float(shown.replace(",", "")) else ""
    if unit in ("money", "price"):
        return f"{sign}${shown}"
    return sign + shown + {"seconds": " s", "percent": " %"}.get(unit, "")


def _nice(raw: float) -> float:
    power = 10.0 ** math.floor(math.log10(raw))
    return power * next(factor for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * (1 - 1e-9))


def _digits(step: float) -> int:
    """Digits after the point that a multiple of a step can have."""
    return next(digits for digits in range(16) if math.isclose(round(step, digits), step, rel_tol=1e-9))


def _uncut(
    axis: Axis, ticks: list[tuple[float, str]], low: float, high: float, count: int
) -> list[tuple[float, str]]:
    """Leave out marks within cuts, and those that the cuts bring too close to the one before."""
    if not axis.cuts:
        return ticks
    values, places = axis.stops(low, high)
    kept: list[tuple[float, str]] = []
    last = -1.0
    for value, text in ticks:
        place = float(np.interp(value, values, places))
        if place - last >= 0.6 / count and not any(start < value < end for start, end in axis.cuts):
            kept.append((value, text))
            last = place
    return kept


def _seen_times(axis: Axis, low: float, high: float, count: int) -> list[tuple[float, str]]:
    """Return marks of the coarsest step of which half of `count` are seen.

    Markets end on the hour, so that what is cut out often holds every full hour, half and quarter.
    """
    seen = high - low - sum(end - start for start, end in axis.cuts)
    steps = [step for step in _STEPS_MS if (high - low) / step <= _MOST] or [_STEPS_MS[-1]]
    coarsest = next((place for place, step in enumerate(steps) if seen / step <= count), len(steps) - 1)
    best: list[tuple[float, str]] = []
    for step in reversed(steps[: coarsest + 1]):
        found = _uncut(axis, _times(low, high, step), low, high, count)
        best = max(best, found, key=len)
        if not axis.cuts or 2 * len(best) >= count:
            break
    return best


def _times(low: float, high: float, step: int) -> list[tuple[float, str]]:
    values = [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return [(float(value), _date(value) if step >= _DAY else _clock(value, step)) for value in values]


def _dated(ticks: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Say the date once, at its first mark."""
    found: list[tuple[float, str]] = []
    day = ""
    for value, text in ticks:
        date = _date(value)
        found.append((value, text if date in (text, day) else f"{text}\n{date}"))
        day = date
    return found


def _date(value: float) -> str:
    return datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%d")


def _clock(value: float, step: float) -> str:
    moment = datetime.fromtimestamp(value / 1000, UTC)
    if step >= _MINUTE:
        return moment.strftime("%H:%M")
    return moment.strftime("%H:%M:%S") if step >= 1_000 else moment.strftime("%H:%M:%S.%f")[:-3]
