"""The venue's clock: applying recorded rows to the book and to own orders."""

from ntp.engine.arithmetic import mul_div_floor
from ntp.engine.book import SHOWN_ANEW, clear_side, index_of, set_quote, use_settled, use_shown
from ntp.engine.booking import end_resting, refresh_reserves, short_lock
from ntp.engine.candles import candle_happened
from ntp.engine.changes import change_happened
from ntp.engine.compile import inlined, kernel, rare
from ntp.engine.fifo import fifo_cleared, fifo_swept
from ntp.engine.memory import load_i64, store_i64
from ntp.engine.prints import level_changed, print_happened
from ntp.engine.records import (
    ASK,
    BID,
    CANDLE,
    CHANGE,
    CLEAR,
    CLOSED,
    CONTRACT,
    DELTA,
    DETERMINED,
    GAP,
    HALTED,
    META_ASK,
    META_BID,
    META_BLOCK,
    META_GROUP_END,
    META_INFERRED,
    NONE,
    OPEN,
    R_CLOSED,
    R_GAP,
    R_REACTIVATED,
    SETTLE,
    SETTLED,
    STATE,
    TRADE,
    VOIDED,
    account_at,
    candle_at,
    contract_at,
    equity_at,
    field,
    order_at,
    settlement_at,
)
from ntp.engine.returns import holding_changed, outcome_won


@kernel
def side_of(meta):  # type: ignore[no-untyped-def]
    """Side of a row: +1, -1 or 0."""
    if meta & META_BID:
        return 1
    if meta & META_ASK:
        return -1
    return 0

_LEVELS = field(CONTRACT, "bids")
_USED = field(CONTRACT, "bids_used")
_BEST = field(CONTRACT, "bid")
_BEST_SIZE = field(CONTRACT, "bid_size")
_PRICES = field(CONTRACT, "bid_prices")


@inlined
def level_row(ctx, base, contract, meta, price, size):  # type: ignore[no-untyped-def]
    """Apply a level of the book, then the queues of own orders there; return whether it touched the best.

    The fields of bids and asks stand side by side, so that the side is an offset and not a branch that
    the processor guesses wrong half the time.
    """
    ask = (meta >> 9) & 1
    sign = 1 - 2 * ask
    levels = load_i64(base, _LEVELS + ask)
    level = index_of(contract, price)
    before = load_i64(levels, level)
    if meta & 15 == DELTA:
        size = max(before + size, 0)
    store_i64(levels, level, size)
    contract.book_known = 1
    if contract.uses and before != size:
        use_shown(base, contract, load_i64(base, _USED + ask), level, before, size)
    if contract.uses == SHOWN_ANEW and meta & META_GROUP_END:
        use_settled(contract)
    best = load_i64(base, _BEST + ask)
    touches = (price - best) * sign >= 0 or best == NONE
    if touches:
        if size > 0:
            if price != best:
                store_i64(base, _BEST + ask, price)
                contract.moved = 1
            store_i64(base, _BEST_SIZE + ask, size)
        elif price == best:
            next_best(base, contract, levels, level, ask)
            contract.moved = 1
        else:
            touches = False
    if (load_i64(base, _PRICES + ask) >> (level & 63)) & 1 and before != size:
        level_changed(ctx, contract, sign, price, before, size)
    return touches


@kernel
def next_best(base, contract, levels, level, ask):  # type: ignore[no-untyped-def]
    """Find the best price behind a level that became empty."""
    step = -1 + 2 * ask
    end = contract.levels
    level += step
    while 0 <= level < end and load_i64(levels, level) == 0:
        level += step
    found = 0 <= level < end
    store_i64(base, _BEST + ask, level * contract.unit if found else NONE)
    store_i64(base, _BEST_SIZE + ask, load_i64(levels, level) if found else 0)


@rare
def rare_row(ctx, kind, contract_id, contract, meta, price, size):  # type: ignore[no-untyped-def]
    """Apply the row kinds that are few."""
    if kind == BID or kind == ASK:
        side = 1 if kind == BID else -1
        best, shown = (contract.bid, contract.bid_size) if side > 0 else (contract.ask, contract.ask_size)
        set_quote(contract, side, price, size)
        contract.book_known = 1
        if contract.n_orders > 0 and price != NONE and shown >= 0 and size >= 0:
            # the level of the old best was seen to go, that of the new best is seen now
            if price == best:
                level_changed(ctx, contract, side, price, shown, size)
            elif best != NONE and (price < best if side > 0 else price > best):
                level_changed(ctx, contract, side, best, shown, 0)
                level_changed(ctx, contract, side, price, size, size)
            else:
                level_changed(ctx, contract, side, price, size, size)
    elif kind == CLEAR:
        side = side_of(meta)
        if side >= 0:
            clear_side(contract, 1)
        if side <= 0:
            clear_side(contract, -1)
        if contract.uses == SHOWN_ANEW and meta & META_GROUP_END:
            use_settled(contract)
        if ctx.ids:
            fifo_cleared(ctx, contract_id, contract, side)
            if meta & META_GROUP_END:
                fifo_swept(ctx, contract_id, contract)
    elif kind == CANDLE:
        candle = candle_at(ctx.candles, size)
        if contract.n_orders > 0 and contract.state == OPEN:
            candle_happened(ctx, contract, contract_id, candle)
        contract.bid, contract.ask = candle.bid_close, candle.ask_close
        contract.bid_size = contract.ask_size = NONE
        if candle.close != NONE:
            contract.mark = candle.close
    elif kind == STATE:
        _state_row(ctx, contract_id, contract, price)
    elif kind == SETTLE:
        _settle_row(ctx, contract_id, contract, price, size)
    elif kind == CHANGE:
        change_happened(ctx, contract, size)


