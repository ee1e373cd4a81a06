"""Straight lines through observations that are not independent of each other within a cluster."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Regression:
    """A line and how well it is known.

    Attributes
    ----------
    slope, intercept : float
        Least squares; the intercept is 0 of a line through the origin.
    slope_error, intercept_error : float
        Standard errors, clustered.
    clusters, observations : int
        How many there were.
    """

    slope: float
    intercept: float
    slope_error: float
    intercept_error: float
    clusters: int
    observations: int

    def slope_interval(self, level: float = 0.90) -> tuple[float, float]:
        """Interval of the slope by Student's t with one degree of freedom less than there are clusters."""
        half = student_quantile(level, self.clusters - 1) * self.slope_error
        return self.slope - half, self.slope + half


def clustered_regression(
    x: ArrayLike, y: ArrayLike, clusters: ArrayLike, weights: ArrayLike | None = None, *, intercept: bool = True
) -> Regression | None:
    """Weighted least squares of `y` on `x` with standard errors that hold within clusters of any dependence.

    Parameters
    ----------
    x, y : array_like
        Observations.
    clusters : array_like
        What each belongs to, such as its event.
    weights : array_like, optional
        Above 0, such as contracts.
    intercept : bool
        Whether the line may pass beside the origin.

    Returns
    -------
    Regression or None
        None with fewer than two clusters, or where `x` does not vary (is 0, through the origin).

    Notes
    -----
    Liang and Zeger (1986); the correction for few clusters is that of Stata, ``G / (G - 1) * (N - 1) / (N - K)``.
    """
    across, up = np.asarray(x, np.float64), np.asarray(y, np.float64)
    weight = np.ones(len(across)) if weights is None else np.asarray(weights, np.float64)
    _, group = np.unique(np.asarray(clusters), return_inverse=True)
    count = int(group.max()) + 1 if len(group) else 0
    if count < 2:
        return None
    design = np.column_stack((across, np.ones(len(across)))) if intercept else across[:, None]
    bread = (design * weight[:, None]).T @ design
    scale = bread[0, 0] - bread[0, 1] ** 2 / bread[1, 1] if intercept else bread[0, 0]
    if scale <= 1e-12 * max(bread[0, 0], 1e-300):
        return None
    inverse = np.linalg.inv(bread)
    beta = inverse @ ((design * weight[:, None]).T @ up)
    pulls = design * (weight * (up - design @ beta))[:, None]
    summed = np.column_stack([np.bincount(group, pulls[:, column], count) for column in range(design.shape[1])])
    rows, columns = design.shape
    correction = count / (count - 1) * (rows - 1) / max(rows - columns, 1)
    errors = np.sqrt(np.maximum(np.diag(inverse @ (summed.T @ summed) @ inverse) * correction, 0.0))
    return Regression(
        float(beta[0]), float(beta[1]) if intercept else 0.0, float(errors[0]), float(errors[1]) if intercept else 0.0,
        count, rows,
    )  # fmt: skip


def clustered_mean(
    values: ArrayLike, clusters: ArrayLike, weights: ArrayLike | None = None
) -> tuple[float, float, int] | None:
    """Weighted mean, its clustered standard error, and the number of clusters; None with fewer than two."""
    ones = np.ones(len(np.asarray(values)))
    found = clustered_regression(ones, values, clusters, weights, intercept=False)
    return None if found is None else (found.slope, found.slope_error, found.clusters)


def student_quantile(level: float, freedom: int) -> float:
    """Half width, in standard errors, of a two-sided interval by Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + level / 2.0)) if freedom > 0 else math.inf
