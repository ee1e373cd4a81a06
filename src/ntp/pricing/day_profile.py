"""Volatility by time of day: how much more a price moves at some hours than at others."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ntp.core import DAY, DataError
from ntp.pricing.checks import Floats, numbers

_DAILY: Final = 20.0
"""Returns by which a bin is drawn to the mean of the day: a bin with so many counts half."""


@dataclass(frozen=True, eq=False)
class TimeOfDay:
    """Variance of each part of the UTC day relative to the mean of the day.

    Attributes
    ----------
    factors : ndarray of float64
        One for each of equal parts, with mean 1.
    """

    factors: Floats

    def between(self, start: int, end: int) -> float:
        """Mean factor of a stretch of time, in nanoseconds UTC: what an average variance is multiplied by.

        Raises
        ------
        DataError
            ``no_price`` if the stretch has no length.
        """
        if end <= start:
            raise DataError(f"expected a stretch of time, was {(end - start) / 1e9:g} s", code="no_price")
        return float((self._until(end) - self._until(start)) / (end - start))

    def _until(self, moment: int) -> float:
        """Integral of the factor since the first midnight that counts, in nanoseconds."""
        parts = len(self.factors)
        days, rest = divmod(moment, DAY)
        place = rest * parts / DAY
        whole = int(place)
        inside = float(self.factors[:whole].sum()) + (place - whole) * float(self.factors[whole])
        return DAY * (days + inside / parts)


def time_of_day(times: ArrayLike, returns: ArrayLike, parts: int = 48) -> TimeOfDay:
    """Measure the profile of a day: mean squared return of each part, drawn to the mean where a part has few.

    Parameters
    ----------
    times : array_like of int64
        End of each return, nanoseconds UTC.
    returns : array_like
        Of equal length; a mean of 0 is assumed, as over minutes it may be.
    parts : int
        Equal parts of the day.

    Raises
    ------
    DataError
        ``no_price`` without returns that move, or if there are not as many of both.
    """
    moments: NDArray[np.int64] = np.asarray(times, np.int64)
    seen = numbers("a return", returns)
    if len(moments) != len(seen) or parts < 1:
        raise DataError(
            f"expected as many returns as times and a part or more, was {len(seen)}, {len(moments)} and {parts}",
            code="no_price",
        )
    squares = seen**2
    if not squares.sum() > 0.0:
        raise DataError("expected returns of a price that moves, was none", code="no_price", hint="a longer history")
    which = (moments - 1) % DAY * parts // DAY  # a return that ends at midnight belongs to the day before
    count = np.bincount(which, minlength=parts).astype(np.float64)
    mean = float(squares.mean())
    drawn = (np.bincount(which, weights=squares, minlength=parts) + _DAILY * mean) / (count + _DAILY)
    return TimeOfDay(drawn / drawn.mean())