@kernel
def still_standing(ctx, contract):  # type: ignore[no-untyped-def]
    """Forget how long the opposite best has stood at own orders: only open markets count."""
    contract.crossed = 0
    slot = contract.first_order
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        order.crossed_since = 0
        slot = order.next


@kernel
def _state_row(ctx, contract_id, contract, state):  # type: ignore[no-untyped-def]
    before = contract.state
    if before >= DETERMINED:
        return
    contract.state = state
    still_standing(ctx, contract)
    if state == CLOSED:
        end_resting(ctx, contract_id, R_CLOSED)
    elif state == GAP:
        end_resting(ctx, contract_id, R_GAP)
        clear_side(contract, 1)
        clear_side(contract, -1)
        contract.book_known = 0
        if ctx.ids:
            fifo_cleared(ctx, contract_id, contract, 0)
    elif state == OPEN and before == HALTED and contract.cancels_on_reactivation:
        end_resting(ctx, contract_id, R_REACTIVATED)


@kernel
def _settle_row(ctx, contract_id, contract, state, value):  # type: ignore[no-untyped-def]
    if contract.state == SETTLED or contract.state == VOIDED:
        return
    end_resting(ctx, contract_id, R_CLOSED)
    contract.state = state
    if state == DETERMINED:
        contract.value = value
        return
    account = account_at(ctx.accounts, contract.account)
    position = contract.position
    if state == VOIDED:
        cash = -contract.cash_flow + contract.fees
        account.fees -= contract.fees  # what is refunded was not charged
    elif position >= 0:
        cash = mul_div_floor(position, value, 1_000_000)
    else:
        cash = mul_div_floor(-position, 1_000_000 - value, 1_000_000)
    account.cash += cash
    contract.value = value
    row = settlement_at(ctx.settlements, ctx.n_settlements)
    row.ts, row.contract, row.value, row.position = ctx.now, contract_id, value, position
    row.cash, row.state, row.cost, row.fees = cash, state, contract.cost, contract.fees
    contract.settled_ref = ctx.n_settlements
    ctx.n_settlements += 1
    if ctx.n_settlements + ctx.margin > ctx.settlement_capacity:
        ctx.need_grow = 1
    contract.position = 0
    contract.cost = 0
    if contract.group:
        if state == SETTLED and value == 1_000_000:
            outcome_won(ctx, contract, 0)
        holding_changed(ctx, contract)
    refresh_reserves(ctx, contract)


@kernel
def other_row(ctx, contract_id, contract, meta, price, size):  # type: ignore[no-untyped-def]
    """Apply a recorded row that is no level of a book."""
    kind = meta & 15
    bid, ask = contract.bid, contract.ask
    if kind == TRADE:
        inferred = meta & META_INFERRED
        contract.traded += size
        if contract.n_orders > 0 and meta & META_BLOCK == 0 and contract.state == OPEN:
            if not inferred or ctx.inferred_prints:
                print_happened(ctx, contract, price, size, side_of(meta), inferred)
        contract.mark = price
    else:
        rare_row(ctx, kind, contract_id, contract, meta, price, size)
    if kind > TRADE or bid != contract.bid or ask != contract.ask:
        contract.moved = 1


@kernel
def mark_of(contract):  # type: ignore[no-untyped-def]
    """Price an open holding could leave at: the touch of the exit, else the last mark, else NONE."""
    if contract.state >= DETERMINED and contract.value >= 0:
        return contract.value // 100
    best = contract.bid if contract.position > 0 else contract.ask
    return best if best != NONE else contract.mark


@rare
def sample_equity(ctx):  # type: ignore[no-untyped-def]
    """Write a row of the equity curve; accounts in another currency are kept apart from it."""
    cash = 0
    locked = 0
    fees = 0
    unpriced = 0
    for index in range(ctx.n_accounts):
        account = account_at(ctx.accounts, index)
        if account.apart == 0:
            cash += account.cash
            locked += account.reserved - account.returned
            fees += account.fees
    value = 0
    for contract_id in range(ctx.n_contracts):
        contract = contract_at(ctx.contracts, contract_id)
        position = contract.position
        if position != 0 and account_at(ctx.accounts, contract.account).apart == 0:
            locked += contract.cost - short_lock(contract, position, contract.cost)
            mark = mark_of(contract)
            if mark == NONE:
                value += contract.cost
                unpriced += 1
            elif contract.asset:
                value += position * mark // contract.price_unit
            elif position > 0:
                value += position * mark // 10_000
            else:
                value += -position * (10_000 - mark) // 10_000
    row = equity_at(ctx.equity, ctx.n_equity)
    ctx.n_equity += 1
    if ctx.n_equity + ctx.margin > ctx.equity_capacity:
        ctx.need_grow = 1
    row.ts, row.equity, row.gross, row.cash, row.locked = ctx.now, cash + value, cash + value + fees, cash, locked
    row.unpriced = unpriced


__all__ = ["level_row", "mark_of", "other_row", "sample_equity", "side_of"]
