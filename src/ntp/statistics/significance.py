"""Whether chance alone would have done as well."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ntp.core import DataError
from ntp.statistics.intervals import joined_events

Floats = NDArray[np.float64]
_BLOCK: Final = 1_000_000
"""Signs held in memory at once."""


def random_entry_test(
    figure: float, at_random: Callable[[np.random.Generator], float], rng: np.random.Generator, *, draws: int = 1_000
) -> float:
    """Probability that random entries do at least as well.

    Parameters
    ----------
    figure : float
        What the strategy achieved.
    at_random : Callable
        Draws entries at random and returns what they achieve.
    rng : numpy.random.Generator
        Source of the draws; the same state gives the same probability.
    draws : int
        How many.

    Returns
    -------
    float
        Between 1 / (draws + 1) and 1: the strategy itself is one of the draws, so that the test is exact
        (Phipson and Smyth 2010).
    """
    if draws < 1:
        raise DataError(f"expected a draw or more, was {draws}", code="bad_draws")
    slack = 1e-12 * max(1.0, abs(figure))
    better = sum(at_random(rng) >= figure - slack for _ in range(draws))
    return (better + 1) / (draws + 1)


def random_side_test(gross: Floats, rng: np.random.Generator, *, draws: int = 1_000) -> float | None:
    """Probability that the same entries on sides drawn by lot, event by event, do at least as well.

    Parameters
    ----------
    gross : array of float64
        P&L of each event before costs; the other side would have had its negative. Costs are the same on either
        side and drop out.
    rng : numpy.random.Generator
        Source of the draws; the same state gives the same probability.
    draws : int
        How many.

    Returns
    -------
    float or None
        None without an event that moved. A permutation test of the mean (Fisher 1935), which knows nothing of
        how returns are distributed: it asks that events are independent and that at fair prices either side gains
        nothing on average.
    """
    moved = gross[gross != 0.0]
    if not len(moved):
        return None
    moved = joined_events(moved)
    if draws < 1:
        raise DataError(f"expected a draw or more, was {draws}", code="bad_draws")
    achieved = float(np.sum(moved))
    slack = 1e-12 * float(np.sum(np.abs(moved)))
    better, step = 0, max(1, _BLOCK // len(moved))
    for done in range(0, draws, step):
        signs = rng.integers(0, 2, size=(min(step, draws - done), len(moved))) * 2.0 - 1.0
        better += int(np.count_nonzero(signs @ moved >= achieved - slack))
    return (better + 1) / (draws + 1)
