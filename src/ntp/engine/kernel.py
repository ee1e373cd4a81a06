"""The replay loop: two clocks merged, one row, message, notice or alarm at a time.

At one instant the venue comes first: recorded rows, then its alarms, then messages that arrive; the
strategy follows: notices, then rows it sees, then its timers. What the strategy does reaches the venue
an order latency later. Nothing but recorded rows happens at or after ``limit`` (the time of the last
row of the window), because the next window may hold rows of that very instant; so the result does not
depend on how the data was cut.
"""

from ntp.engine.alarms import next_message, next_notice, pop_alarm, push_alarm, refresh_next, take_markout
from ntp.engine.book import index_of
from ntp.engine.commands import drain_commands
from ntp.engine.compile import entry, inlined, kernel
from ntp.engine.desk import withdraw
from ntp.engine.fifo import fifo_row
from ntp.engine.matching import quotes_moved, venue_alarm, venue_message
from ntp.engine.memory import load_i16, load_i32, load_i64, prefetch, store_i32, store_i64
from ntp.engine.notices import forget_order, notice_arrived
from ntp.engine.records import (
    A_EQUITY,
    A_TAKE,
    A_TIMER,
    A_WITHDRAW,
    CONTRACT,
    DELTA,
    DRAINED,
    FAR,
    FID_L2,
    GROW,
    META_GROUP_END,
    N_ACCEPTED,
    N_DONE,
    N_FILL,
    OPEN,
    ORDER,
    STUCK,
    TRADE,
    W_FILL,
    W_ORDER,
    W_QUOTE,
    W_TIMER,
    W_TRADE,
    WAKE,
    alarm_at,
    context_at,
    contract_at,
    field,
    message_at,
    order_at,
)
from ntp.engine.shipped import decide
from ntp.engine.skipping import skip_ahead
from ntp.engine.venue import level_row, other_row, sample_equity
from ntp.engine.wakes import mark_dirty, push_wake, reasons_now, seen_row, show_at_once, sort_dirty

_CONTRACT_BYTES = CONTRACT.itemsize
_LEVELS = field(CONTRACT, "bids")
_PRICES = field(CONTRACT, "bid_prices")
_ORDER_BYTES = ORDER.itemsize
_ORDERS_LINE, _WAKE_LINES, _MONEY_LINES, _SELDOM_LINES = (
    8 * field(CONTRACT, name) for name in ("first_order", "last_price", "account", "nets")
)
_FEW = 16  # contracts that stay in the nearest memory by themselves
_NEAR_AHEAD, _FAR_AHEAD = 6, 14  # rows
MOST_WAKES = 10_000
"""Wakes at one instant; a strategy that answers each of its own fills at once would never see the next."""


@kernel
def _notice(ctx):  # type: ignore[no-untyped-def]
    notice = next_notice(ctx)
    kind, slot, order_id, ref, last = notice.kind, notice.slot, notice.order_id, notice.ref, notice.value
    order = order_at(ctx.orders, slot)
    contract = contract_at(ctx.contracts, order.contract)
    if kind == N_FILL:
        notice_arrived(ctx, kind, slot, ref)
        if ctx.wake_mask & W_FILL and ctx.strategy == 0:
            push_wake(ctx, order.contract, W_FILL, ref, 0)
            mark_dirty(ctx, order.contract, contract, W_FILL)
        elif order.watched:
            push_wake(ctx, order.contract, W_FILL, ref, 0)
    if kind == N_DONE or last:
        notice_arrived(ctx, N_DONE, slot, ref)
        if ctx.wants_orders or order.watched:
            push_wake(ctx, order.contract, W_ORDER, (order_id << 8) | order.reason, 0)
        forget_order(ctx, slot)
    elif kind == N_ACCEPTED:
        push_wake(ctx, order.contract, W_ORDER, order_id << 8, 0)


