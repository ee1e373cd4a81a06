"""Audit of a run after the fact: fills and settlements must make the cash it ended with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ntp.core import PRICE_ONE, VerificationFailed
from ntp.ledger.holdings import payout

FillRow = tuple[int, int, int, int, int]
"""(contract, side +1 or -1, price of YES, size, fee), integers as everywhere."""
SettlementRow = tuple[int, int, int, int]
"""(contract, value of YES in price units, signed position settled, cash paid)."""


@dataclass(slots=True)
class Audit:
    """Result of an audit that passed.

    Attributes
    ----------
    positions : dict
        Open signed positions by contract.
    fees : int
        Cash units of fees, rebates netted by the venue included.
    payouts : int
        Cash units that settlements and refunds paid.
    traded : int
        Cash units that fills moved before fees.
    cash : int
        Cash units at the end.
    """

    positions: dict[int, int] = field(default_factory=dict)
    fees: int = 0
    payouts: int = 0
    traded: int = 0
    cash: int = 0


def audit(
    fills: Iterable[FillRow],
    settlements: Iterable[SettlementRow],
    start_cash: int,
    end_cash: int,
    *,
    refunds: Mapping[int, int] | None = None,
    rebates: int = 0,
    reserved: int = 0,
    asset_scales: Mapping[int, int] | None = None,
    marks: Mapping[int, int] | None = None,
    end_equity: int | None = None,
) -> Audit:
    """Recompute the cash of a run from its rows and compare.

    Fills are applied in the order given. Opening NO (selling YES that is not held) pays one dollar
    less the price at once, closing it brings one dollar less the price back, so that cash is never
    borrowed from a position. Each fill moves ``floor`` of its product once. All fills come before
    all settlements of the same contract.

    Parameters
    ----------
    fills : iterable of FillRow
        One currency's fills.
    settlements : iterable of SettlementRow
        One row per settled contract with a position; rows of flat contracts pay nothing.
    start_cash, end_cash : int
        Cash units, `end_cash` with what orders still lock.
    refunds : Mapping, optional
        Cash units refunded by contract; it must be what the contract's fills cost, and closes it.
    rebates : int
        Cash units credited from rebate pools.
    reserved : int
        Cash units that resting orders lock at the end: between 0 and the cash.
    asset_scales : Mapping, optional
        Power of ten of the price unit of contracts that are assets: no NO side, no settlement.
    marks : Mapping, optional
        Prices of open positions, for `end_equity`.
    end_equity : int, optional
        Cash units of cash and open positions at marks.

    Returns
    -------
    Audit
        Sums and open positions.

    Raises
    ------
    VerificationFailed
        Code ``books`` with the expected and the found value, if anything does not close.
    """
    assets = asset_scales or {}
    result = Audit(cash=start_cash + rebates)
    cost: dict[int, int] = {}
    for contract, side, price, size, fee in fills:
        if side not in (1, -1) or size <= 0:
            raise _open(f"fill of contract {contract}: a side of 1 or -1 and a positive size", (side, size))
        position = result.positions.get(contract, 0)
        moved = _proceeds(position, side, price, size, assets.get(contract))
        result.positions[contract] = position + side * size
        result.traded += moved
        result.fees += fee
        cost[contract] = cost.get(contract, 0) + fee - moved
    result.cash += result.traded - result.fees
    _pay(result, settlements, assets)
    for contract, amount in (refunds or {}).items():
        if amount != cost.get(contract, 0):
            raise _open(f"refund of contract {contract} of {cost.get(contract, 0)}", amount)
        result.positions.pop(contract, None)
        result.payouts += amount
        result.cash += amount
    if result.cash != end_cash:
        raise _open(f"cash at the end of {result.cash}", end_cash)
    if not 0 <= reserved <= max(end_cash, 0):
        raise _open(f"reserved cash between 0 and {end_cash}", reserved)
    result.positions = {contract: size for contract, size in result.positions.items() if size}
    _check_equity(result, assets, marks or {}, end_equity)
    return result


def _proceeds(position: int, side: int, price: int, size: int, scale: int | None) -> int:
    if scale is not None:
        return int((-side * price * size) // 10**scale)
    gross = (-side * price * size) // PRICE_ONE
    if side > 0:
        return gross + min(size, max(-position, 0))
    return gross - (size - min(size, max(position, 0)))


def _pay(result: Audit, settlements: Iterable[SettlementRow], assets: Mapping[int, int]) -> None:
    seen: set[int] = set()
    for contract, value, position, amount in settlements:
        if contract in seen or contract in assets:
            raise _open(f"one settlement of contract {contract}", "an asset" if contract in assets else "two")
        seen.add(contract)
        if not 0 <= value <= PRICE_ONE:
            raise _open(f"value of contract {contract} from 0 to {PRICE_ONE}", value)
        held = result.positions.pop(contract, 0)
        if position != held:
            raise _open(f"settled position of contract {contract} of {held}", position)
        due = payout(max(held, 0), max(-held, 0), value)
        if amount != due:
            raise _open(f"payout of contract {contract} of {due}", amount)
        result.payouts += amount
        result.cash += amount


def _check_equity(
    result: Audit, assets: Mapping[int, int], marks: Mapping[int, int], end_equity: int | None
) -> None:
    if end_equity is None:
        return
    equity = result.cash
    for contract, size in result.positions.items():
        if contract not in marks:
            raise _open(f"mark of the open contract {contract}", None)
        if contract in assets:
            equity += size * marks[contract] // 10 ** assets[contract]
        else:
            equity += payout(max(size, 0), max(-size, 0), marks[contract])
    if equity != end_equity:
        raise _open(f"equity at the end of {equity}", end_equity)


def _open(expected: str, found: object) -> VerificationFailed:
    return VerificationFailed(
        f"expected {expected}, was {found}", code="books", details={"found": str(found)}
    )
