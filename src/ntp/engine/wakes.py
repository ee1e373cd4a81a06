"""The strategy's clock: what it sees, and when it is woken."""

from ntp.engine.book import index_of
from ntp.engine.changes import change_seen
from ntp.engine.compile import kernel, rare
from ntp.engine.earned import result_seen
from ntp.engine.fair import outcome_seen
from ntp.engine.memory import bits_as_f64, load_i64, store_i64
from ntp.engine.records import (
    ASK,
    BID,
    CANDLE,
    CHANGE,
    CHANGED,
    CLEAR,
    DELTA,
    DETERMINED,
    FID_L2,
    INDEX,
    META_BID,
    NONE,
    PAYLOAD,
    SET,
    SETTLE,
    SETTLED,
    STATE,
    TRADE,
    W_BEST,
    W_BOOK,
    W_INDEX,
    W_PAYLOAD,
    W_QUOTE,
    W_SETTLED,
    W_STATE,
    W_TRADE,
    account_at,
    candle_at,
    contract_at,
    settlement_at,
    wake_at,
)
from ntp.engine.returns import holding_seen, outcome_won
from ntp.engine.underlying import underlying_seen
from ntp.engine.venue import side_of

_BOOKS = 1 << SET | 1 << DELTA | 1 << CLEAR | 1 << BID | 1 << ASK
"""Kinds of rows that change a book or a quote."""


@kernel
def push_wake(ctx, contract_id, reasons, ref, value):  # type: ignore[no-untyped-def]
    """Add a row to the list of what the strategy is woken for."""
    wake = wake_at(ctx.wakes, ctx.n_wakes)
    wake.contract, wake.reasons, wake.ref, wake.value = contract_id, reasons, ref, value
    ctx.n_wakes += 1
    if ctx.n_wakes + ctx.margin > ctx.wake_capacity:
        ctx.need_grow = 1


@kernel
def mark_dirty(ctx, contract_id, contract, reasons):  # type: ignore[no-untyped-def]
    """Remember that a contract changed in this batch."""
    contract.reasons |= reasons
    if contract.dirty == 0:
        contract.dirty = 1
        store_i64(ctx.dirty, ctx.n_dirty, contract_id)
        ctx.n_dirty += 1


@rare
def seen_book(contract, meta, price, size):  # type: ignore[no-untyped-def]
    """Keep the levels as the strategy sees them, for strategies that read the whole book."""
    kind = meta & 15
    if contract.fidelity != FID_L2:
        return
    if kind == CLEAR:
        side = side_of(meta)
        for level in range(contract.levels):
            if side >= 0:
                store_i64(contract.seen_bids, level, 0)
            if side <= 0:
                store_i64(contract.seen_asks, level, 0)
        return
    levels = contract.seen_bids if meta & META_BID else contract.seen_asks
    level = index_of(contract, price)
    store_i64(levels, level, size if kind == SET else max(load_i64(levels, level) + size, 0))


