"""Collateral: what an order locks, which legs it has, and what a group of holdings frees."""

from collections.abc import Mapping
from dataclasses import dataclass

from ntp.core import PRICE_ONE, DataError
from ntp.markets.fee_model import Side
from ntp.markets.groups import OutcomeGroup, Relation


@dataclass(frozen=True, slots=True)
class Leg:
    """Part of an order in terms of the outcome it trades.

    Attributes
    ----------
    outcome : str
        ``YES`` or ``NO``.
    side : Side
        Buy opens, sell gives up what is held.
    price : int
        Price of that outcome in price units.
    size : int
        In 0.000001 contract.
    """

    outcome: str
    side: Side
    price: int
    size: int


def legs_of(side: Side, price: int, size: int, *, yes: int, no: int) -> tuple[Leg, ...]:
    """Legs that an order on the YES book maps to, given what is held.

    What is held is given up first: a buy of YES sells NO that is held, then buys YES; a sell of YES
    sells YES that is held, then buys NO. On a netting venue this is what happens to cash anyway, on
    the others it keeps pairs from piling up.

    Parameters
    ----------
    side, price, size
        The order, in YES terms.
    yes, no : int
        Holdings in 0.000001 contract that other orders do not claim.

    Returns
    -------
    tuple of Leg
        One or two legs, together of `size`.
    """
    other = PRICE_ONE - price
    if side is Side.BUY:
        close = min(size, max(no, 0))
        legs = (Leg("NO", Side.SELL, other, close), Leg("YES", Side.BUY, price, size - close))
    else:
        close = min(size, max(yes, 0))
        legs = (Leg("YES", Side.SELL, price, close), Leg("NO", Side.BUY, other, size - close))
    return tuple(leg for leg in legs if leg.size)


def cash_change(side: Side, price: int, size: int, *, yes: int = 0, no: int = 0) -> int:
    """Cash that a fill moves before its fee: negative where it is paid.

    Rounded once, down: the sum of the legs, in which NO is bought for one dollar minus the price.

    Returns
    -------
    int
        Cash units.
    """
    opened_no = size - min(size, max(yes, 0)) if side is Side.SELL else 0
    closed_no = min(size, max(no, 0)) if side is Side.BUY else 0
    return (-side * price * size) // PRICE_ONE + closed_no - opened_no


def order_reserve(
    side: Side, price: int, size: int, *, yes: int = 0, no: int = 0, fee: int = 0, reserves: bool = True
) -> int:
    """Cash that a resting order locks: the most it can cost, with its highest fee.

    Parameters
    ----------
    side, price, size
        The order, in YES terms.
    yes, no : int
        Holdings that it may close and that no other order claims.
    fee : int
        Highest fee of filling it whole, in cash units.
    reserves : bool
        Whether the venue locks anything.

    Returns
    -------
    int
        Cash units, never negative.
    """
    if not reserves:
        return 0
    return max(fee - cash_change(side, price, size, yes=yes, no=no), 0)


def group_return(rule: str, group: OutcomeGroup, holdings: Mapping[str, tuple[int, int]]) -> int:
    """Collateral that a venue gives back while holdings of a group are open.

    Under ``MECNET`` NO contracts of a mutually exclusive event cannot all lose: what they pay in
    the worst state comes back at once. Any other rule, and any group that is not exclusive, returns
    nothing.

    Parameters
    ----------
    rule : str
        Kalshi's `collateral_return_type`.
    group : OutcomeGroup
        The event's contracts.
    holdings : Mapping
        Symbol to (yes, no) in 0.000001 contract.

    Returns
    -------
    int
        Cash units.
    """
    if rule != "MECNET" or group.relation is not Relation.EXCLUSIVE:
        return 0
    return group.worst_value({name: (0, no) for name, (_, no) in holdings.items()})


def convert_no(group: OutcomeGroup, names: tuple[str, ...], size: int) -> tuple[int, dict[str, int]]:
    """Convert NO of several outcomes of an exclusive, exhaustive set into cash and YES of the rest.

    NO of m outcomes pays m - 1 dollars plus YES of every other outcome (Polymarket's negative-risk
    adapter).

    Returns
    -------
    tuple
        Cash units, and YES sizes gained by symbol.

    Raises
    ------
    DataError
        If the set is not exclusive and exhaustive or a name is not in it.
    """
    members = [name for name, _ in group.members]
    if group.relation is not Relation.EXCLUSIVE or not group.exhaustive:
        raise DataError(f"expected an exclusive and exhaustive set, was {group.name}", code="not_convertible")
    if not names or len(set(names)) != len(names) or not set(names) <= set(members):
        raise DataError(f"expected outcomes of {group.name}, was {names}", code="not_in_group")
    return (len(names) - 1) * size, {name: size for name in members if name not in names}


def void_refund(cost: int, fees: int) -> int:
    """Cash that comes back when a contract is voided: what was paid for it, fees included."""
    return cost + fees
