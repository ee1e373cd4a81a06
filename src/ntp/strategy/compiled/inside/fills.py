"""Fills and settlements as rows of the engine's logs."""

from __future__ import annotations

from ntp.engine import records as r
from ntp.engine.compile import kernel
from ntp.engine.records import fill_at, settlement_at
from ntp.strategy.compiled.inside.link import context_of, contract_of, none

_MAKER = r.F_MAKER


@kernel
def fill_side(me, ref):  # type: ignore[no-untyped-def]
    """Return the number of the text BUY or SELL."""
    return 0 if fill_at(context_of(me).fills, ref).side > 0 else 1


@kernel
def fill_price(me, ref):  # type: ignore[no-untyped-def]
    """Dollars of YES."""
    row = fill_at(context_of(me).fills, ref)
    return row.price / float(contract_of(me, int(row.contract)).price_unit)


@kernel
def fill_size(me, ref):  # type: ignore[no-untyped-def]
    """Contracts."""
    return fill_at(context_of(me).fills, ref).size / 1e6


@kernel
def fill_fee(me, ref):  # type: ignore[no-untyped-def]
    """Dollars."""
    return fill_at(context_of(me).fills, ref).fee / 1e6


@kernel
def fill_is_maker(me, ref):  # type: ignore[no-untyped-def]
    """Whether the order rested."""
    return (fill_at(context_of(me).fills, ref).flags & _MAKER) != 0


@kernel
def fill_ts(me, ref):  # type: ignore[no-untyped-def]
    """Time of the execution at the venue."""
    return fill_at(context_of(me).fills, ref).ts


@kernel
def fill_fair(me, ref):  # type: ignore[no-untyped-def]
    """Fair value stated when the order was sent, or None."""
    fair = fill_at(context_of(me).fills, ref).fair
    return none() if fair != fair else fair


@kernel
def fill_contract(me, ref):  # type: ignore[no-untyped-def]
    """Contract."""
    return int(fill_at(context_of(me).fills, ref).contract)


@kernel
def settled_value(me, ref):  # type: ignore[no-untyped-def]
    """Dollars per YES."""
    return settlement_at(context_of(me).settlements, ref).value / 1e6


@kernel
def settled_position(me, ref):  # type: ignore[no-untyped-def]
    """Contracts held."""
    return settlement_at(context_of(me).settlements, ref).position / 1e6


@kernel
def settled_pnl_usd(me, ref):  # type: ignore[no-untyped-def]
    """Dollars made."""
    row = settlement_at(context_of(me).settlements, ref)
    return (row.cash - row.cost) / 1e6


@kernel
def settled_contract(me, ref):  # type: ignore[no-untyped-def]
    """Contract."""
    return settlement_at(context_of(me).settlements, ref).contract
