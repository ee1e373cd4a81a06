"""Intervals of any figure by drawing whole events anew."""

from collections.abc import Callable
from statistics import NormalDist
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from ntp.core import DataError

Rows = NDArray[np.int64]
Figure = Callable[[Rows], float | None]
_PATIENCE: Final = 0.5
"""Share of the draws that must have a value."""


def bootstrap_interval(
    figure: Figure,
    events: NDArray[np.int64],
    rng: np.random.Generator,
    *,
    level: float = 0.90,
    draws: int = 1_000,
    method: Literal["percentile", "bca"] = "percentile",
) -> tuple[float, float] | None:
    """Interval of a figure of observations that come in events.

    Parameters
    ----------
    figure : Callable
        From numbers of rows, with repeats, to the figure of those rows; None where there is none.
    events : array of int64
        Event of each row; events are drawn whole, with replacement.
    rng : numpy.random.Generator
        Source of the draws; the same state gives the same interval.
    level : float
        Two-sided coverage.
    draws : int
        Resamples.
    method : str
        ``percentile``, or ``bca`` corrected for bias and acceleration (Efron 1987), which leaves each event out
        once in addition.

    Returns
    -------
    tuple of float or None
        None with fewer than two events, where the figure does not exist, or in less than half of the draws.

    Raises
    ------
    DataError
        If the method or the level is unknown.
    """
    if method not in ("percentile", "bca") or not 0.0 < level < 1.0:
        raise DataError(
            f"expected percentile or bca and a level between 0 and 1, was {method} and {level}", code="bad_interval"
        )
    rows = rows_by_event(events)
    whole = figure(np.arange(len(events), dtype=np.int64))
    if len(rows) < 2 or whole is None:
        return None
    drawn = [figure(_joined(rows, rng.integers(0, len(rows), len(rows)))) for _ in range(draws)]
    values = np.array([value for value in drawn if value is not None and np.isfinite(value)])
    if len(values) < _PATIENCE * draws:
        return None
    tail = (1.0 - level) / 2.0
    tails = (tail, 1.0 - tail)
    if method == "bca":
        tails = _corrected(tails, values, whole, _left_out(figure, rows)) or tails
    low, high = np.quantile(values, tails)
    return float(low), float(high)


def rows_by_event(events: NDArray[np.int64]) -> list[Rows]:
    """Numbers of the rows of each event, in order of the events' numbers."""
    order = np.argsort(events, kind="stable").astype(np.int64)
    _, first = np.unique(events[order], return_index=True)
    return np.split(order, first[1:])


def _joined(rows: list[Rows], picked: NDArray[np.int64]) -> Rows:
    return np.concatenate([rows[number] for number in picked])


def _left_out(figure: Figure, rows: list[Rows]) -> NDArray[np.float64]:
    """Figure without each event."""
    numbers = np.arange(len(rows))
    found = [figure(_joined(rows, numbers[numbers != left])) for left in numbers]
    return np.array([value for value in found if value is not None])


def _corrected(
    tails: tuple[float, float], values: NDArray[np.float64], whole: float, left_out: NDArray[np.float64]
) -> tuple[float, float] | None:
    """Tails corrected for bias and acceleration; None where these do not exist."""
    normal = NormalDist()
    below = float(np.mean(values < whole) + np.mean(values <= whole)) / 2.0
    gaps = left_out.mean() - left_out if len(left_out) else left_out
    spread = float(np.sum(gaps**2))
    if not 0.0 < below < 1.0 or spread <= 0.0:
        return None
    bias, acceleration = normal.inv_cdf(below), float(np.sum(gaps**3)) / (6.0 * spread**1.5)

    def moved(tail: float) -> float:
        score = bias + normal.inv_cdf(tail)
        return normal.cdf(bias + score / (1.0 - acceleration * score))

    return moved(tails[0]), moved(tails[1])
