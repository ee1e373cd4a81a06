"""Ratios of periodic returns that people know from other tools, by the definitions of those."""

import math

import numpy as np
from numpy.typing import NDArray

from ntp.statistics.drawdown import max_drawdown

Floats = NDArray[np.float64]


def annual_return(changes: Floats, per_year: float) -> float | None:
    """Compound growth a year of changes that are fractions of a fixed capital.

    Parameters
    ----------
    changes : array of float64
        Change of each period over the capital at the start; they add up, as profits that are not reinvested do.
    per_year : float
        Periods per year.

    Returns
    -------
    float or None
        None without periods, and where the capital was lost.
    """
    return annual_return_of(float(np.sum(changes)), len(changes), per_year)


def annual_return_of(total: float, periods: int, per_year: float) -> float | None:
    """Compound growth a year of changes that add up to a total over so many periods, see :func:`annual_return`."""
    final = 1.0 + total
    if not periods or final <= 0.0:
        return None
    return math.expm1(math.log(final) * per_year / periods)


def calmar(changes: Floats, per_year: float) -> float | None:
    """Annual return over the deepest drawdown of the same curve; None without a drawdown or a return (Young 1991)."""
    return calmar_of(annual_return(changes, per_year), max_drawdown(1.0 + np.cumsum(changes), 1.0))


def calmar_of(growth: float | None, depth: float) -> float | None:
    """Annual return over a drawdown, which is not above 0, see :func:`calmar`."""
    return None if growth is None or depth >= 0.0 else growth / -depth


def sortino(changes: Floats, per_year: float = 1.0, required: float = 0.0) -> float | None:
    """Mean excess over its downside deviation, times the root of periods per year.

    Parameters
    ----------
    changes : array of float64
        Returns per period.
    per_year : float
        Periods per year.
    required : float
        Return per period below which a period is a loss.

    Returns
    -------
    float or None
        None without a period below `required`; the deviation is over all periods (Sortino and Price 1994).
    """
    excess = changes - required
    deviation = math.sqrt(float(np.mean(np.minimum(excess, 0.0) ** 2))) if len(changes) else 0.0
    return sortino_of(float(np.mean(excess)), deviation, per_year) if len(changes) else None


def sortino_of(mean: float, deviation: float, per_year: float = 1.0) -> float | None:
    """Mean excess over a downside deviation, see :func:`sortino`."""
    return None if deviation == 0.0 else mean / deviation * math.sqrt(per_year)


def omega(changes: Floats, required: float = 0.0) -> float | None:
    """Sum of gains over sum of losses around a required return; None without losses (Keating and Shadwick 2002)."""
    excess = changes - required
    losses = -float(np.sum(np.minimum(excess, 0.0)))
    return omega_of(float(np.sum(np.maximum(excess, 0.0))), losses)


def omega_of(gains: float, losses: float) -> float | None:
    """Sum of gains over sum of losses, both not negative, see :func:`omega`."""
    return None if losses <= 0.0 else gains / losses


def tail_ratio(changes: Floats) -> float | None:
    """95 % quantile over the absolute 5 % quantile; None where the latter is 0."""
    if not len(changes):
        return None
    low, high = np.quantile(changes, [0.05, 0.95])
    return tail_ratio_of(float(low), float(high))


def tail_ratio_of(low: float, high: float) -> float | None:
    """Upper quantile over the absolute of a lower one, see :func:`tail_ratio`."""
    return None if low == 0.0 else abs(high) / abs(low)


def value_at_risk(changes: Floats, level: float = 0.95) -> float | None:
    """Return that a share of `level` of all periods exceeds, negative for a loss; None without periods."""
    return float(np.quantile(changes, 1.0 - level)) if len(changes) else None
