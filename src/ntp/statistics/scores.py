"""Scores of forecasts and of fills."""

import numpy as np
from numpy.typing import NDArray


def brier_score(forecasts: NDArray[np.float64], outcomes: NDArray[np.float64]) -> float | None:
    """Mean squared distance of probabilities from binary outcomes, None without any (Brier 1950)."""
    if not len(forecasts):
        return None
    return float(np.mean((forecasts - outcomes) ** 2))


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
