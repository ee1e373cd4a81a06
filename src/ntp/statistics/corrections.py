"""Probabilities of error after several tests."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ntp.core import DataError

Floats = NDArray[np.float64]


def holm(p_values: ArrayLike) -> Floats:
    """Adjust p-values so that all below a level are true discoveries, but with a chance of that level.

    Parameters
    ----------
    p_values : array of float64
        One of each test, whatever their dependence.

    Returns
    -------
    array of float64
        In the same order, from 0 to 1 (Holm 1979).

    Raises
    ------
    DataError
        If one is not from 0 to 1.
    """
    given = _checked(p_values)
    order = np.argsort(given, kind="stable")
    raised = np.maximum.accumulate(given[order] * np.arange(len(given), 0, -1))
    return _placed(np.minimum(raised, 1.0), order)


def benjamini_hochberg(p_values: ArrayLike) -> Floats:
    """Adjust p-values so that of those below a level no larger share than it is expected to be false.

    Parameters
    ----------
    p_values : array of float64
        One of each test, independent or positively dependent.

    Returns
    -------
    array of float64
        In the same order, from 0 to 1 (Benjamini and Hochberg 1995).

    Raises
    ------
    DataError
        If one is not from 0 to 1.
    """
    given = _checked(p_values)
    count = len(given)
    order = np.argsort(given, kind="stable")
    scaled = given[order] * count / np.arange(1, count + 1)
    return _placed(np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0), order)


def _checked(p_values: ArrayLike) -> Floats:
    given = np.asarray(p_values, dtype=np.float64)
    if given.ndim != 1 or not np.all((given >= 0.0) & (given <= 1.0)):
        raise DataError("expected p-values from 0 to 1 in one row, was something else", code="bad_p_value")
    return given


def _placed(adjusted: Floats, order: NDArray[np.intp]) -> Floats:
    placed = np.empty_like(adjusted)
    placed[order] = adjusted
    return placed
