"""Sums: one pass over the engine's records of a replay of one contract, from which its metrics follow."""

import math
from typing import Any, Final

import numpy as np

from ntp.engine import records as r
from ntp.engine.arithmetic import mul_div_ceil, mul_div_floor
from ntp.engine.compile import entry, kernel
from ntp.engine.curve import curve_at
from ntp.engine.memory import load_i64, record_at, store_i64
from ntp.engine.records import (
    DONE,
    F_INFERRED,
    F_MAKER,
    F_THROUGH,
    NONE,
    VOIDED,
    account_at,
    context_at,
    contract_at,
    done_at,
    fill_at,
    order_at,
    settlement_at,
)

SUMS: Final = r.record(
    # what is given: addresses of a context and of its curve of equity, of which reasons end an order that was at work,
    # and of room for the changes of so many days; how many of them came before the curve; capital
    "context curve worked daily days lead capital "
    # fills, trades, settlements
    "fee rebate size maker_size trades wins traded cash settled value refunded fills flags rebates bid ask "
    # how the contract, its account and the curve of equity ended, and the most that was locked
    "held unit funds end gross_end locked "
    # passive orders
    "passive filled "
    "open trade",
    "fair_weight fair_edge mid_weight mid_edge result_weight result_edge "
    "fall mean deviation largest downside losses gains total depth",
)
"""Cash in 0.000001 dollar, sizes in 0.000001 contract; weights in contracts and edges in dollars; changes of days
over capital."""
CANONICAL: Final = 13
"""Integers of a canonical fill."""

_put: Any = store_i64  # its types do not say that compiled code passes less
_sums_at = record_at(SUMS)
_day_at = record_at(r.record("", "change"))


@kernel
def _close_trade(sums):  # type: ignore[no-untyped-def]
    if sums.open:
        sums.trades += 1
        if sums.trade > 0:
            sums.wins += 1
    sums.open = 0


@kernel
def _flow(sums, before, after, size, cash):  # type: ignore[no-untyped-def]
    """Add a flow of cash to the trade it belongs to; one that turns the position ends a trade and begins one."""
    if (before > 0 and after < 0) or (before < 0 and after > 0):
        part = abs(before)
        closing = mul_div_floor(cash, part, size) if cash >= 0 else -mul_div_ceil(-cash, part, size)
        sums.trade += closing
        _close_trade(sums)
        sums.open, sums.trade = 1, cash - closing
    elif before == 0 and after != 0:
        _close_trade(sums)
        sums.open, sums.trade = 1, cash
    else:
        sums.trade += cash


@kernel
def _settlements(ctx, sums, after):  # type: ignore[no-untyped-def]
    for index in range(ctx.n_settlements):
        row = settlement_at(ctx.settlements, index)
        if row.state != VOIDED:
            sums.settled, sums.value = 1, row.value
        if row.position != 0 or row.cash != 0:
            _flow(sums, row.position, 0, 1, row.cash)
            sums.traded = 1
            sums.cash += row.cash
            after = 0
            if row.state == VOIDED:
                sums.refunded += row.fees
    return after


@kernel
def _fills(ctx, sums):  # type: ignore[no-untyped-def]
    """Add up fills; returns the position after the last one."""
    after = 0
    one = float(contract_at(ctx.contracts, 0).price_unit)
    for index in range(ctx.n_fills):
        fill = fill_at(ctx.fills, index)
        after, side, size = fill.position, np.int64(fill.side), fill.size
        sums.fee += fill.fee
        sums.rebate += fill.rebate
        sums.flags |= np.int64(fill.flags)
        sums.rebates |= fill.rebate
        sums.size += size
        sums.cash += fill.cash
        sums.traded = 1
        if fill.flags & F_MAKER:
            sums.maker_size += size
        _flow(sums, after - side * size, after, size, fill.cash)
        price, contracts = fill.price / one, size / 1e6
        if fill.fair == fill.fair:
            sums.fair_weight += contracts
            sums.fair_edge += side * (fill.fair - price) * contracts
        if fill.mid10 >= 0:
            sums.mid_weight += contracts
            sums.mid_edge += side * (fill.mid10 / 2.0 / one - price) * contracts
    return after


@kernel
def _settled_edge(ctx, sums):  # type: ignore[no-untyped-def]
    one = float(contract_at(ctx.contracts, 0).price_unit)
    value = sums.value / 1e6
    for index in range(ctx.n_fills):
        fill = fill_at(ctx.fills, index)
        contracts = fill.size / 1e6
        sums.result_weight += contracts
        sums.result_edge += fill.side * (value - fill.price / one) * contracts


