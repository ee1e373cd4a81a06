"""Fees of one fill: the formula and the rounding processes, in exact integers.

This is the reference: the compiled kernel mirrors :func:`fill_fee` operation by operation and is
tested for equality with it.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from ntp.core import CASH_ONE, PRICE_ONE, SIZE_ONE, DataError

CENT: Final = CASH_ONE // 100
CENTICENT: Final = CASH_ONE // 10_000
MILLICENT: Final = CASH_ONE // 100_000
RATE_ONE: Final = 10**6
"""A rate of 1, in the unit of rates."""


class FeeModel(IntEnum):
    """Formula of the fee before rounding."""

    ZERO = 0
    """No fee."""
    QUADRATIC = 1
    """rate * C * (P * (1 - P)) ** exponent."""
    UNKNOWN = 2
    """Nobody knows: 0 is booked, net figures are null and the result is stamped."""
    FLAT_PER_CONTRACT = 3
    """rate * C, the rate in cash units per contract."""
    QUADRATIC_FLAT_MAKER = 4
    """Takers as `QUADRATIC`, makers as `FLAT_PER_CONTRACT`: Kalshi before July 2025."""


class FeeRounding(IntEnum):
    """How the venue turns the formula's value into cash."""

    EXACT6 = 0
    """Up to 0.000001 dollar."""
    KALSHI_ACCUMULATOR = 1
    """Three parts: fee up to 0.000001, balance down to the precision, whole precisions given back."""
    CENT_CEIL = 2
    """Up to the next cent, per fill."""
    CENTICENT_CEIL_REBATE = 3
    """Fee up to 0.0001, balance down to the precision; what the fee was rounded up by is given back
    once more than a cent of it adds up. What aligning the balance took is kept: recorded fills."""
    POLYMARKET_FLOOR5 = 4
    """Down to 0.00001."""
    BANKERS_CENT = 5
    """To the nearest cent, halves to the even one."""


class Side(IntEnum):
    """Direction of an order in terms of YES."""

    BUY = 1
    SELL = -1


class Role(IntEnum):
    """Part that an order played in a fill."""

    TAKER = 0
    MAKER = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeStep:
    """Fee rule of an instrument from a moment on; integers only.

    Attributes
    ----------
    from_ns : int
        First nanosecond at which the rule holds.
    model : FeeModel
        Formula.
    taker_rate, maker_rate : int
        In 0.000001, or cash units per contract where the formula is flat. Negative pays the role.
    exponent : int
        Power of P(1 - P): 1 or 2.
    rounding : FeeRounding
        Process from formula to cash.
    precision : int
        Cash units that a balance is kept in: 100 (Kalshi, direct member) or 10000 (all others).
        Read by the two rounding processes of Kalshi that align balances, ignored by the rest.
    rebate_rate : int
        Share (in 0.000001) of the taker's fee that its maker is expected to get back from the
        venue's rebate pool. An estimate, reported apart and never netted into a fee.
    """

    from_ns: int = 0
    model: FeeModel = FeeModel.ZERO
    taker_rate: int = 0
    maker_rate: int = 0
    exponent: int = 1
    rounding: FeeRounding = FeeRounding.EXACT6
    precision: int = CENTICENT
    rebate_rate: int = 0

    def __post_init__(self) -> None:
        if self.exponent not in (1, 2):
            raise DataError(f"expected a fee exponent of 1 or 2, was {self.exponent}", code="unknown_fee")
        if self.precision <= 0:
            raise DataError(f"expected a positive fee precision, was {self.precision}", code="unknown_fee")

    @property
    def known(self) -> bool:
        """Whether net figures may be computed from this rule."""
        return self.model is not FeeModel.UNKNOWN


@dataclass(frozen=True, slots=True)
class FillFee:
    """What one fill costs.

    Attributes
    ----------
    fee : int
        Cash units charged; negative where the role is paid.
    acc : int
        The order's accumulator after the fill, to be handed to its next fill.
    rebate : int
        Cash units a maker is expected to get from the rebate pool later; not part of `fee`.
    """

    fee: int
    acc: int
    rebate: int


def _ceil(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)


def _half_even(numerator: int, denominator: int) -> int:
    quotient, rest = divmod(numerator, denominator)
    if 2 * rest > denominator or (2 * rest == denominator and quotient % 2):
        return quotient + 1
    return quotient


