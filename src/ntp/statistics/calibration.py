"""Whether what was called likely happened as often, and how to make it so."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from ntp.core import DataError
from ntp.statistics.intervals import wilson_interval

Floats = NDArray[np.float64]
_CUTS: Final = ("uniform", "quantile")


@dataclass(frozen=True)
class ReliabilityDiagram:
    """Forecasts and what happened, bin by bin; bins without a forecast are left out.

    Attributes
    ----------
    forecast : array of float64
        Mean forecast of each bin.
    happened : array of float64
        Share of outcomes that were 1.
    count : array of int64
        Forecasts in it.
    low, high : array of float64
        90 % Wilson interval of that share, were the outcomes independent.
    """

    forecast: Floats
    happened: Floats
    count: NDArray[np.int64]
    low: Floats
    high: Floats

    @property
    def calibration_error(self) -> float:
        """Expected calibration error: mean distance of both over the forecasts (Naeini et al. 2015)."""
        return float(np.sum(self.count * np.abs(self.forecast - self.happened)) / np.sum(self.count))


def reliability_diagram(
    forecasts: Floats, outcomes: Floats, *, bins: int = 10, cuts: Literal["uniform", "quantile"] = "uniform"
) -> ReliabilityDiagram | None:
    """Gather forecasts in bins and compare each with what happened.

    Parameters
    ----------
    forecasts, outcomes : array of float64
        Probabilities, and 0 or 1.
    bins : int
        How many.
    cuts : str
        ``uniform`` cuts the range from 0 to 1 evenly, ``quantile`` puts as many forecasts in each bin.

    Returns
    -------
    ReliabilityDiagram or None
        None without forecasts.

    Raises
    ------
    DataError
        If `bins` or `cuts` is out of range.
    """
    if bins < 1 or cuts not in _CUTS:
        raise DataError(f"expected a bin or more, uniform or quantile, was {bins} {cuts}", code="bad_bins")
    if not len(forecasts):
        return None
    shares = np.linspace(0.0, 1.0, bins + 1)
    edges = shares if cuts == "uniform" else np.quantile(forecasts, shares)
    which = np.searchsorted(edges[1:-1], forecasts)
    count = np.bincount(which, minlength=bins)
    kept = count > 0
    forecast = np.bincount(which, weights=forecasts, minlength=bins)[kept] / count[kept]
    wins = np.bincount(which, weights=outcomes, minlength=bins)[kept]
    spans = [wilson_interval(float(won), float(total)) for won, total in zip(wins, count[kept], strict=True)]
    low, high = np.array(spans).T
    return ReliabilityDiagram(forecast, wins / count[kept], count[kept].astype(np.int64), low, high)


def expected_calibration_error(forecasts: Floats, outcomes: Floats, bins: int = 10) -> float | None:
    """Mean distance of forecasts and what happened over bins of equal width, None without any."""
    diagram = reliability_diagram(forecasts, outcomes, bins=bins)
    return None if diagram is None else diagram.calibration_error


def isotonic(values: Floats, weights: Floats | None = None) -> Floats:
    """Nearest rising sequence in the least-squares sense (Ayer et al. 1955, by pooling adjacent violators).

    Parameters
    ----------
    values : array of float64
        Outcomes in order of their forecasts.
    weights : array of float64, optional
        Positive; 1 by default.
    """
    from scipy.optimize import isotonic_regression  # loads slowly, and few ask for it

    if not len(values):
        return np.empty(0)
    fitted: Floats = isotonic_regression(values, weights=weights).x
    return fitted


@dataclass(frozen=True)
class VennAbers:
    """A probability with the two between which it lies.

    Attributes
    ----------
    low, high : float
        Calibrated probability were this outcome a 0, or a 1; one of the two is perfectly calibrated.
    """

    low: float
    high: float

    @property
    def probability(self) -> float:
        """The single probability that loses least in the worse case, by log loss."""
        return self.high / (1.0 - self.low + self.high)


def venn_abers(scores: Floats, outcomes: Floats, score: float) -> VennAbers:
    """Calibrate a score by scored outcomes (Vovk and Petej 2014).

    Parameters
    ----------
    scores, outcomes : array of float64
        Calibration set: any score that rises with the probability, and 0 or 1.
    score : float
        The one to calibrate.

    Raises
    ------
    DataError
        If the calibration set is empty.
    """
    if not len(scores):
        raise DataError("expected scored outcomes to calibrate by, was none", code="no_calibration_set")
    low, high = (_fitted(np.append(scores, score), np.append(outcomes, assumed), score) for assumed in (0.0, 1.0))
    return VennAbers(low, high)


def _fitted(scores: Floats, outcomes: Floats, score: float) -> float:
    """Isotonic fit at a score; equal scores share one value."""
    stated, which, counts = np.unique(scores, return_inverse=True, return_counts=True)
    means = np.bincount(which, weights=outcomes) / counts
    return float(isotonic(means, counts.astype(np.float64))[np.searchsorted(stated, score)])
