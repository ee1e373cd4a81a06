"""Scores of forecasts and of fills."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_SURE: Final = 1e-15
"""Nearest to 0 and 1 that a logarithm is taken of."""


def brier_score(forecasts: NDArray[np.float64], outcomes: NDArray[np.float64]) -> float | None:
    """Mean squared distance of probabilities from binary outcomes, None without any (Brier 1950)."""
    if not len(forecasts):
        return None
    return float(np.mean((forecasts - outcomes) ** 2))


def log_loss(forecasts: NDArray[np.float64], outcomes: NDArray[np.float64]) -> float | None:
    """Mean negative logarithm of the probability given to what happened, None without any (Good 1952).

    A forecast of exactly 0 or 1 counts as 1e-15 short of it: a certain forecast that fails costs 34.5, not infinity.
    """
    if not len(forecasts):
        return None
    sure = np.clip(forecasts, _SURE, 1.0 - _SURE)
    return float(-np.mean(outcomes * np.log(sure) + (1.0 - outcomes) * np.log1p(-sure)))


@dataclass(frozen=True)
class BrierParts:
    """Murphy's parts of a Brier score: score = reliability - resolution + uncertainty.

    Attributes
    ----------
    reliability : float
        Mean squared distance of forecasts from what happened when they were given; 0 is calibrated.
    resolution : float
        How far what happened differs between forecasts; more is better.
    uncertainty : float
        Variance of the outcomes, which no forecaster chooses.
    """

    reliability: float
    resolution: float
    uncertainty: float


def brier_decomposition(forecasts: NDArray[np.float64], outcomes: NDArray[np.float64]) -> BrierParts | None:
    """Split a Brier score by its distinct forecasts, exactly; None without any (Murphy 1973)."""
    if not len(forecasts):
        return None
    stated, which, counts = np.unique(forecasts, return_inverse=True, return_counts=True)
    happened = np.bincount(which, weights=outcomes) / counts
    base, weights = float(np.mean(outcomes)), counts / len(forecasts)
    return BrierParts(
        float(np.sum(weights * (stated - happened) ** 2)), float(np.sum(weights * (happened - base) ** 2)),
        float(np.mean((outcomes - base) ** 2)),
    )


def signed_edge(
    side: NDArray[np.float64],
    price: NDArray[np.float64],
    value: NDArray[np.float64],
    size: NDArray[np.float64],
) -> float | None:
    """Mean over contracts of value minus price, in favour of the position.

    Serves the edge (value is the fair value), the realised edge (the settlement) and the markout
    (a later mid).

    Parameters
    ----------
    side : array of float64
        +1 where YES was bought, -1 where it was sold.
    price, value : array of float64
        Dollars per contract; fills whose value is NaN are left out.
    size : array of float64
        Contracts of each fill.

    Returns
    -------
    float or None
        Dollars per contract, None where no fill has a value.
    """
    known = ~np.isnan(value)
    weight = float(np.sum(size[known]))
    if weight <= 0.0:
        return None
    return float(np.sum(side[known] * (value[known] - price[known]) * size[known])) / weight
