"""What a price may be made of: a wrong input gives no price and a reason, never a guess."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ntp.core import DataError

Floats = NDArray[np.float64]


def numbers(name: str, values: ArrayLike, *, above: float | None = None, least: float | None = None) -> Floats:
    """Return values as float64 if all of them can be priced.

    Parameters
    ----------
    name : str
        What they are, for the error.
    values : array_like
        One or many.
    above, least : float, optional
        Bounds: every value must be greater than `above`, or at least `least`.

    Raises
    ------
    DataError
        ``no_price``, naming the first value that is wrong and its place.
    """
    found = np.asarray(values, dtype=np.float64)
    if found.size:
        # two passes without a copy, where the whole test below takes five: prices of histories are checked as fast
        low = found.min()
        inside = low > (-np.inf if above is None else above) and low >= (-np.inf if least is None else least)
        if inside and found.max() < np.inf:
            return found
    good = np.isfinite(found)
    if above is not None:
        good &= found > above
    if least is not None:
        good &= found >= least
    if not good.all():
        place = int(np.flatnonzero(~np.atleast_1d(good).ravel())[0])
        bound = f" above {above:g}" if above is not None else f" of at least {least:g}" if least is not None else ""
        raise DataError(
            f"expected {name}{bound}, was {np.atleast_1d(found).ravel()[place]:g}", code="no_price",
            hint="without it there is no fair value", details={"input": name, "place": place},
        )
    return found


def ascending(name: str, values: ArrayLike) -> Floats:
    """Return values as float64 if each is greater than the one before.

    Raises
    ------
    DataError
        ``no_price``.
    """
    found = numbers(name, values)
    wrong = np.flatnonzero(np.diff(found) <= 0)
    if len(wrong):
        place = int(wrong[0]) + 1
        raise DataError(
            f"expected {name} in ascending order, was {found[place]:g} after {found[place - 1]:g}", code="no_price",
            details={"input": name, "place": place},
        )
    return found