@kernel
def seen_row(ctx, row, contract_id, meta, price, size):  # type: ignore[no-untyped-def]
    """Show one row to the strategy."""
    contract = contract_at(ctx.contracts, contract_id)
    kind = meta & 15
    contract.view_ts = ctx.now
    if (_BOOKS >> kind) & 1:
        shown = ctx.views + 32 * row
        ask, bid, ask_size, bid_size = load_i64(shown, 0), load_i64(shown, 1), load_i64(shown, 2), load_i64(shown, 3)
        mask = ctx.wake_mask
        if ctx.track_book:
            seen_book(contract, meta, price, size)
        if mask & W_BOOK:
            mark_dirty(ctx, contract_id, contract, W_BOOK)
        elif bid != contract.view_bid or ask != contract.view_ask or mask & W_QUOTE:
            mark_dirty(ctx, contract_id, contract, 0)  # whether a size changed is judged with the batch
        contract.view_bid, contract.view_ask = bid, ask
        contract.view_bid_size, contract.view_ask_size = bid_size, ask_size
    elif kind == TRADE:
        contract.last_price, contract.last_size, contract.last_ts = price, size, ctx.now
        contract.last_taker = side_of(meta)
        if ctx.wake_mask & W_TRADE:
            push_wake(ctx, contract_id, W_TRADE, price, size)
        if ctx.wake_mask & W_TRADE or not contract.has_quotes:
            mark_dirty(ctx, contract_id, contract, W_TRADE if contract.has_quotes else W_TRADE | W_BEST)
    elif kind == CANDLE:
        candle = candle_at(ctx.candles, size)
        contract.view_bid, contract.view_ask = candle.bid_close, candle.ask_close
        contract.view_bid_size = contract.view_ask_size = NONE
        if candle.close != NONE:
            contract.last_price = candle.close
        contract.last_size = candle.volume
        contract.last_ts = ctx.now
        contract.bar_close = size
        mark_dirty(ctx, contract_id, contract, W_BEST | W_QUOTE)
    elif kind == INDEX:
        contract.view_value = bits_as_f64(size)
        contract.last_ts = ctx.now
        if contract.underlying != NONE:
            underlying_seen(ctx, contract.underlying, load_i64(ctx.ts, row), contract.view_value)
        if ctx.wake_mask & W_INDEX:
            push_wake(ctx, contract_id, W_INDEX, 0, 0)
    elif kind == STATE or kind == SETTLE:
        push_wake(ctx, contract_id, W_STATE, price, 0)
        if price >= DETERMINED:
            outcome_seen(ctx, contract_id)
        if kind == SETTLE and price == SETTLED:
            result_seen(contract, size)
        if kind == SETTLE and price != DETERMINED and contract.settled_ref != NONE:
            account = account_at(ctx.accounts, contract.account)
            account.cash_seen += settlement_at(ctx.settlements, contract.settled_ref).cash
            contract.flow_seen += settlement_at(ctx.settlements, contract.settled_ref).cash
            contract.position_seen = 0
            contract.cost_seen = 0
            if contract.group:
                if price == SETTLED and size == 1_000_000:
                    outcome_won(ctx, contract, 1)
                holding_seen(ctx, contract)
            push_wake(ctx, contract_id, W_SETTLED, contract.settled_ref, 0)
            contract.settled_ref = NONE
    elif kind == CHANGE:
        if change_seen(ctx, contract, size):
            push_wake(ctx, contract_id, W_STATE, CHANGED, size)
    elif kind == PAYLOAD:
        if ctx.wake_mask & W_PAYLOAD:
            push_wake(ctx, contract_id, W_PAYLOAD, size, 0)


@kernel
def show_at_once(contract, meta, price, size, time, trade_wakes):  # type: ignore[no-untyped-def]
    """Show a row that the strategy sees before anything else happens; return what it changed.

    0: it has to take the way of all rows; 1: shown, no price changed; 2: shown, a best price changed.
    """
    kind = meta & 15
    if (_BOOKS >> kind) & 1:
        changed = contract.bid != contract.view_bid or contract.ask != contract.view_ask
        contract.view_ts = time
        contract.view_bid, contract.view_ask = contract.bid, contract.ask
        contract.view_bid_size, contract.view_ask_size = contract.bid_size, contract.ask_size
        return 2 if changed else 1
    if kind == TRADE and contract.has_quotes and not trade_wakes:
        if contract.view_bid == contract.woken_bid and contract.view_ask == contract.woken_ask:
            contract.view_ts = time
            contract.last_price, contract.last_size, contract.last_ts = price, size, time
            contract.last_taker = side_of(meta)
            return 1
    return 0


@kernel
def reasons_now(ctx, contract):  # type: ignore[no-untyped-def]
    """Reasons a contract wakes for after the batch; 0 while its book is crossed."""
    bid, ask = contract.view_bid, contract.view_ask
    if bid != NONE and ask != NONE and bid >= ask:
        ctx.crossed_waits += 1
        return 0
    reasons = contract.reasons
    if bid != contract.woken_bid or ask != contract.woken_ask:
        reasons |= W_BEST | W_QUOTE
        contract.woken_bid, contract.woken_ask = bid, ask
        contract.woken_bid_size, contract.woken_ask_size = contract.view_bid_size, contract.view_ask_size
    elif (
        contract.view_bid_size != contract.woken_bid_size or contract.view_ask_size != contract.woken_ask_size
    ):
        reasons |= W_QUOTE
        contract.woken_bid_size, contract.woken_ask_size = contract.view_bid_size, contract.view_ask_size
    contract.reasons = 0
    return reasons & ctx.wake_mask


@kernel
def sort_dirty(ctx):  # type: ignore[no-untyped-def]
    """Order the changed contracts by id."""
    for index in range(1, ctx.n_dirty):
        value = load_i64(ctx.dirty, index)
        place = index
        while place > 0 and load_i64(ctx.dirty, place - 1) > value:
            store_i64(ctx.dirty, place, load_i64(ctx.dirty, place - 1))
            place -= 1
        store_i64(ctx.dirty, place, value)


__all__ = ["mark_dirty", "push_wake", "reasons_now", "seen_row", "show_at_once", "sort_dirty"]
