"""Blend of a fair value with the market's price: a weighted mean of their logits."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from ntp.pricing.checks import Floats, numbers

_EDGE: Final = 1e-3
"""Nearest to 0 and 1 that a price is taken for: no tick is finer."""


_UNTIL: Final = (60.0, 120.0, 180.0, 300.0, 600.0, 900.0)
_WEIGHTS: Final = (0.51, 0.57, 0.58, 0.55, 0.43, 0.50)
"""Measured by `ntp.research.forecast_study` on 15-minute markets, up to each of `_UNTIL` seconds before the close."""


def market_weight(seconds_left: ArrayLike) -> Floats:
    """Weight of the market in the default blend, by time to the close of an up-or-down market.

    Fitted on recorded 15-minute BTC markets, drawn to one half; longer before the close one half.

    Raises
    ------
    DataError
        ``no_price`` for a negative time.
    """
    left = numbers("seconds left", seconds_left, least=0.0)
    return np.asarray(np.array((*_WEIGHTS, 0.5))[np.searchsorted(_UNTIL, left)], np.float64)


def logit_pool(fair: ArrayLike, market: ArrayLike, market_weight: ArrayLike) -> Floats:
    """Pool two probabilities of one event in logits (Genest and Zidek 1986).

    Parameters
    ----------
    fair, market : array_like
        Fair value and market price, 0 to 1; taken for 0.001 to 0.999.
    market_weight : array_like
        Weight of the market, 0 to 1.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    DataError
        ``no_price`` for a value that is none.
    """
    ours, theirs = (np.clip(numbers("a probability", each, least=0.0), _EDGE, 1.0 - _EDGE) for each in (fair, market))
    weight = np.clip(numbers("a weight", market_weight, least=0.0), 0.0, 1.0)
    pooled = (1.0 - weight) * np.log(ours / (1.0 - ours)) + weight * np.log(theirs / (1.0 - theirs))
    return np.asarray(1.0 / (1.0 + np.exp(-pooled)), np.float64)
