"""Estimators of variance in plain numbers: what the engine measures with as it goes, one bar at a time.

They are those of :mod:`ntp.pricing.volatility`, whose arrays they agree with; nothing is checked here.
"""

import math
from typing import Any, Final

EWMA: Final = 0
"""Exponentially weighted squares of moves, per second of the time between prices."""
FLAT: Final = 1
"""A constant."""
CLOSE: Final = 2
"""Squares of moves of a window."""
PARKINSON: Final = 3
GARMAN_KLASS: Final = 4
ROGERS_SATCHELL: Final = 5
YANG_ZHANG: Final = 6
ATR: Final = 7
"""Mean true range of bars, as the range of a Brownian motion."""

_LN2: Final = math.log(2.0)
_MISSED: Final = 0.5826
_MEAN_RANGE: Final = math.sqrt(8.0 / math.pi)
FEWEST_PRICES: Final = 25.0
"""Prices of a bar below which its range says too little to be mended."""


def bar_variance(estimator: int, opened: float, high: float, low: float, close: float, before: float) -> float:
    """Variance that one bar shows: of Rogers and Satchell also for Yang and Zhang, which is a sum of others too.

    Parameters
    ----------
    estimator : int
        One of those above; of `ATR` the true range as a fraction of the close.
    opened, high, low, close : float
        Prices of the bar.
    before : float
        Close of the bar before.
    """
    span, body = math.log(high / low), math.log(close / opened)
    if estimator == PARKINSON:
        return span * span / (4.0 * _LN2)
    if estimator == GARMAN_KLASS:
        return 0.5 * span * span - (2.0 * _LN2 - 1.0) * body * body
    if estimator == ATR:
        return (max(high, before) - min(low, before)) / close
    return math.log(high / close) * math.log(high / opened) + math.log(low / close) * math.log(low / opened)


def share_seen(estimator: int, prices: float) -> float:
    """Share of its variance that a bar of so many prices shows: extremes between prices are missed.

    See :func:`ntp.pricing.thin_sampling` for Parkinson's. Garman and Klass subtract a part that misses nothing, so
    that the same loss weighs more; Rogers and Satchell lose as much as they. The mean range loses at both ends.
    """
    lost = _MISSED / math.sqrt(prices)
    seen = 1.0 - (4.0 * lost * _MEAN_RANGE - 4.0 * lost * lost) / (4.0 * _LN2)
    if estimator == PARKINSON:
        return seen
    if estimator == ATR:
        return (1.0 - 2.0 * lost / _MEAN_RANGE) ** 2
    return 1.0 - 2.0 * _LN2 * (1.0 - seen)


def moves_worth(estimator: int) -> float:
    """Squared moves from close to close that one bar is worth: the efficiency of the estimator."""
    if estimator == PARKINSON:
        return 5.2
    if estimator == ROGERS_SATCHELL:
        return 6.0
    if estimator == ATR:
        return 5.6
    return 7.4


FORMULAS: Final[tuple[Any, ...]] = (bar_variance, share_seen, moves_worth)
"""What the engine compiles."""

__all__ = [
    "ATR", "CLOSE", "EWMA", "FEWEST_PRICES", "FLAT", "FORMULAS", "GARMAN_KLASS", "PARKINSON", "ROGERS_SATCHELL",
    "YANG_ZHANG", "bar_variance", "moves_worth", "share_seen",
]  # fmt: skip
