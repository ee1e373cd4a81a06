"""Exact products and fees in compiled integers; the mirror of ``ntp.markets`` fees."""

import numpy as np

from ntp.engine.compile import entry, kernel
from ntp.engine.memory import high_product, quotient
from ntp.engine.records import (
    MODEL_FLAT,
    MODEL_FLAT_MAKER,
    MODEL_UNKNOWN,
    MODEL_ZERO,
    ROUND_BANKERS_CENT,
    ROUND_CENT,
    ROUND_EXACT6,
    ROUND_FLOOR5,
    ROUND_KALSHI,
)

_1 = np.uint64(1)
_0 = np.uint64(0)
_63 = np.uint64(63)
_60 = np.uint64(60)
_16 = np.uint64(16)
_4 = np.uint64(4)
_LOW4 = np.uint64(15)


@entry
def mul_div_floor(a, b, divisor):  # type: ignore[no-untyped-def]
    """Floor of ``a * b / divisor`` with a 128-bit product; all arguments not negative."""
    if a < 2**31 and b < 2**31:
        return quotient(a * b, divisor)
    ua, ub, d = np.uint64(a), np.uint64(b), np.uint64(divisor)
    lo, high = ua * ub, np.uint64(high_product(a, b))
    if high == _0:
        return quotient(a * b, divisor)
    if d & _LOW4 == _0 and high < _16 and lo & _LOW4 == _0:  # tidy sizes: both sides lose four bits
        return np.int64(((high << _60) | (lo >> _4)) // (d >> _4))
    rest = high % d
    found = _0
    for shift in range(64):
        bit = (lo >> np.uint64(63 - shift)) & _1
        carry = rest >> _63
        rest = (rest << _1) | bit
        found = found << _1
        if carry == _1 or rest >= d:
            rest = rest - d
            found = found | _1
    return np.int64(found)


@entry
def mul_div_ceil(a, b, divisor):  # type: ignore[no-untyped-def]
    """Ceiling of ``a * b / divisor`` with a 128-bit product; all arguments not negative."""
    if a < 2**31 and b < 2**31:
        return quotient(a * b + divisor - 1, divisor)
    floor = mul_div_floor(a, b, divisor)
    exact = np.uint64(floor) * np.uint64(divisor) == np.uint64(a) * np.uint64(b)
    # equal low words decide: the difference is below the divisor, far below 2**64
    return floor if exact else floor + 1


@kernel
def revenue_of(side, price, size, unit):  # type: ignore[no-untyped-def]
    """Cash of a trade in 1e-6 dollar: what a buyer pays (negative) or a seller gets.

    ``unit`` is the number of price units in a dollar. Rounded once, against the trader.
    """
    if side > 0:
        return -cash_up(price, size, unit)
    if size < 2**31 and price < 2**31:
        return quotient(price * size, 10_000) if unit == 10_000 else quotient(price * size, unit)
    return mul_div_floor(price, size, unit)


@kernel
def cash_up(price, size, unit):  # type: ignore[no-untyped-def]
    """Price times size in 1e-6 dollar, rounded up."""
    if size < 2**31 and price < 2**31:
        if unit == 10_000:  # of every contract: a multiplication
            return quotient(price * size + 9_999, 10_000)
        return quotient(price * size + unit - 1, unit)
    return mul_div_ceil(price, size, unit)


@kernel
def model_fee(rate, price, size, exponent, up):  # type: ignore[no-untyped-def]
    """``rate * C * (P (1 - P)) ** exponent`` in 1e-6 dollar, rounded up or down."""
    variance = price * (10_000 - price)
    if variance <= 0 or rate == 0:
        return 0
    if exponent == 1:
        if size % 10_000 == 0 and size < 10_000_000_000:  # hundredths of a contract: fits 64 bits
            fine = rate * variance * (size // 10_000)
            return (fine + 9_999_999_999) // 10_000_000_000 if up else fine // 10_000_000_000
        if up:
            return mul_div_ceil(rate * variance, size, 100_000_000_000_000)
        return mul_div_floor(rate * variance, size, 100_000_000_000_000)
    if up:
        return mul_div_ceil(mul_div_ceil(rate * variance, variance * size, 10**16), 1, 10**6)
    return mul_div_floor(rate * variance, variance * size, 10**16) // 10**6


@kernel
def _flat_fee(rate, size, up):  # type: ignore[no-untyped-def]
    return mul_div_ceil(rate, size, 1_000_000) if up else mul_div_floor(rate, size, 1_000_000)


@kernel
def _half_even_cent(rate, price, size, exponent, flat):  # type: ignore[no-untyped-def]
    """Cash of a fee rounded to the nearest cent, an exact half to the even one."""
    if flat:
        low, high = _flat_fee(rate, size, False), _flat_fee(rate, size, True)
    else:
        low, high = model_fee(rate, price, size, exponent, False), model_fee(rate, price, size, exponent, True)
    cents, rest = low // 10_000, low % 10_000
    if rest > 5_000 or (rest == 5_000 and (high != low or cents % 2 == 1)):
        cents += 1
    return cents * 10_000


@kernel
def fill_fee(step, price, size, side, maker, revenue, order):  # type: ignore[no-untyped-def]
    """Fee of one fill in 1e-6 dollar; updates the order's rounding accumulator.

    Mirrors :func:`ntp.markets.fill_fee`; equality is a test.
    """
    rate = step.maker_rate if maker else step.taker_rate
    model, rounding = step.model, step.rounding
    flat = model == MODEL_FLAT or (model == MODEL_FLAT_MAKER and maker)
    if model == MODEL_ZERO or model == MODEL_UNKNOWN:
        return 0
    sign = 1
    if rate < 0:
        sign, rate = -1, -rate
    if rounding == ROUND_BANKERS_CENT:
        return sign * _half_even_cent(rate, price, size, step.exponent, flat)
    up = (rounding == ROUND_FLOOR5) == (sign < 0)  # a payment is rounded against the one who is paid
    exact = sign * (_flat_fee(rate, size, up) if flat else model_fee(rate, price, size, step.exponent, up))
    if rounding == ROUND_EXACT6:
        return exact
    if rounding == ROUND_CENT:
        return (exact + 9_999) // 10_000 * 10_000
    if rounding == ROUND_FLOOR5:
        return exact // 10 * 10
    unit, grain = (1, step.precision) if rounding == ROUND_KALSHI else (100, 10_000)
    trade = (exact + unit - 1) // unit * unit
    net = revenue - trade
    rounded = net - net // step.precision * step.precision
    order.fee_acc += rounded if rounding == ROUND_KALSHI else trade - exact
    back = 0
    if rounding == ROUND_KALSHI or order.fee_acc > 10_000:
        back = min(order.fee_acc // grain * grain, (trade + rounded) // grain * grain)
    order.fee_acc -= back
    return trade + rounded - back
