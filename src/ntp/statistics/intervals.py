"""Intervals that count independent clusters, not the trades inside them."""

import math
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

_BLOCK: Final = 1_000_000
"""Draws held in memory at once."""


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
    count = len(returns)
    if count < 2 or float(np.ptp(returns)) == 0.0:
        return None
    step = max(1, _BLOCK // count)
    ratios = [
        _ratios(returns[rng.integers(0, count, size=(min(step, draws - done), count))])
        for done in range(0, draws, step)
    ]
    joined = np.concatenate(ratios)
    joined = joined[np.isfinite(joined)] * math.sqrt(per_year)
    if not len(joined):
        return None
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(joined, [tail, 1.0 - tail])
    return float(low), float(high)


def _ratios(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    deviations = np.std(samples, axis=1, ddof=1)
    means = np.mean(samples, axis=1)
    flat = deviations <= 0.0
    ratios: NDArray[np.float64] = np.where(flat, np.nan, means / np.where(flat, 1.0, deviations))
    return ratios
