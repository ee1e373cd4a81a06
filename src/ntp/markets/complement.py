"""YES and NO: complements are turned into YES once, at the edge, and nowhere else."""

from ntp.core import PRICE_ONE, DataError
from ntp.markets.fee_model import Side


def complement(price: int, one: int = PRICE_ONE) -> int:
    """Price of the other outcome: one dollar minus `price`.

    Raises
    ------
    DataError
        If the price is outside 0 to 1 dollar.
    """
    if not 0 <= price <= one:
        raise DataError(f"expected a price from 0 to {one} units, was {price}", code="price_range")
    return one - price


def is_yes(outcome: str) -> bool:
    """Whether an outcome's name is YES, else it is NO.

    Raises
    ------
    DataError
        If it is neither.
    """
    name = outcome.upper()
    if name not in ("YES", "NO"):
        raise DataError(f"expected the outcome YES or NO, was {outcome!r}", code="bad_outcome")
    return name == "YES"


def to_yes(side: Side, price: int, outcome: str) -> tuple[Side, int]:
    """Side and price on the YES book of an order stated for either outcome.

    Buying NO at 0.44 is selling YES at 0.56.
    """
    if is_yes(outcome):
        return side, price
    return Side(-side), complement(price)


def bid_of_no(price: int, size: int) -> tuple[Side, int, int]:
    """Ask of YES that a resting bid for NO is: side, price and the same size."""
    return Side.SELL, complement(price), size
