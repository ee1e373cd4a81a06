"""Variance with memory: GARCH(1,1) by the library `arch` (extra ``garch``), and the HAR of three horizons."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from ntp.core import DataError
from ntp.core.extras import import_extra
from ntp.pricing.checks import Floats, numbers

_LEAST: Final = 100
"""Returns below which a GARCH says nothing."""
_EASY: Final = (0.1, 100.0)
"""Deviations of returns that the optimiser copes with; others are scaled by a power of ten."""


@dataclass(frozen=True, eq=False)
class GarchFit:
    """Fitted ``r = mu + e``, ``var(e) = omega + alpha e(-1)^2 + beta var(-1)`` (Bollerslev 1986).

    Attributes
    ----------
    mu, omega, alpha, beta : float
        In the unit of the returns.
    log_likelihood : float
        Of the returns.
    variances : ndarray of float64
        Forecast of each of the bars that follow.
    """

    mu: float
    omega: float
    alpha: float
    beta: float
    log_likelihood: float
    variances: Floats

    @property
    def persistence(self) -> float:
        """Share of a shock to the variance that is left a bar later; at 1 it never goes."""
        return self.alpha + self.beta


def garch(returns: ArrayLike, horizon: int = 1) -> GarchFit:
    """Fit a GARCH(1,1) with normal errors by maximum likelihood and forecast the next bars.

    Parameters
    ----------
    returns : array_like
        Of equal bars, oldest first; at least 100, not all alike.
    horizon : int
        Bars to forecast.

    Raises
    ------
    ConfigError
        ``missing_extra`` without the library.
    DataError
        ``no_price`` if there is too little to fit, or the fit does not converge.
    """
    seen = numbers("a return", returns)
    deviation = float(np.std(seen)) if len(seen) else 0.0
    if len(seen) < _LEAST or deviation == 0.0 or horizon < 1:
        raise DataError(
            f"expected {_LEAST} different returns or more and a bar to forecast, was {len(seen)} with a deviation of "
            f"{deviation:g} and {horizon}", code="no_price", hint="a longer history, or an estimator without memory",
        )
    scale = 1.0 if _EASY[0] <= deviation <= _EASY[1] else 10.0 ** -round(np.log10(deviation))
    library: Any = import_extra("arch", extra="garch")
    model = library.arch_model(seen * scale, mean="Constant", vol="GARCH", p=1, q=1, rescale=False)
    fit = model.fit(disp="off", show_warning=False)
    if fit.convergence_flag != 0:
        raise DataError("expected a GARCH that converges, was one that does not", code="no_price",
                        hint="a longer history, or an estimator without memory")  # fmt: skip
    mu, omega, alpha, beta = (float(each) for each in np.asarray(fit.params))
    ahead = np.asarray(fit.forecast(horizon=horizon, reindex=False).variance, np.float64)[-1]
    return GarchFit(
        mu / scale, omega / scale**2, alpha, beta, float(fit.loglikelihood) + len(seen) * float(np.log(scale)),
        ahead / scale**2,
    )


@dataclass(frozen=True, eq=False)
class HarFit:
    """Fitted regression of a variance on its own means over several horizons (Corsi 2009).

    Attributes
    ----------
    constant : float
        In the unit of the variances.
    weights : ndarray of float64
        One for each lag.
    lags : tuple of int
        Bars of each mean.
    forecast : float
        Variance of the next bar, within the range of those seen: a regression may leave it, a variance does not
        follow.
    """

    constant: float
    weights: Floats
    lags: tuple[int, ...]
    forecast: float


def har(variances: ArrayLike, lags: Sequence[int] = (1, 5, 22)) -> HarFit:
    """Regress each variance on the means of those before it, by least squares, and forecast the next.

    Parameters
    ----------
    variances : array_like
        Realised variances of equal bars, oldest first, not negative.
    lags : sequence of int
        Bars of each mean, rising.

    Raises
    ------
    DataError
        ``no_price`` if there are too few bars, or lags that are none.
    """
    seen = numbers("a variance", variances, least=0.0)
    spans = tuple(lags)
    if not spans or spans[0] < 1 or any(b <= a for a, b in pairwise(spans)):
        raise DataError(f"expected rising lags of one bar or more, was {spans}", code="no_price")
    rows = len(seen) - spans[-1]
    if rows < 3 * (len(spans) + 1):
        raise DataError(
            f"expected {spans[-1] + 3 * (len(spans) + 1)} variances or more, was {len(seen)}", code="no_price",
            hint="a longer history, or shorter lags",
        )
    sums = np.concatenate(([0.0], np.cumsum(seen)))
    ends = np.arange(spans[-1], len(seen) + 1)  # the last row is of the bar to come
    means = np.column_stack([np.ones(len(ends)), *((sums[ends] - sums[ends - lag]) / lag for lag in spans)])
    found, *_ = np.linalg.lstsq(means[:-1], seen[spans[-1] :], rcond=None)
    ahead = float(np.clip(means[-1] @ found, seen.min(), seen.max()))
    return HarFit(float(found[0]), np.asarray(found[1:], np.float64), spans, ahead)
