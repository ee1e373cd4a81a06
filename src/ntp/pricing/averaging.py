"""Settlement on the mean of a window: its distribution before, inside and after the window.

A mean moves less than the last price: of the variance of a price `tau` before the end only ``tau - w + w / 3``
reaches the mean of the last `w`. Inside the window the seconds already seen are facts. Derived for an arithmetic
Brownian motion sampled once a second (Kemna and Vorst 1990 for the continuous case).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from ntp.core import DataError
from ntp.pricing.checks import Floats, numbers

_YEAR_SECONDS = 365.0 * 86_400.0


@dataclass(frozen=True, slots=True)
class MeanForecast:
    """Normal distribution of a mean that settles a contract.

    Attributes
    ----------
    mean : float
        Expected mean, in the unit of the price.
    sd : float
        Its standard deviation; 0 once all is seen.
    """

    mean: float
    sd: float

    def above(self, strike: ArrayLike) -> Floats:
        """Probability of a mean above strikes; a mean that is known is above or it is not."""
        level = numbers("a strike", strike)
        if self.sd == 0.0:
            return np.asarray((self.mean > level).astype(np.float64))
        return np.asarray(ndtr((self.mean - level) / self.sd))

    def cdf(self, value: ArrayLike) -> Floats:
        """Probability of a mean of at most each value."""
        return np.asarray(1.0 - self.above(value))


def window_variance(seconds_left: ArrayLike, window: int = 60) -> Floats:
    """Variance of the mean of the last `window` seconds per variance of one second of the price.

    ``mean over i, j of min(t_i, t_j)`` with ``t_k = seconds_left - window + k``, k = 1 to `window`.

    Parameters
    ----------
    seconds_left : array_like
        Until the window ends; at least `window`.
    window : int
        Observations, one a second, at least 1.

    Raises
    ------
    DataError
        ``no_price``.
    """
    _window(window)
    left = numbers("seconds left", seconds_left, least=float(window))
    # sum of min(i, j) over 1..n is n (n + 1) (2 n + 1) / 6; what lies before the window moves all alike
    inside = (window + 1) * (2 * window + 1) / (6.0 * window)
    return np.asarray(left - window + inside)


def forecast_mean(
    spot: float, volatility: float, seconds_left: float, *, window: int = 60, seen: int = 0, seen_sum: float = 0.0,
    basis_sd: float = 0.0,
) -> MeanForecast:  # fmt: skip
    """Forecast the mean of the last `window` seconds of a price.

    Parameters
    ----------
    spot : float
        Price now, above 0.
    volatility : float
        Annual, above 0 unless the window is over.
    seconds_left : float
        Until the window ends; not negative.
    window : int
        Observations of the mean, one a second.
    seen : int
        How many of them have been observed.
    seen_sum : float
        Their sum.
    basis_sd : float
        Standard deviation of the difference between the index that settles and the feed that `spot` is
        of; it is added to the part that is not yet seen.

    Raises
    ------
    DataError
        ``no_price``: a spot or volatility that cannot be, a time left that contradicts what is seen.
    """
    _window(window)
    price = float(numbers("a spot", spot, above=0.0))
    left = float(numbers("seconds left", seconds_left, least=0.0))
    if not 0 <= seen <= window:
        raise DataError(f"expected 0 to {window} observations of the window, was {seen}", code="no_price")
    if seen and left > window - seen + 1:
        raise DataError(
            f"expected at most {window - seen + 1} seconds left after {seen} observations, was {left:g}",
            code="no_price", details={"input": "seconds left"},
        )
    if seen == window:
        return MeanForecast(seen_sum / window, 0.0)
    second = price * float(numbers("a volatility", volatility, above=0.0)) / np.sqrt(_YEAR_SECONDS)
    rest = window - seen
    if seen == 0 and left >= window:
        variance = float(window_variance(left, window))
    else:
        variance = rest * (rest + 1) * (2 * rest + 1) / (6.0 * window**2)
    share = rest / window
    return MeanForecast(
        (seen_sum + rest * price) / window, float(np.sqrt(second**2 * variance + (share * basis_sd) ** 2))
    )


def mean_difference_variance(period: float, window: int = 60) -> float:
    """Variance of the closing mean minus the opening mean per variance of one second of the price.

    The opening mean is that of the `window` seconds before the start, the closing one that of the last `window` seconds
    of the `period` that follows; both are still to come.

    Raises
    ------
    DataError
        ``no_price`` if the windows overlap.
    """
    _window(window)
    length = float(numbers("a period", period, least=float(window)))
    # independent parts: what the opening mean misses of its own window, what lies between, the closing mean's part
    missed = (window - 1) * (2 * window - 1) / (6.0 * window)
    between = length - window
    inside = (window + 1) * (2 * window + 1) / (6.0 * window)
    return missed + between + inside


def forecast_difference(
    spot: float, volatility: float, seconds_to_open: float, period: float, *, window: int = 60, seen: int = 0,
    seen_mean: float = 0.0,
) -> MeanForecast:  # fmt: skip
    """Forecast the closing mean minus the opening mean while the opening one is still to come, in whole or in part.

    A step of the price with `j` of the opening observations left counts ``1 - j / window``: it moves all of the closing
    mean and so many of the opening one.

    Parameters
    ----------
    spot, volatility
        As in :func:`forecast_mean`.
    seconds_to_open : float
        Until the opening window ends; not negative.
    period : float
        From the end of the opening window to the end of the closing one, at least `window`.
    window : int
        Observations of either mean, one a second.
    seen, seen_mean : int, float
        Observations of the opening window so far, and their mean.

    Raises
    ------
    DataError
        ``no_price``.
    """
    _window(window)
    if not 0 <= seen <= window:
        raise DataError(f"expected 0 to {window} observations of the window, was {seen}", code="no_price")
    price = float(numbers("a spot", spot, above=0.0))
    numbers("seconds to the open", seconds_to_open, least=0.0)
    length = float(numbers("a period", period, least=float(window)))
    second = price * float(numbers("a volatility", volatility, above=0.0)) / np.sqrt(_YEAR_SECONDS)
    weights = 1.0 - np.arange(1, window - seen + 1) / window
    inside = (window + 1) * (2 * window + 1) / (6.0 * window)
    variance = float(np.sum(weights**2)) + length - window + inside
    share = seen / window
    return MeanForecast(share * (price - seen_mean) if seen else 0.0, float(second * np.sqrt(variance)))


def _window(window: int) -> None:
    if window < 1:
        raise DataError(f"expected a window of at least one observation, was {window}", code="no_price")