@kernel
def _alarm(ctx):  # type: ignore[no-untyped-def]
    alarm = alarm_at(ctx.alarms, 0)
    kind, slot, ref, value = alarm.kind, alarm.slot, alarm.ref, alarm.value
    pop_alarm(ctx)
    if kind <= A_TAKE:
        venue_alarm(ctx, kind, slot, ref, value)
    elif kind == A_EQUITY:
        sample_equity(ctx)
        if ctx.now < ctx.last_time:
            push_alarm(ctx, ctx.now + ctx.equity_every, 0, A_EQUITY, 0, 0, 0)
    elif kind == A_TIMER:
        push_wake(ctx, slot, W_TIMER, ref, 0)
    elif kind == A_WITHDRAW:
        if contract_at(ctx.contracts, slot).quote_version == ref:
            withdraw(ctx, slot, False)


@kernel
def _side_events(ctx, until):  # type: ignore[no-untyped-def]
    """Handle messages, notices and alarms until the strategy is due or something else comes first."""
    while ctx.next_side < until:
        _side_event(ctx)
        if ctx.n_dirty > 0 or ctx.n_wakes > 0 or ctx.need_grow:
            return


@kernel
def fetch_coming(ctx, ring, place, tail):  # type: ignore[no-untyped-def]
    """Ask for what the messages or notices after the next will read: first their orders, then the contract."""
    if place + 1 < tail:
        fetch_lines(ctx.orders + message_at(ring, (place + 1) & ctx.ring_mask).slot * _ORDER_BYTES, _ORDER_BYTES)
    if place < tail:
        order = order_at(ctx.orders, message_at(ring, place & ctx.ring_mask).slot)
        base = ctx.contracts + order.contract * _CONTRACT_BYTES
        prefetch(base)
        prefetch(base + 64)
        prefetch(base + _ORDERS_LINE)
        for line in range(_WAKE_LINES + 64, _SELDOM_LINES, 64):
            prefetch(base + line)


@kernel
def _side_event(ctx):  # type: ignore[no-untyped-def]
    """Handle the first of the messages, notices and alarms."""
    time = ctx.next_side
    ctx.now = time
    if ctx.markout_time == time:
        take_markout(ctx)
    elif ctx.n_alarms > 0 and alarm_at(ctx.alarms, 0).time == time and alarm_at(ctx.alarms, 0).priority == 0:
        _alarm(ctx)
    elif ctx.message_time == time:
        message = next_message(ctx)
        if ctx.n_contracts > _FEW:
            fetch_coming(ctx, ctx.messages, ctx.message_head, ctx.message_tail)
        venue_message(ctx, message.kind, message.slot, message.order_id, message.value)
    elif ctx.notice_time == time:
        _notice(ctx)
    else:
        _alarm(ctx)
    refresh_next(ctx)


@kernel
def _finish_batch(ctx):  # type: ignore[no-untyped-def]
    """Wake the strategy for the contracts that changed at this instant, in order of id."""
    if ctx.n_dirty > 1:
        sort_dirty(ctx)
    for index in range(ctx.n_dirty):
        contract_id = load_i64(ctx.dirty, index)
        contract = contract_at(ctx.contracts, contract_id)
        contract.dirty = 0
        reasons = reasons_now(ctx, contract)
        if reasons:
            ctx.wakes_count += 1
            if ctx.strategy:
                decide(ctx, contract_id, contract, reasons)
            else:
                push_wake(ctx, contract_id, reasons, -1, 0)
    ctx.n_dirty = 0


