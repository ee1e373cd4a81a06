"""Exact money: the integer units of prices, sizes and cash.

A contract price is an integer of 0.0001 dollar, a size an integer of 0.000001 contract and a cash
amount an integer of 0.000001 dollar. A product of price and size has the unit 1e-10 dollar and is
rounded once, when cash moves.
"""

from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from typing import Final

from ntp.core.errors import DataError

PRICE_SCALE: Final = 4
PRICE_ONE: Final = 10**PRICE_SCALE
"""One dollar in price units."""
SIZE_SCALE: Final = 6
SIZE_ONE: Final = 10**SIZE_SCALE
"""One contract in size units."""
CASH_SCALE: Final = 6
CASH_ONE: Final = 10**CASH_SCALE
"""One dollar in cash units."""


def to_units(value: str | int | Decimal, scale: int, *, what: str = "value") -> int:
    """Convert a decimal number to integer units, exactly.

    Parameters
    ----------
    value : str, int or Decimal
        The number; a binary float is refused because it is not what was quoted.
    scale : int
        Power of ten of the unit: 4 turns ``"0.29"`` into 2900.
    what : str
        Name used in errors.

    Returns
    -------
    int
        ``value * 10**scale``.

    Raises
    ------
    DataError
        If the value is not a finite number or is finer than the unit.
    """
    try:
        exact = Decimal(value).scaleb(scale)
        units = int(exact)
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise DataError(f"expected a number for {what}, was {value!r}", code="not_a_number") from error
    if units != exact:
        raise DataError(f"expected {what} in steps of 1e-{scale}, was {value}", code="off_scale")
    return units


def from_units(units: int, scale: int) -> Decimal:
    """Convert integer units back to a decimal number, exactly."""
    return Decimal(units).scaleb(-scale)


def cash_of(price_units: int, size_units: int) -> int:
    """Cash of a product of price and size, rounded once towards minus infinity.

    Parameters
    ----------
    price_units : int
        Price in 0.0001 dollar, signed by the direction of the cash.
    size_units : int
        Size in 0.000001 contract, not negative.

    Returns
    -------
    int
        Cash in 0.000001 dollar.
    """
    return (price_units * size_units) // PRICE_ONE


def floor_to(amount: Decimal, step: Decimal) -> Decimal:
    """Round an amount down to a multiple of a step, towards minus infinity."""
    return (amount / step).to_integral_value(ROUND_FLOOR) * step
