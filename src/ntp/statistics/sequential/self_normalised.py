"""A confidence sequence of a mean whose variance nobody knows.

The observations are measured by their own squares: with S their sum and V the sum of their squares, the mixture of
``exp(l S - l^2 V / 2)`` over normally distributed l is ``sqrt(R / (V + R)) exp(S^2 / (2 (V + R)))``. If each
observation is as likely to be its own negative, that is a supermartingale, whatever their sizes are, heavy tails
included (de la Pena, Lai and Shao 2009): it ever reaches 1 / alpha with a probability of at most alpha (Ville 1939).
R may depend on the sizes of the observations, but not on their signs; here it is so many times the mean square of the
first of them. For other observations than such symmetric ones, the same holds in the limit of many (Waudby-Smith,
Arbour, Sinha, Kennedy and Ramdas 2024).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ntp.core import DataError
from ntp.statistics.sequential.checks import Floats, check_finite, check_level, check_positive

_DOUBLINGS: Final = 60
_HALVINGS: Final = 60
_TINY: Final = 1e-300


@dataclass(frozen=True, eq=False)
class ConfidenceSequence:
    """Intervals after each observation; NaN before anybody may look.

    Attributes
    ----------
    estimates : array of float64
        Mean so far.
    lows, highs : array of float64
        Ends of the interval, infinite where the observations are too few for any.
    log_e : array of float64
        Logarithm of the e-value against a mean of 0.
    begun : int
        Observations before the first look; more than there are where nobody may look yet.
    """

    estimates: Floats
    lows: Floats
    highs: Floats
    log_e: Floats
    begun: int

    @property
    def p_value(self) -> float:
        """Always-valid p-value of a mean of 0: one over the largest e-value so far, at most 1."""
        looked = self.log_e[self.begun - 1 :] if self.begun else self.log_e
        return float(np.exp(-max(0.0, float(looked.max())))) if len(looked) else 1.0


def confidence_sequence(
    observations: Floats, weight: float, *, alpha: float = 0.05, first: int = 20
) -> ConfidenceSequence:
    """Intervals that hold the mean at all times together with a probability of at least 1 - alpha.

    Parameters
    ----------
    observations : array of float64
        In the order in which they became known.
    weight : float
        Observations that the mixture is worth; :func:`~ntp.statistics.sequential.mixture_weight` of those planned
        makes the interval smallest there. To be chosen before looking.
    alpha : float
        Probability that the mean ever leaves the interval.
    first : int
        Observations other than 0 before the first look, which also give the scale.

    Raises
    ------
    DataError
        If an argument is out of range or an observation is missing.
    """
    check_level(alpha)
    counts, sums, squares = _running(observations, weight, first)
    begun = _begins(observations, first)
    estimates, lows, highs, log_e = (np.full(len(observations), np.nan) for _ in range(4))
    if begun <= len(observations):
        late = slice(begun - 1, None)
        at = _Moments(
            counts[late], sums[late], squares[late], float(sums[begun - 1]), float(squares[begun - 1]), begun, weight
        )
        mean = sums[late] / counts[late]
        estimates[late] = mean
        log_e[late] = at.log_mixture(np.zeros(len(mean)))
        bound = -np.log(alpha)
        lows[late], highs[late] = mean - at.reach(mean, -1.0, bound), mean + at.reach(mean, 1.0, bound)
    return ConfidenceSequence(estimates, lows, highs, log_e, begun)


def e_values(observations: Floats, weight: float, *, first: int = 20) -> Floats:
    """Logarithms of the e-values of :func:`confidence_sequence` against a mean of 0, NaN before the first look."""
    _, sums, squares = _running(observations, weight, first)
    begun = _begins(observations, first)
    found = np.full(len(observations), np.nan)
    if begun <= len(observations):
        late = slice(begun - 1, None)
        scale = weight * squares[begun - 1] / begun
        whole = squares[late] + scale
        found[late] = 0.5 * np.log(scale / whole) + sums[late] ** 2 / (2.0 * whole)
    return found


def _running(observations: Floats, weight: float, first: int) -> tuple[Floats, Floats, Floats]:
    check_positive("weight", weight)
    if first < 1:
        raise DataError(f"expected an observation or more before the first look, was {first}", code="bad_argument")
    check_finite(observations)
    counts = np.arange(1, len(observations) + 1, dtype=np.float64)
    return counts, np.cumsum(observations), np.cumsum(np.square(observations))


def _begins(observations: Floats, first: int) -> int:
    """Observations until enough of them are not 0: that depends on their sizes only, never on their signs."""
    told = np.flatnonzero(observations)
    return int(told[first - 1]) + 1 if len(told) >= first else len(observations) + 1


@dataclass(frozen=True, eq=False)
class _Moments:
    """Sums up to each look, and those of the observations that give the scale."""

    counts: Floats
    sums: Floats
    squares: Floats
    first_sum: float
    first_squares: float
    first: int
    weight: float

    def log_mixture(self, mean: Floats) -> Floats:
        """Log e-value against each mean."""
        squares = self.squares - 2.0 * mean * self.sums + self.counts * mean**2
        scale = self.first_squares - 2.0 * mean * self.first_sum + self.first * mean**2
        scale = np.maximum(self.weight / self.first * scale, _TINY)
        whole = np.maximum(squares, 0.0) + scale
        value: Floats = 0.5 * np.log(scale / whole) + (self.sums - self.counts * mean) ** 2 / (2.0 * whole)
        return value

    def reach(self, centre: Floats, side: float, bound: float) -> Floats:
        """Distance from the centre at which the e-value crosses a bound; infinite where it never does."""
        spread = np.sqrt(np.maximum(self.squares / self.counts - centre**2, 0.0))
        step = np.maximum(spread, np.abs(centre)) / self.counts
        step = np.maximum(step, _TINY)
        inside, outside = np.zeros(len(centre)), np.full(len(centre), np.inf)
        for _ in range(_DOUBLINGS):
            beyond = self.log_mixture(centre + side * step) >= bound
            outside = np.where(beyond & np.isinf(outside), step, outside)
            inside = np.where(np.isinf(outside), step, inside)
            step = 2.0 * step
        open_ended = np.isinf(outside)
        high = np.where(open_ended, 2.0 * inside, outside)
        for _ in range(_HALVINGS):
            middle = (inside + high) / 2.0
            beyond = self.log_mixture(centre + side * middle) >= bound
            inside, high = np.where(beyond, inside, middle), np.where(beyond, middle, high)
        found: Floats = np.where(open_ended, np.inf, high)
        return found