@inlined
def fetch_ahead(table, orders, contracts, prices, meta_column, row):  # type: ignore[no-untyped-def]
    """Ask for the memory of rows to come: first the contract's record, then the level of its book."""
    far = table + load_i32(contracts, row + _FAR_AHEAD) * _CONTRACT_BYTES
    prefetch(far)
    prefetch(far + 64)
    prefetch(far + 128)
    prefetch(far + _ORDERS_LINE)
    base = table + load_i32(contracts, row + _NEAR_AHEAD) * _CONTRACT_BYTES
    near = contract_at(base, 0)
    meta = load_i16(meta_column, row + _NEAR_AHEAD)
    if meta & 15 == TRADE:
        if near.n_orders > 0:
            first, last = orders + near.first_order * _ORDER_BYTES, orders + near.last_order * _ORDER_BYTES
            fetch_lines(first, _ORDER_BYTES)
            fetch_lines(last, _ORDER_BYTES)
            for line in range(_MONEY_LINES, _SELDOM_LINES, 64):  # what a fill reads and writes
                prefetch(base + line)
    elif near.fidelity == FID_L2:
        ask = (meta >> 9) & 1
        level = index_of(near, load_i32(prices, row + _NEAR_AHEAD))
        prefetch(load_i64(base, _LEVELS + ask) + 8 * level)
        if (load_i64(base, _PRICES + ask) >> (level & 63)) & 1:
            prefetch(orders + near.first_order * _ORDER_BYTES)
            prefetch(orders + near.last_order * _ORDER_BYTES)


@inlined
def fetch_lines(address, count):  # type: ignore[no-untyped-def]
    """Ask for a whole record."""
    for offset in range(0, count, 64):
        prefetch(address + offset)


@kernel
def fetch_wake(base, orders, contract):  # type: ignore[no-untyped-def]
    """Ask for what the strategy will read and write of a contract whose best price moved."""
    fetch_lines(base + _WAKE_LINES, _SELDOM_LINES + 64 - _WAKE_LINES)
    if contract.n_orders > 0:
        fetch_lines(orders + contract.first_order * _ORDER_BYTES, _ORDER_BYTES)
        fetch_lines(orders + contract.last_order * _ORDER_BYTES, _ORDER_BYTES)


@kernel
def _venue_rows(ctx, seen_time):  # type: ignore[no-untyped-def]
    """Apply recorded rows up to whatever else comes first.

    Rows that the strategy will see are queued with the best prices they left behind, unless the
    window came with an order of its own, in which case the best prices of all rows are kept. Levels
    behind the best show nothing to a strategy that does not read the book.
    """
    ts, meta_column, contracts = ctx.ts, ctx.meta, ctx.contract
    prices, sizes, order = ctx.price, ctx.size, ctx.order
    row, rows, ordered, queues, latency = ctx.row, ctx.rows, ctx.ordered, ctx.queues_rows, ctx.feed_latency
    sees_all = ctx.sees_all or queues == 0
    at_once = sees_all == 0
    quote_wakes, trade_wakes = ctx.wake_mask & W_QUOTE, ctx.wake_mask & (W_QUOTE | W_TRADE)
    table, ids = ctx.contracts, ctx.ids
    many = ctx.n_contracts > _FEW
    first = row
    while row < rows:
        now = load_i64(ts, row)
        if now > ctx.next_side or now > seen_time:
            if seen_time < ctx.next_side:
                break
            _side_events(ctx, min(now, seen_time + 1))
            if ctx.n_dirty > 0 or ctx.n_wakes > 0 or ctx.need_grow:
                break
            continue
        ctx.now = now
        if many and row + _FAR_AHEAD < rows:
            fetch_ahead(table, ctx.orders, contracts, prices, meta_column, row)
        contract_id = load_i32(contracts, row)
        base = table + contract_id * _CONTRACT_BYTES
        contract = contract_at(base, 0)
        meta = load_i16(meta_column, row)
        if meta & 15 <= DELTA:
            if ids:
                fifo_row(
                    ctx, contract_id, contract, meta, load_i32(prices, row), load_i64(sizes, row), load_i64(ids, row)
                )
            visible = level_row(ctx, base, contract, meta, load_i32(prices, row), load_i64(sizes, row))
        else:
            visible = True
            other_row(ctx, contract_id, contract, meta, load_i32(prices, row), load_i64(sizes, row))
        if (contract.moved or contract.crossed) and meta & META_GROUP_END:
            contract.moved = 0
            if many:
                fetch_wake(base, ctx.orders, contract)
            if contract.n_orders > 0 and contract.state == OPEN:
                quotes_moved(ctx, contract_id, contract)
        if visible and at_once and seen_time == FAR and row + 1 < rows:
            # nothing waits to be seen: what is seen before anything else happens needs no queue
            shown = load_i64(ctx.seen, row) if ctx.seen else now + latency
            if shown < load_i64(ts, row + 1) and shown < ctx.next_side:
                told = show_at_once(contract, meta, load_i32(prices, row), load_i64(sizes, row), shown, trade_wakes)
                if told:
                    row += 1
                    if told > 1 or quote_wakes:
                        ctx.now = shown
                        mark_dirty(ctx, contract_id, contract, 0)
                        break
                    if ctx.need_grow:
                        break
                    continue
        if visible or sees_all:
            view = ctx.views + 32 * row
            store_i64(view, 0, contract.ask)
            store_i64(view, 1, contract.bid)
            store_i64(view, 2, contract.ask_size)
            store_i64(view, 3, contract.bid_size)
            if queues:
                store_i32(order, ordered, row)
                ordered += 1
                if seen_time == FAR:
                    seen_time = load_i64(ctx.seen, row) if ctx.seen else now + latency
        row += 1
        if ctx.need_grow:
            break
    ctx.events += row - first
    ctx.row, ctx.ordered = row, ordered