def model_fee(step: FeeStep, *, price: int, size: int, role: Role) -> tuple[int, int]:
    """Fee before rounding, as an exact fraction of cash units.

    Returns
    -------
    tuple of int
        Numerator and denominator. Quadratic: ``rate * size * (price * (10**4 - price))**e`` over
        ``10**(6 + 8 * e)``; flat: ``rate * size`` over ``10**6``.
    """
    flat = step.model is FeeModel.FLAT_PER_CONTRACT
    if step.model is FeeModel.QUADRATIC_FLAT_MAKER:
        flat = role is Role.MAKER
    rate = step.taker_rate if role is Role.TAKER else step.maker_rate
    if step.model in (FeeModel.ZERO, FeeModel.UNKNOWN):
        return 0, 1
    if flat:
        return rate * size, SIZE_ONE
    spread = price * (PRICE_ONE - price)
    return rate * size * spread**step.exponent, 10 ** (6 + 8 * step.exponent)


def fill_fee(step: FeeStep, *, price: int, size: int, side: Side, role: Role, acc: int = 0) -> FillFee:
    """Fee of one fill, rounded as the venue does.

    With N/D the formula's value in cash units (:func:`model_fee`), ``//`` rounding towards minus
    infinity and ``ceil(a/b) = -(-a // b)``:

    - ``ZERO``, ``UNKNOWN``: fee 0, accumulator kept.
    - ``EXACT6``: ``fee = ceil(N/D)``.
    - ``CENT_CEIL``: ``fee = 10000 * ceil(N / (10000 * D))``.
    - ``POLYMARKET_FLOOR5``: ``fee = 10 * (N // (10 * D))``.
    - ``BANKERS_CENT``: ``fee = 10000 * half_even(N / (10000 * D))``.
    - ``KALSHI_ACCUMULATOR`` (unit 1) and ``CENTICENT_CEIL_REBATE`` (unit 100)::

        revenue  = (-side * price * size) // 10**4
        trade    = unit * ceil(N / (unit * D))
        aligned  = (revenue - trade) // precision * precision
        rounding = revenue - trade - aligned
        KALSHI_ACCUMULATOR:     acc += rounding
                                back = acc // precision * precision
        CENTICENT_CEIL_REBATE:  acc += trade - ceil(N/D)
                                back = acc // 10000 * 10000  if acc > 10000 else 0
        back     = min(back, (trade + rounding) // g * g)   with g = precision, 10000 respectively
        acc     -= back
        fee      = trade + rounding - back                    never negative

      What the cap keeps back stays in the accumulator. The accumulator belongs to the order, over
      its taker and maker fills.

    The rebate of a maker is ``rebate_rate * taker fee // 10**6``, the taker fee being that of the
    same fill by this function.

    A NO order is handed over as its YES mirror; its revenue differs by whole contracts times one
    dollar, which no rounding sees.

    Parameters
    ----------
    step : FeeStep
        Rule in force at the fill.
    price : int
        Price of YES in 0.0001 dollar.
    size : int
        Filled size in 0.000001 contract.
    side : Side
        Side on the YES book.
    role : Role
        Taker or maker.
    acc : int
        The order's accumulator before the fill, in cash units.

    Returns
    -------
    FillFee
        Fee, accumulator and estimated rebate.
    """
    fee, acc = _rounded(step, price=price, size=size, side=side, role=role, acc=acc)
    rebate = 0
    if step.rebate_rate and role is Role.MAKER:
        taken, _ = _rounded(step, price=price, size=size, side=side, role=Role.TAKER, acc=0)
        rebate = step.rebate_rate * taken // RATE_ONE
    return FillFee(fee, acc, rebate)


def _rounded(step: FeeStep, *, price: int, size: int, side: int, role: Role, acc: int) -> tuple[int, int]:
    if step.model in (FeeModel.ZERO, FeeModel.UNKNOWN):
        return 0, acc
    numerator, denominator = model_fee(step, price=price, size=size, role=role)
    match step.rounding:
        case FeeRounding.EXACT6:
            return _ceil(numerator, denominator), acc
        case FeeRounding.CENT_CEIL:
            return CENT * _ceil(numerator, CENT * denominator), acc
        case FeeRounding.POLYMARKET_FLOOR5:
            return MILLICENT * (numerator // (MILLICENT * denominator)), acc
        case FeeRounding.BANKERS_CENT:
            return CENT * _half_even(numerator, CENT * denominator), acc
        case FeeRounding.KALSHI_ACCUMULATOR | FeeRounding.CENTICENT_CEIL_REBATE:
            revenue = (-side * price * size) // PRICE_ONE
            return _aligned(step, revenue, _ceil(numerator, denominator), acc)


def _aligned(step: FeeStep, revenue: int, exact: int, acc: int) -> tuple[int, int]:
    three_part = step.rounding is FeeRounding.KALSHI_ACCUMULATOR
    unit, grain = (1, step.precision) if three_part else (CENTICENT, CENT)
    trade = unit * _ceil(exact, unit)
    aligned = (revenue - trade) // step.precision * step.precision
    charged = revenue - aligned
    acc += charged - trade if three_part else trade - exact
    back = acc // grain * grain if three_part or acc > CENT else 0
    back = min(back, charged // grain * grain)
    return charged - back, acc - back
