"""What a fill costs in fees per contract, counted on the smallest fill, so that rounding is never forgotten.

The numbers of a fee rule are those of :class:`ntp.markets.FeeStep`: rates and precision in 0.000001. The scalar
function is plain arithmetic, so that the compiled engine may call it; the one of arrays agrees with it bit by bit.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ntp.markets import FeeModel, FeeRounding

_ZERO: Final = int(FeeModel.ZERO)
_UNKNOWN: Final = int(FeeModel.UNKNOWN)
_FLAT: Final = int(FeeModel.FLAT_PER_CONTRACT)
_FLAT_MAKER: Final = int(FeeModel.QUADRATIC_FLAT_MAKER)
_EXACT6: Final = int(FeeRounding.EXACT6)
_KALSHI: Final = int(FeeRounding.KALSHI_ACCUMULATOR)
_CENTICENT: Final = int(FeeRounding.CENTICENT_CEIL_REBATE)
_FLOOR5: Final = int(FeeRounding.POLYMARKET_FLOOR5)
_SLACK: Final = 1e-6
"""What a float product may miss a whole cash unit by: without it 4,375.0000000001 would cost one unit more."""


def fee_per_contract(
    model: int, rate: int, exponent: int, rounding: int, precision: int, maker: int, side: int, price: float,
    size: float, smallest: float,
) -> float:
    """Dollars of fee per contract of an order, rounded as against the trader as the venue might.

    Where the venue rounds each fill, the fee is that of a fill of `smallest` contracts, rounded up; where its
    rounding adds up over the order and what is too much comes back, it is that of the whole order in one fill,
    the balance aligned as the venue does; where it rounds down, the formula's value.

    Parameters
    ----------
    model, exponent, rounding, precision : int
        Of the fee step in force.
    rate : int
        Of the role, in 0.000001: the maker's for what rests.
    maker : int
        1 for a fill as maker, 0 as taker.
    side : int
        1 to buy, -1 to sell.
    price : float
        Dollars of YES.
    size, smallest : float
        Contracts of the order, and of the smallest fill to count on.

    Returns
    -------
    float
        Negative where the role is paid; NaN where nobody knows the fees.
    """
    if model == _UNKNOWN:
        return math.nan
    if model == _ZERO or size <= 0.0:
        return 0.0
    if model == _FLAT or (model == _FLAT_MAKER and maker == 1):
        each = rate * 1.0
    else:
        variance = price * (1.0 - price)
        each = rate * (variance if exponent == 1 else variance * variance)
    if rounding == _FLOOR5:
        return each / 1e6
    if rounding in (_KALSHI, _CENTICENT):
        unit = 1.0 if rounding == _KALSHI else 100.0
        trade = unit * math.ceil((each * size - _SLACK) / unit)
        revenue = math.floor(-side * price * size * 1e6 + _SLACK)
        return (revenue - math.floor((revenue - trade) / precision) * precision) / size / 1e6
    grain = 1.0 if rounding == _EXACT6 else 10_000.0
    fill = min(size, smallest)
    return math.ceil((each * fill - _SLACK) / grain) * grain / fill / 1e6


def fees_per_contract(
    model: ArrayLike, rate: ArrayLike, exponent: ArrayLike, rounding: ArrayLike, precision: ArrayLike,
    maker: ArrayLike, side: ArrayLike, price: ArrayLike, size: ArrayLike, smallest: float,
) -> NDArray[np.float64]:
    """Tell :func:`fee_per_contract` of many orders at once; all arguments broadcast."""
    kind, process = np.asarray(model), np.asarray(rounding)
    value, count = np.asarray(price, np.float64), np.asarray(size, np.float64)
    variance = value * (1.0 - value)
    flat = (kind == _FLAT) | ((kind == _FLAT_MAKER) & (np.asarray(maker) == 1))
    shape = np.where(np.asarray(exponent) == 1, variance, variance * variance)
    each = np.asarray(rate) * np.where(flat, 1.0, shape)
    traded = np.where(count > 0.0, count, 1.0)
    unit = np.where(process == _KALSHI, 1.0, 100.0)
    trade = unit * np.ceil((each * traded - _SLACK) / unit)
    revenue = np.floor(-np.asarray(side) * value * traded * 1e6 + _SLACK)
    aligned = np.floor((revenue - trade) / np.asarray(precision)) * np.asarray(precision)
    grain = np.where(process == _EXACT6, 1.0, 10_000.0)
    fill = np.minimum(traded, smallest)
    rounded = np.ceil((each * fill - _SLACK) / grain) * grain / fill / 1e6
    fee = np.where((process == _KALSHI) | (process == _CENTICENT), (revenue - aligned) / traded / 1e6, rounded)
    fee = np.where(process == _FLOOR5, each / 1e6, fee)
    fee = np.where((kind == _ZERO) | (count <= 0.0), 0.0, fee)
    return np.asarray(np.where(kind == _UNKNOWN, np.nan, fee), dtype=np.float64)