@kernel
def _seen_rows(ctx, time):  # type: ignore[no-untyped-def]
    """Show the rows of one instant."""
    ctx.now = time
    while ctx.next_seen < ctx.ordered:
        row = load_i32(ctx.order, ctx.next_seen)
        if (load_i64(ctx.seen, row) if ctx.seen else load_i64(ctx.ts, row) + ctx.feed_latency) != time:
            return
        ctx.next_seen += 1
        seen_row(
            ctx, row, load_i32(ctx.contract, row), load_i16(ctx.meta, row), load_i32(ctx.price, row),
            load_i64(ctx.size, row),
        )  # fmt: skip
        if ctx.need_grow:
            return


@entry
def run(address):  # type: ignore[no-untyped-def]
    """Go on until the window is used up (DRAINED), the strategy is due (WAKE), or STUCK, or memory runs out (GROW)."""
    ctx = context_at(address, 0)
    if ctx.woke:
        ctx.woke = 0
        ctx.n_wakes = 0
    if ctx.n_commands > 0:
        drain_commands(ctx)
    while True:
        if ctx.need_grow:
            return GROW
        if ctx.player and skip_ahead(ctx):
            continue
        row_time = load_i64(ctx.ts, ctx.row) if ctx.row < ctx.rows else FAR
        seen_time = FAR
        if ctx.next_seen < ctx.ordered:
            shown = load_i32(ctx.order, ctx.next_seen)
            seen_time = load_i64(ctx.seen, shown) if ctx.seen else load_i64(ctx.ts, shown) + ctx.feed_latency
        next_time = min(ctx.next_side, seen_time)
        if (ctx.n_dirty > 0 or ctx.n_wakes > 0) and next_time > ctx.now and row_time > ctx.now:
            _finish_batch(ctx)
            if ctx.n_wakes > 0:
                if ctx.strategy == 0:
                    ctx.woke_count = ctx.woke_count + 1 if ctx.now == ctx.woke_at else 0
                    ctx.woke_at = ctx.now
                    if ctx.woke_count >= MOST_WAKES:
                        return STUCK
                    ctx.woke = 1
                    return WAKE
                ctx.n_wakes = 0
        elif row_time <= next_time:
            if row_time == FAR:
                return DRAINED
            _venue_rows(ctx, seen_time)
        elif next_time >= ctx.limit:
            return DRAINED
        elif ctx.next_side <= seen_time:
            _side_events(ctx, min(row_time, seen_time + 1, ctx.limit))
        else:
            _seen_rows(ctx, seen_time)


@entry
def sample_last(address):  # type: ignore[no-untyped-def]
    """Write a last row of the equity curve."""
    sample_equity(context_at(address, 0))
