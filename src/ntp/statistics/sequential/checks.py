"""What every sequential test asks of its arguments."""

import math

import numpy as np
from numpy.typing import NDArray

from ntp.core import DataError

Floats = NDArray[np.float64]


def check_level(alpha: float) -> None:
    """Refuse an error probability that is none.

    Raises
    ------
    DataError
        ``bad_level`` unless 0 < alpha < 1.
    """
    if not 0.0 < alpha < 1.0:
        raise DataError(f"expected an error probability between 0 and 1, was {alpha}", code="bad_level")


def check_positive(name: str, value: float) -> None:
    """Refuse a number that is not above 0.

    Raises
    ------
    DataError
        ``bad_argument``.
    """
    if not (math.isfinite(value) and value > 0.0):
        raise DataError(f"expected {name} above 0, was {value}", code="bad_argument", details={"argument": name})


def check_finite(values: Floats) -> None:
    """Refuse observations that are missing or infinite: nothing stands in for them.

    Raises
    ------
    DataError
        ``not_finite``.
    """
    if not np.isfinite(values).all():
        at = int(np.flatnonzero(~np.isfinite(values))[0])
        raise DataError(
            f"expected finite observations, was {values.flat[at]} at place {at}", code="not_finite",
            details={"place": at},
        )
