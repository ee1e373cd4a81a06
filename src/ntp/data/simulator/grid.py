"""Price grids of the simulated venues and the tables that find a level."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ntp.core import PRICE_ONE

CENT: Final = PRICE_ONE // 100
CENT_BANDS: Final = ((CENT, PRICE_ONE - CENT, CENT),)
"""Every cent from 0.01 to 0.99."""
TAPERED_BANDS: Final = ((10, 1_000, 10), (1_000, 9_000, 100), (9_000, 9_990, 10))
"""Steps of 0.001 dollar below 0.10 and above 0.90, of a cent between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueProfile:
    """How one simulated venue differs from the others.

    Attributes
    ----------
    name : str
        Venue of its instruments.
    tapers : bool
        Whether its grid may be finer in the tails.
    activity : float
        Factor on the arrival rates of its books.
    min_size : int
        Smallest order in 0.000001 contract.
    delay, jitter : int
        Smallest network delay and mean of its random part in nanoseconds.
    """

    name: str
    tapers: bool
    activity: float
    min_size: int
    delay: int
    jitter: int


VENUES: Final = {
    "sim_a": VenueProfile(
        name="sim_a", tapers=True, activity=1.0, min_size=10_000, delay=18_000_000, jitter=6_000_000
    ),
    "sim_b": VenueProfile(
        name="sim_b", tapers=False, activity=0.8, min_size=1_000_000, delay=45_000_000, jitter=20_000_000
    ),
}


def bands_of(venue: VenueProfile, *, tapered: bool) -> tuple[tuple[int, int, int], ...]:
    """Tick bands of a venue's contracts."""
    return TAPERED_BANDS if tapered and venue.tapers else CENT_BANDS


def levels_of(bands: tuple[tuple[int, int, int], ...]) -> NDArray[np.int64]:
    """All prices of a grid in 0.0001 dollar, ascending and without repeats."""
    parts = [np.arange(low, high + 1, step, dtype=np.int64) for low, high, step in bands]
    return np.unique(np.concatenate(parts))


def level_tables(levels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Level at or below, and level at or above, each multiple of 0.001 dollar.

    Returns
    -------
    ndarray
        Shape (2, 1001). The first row is -1 below the grid, the second ``len(levels)`` above it.
    """
    prices = np.arange(1_001) * 10
    below = np.searchsorted(levels, prices, side="right") - 1
    above = np.searchsorted(levels, prices, side="left")
    return np.stack([below, above]).astype(np.int64)
