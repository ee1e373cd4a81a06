"""Sharpe ratios: of daily changes, of events, and how likely luck explains them."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ntp.core.time import DAY

DAYS_PER_YEAR: Final = 365
"""Prediction markets trade every day of the year."""
_EULER: Final = 0.5772156649015329


def daily_changes(
    ts: NDArray[np.int64], values: NDArray[np.float64], first: int, last: int, opening: float
) -> NDArray[np.float64]:
    """Change of a curve on each UTC day from the day of `first` to the day of `last`.

    Parameters
    ----------
    ts : array of int64
        Times of the samples in ns UTC, ascending.
    values : array of float64
        Value of the curve from that time on.
    first, last : int
        Range in ns UTC, both included; a day without a sample has a change of zero.
    opening : float
        Value before the first sample.

    Returns
    -------
    array of float64
        One change per day, in the unit of `values`.
    """
    days = np.arange(first // DAY, last // DAY + 1, dtype=np.int64)
    if not len(days):
        return np.empty(0)
    at = np.searchsorted(ts, (days + 1) * DAY, side="left") - 1
    padded = np.concatenate(([opening], values))
    closing = padded[at + 1]
    return np.diff(np.concatenate(([opening], closing)))


def sharpe(changes: NDArray[np.float64], per_year: float = 1.0) -> float | None:
    """Mean over standard deviation (n - 1) of returns, times the root of periods per year.

    Returns
    -------
    float or None
        None with fewer than two returns or without any variation.
    """
    if len(changes) < 2:
        return None
    largest = float(np.max(np.abs(changes)))
    return sharpe_of(float(np.mean(changes)), float(np.std(changes, ddof=1)), largest, per_year)


def sharpe_of(mean: float, deviation: float, largest: float, per_year: float = 1.0) -> float | None:
    """Mean over deviation of returns of which the largest in absolute terms is known, see :func:`sharpe`."""
    if deviation <= 1e-12 * max(largest, 1e-300):  # a constant series leaves rounding noise, not variation
        return None
    return mean / deviation * math.sqrt(per_year)


def probabilistic_sharpe(
    ratio: float, count: int, *, skew: float = 0.0, kurtosis: float = 3.0, benchmark: float = 0.0
) -> float:
    """Probability that the true Sharpe ratio exceeds a benchmark.

    Parameters
    ----------
    ratio, benchmark : float
        Sharpe ratios per observation, not annualised.
    count : int
        Independent observations; at least two.
    skew, kurtosis : float
        Moments of the returns; a normal distribution has 0 and 3.

    Returns
    -------
    float
        Probability from 0 to 1 (Bailey and López de Prado 2012).
    """
    variance = 1.0 - skew * ratio + (kurtosis - 1.0) / 4.0 * ratio * ratio
    if variance <= 0.0:  # only moments that no sample can have get here
        return math.nan
    score = (ratio - benchmark) * math.sqrt(count - 1) / math.sqrt(variance)
    return math.erfc(-score / math.sqrt(2.0)) / 2.0


def expected_maximum_sharpe(trials: int, variance: float) -> float:
    """Sharpe ratio that the best of so many worthless trials is expected to show.

    Parameters
    ----------
    trials : int
        Independent trials; one trial has nothing to choose from and gives 0.
    variance : float
        Variance of the trials' Sharpe ratios per observation.
    """
    if trials <= 1:
        return 0.0
    quantile = NormalDist().inv_cdf
    best = (1.0 - _EULER) * quantile(1.0 - 1.0 / trials) + _EULER * quantile(1.0 - 1.0 / (trials * math.e))
    return math.sqrt(variance) * best


@dataclass(frozen=True)
class ReturnMoments:
    """What a Sharpe ratio's uncertainty depends on.

    Attributes
    ----------
    ratio : float
        Sharpe ratio per observation, not annualised.
    count : int
        Independent observations (events, not trades).
    skew, kurtosis : float
        Moments of the returns, not corrected for bias; a normal distribution has 0 and 3.
    """

    ratio: float
    count: int
    skew: float
    kurtosis: float

    def probabilistic(self, benchmark: float = 0.0) -> float | None:
        """Probability that the true ratio exceeds a benchmark, see :func:`probabilistic_sharpe`."""
        value = probabilistic_sharpe(
            self.ratio, self.count, skew=self.skew, kurtosis=self.kurtosis, benchmark=benchmark
        )
        return None if math.isnan(value) else value

    def p_value(self) -> float | None:
        """Probability that luck alone gives such a ratio: one less the probabilistic one, exact where it is tiny."""
        mirrored = ReturnMoments(-self.ratio, self.count, -self.skew, self.kurtosis)
        return mirrored.probabilistic()

    def deflated(self, trials: int, variance: float | None = None) -> float | None:
        """Probability that the ratio is not the luck of the best of several trials, see :func:`deflated_sharpe`."""
        return self.probabilistic(expected_maximum_sharpe(trials, 1.0 / self.count if variance is None else variance))

    def track_record(self, benchmark: float = 0.0, level: float = 0.95) -> float | None:
        """Observations needed, see :func:`minimum_track_record`."""
        return minimum_track_record(
            self.ratio, skew=self.skew, kurtosis=self.kurtosis, benchmark=benchmark, level=level
        )


def return_moments(returns: NDArray[np.float64]) -> ReturnMoments | None:
    """Work out the moments of returns; None with fewer than two or without variation."""
    ratio = sharpe(returns)
    if ratio is None:
        return None
    centred = returns - np.mean(returns)
    spread = float(np.mean(centred**2))
    skew = float(np.mean(centred**3)) / spread**1.5
    kurtosis = float(np.mean(centred**4)) / spread**2
    return ReturnMoments(ratio, len(returns), skew, kurtosis)


def deflated_sharpe(returns: NDArray[np.float64], trials: int, variance: float | None = None) -> float | None:
    """Probability that a Sharpe ratio is not the luck of the best of several trials.

    Parameters
    ----------
    returns : array of float64
        Returns of independent observations (events, not trades).
    trials : int
        Configurations tried on the same data, this one included.
    variance : float, optional
        Variance of the trials' Sharpe ratios per observation; by default 1 / n, that of worthless
        trials of this length.

    Returns
    -------
    float or None
        Probability from 0 to 1, None without variation (Bailey and López de Prado 2014).
    """
    moments = return_moments(returns)
    return None if moments is None else moments.deflated(trials, variance)


def minimum_track_record(
    ratio: float, *, skew: float = 0.0, kurtosis: float = 3.0, benchmark: float = 0.0, level: float = 0.95
) -> float | None:
    """Observations after which a Sharpe ratio of this size would exceed a benchmark with confidence.

    Parameters
    ----------
    ratio, benchmark : float
        Sharpe ratios per observation, not annualised.
    skew, kurtosis : float
        Moments of the returns.
    level : float
        Confidence, above 0.5 and below 1.

    Returns
    -------
    float or None
        Observations, not rounded; None where the ratio does not exceed the benchmark, as no number of
        them would do (Bailey and López de Prado 2012).
    """
    variance = 1.0 - skew * ratio + (kurtosis - 1.0) / 4.0 * ratio * ratio
    if ratio <= benchmark or variance <= 0.0:
        return None
    return 1.0 + variance * (NormalDist().inv_cdf(level) / (ratio - benchmark)) ** 2