@kernel
def _orders(ctx, sums):  # type: ignore[no-untyped-def]
    for index in range(ctx.n_done):
        ended = done_at(ctx.done, index)
        if ended.passive and load_i64(sums.worked, np.int64(ended.reason)):
            sums.passive += 1
            if ended.filled > 0:
                sums.filled += 1
    if ctx.free_count == ctx.order_capacity:
        return
    for slot in range(ctx.order_capacity):
        order = order_at(ctx.orders, slot)
        if order.id > 0 and order.state != DONE and order.passive:
            sums.passive += 1
            if order.size > order.remaining:
                sums.filled += 1


@kernel
def _ended(ctx, sums, curve):  # type: ignore[no-untyped-def]
    contract = contract_at(ctx.contracts, 0)
    sums.held, sums.unit, sums.fills = contract.position, contract.price_unit, ctx.n_fills
    sums.funds = account_at(ctx.accounts, contract.account).cash
    sums.end, sums.gross_end, sums.locked, sums.fall = curve.value, curve.gross, curve.locked, curve.fall
    sums.bid = sums.ask = NONE
    if ctx.n_fills > 0:
        first = fill_at(ctx.fills, 0)
        sums.bid, sums.ask = np.int64(first.bid), np.int64(first.ask)


@kernel
def _close_of(sums, curve, place):  # type: ignore[no-untyped-def]
    """Equity at the end of a day, counted from the first of the curve."""
    if place < 0:
        return sums.capital
    if place >= (curve.ts - curve.first) // curve.length:
        return curve.value
    return load_i64(curve.closes, place) if place < curve.day else curve.before


@kernel
def _days(sums, curve):  # type: ignore[no-untyped-def]
    """Work out the changes of days, and what ratios of them are made of."""
    days, capital, before = sums.days, sums.capital / 1e6, sums.capital
    losses, gains, total, squares, largest, peak, depth = 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0
    for day in range(days):
        closed = _close_of(sums, curve, day - sums.lead)
        change = (closed / 1e6 - before / 1e6) / capital
        _day_at(sums.daily, day).change = change
        before = closed
        total += change
        largest = max(largest, abs(change))
        if change < 0.0:
            losses -= change
            squares += change * change
        else:
            gains += change
        whole = 1.0 + total
        peak = max(peak, whole)
        depth = min(depth, (whole - peak) / peak)
    mean, spread = total / days, 0.0
    for day in range(days):
        away = _day_at(sums.daily, day).change - mean
        spread += away * away
    sums.losses, sums.gains, sums.total, sums.largest, sums.depth = losses, gains, total, largest, depth
    sums.mean, sums.downside = mean, math.sqrt(squares / days)
    sums.deviation = math.sqrt(spread / (days - 1)) if days > 1 else 0.0


@entry
def add_up(address):  # type: ignore[no-untyped-def]
    """Fill in sums that are zero, at an address, from the replay whose context they name."""
    sums = _sums_at(address, 0)
    ctx = context_at(sums.context, 0)
    after = _settlements(ctx, sums, _fills(ctx, sums))
    if after == 0:
        _close_trade(sums)
    if sums.settled:
        _settled_edge(ctx, sums)
    _orders(ctx, sums)
    _ended(ctx, sums, curve_at(sums.curve, 0))
    if sums.days > 0:
        _days(sums, curve_at(sums.curve, 0))


@entry
def lay_out(context, rows, scale):  # type: ignore[no-untyped-def]
    """Write the canonical integers of all fills at an address; True where they are in order of time."""
    ctx = context_at(context, 0)
    place, last, ordered = 0, np.int64(-1), True
    for index in range(ctx.n_fills):
        fill = fill_at(ctx.fills, index)
        ordered = ordered and fill.ts > last
        last = fill.ts
        flags = np.int64(fill.flags)
        _put(rows, place, fill.ts)
        _put(rows, place + 1, np.int64(fill.side))
        _put(rows, place + 2, np.int64(fill.price))
        _put(rows, place + 3, scale)
        _put(rows, place + 4, fill.size)
        _put(rows, place + 5, fill.fee)
        _put(rows, place + 6, fill.rebate)
        _put(rows, place + 7, np.int64((flags & F_MAKER) != 0))
        _put(rows, place + 8, np.int64((flags & F_THROUGH) != 0))
        _put(rows, place + 9, np.int64((flags & F_INFERRED) != 0))
        _put(rows, place + 10, fill.wait)
        _put(rows, place + 11, fill.cash)
        _put(rows, place + 12, fill.position)
        place += CANONICAL
    return ordered


__all__ = ["CANONICAL", "SUMS", "add_up", "lay_out"]
