"""Running maxima and trimmed means: what has been seen counts, what is to come can only add."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from ntp.core import DataError
from ntp.pricing.checks import Floats, numbers
from ntp.pricing.distributions import Distribution


class AtLeast:
    """Distribution of the larger of a value already seen and one still to come.

    The maximum so far is a floor, not a shift: below it nothing is possible, above it the forecast stands as it was.

    Parameters
    ----------
    seen : float
        Highest value so far.
    rest : Distribution
        Of the highest value of the time left.
    """

    def __init__(self, seen: float, rest: Distribution) -> None:
        self._seen = float(numbers("a maximum so far", seen))
        self._rest = rest

    def cdf(self, x: ArrayLike, /) -> Floats:
        """Probability of a maximum of at most `x`."""
        levels = np.asarray(x, np.float64)
        return np.asarray(np.where(levels >= self._seen, self._rest.cdf(levels), 0.0))


class _PathExtreme:
    """Extreme of a driftless price over the time left, watched without a gap, by the reflection principle.

    Parameters
    ----------
    spot : float
        Price now, above 0.
    spread : float
        Volatility times the root of the time left, above 0.
    """

    def __init__(self, spot: float, spread: float) -> None:
        self._spot = float(numbers("a spot", spot, above=0.0))
        self._spread = float(numbers("a spread", spread, above=0.0))

    def _reflected(self, levels: Floats, side: int) -> tuple[Floats, Floats]:
        """Chances of ending at most at each level, and of ending beyond it by way of its mirror on a side."""
        spread, drift = self._spread, -0.5 * self._spread**2
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = np.log(np.maximum(levels, 0.0) / self._spot)
            mirrored = np.exp(2.0 * drift * reach / spread**2) * ndtr(side * (reach + drift) / spread)
        return ndtr((reach - drift) / spread), mirrored


class MaximumOfPath(_PathExtreme):
    """Distribution of the maximum of a driftless price over the time left, watched without a gap.

    The reflection principle in closed form: with ``m = ln(h / S)``, the logarithm's drift ``a = -s^2 / 2`` and its
    standard deviation ``s``, ``P(max <= h) = N((m - a) / s) - exp(2 a m / s^2) N((-m - a) / s)`` (Shreve 2004, 7.2).
    """

    def cdf(self, x: ArrayLike, /) -> Floats:
        """Probability of a maximum of at most `x`."""
        levels = np.asarray(x, np.float64)
        direct, mirrored = self._reflected(levels, -1)
        return np.asarray(np.where(levels > self._spot, np.clip(direct - mirrored, 0.0, 1.0), 0.0))


class AtMost:
    """Distribution of the smaller of a value already seen and one still to come; see :class:`AtLeast`.

    Parameters
    ----------
    seen : float
        Lowest value so far.
    rest : Distribution
        Of the lowest value of the time left.
    """

    def __init__(self, seen: float, rest: Distribution) -> None:
        self._seen = float(numbers("a minimum so far", seen))
        self._rest = rest

    def cdf(self, x: ArrayLike, /) -> Floats:
        """Probability of a minimum of at most `x`."""
        levels = np.asarray(x, np.float64)
        return np.asarray(np.where(levels >= self._seen, 1.0, self._rest.cdf(levels)))


class MinimumOfPath(_PathExtreme):
    """Distribution of the minimum of a driftless price over the time left: :class:`MaximumOfPath` mirrored.

    ``P(min <= l) = N((m - a) / s) + exp(2 a m / s^2) N((m + a) / s)`` with ``m = ln(l / S) < 0`` (Shreve 2004, 7.2).
    """

    def cdf(self, x: ArrayLike, /) -> Floats:
        """Probability of a minimum of at most `x`."""
        levels = np.asarray(x, np.float64)
        direct, mirrored = self._reflected(levels, 1)
        inside = np.where(levels > 0.0, np.clip(direct + mirrored, 0.0, 1.0), 0.0)
        return np.asarray(np.where(levels < self._spot, inside, 1.0))


def trimmed_mean(values: ArrayLike, share: float) -> Floats:
    """Mean of the last axis without the lowest and highest share of its values.

    Parameters
    ----------
    values : array_like, (..., n)
        Observations.
    share : float
        Cut from either end, from 0 to less than a half; ``int(share * n)`` values.

    Raises
    ------
    DataError
        ``no_price``.
    """
    seen = numbers("a value", values)
    if not 0.0 <= share < 0.5:
        raise DataError(f"expected a share from 0 to less than 0.5, was {share:g}", code="no_price")
    count = seen.shape[-1]
    cut = int(share * count)
    if cut == 0:
        return np.asarray(seen.mean(axis=-1))
    return np.asarray(np.sort(seen, axis=-1)[..., cut : count - cut].mean(axis=-1))


def trimmed_means_of_window(
    spot: float, second_sd: float, seconds: float, random: np.random.Generator, *, window: int = 60, share: float = 0.2,
    paths: int = 20_000,
) -> Floats:  # fmt: skip
    """Simulate the trimmed mean of the last `window` seconds, one price a second; see :func:`highest_trimmed_mean`."""
    left = float(numbers("seconds left", seconds, least=float(window)))
    step = float(numbers("a standard deviation", second_sd, above=0.0))
    steps = random.standard_normal((paths, window))
    steps[:, 0] *= np.sqrt(left - window + 1.0)  # what lies before the window moves all of it alike
    return trimmed_mean(spot + step * np.cumsum(steps, axis=1), share)


def highest_trimmed_mean(
    spot: float, second_sd: float, seconds: int, random: np.random.Generator, *, window: int = 60, share: float = 0.2,
    paths: int = 4_000,
) -> Floats:  # fmt: skip
    """Simulate the highest trimmed mean of any window of the time left.

    There is no closed form: the mean of the middle of sixty prices is no sum of independent steps.

    Parameters
    ----------
    spot : float
        Price now.
    second_sd : float
        Standard deviation of the price's change in one second, in its own unit, above 0.
    seconds : int
        Time left, at least `window`.
    random : numpy.random.Generator
        Where chance comes from.
    window, share : int, float
        Seconds of a mean, and what is cut from either end.
    paths : int
        How many are simulated; the error of a probability is at most ``0.5 / sqrt(paths)``.

    Returns
    -------
    ndarray of float64, (paths,)
        For :class:`ntp.pricing.Empirical`.

    Raises
    ------
    DataError
        ``no_price``.
    """
    numbers("seconds left", seconds, least=float(window))
    step = float(numbers("a standard deviation", second_sd, above=0.0))
    best = np.empty(paths)
    for path in range(paths):  # one path at a time: all windows of all paths would not fit in memory
        prices = spot + step * np.cumsum(random.standard_normal(seconds))
        best[path] = trimmed_mean(np.lib.stride_tricks.sliding_window_view(prices, window), share).max()
    return best
