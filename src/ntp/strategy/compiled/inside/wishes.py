"""Orders as commands in the engine's buffer, by the same roundings as :mod:`ntp.strategy.wishes`."""

from __future__ import annotations

import math

from ntp.engine import records as r
from ntp.engine.compile import kernel
from ntp.engine.memory import load_i64
from ntp.engine.records import C_CANCEL_ALL, C_CANCEL_CONTRACT, C_QUOTE, C_TARGET, C_TIMER, NONE, command_at
from ntp.strategy.compiled.inside.link import (
    GROW_COMMANDS,
    GROW_RECORDS,
    call_ask,
    context_of,
    contract_of,
    fail_with,
    is_none,
    link_at,
    record_row_at,
)
from ntp.strategy.compiled.inside.numbers import half_even
from ntp.strategy.compiled.inside.reads import tradable

TIMER_NAMES = 1 << 40
"""Timers of ``call_at`` are this number plus that of the name."""
_NAN = math.nan
_HUGE = 1e15
_GTC = r.GTC


@kernel
def command(me):  # type: ignore[no-untyped-def]
    """Fresh command at the end of the buffer, as a strategy without arguments would give it."""
    ctx = context_of(me)
    if ctx.n_commands + 2 > link_at(me, 0).command_capacity:
        call_ask(link_at(me, 0).ask, GROW_COMMANDS, 0)
    made = command_at(ctx.commands, ctx.n_commands)
    ctx.n_commands += 1
    made.side, made.price, made.size, made.price2, made.size2, made.order_id = 0, 0, 0, 0, 0, 0
    made.tif, made.post_only, made.reduce_only, made.expire = _GTC, 1, 0, 0
    made.tag, made.exit, made.watched, made.slot, made.match, made.fair = -1, 0, 0, 0, NONE, _NAN
    return made


@kernel
def size_units(me, contracts, site):  # type: ignore[no-untyped-def]
    """Size in millionths of a contract."""
    if not 0.0 <= contracts < _HUGE:
        fail_with(me, site, contracts)
    return int(contracts * 1e6 + 0.5)


@kernel
def down(me, value, site):  # type: ignore[no-untyped-def]
    """Units of a price, rounded down unless near a unit."""
    if not -_HUGE < value < _HUGE:
        fail_with(me, site, value)
    near = half_even(value)
    return int(near) if abs(value - near) < 0.01 else int(math.floor(value))


@kernel
def up(me, value, site):  # type: ignore[no-untyped-def]
    """Units of a price, rounded up unless near a unit."""
    if not -_HUGE < value < _HUGE:
        fail_with(me, site, value)
    near = half_even(value)
    return int(near) if abs(value - near) < 0.01 else int(math.ceil(value))


@kernel
def fair_or_nan(fair):  # type: ignore[no-untyped-def]
    """Fair value of a command."""
    return _NAN if is_none(fair) else fair


@kernel
def tag_of(me, text):  # type: ignore[no-untyped-def]
    """Return the number of a tag."""
    return load_i64(link_at(me, 0).tags, text) if text >= 0 else -1


@kernel
def quote(me, k, bid, ask, bid_size, ask_size, fair, tag, site):  # type: ignore[no-untyped-def]
    """Quote a contract; the reasons at `site` and after it are: bad price, bad size."""
    contract = contract_of(me, k)
    one = float(contract.price_unit)
    bid_units = ask_units = NONE
    bid_wanted = ask_wanted = 0
    if not is_none(bid):
        bid_units = max(down(me, bid * one, site), 0)
        bid_wanted = size_units(me, bid_size, site + 1)
    if not is_none(ask):
        ask_units = max(up(me, ask * one, site), 0)
        ask_wanted = size_units(me, ask_size, site + 1)
    if context_of(me).n_commands == 0 and (
        contract.quote_intact
        and contract.quote_bid == bid_units
        and contract.quote_ask == ask_units
        and contract.quote_bid_size == bid_wanted
        and contract.quote_ask_size == ask_wanted
    ):
        return  # it stands already
    made = command(me)
    made.kind, made.contract = C_QUOTE, k
    made.price, made.size, made.price2, made.size2 = bid_units, bid_wanted, ask_units, ask_wanted
    made.fair, made.tag = fair_or_nan(fair), tag_of(me, tag)


@kernel
def withdraw(me, k):  # type: ignore[no-untyped-def]
    """Withdraw what `quote` rests on a contract."""
    made = command(me)
    made.kind, made.contract, made.price, made.price2 = C_QUOTE, k, NONE, NONE


@kernel
def target_units(me, k, wanted, price, expire, fair, tag, leaves, site):  # type: ignore[no-untyped-def]
    """Want a position given in units."""
    contract = contract_of(me, k)
    units = NONE
    if not is_none(price):
        scaled = price * float(contract.price_unit)
        units = max(down(me, scaled, site) if wanted > contract.position_seen else up(me, scaled, site), 0)
    made = command(me)
    made.kind, made.contract, made.price, made.size = C_TARGET, k, units, wanted
    made.fair, made.tag, made.expire, made.exit = fair_or_nan(fair), tag_of(me, tag), expire, leaves


@kernel
def target(me, k, position, price, ttl, fair, tag, site):  # type: ignore[no-untyped-def]
    """Want a position; the reasons at `site` and after it are: bad price, bad size, not traded."""
    tradable(me, k, site + 2)
    wanted = size_units(me, abs(position), site + 1)
    expire = context_of(me).now + ttl if ttl >= 0 else 0
    target_units(me, k, wanted if position >= 0.0 else -wanted, price, expire, fair, tag, 0, site)


@kernel
def cancel_contract(me, k):  # type: ignore[no-untyped-def]
    """Cancel all orders of a contract."""
    made = command(me)
    made.kind, made.contract = C_CANCEL_CONTRACT, k


@kernel
def cancel_all(me):  # type: ignore[no-untyped-def]
    """Cancel everything."""
    made = command(me)
    made.kind, made.contract = C_CANCEL_ALL, 0


@kernel
def timer(me, when, ref):  # type: ignore[no-untyped-def]
    """Ask for a timer; none is set after the last row, or one that sets the next would never end."""
    ctx = context_of(me)
    if ctx.last_time == 0 or ctx.now < ctx.last_time:
        made = command(me)
        made.kind, made.contract, made.order_id, made.expire = C_TIMER, 0, ref, when


@kernel
def record(me, name, value):  # type: ignore[no-untyped-def]
    """Add a point to a curve."""
    link = link_at(me, 0)
    if link.n_records == link.record_capacity:
        call_ask(link.ask, GROW_RECORDS, 0)
    row = record_row_at(link.records, link.n_records)
    row.ts, row.name, row.value = context_of(me).now, name, value
    link.n_records += 1
