"""Intervals that count independent clusters, not the trades inside them."""

import math
from collections.abc import Iterator, Sequence
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

_BLOCK: Final = 1_000_000
"""Draws held in memory at once."""
_MOST_DRAWN: Final = 5_000


def wilson_interval(successes: float, count: float, level: float = 0.90) -> tuple[float, float]:
    """Wilson score interval of a proportion.

    Parameters
    ----------
    successes, count : float
        May be fractional, as effective sample sizes are; `count` is positive.
    level : float
        Two-sided coverage.
    """
    z = NormalDist().inv_cdf(0.5 + level / 2.0)
    p = successes / count
    centre = (p + z * z / (2.0 * count)) / (1.0 + z * z / count)
    half = z / (1.0 + z * z / count) * math.sqrt(p * (1.0 - p) / count + z * z / (4.0 * count * count))
    return max(0.0, centre - half), min(1.0, centre + half)


def clustered_proportion_interval(
    successes: NDArray[np.float64], counts: NDArray[np.float64], level: float = 0.90
) -> tuple[float, float]:
    """Interval of a proportion whose observations come in clusters.

    The variance of the ratio estimator over clusters gives an effective number of observations, from
    one per cluster to all of them, at which the Wilson interval is taken. Unlike a bootstrap it stays
    open where every observation succeeded.

    Parameters
    ----------
    successes, counts : array of float64
        Per cluster; at least two clusters with a positive count.
    level : float
        Two-sided coverage.
    """
    total = float(np.sum(counts))
    share = float(np.sum(successes)) / total
    clusters = len(counts)
    residuals = successes - share * counts
    variance = clusters / (clusters - 1) * float(np.sum(residuals**2)) / total**2
    effective = share * (1.0 - share) / variance if variance > 0.0 else float(clusters)
    effective = min(max(effective, 1.0), total)
    return wilson_interval(share * effective, effective, level)


def bootstrap_sharpe_interval(
    returns: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    per_year: float = 1.0,
    level: float = 0.90,
    draws: int = 1_000,
) -> tuple[float, float] | None:
    """Percentile interval of a Sharpe ratio, resampling whole events.

    Parameters
    ----------
    returns : array of float64
        One return per event.
    rng : numpy.random.Generator
        Source of the draws; the same state gives the same interval.
    per_year : float
        Events per year, to annualise.
    level : float
        Two-sided coverage.
    draws : int
        Resamples.

    Returns
    -------
    tuple of float or None
        None where the returns do not vary.
    """
    if len(returns) < 2 or float(np.ptp(returns)) == 0.0:
        return None
    parts = [joined_events(values) for values in (returns, returns**2, np.ones(len(returns)))]
    sums, squares, counts = (np.concatenate(each) for each in zip(*_drawn_sums(parts, rng, draws), strict=True))
    ratios = _ratios(sums, squares, counts)
    ratios = ratios[np.isfinite(ratios)] * math.sqrt(per_year)
    return _central(ratios, level) if len(ratios) else None


def bootstrap_sum_interval(
    values: NDArray[np.float64], rng: np.random.Generator, *, level: float = 0.90, draws: int = 1_000
) -> tuple[float, float] | None:
    """Percentile interval of a sum, resampling whole events.

    Parameters
    ----------
    values : array of float64
        One per event.
    rng : numpy.random.Generator
        Source of the draws; the same state gives the same interval.
    level : float
        Two-sided coverage.
    draws : int
        Resamples.

    Returns
    -------
    tuple of float or None
        None with fewer than two events.
    """
    if len(values) < 2:
        return None
    return _central(np.concatenate([sums for (sums,) in _drawn_sums([joined_events(values)], rng, draws)]), level)


def joined_events(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add up successive events, so that no more than 5,000 numbers are left to draw from.

    As many blocks of events are as good to draw as the events themselves, and take a bounded time.
    """
    if len(values) <= _MOST_DRAWN:
        return values
    edges = np.linspace(0, len(values), _MOST_DRAWN + 1).astype(np.int64)
    return np.add.reduceat(values, edges[:-1])


def _drawn_sums(
    parts: Sequence[NDArray[np.float64]], rng: np.random.Generator, draws: int
) -> Iterator[list[NDArray[np.float64]]]:
    """Draw blocks with replacement and add each part up over them, some draws at a time."""
    count = len(parts[0])
    step = max(1, _BLOCK // count)
    for done in range(0, draws, step):
        picked = rng.integers(0, count, size=(min(step, draws - done), count))
        yield [part[picked].sum(axis=1) for part in parts]


def _central(values: NDArray[np.float64], level: float) -> tuple[float, float]:
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(values, [tail, 1.0 - tail])
    return float(low), float(high)


def _ratios(
    sums: NDArray[np.float64], squares: NDArray[np.float64], counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sharpe ratios from sums; NaN without variation."""
    variances = (squares - sums * sums / counts) / (counts - 1.0)
    flat = variances <= 1e-12 * squares / counts
    ratios: NDArray[np.float64] = np.where(flat, np.nan, sums / counts / np.sqrt(np.where(flat, 1.0, variances)))
    return ratios
