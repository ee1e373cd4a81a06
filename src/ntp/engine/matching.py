"""Matching at the simulated venue: what fills an own order, and what does not.

A resting order joins behind all displayed size at its price. Prints at its price consume the queue in
front, then the order; a print through its price fills it at once; no print fills anything twice. When
the opposite best stays at or beyond the price for longer than the order latency, the order fills too,
flagged as traded through, with no more than the size displayed there.
"""

from ntp.engine.compile import kernel

from ntp.engine.alarms import draw_latency, push_alarm, push_message, push_notice
from ntp.engine.book import index_of, round_to_grid, shown_at
from ntp.engine.booking import book_fill, finish_order, refresh_reserves
from ntp.engine.memory import load_i64, store_i64
from ntp.engine.queues import front_after
from ntp.engine.records import (
    A_EXPIRE,
    A_TAKE,
    A_THROUGH,
    DELAYED,
    DONE,
    F_INFERRED,
    F_MAKER,
    F_THROUGH,
    FID_CANDLES,
    FID_L2,
    FID_TRADES,
    FOK,
    GTD,
    IOC,
    N_ACCEPTED,
    NONE,
    OPEN,
    R_CANCELLED,
    R_EXPIRED,
    R_FOK,
    R_FUNDS,
    R_INACTIVE,
    R_IOC,
    R_POST_ONLY,
    R_REDUCE,
    R_SELF,
    R_SIZE,
    R_TICK,
    RESTING,
    UNKNOWN,
    account_at,
    contract_at,
    order_at,
)


@kernel
def crosses(contract, side, price):  # type: ignore[no-untyped-def]
    """Whether an order would take from the recorded book, own takes deducted."""
    best = best_left(contract, -side)
    if best == NONE:
        return False
    return best <= price if side > 0 else best >= price


@kernel
def best_left(contract, side):  # type: ignore[no-untyped-def]
    """Best recorded price on a side at which something is left to take."""
    best = contract.bid if side > 0 else contract.ask
    if best == NONE:
        return NONE
    if contract.fidelity != FID_L2:
        return NONE if shown_at(contract, side, best) == 0 else best
    step = -contract.unit if side > 0 else contract.unit
    end = contract.levels * contract.unit
    while 0 <= best < end:
        if shown_at(contract, side, best) > 0:
            return best
        best += step
    return NONE


@kernel
def level_changed(ctx, contract, side, price, before, after):  # type: ignore[no-untyped-def]
    """Move own orders at a price forward in their queue after the level changed."""
    slot = contract.first_order
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        if order.state == RESTING and order.side == side and order.price == price and order.queue >= 0.0:
            order.queue = front_after(
                ctx.queue_model, ctx.queue_power, ctx.queue_function,
                order.queue, float(before), float(after), float(order.traded),
            )  # fmt: skip
            order.traded = 0
        slot = order.next


@kernel
def print_happened(ctx, contract, price, size, taker, inferred):  # type: ignore[no-untyped-def]
    """Let a print consume queues and fill own orders; a taker of unknown side is read off the quotes."""
    if taker == 0:
        if contract.ask != NONE and price >= contract.ask:
            taker = 1
        elif contract.bid != NONE and price <= contract.bid:
            taker = -1
        elif contract.bid == NONE and contract.ask == NONE:
            # a tape without sides: the print proves what lies through its price on either side
            _print_on(ctx, contract, price, size, 1, inferred)
            taker = -1
        else:
            return
    _print_on(ctx, contract, price, size, taker, inferred)


@kernel
def _print_on(ctx, contract, price, size, taker, inferred):  # type: ignore[no-untyped-def]
    budget = size
    side = -taker
    flags = F_MAKER | (F_INFERRED if inferred else 0)
    done_price = NONE
    while budget > 0:
        best = NONE
        slot = contract.first_order
        while slot >= 0:  # next best price among own orders that the print reaches
            order = order_at(ctx.orders, slot)
            if order.state == RESTING and order.side == side:
                reached = order.price <= price if side < 0 else order.price >= price
                fresh = done_price == NONE or (order.price > done_price if side < 0 else order.price < done_price)
                if reached and fresh and (best == NONE or (order.price < best if side < 0 else order.price > best)):
                    best = order.price
            slot = order.next
        if best == NONE:
            return
        done_price = best
        budget = _print_at(ctx, contract, side, best, price, size, budget, flags)


@kernel
def _print_at(ctx, contract, side, level, price, size, budget, flags):  # type: ignore[no-untyped-def]
    slot = contract.first_order
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        following = order.next
        if order.state == RESTING and order.side == side and order.price == level:
            if level != price:  # the print went through this price: all in front of it is gone
                order.queue = 0.0
                filled = min(order.remaining, budget)
                if filled > 0:
                    budget -= filled
                    book_fill(ctx, contract, slot, filled, level, flags)
            elif order.queue < 0.0:  # sizes unknown: a print at the price proves nothing
                if ctx.touch_fills and budget > 0:
                    filled = min(order.remaining, budget)
                    budget -= filled
                    book_fill(ctx, contract, slot, filled, level, flags | F_INFERRED)
            else:
                left = float(budget) - order.queue
                order.queue = max(0.0, order.queue - float(budget))
                order.traded += size
                if left >= 1.0:
                    filled = min(order.remaining, int(left))
                    budget -= filled
                    book_fill(ctx, contract, slot, filled, level, flags)
        slot = following
    return budget


@kernel
def quotes_moved(ctx, contract_id, contract):  # type: ignore[no-untyped-def]
    """Start or stop the clock of own orders that the opposite best stands at or beyond."""
    crossed_orders = 0
    slot = contract.first_order
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        following = order.next
        if order.state == RESTING:
            opposite = contract.ask if order.side > 0 else contract.bid
            crossed = opposite != NONE and (opposite <= order.price if order.side > 0 else opposite >= order.price)
            if not crossed:
                order.crossed_since = 0
            elif order.crossed_since == 0:
                order.crossed_since = ctx.now
                push_alarm(ctx, ctx.now + ctx.through_after + 1, 0, A_THROUGH, slot, order.id, ctx.now)
                crossed_orders += 1
                if ctx.touch_fills and (contract.has_tape == 0 or order.queue < 0.0):
                    fill_through(ctx, contract, slot, F_MAKER | F_INFERRED)
            else:
                crossed_orders += 1
        slot = following
    contract.crossed = crossed_orders


@kernel
def fill_through(ctx, contract, slot, flags):  # type: ignore[no-untyped-def]
    """Fill an order that the opposite side stands at or beyond, up to the size displayed there."""
    order = order_at(ctx.orders, slot)
    side = -order.side
    if contract.fidelity != FID_L2:
        best = contract.bid if side > 0 else contract.ask
        shown = shown_at(contract, side, best)
        filled = order.remaining if shown == UNKNOWN else min(order.remaining, shown)
        if filled > 0:
            use_quote(contract, side, filled)
            book_fill(ctx, contract, slot, filled, order.price, flags)
        return
    wanted = order.remaining
    taken = take_levels(contract, side, order.price, wanted)
    if taken > 0:
        book_fill(ctx, contract, slot, taken, order.price, flags)


@kernel
def use_quote(contract, side, size):  # type: ignore[no-untyped-def]
    """Note what was taken from the best price of a quote."""
    if side > 0:
        contract.bids_used += size
    else:
        contract.asks_used += size


@kernel
def take_levels(contract, side, limit, wanted):  # type: ignore[no-untyped-def]
    """Use up recorded size on a side from its best price to a limit; return what was there."""
    used_levels = contract.bids_used if side > 0 else contract.asks_used
    step = -contract.unit if side > 0 else contract.unit
    price = contract.bid if side > 0 else contract.ask
    taken = 0
    end = contract.levels * contract.unit
    while taken < wanted and 0 <= price < end and (price >= limit if side > 0 else price <= limit):
        here = min(shown_at(contract, side, price), wanted - taken)
        if here > 0:
            level = index_of(contract, price)
            store_i64(used_levels, level, load_i64(used_levels, level) + here)
            taken += here
        price += step
    return taken


@kernel
def takeable(contract, side, limit, wanted):  # type: ignore[no-untyped-def]
    """Size that a taker could get on a side up to a limit price."""
    if contract.fidelity != FID_L2:
        best = contract.bid if side > 0 else contract.ask
        if best == NONE or (best < limit if side > 0 else best > limit):
            return 0
        shown = shown_at(contract, side, best)
        return 0 if shown == UNKNOWN else min(shown, wanted)
    step = -contract.unit if side > 0 else contract.unit
    price = contract.bid if side > 0 else contract.ask
    found = 0
    end = contract.levels * contract.unit
    while found < wanted and 0 <= price < end and (price >= limit if side > 0 else price <= limit):
        found += shown_at(contract, side, price)
        price += step
    return min(found, wanted)


@kernel
def take(ctx, contract, slot):  # type: ignore[no-untyped-def]
    """Execute the marketable part of an order level by level as taker."""
    order = order_at(ctx.orders, slot)
    side = -order.side
    if contract.fidelity != FID_L2:
        size = takeable(contract, side, order.price, order.remaining)
        price = contract.bid if side > 0 else contract.ask
        if size > 0:
            use_quote(contract, side, size)
            book_fill(ctx, contract, slot, size, price, 0)
        return
    price = contract.bid if side > 0 else contract.ask
    step = -contract.unit if side > 0 else contract.unit
    end = contract.levels * contract.unit
    while order.remaining > 0 and 0 <= price < end and (price >= order.price if side > 0 else price <= order.price):
        size = take_levels(contract, side, price, min(shown_at(contract, side, price), order.remaining))
        if size > 0:
            book_fill(ctx, contract, slot, size, price, 0)
        price += step


@kernel
def _own_cross(ctx, contract, order):  # type: ignore[no-untyped-def]
    slot = contract.first_order
    while slot >= 0:
        other = order_at(ctx.orders, slot)
        if other.state == RESTING and other.side != order.side:
            if other.price <= order.price if order.side > 0 else other.price >= order.price:
                return slot
        slot = other.next
    return NONE


@kernel
def order_arrived(ctx, slot):  # type: ignore[no-untyped-def]
    """Judge a new order on arrival at the venue."""
    order = order_at(ctx.orders, slot)
    contract = contract_at(ctx.contracts, order.contract)
    order.arrived = ctx.now
    if contract.state != OPEN:
        finish_order(ctx, contract, slot, R_INACTIVE)
        return
    if order.size < contract.min_size or order.size % contract.size_step != 0:
        finish_order(ctx, contract, slot, R_SIZE)
        return
    if round_to_grid(contract, order.price, False) != order.price:
        finish_order(ctx, contract, slot, R_TICK)
        return
    if order.reduce_only:
        held = -order.side * contract.position
        if held <= 0:
            finish_order(ctx, contract, slot, R_REDUCE)
            return
        if order.remaining > held:
            order.size = held
            order.remaining = held
    own = _own_cross(ctx, contract, order)
    while own >= 0:
        if order.post_only or contract.self_trade == 0:
            finish_order(ctx, contract, slot, R_POST_ONLY if order.post_only else R_SELF)
            return
        finish_order(ctx, contract, own, R_SELF)
        own = _own_cross(ctx, contract, order)
    crossing = crosses(contract, order.side, order.price)
    if crossing and order.post_only:
        finish_order(ctx, contract, slot, R_POST_ONLY)
        return
    if not _funded(ctx, contract, order):
        finish_order(ctx, contract, slot, R_FUNDS)
        return
    if contract.fidelity == FID_CANDLES and not order.post_only:
        order.state = DELAYED  # executes at the next candle's open
        contract.pending_candle += 1
        return
    if crossing and contract.taker_delay > 0:
        order.state = DELAYED
        push_alarm(ctx, ctx.now + contract.taker_delay, 0, A_TAKE, slot, order.id, 0)
        return
    execute(ctx, contract, slot)


@kernel
def _funded(ctx, contract, order):  # type: ignore[no-untyped-def]
    if contract.reserves == 0:
        return True
    account = account_at(ctx.accounts, contract.account)
    state = order.state
    order.state = RESTING
    refresh_reserves(ctx, contract)
    order.state = state
    if account.cash >= account.reserved or order.reserve == 0:
        return True
    refresh_reserves(ctx, contract)
    return False


@kernel
def execute(ctx, contract, slot):  # type: ignore[no-untyped-def]
    """Take what is marketable, then rest or end."""
    order = order_at(ctx.orders, slot)
    if order.tif == FOK and takeable(contract, -order.side, order.price, order.remaining) < order.remaining:
        finish_order(ctx, contract, slot, R_FOK)
        return
    if not order.post_only and crosses(contract, order.side, order.price):
        order.state = RESTING
        take(ctx, contract, slot)
        if order.remaining == 0:
            return
        order.state = DELAYED
    if order.tif == IOC or order.tif == FOK:
        finish_order(ctx, contract, slot, R_IOC)
        return
    rest(ctx, contract, slot)


@kernel
def rest(ctx, contract, slot):  # type: ignore[no-untyped-def]
    """Put an order at the end of the queue of its price."""
    order = order_at(ctx.orders, slot)
    order.state = RESTING
    order.passive = 1
    if contract.fidelity == FID_TRADES or contract.fidelity == FID_CANDLES:
        order.queue = -1.0
    else:
        shown = shown_at(contract, order.side, order.price)
        order.queue = -1.0 if shown == UNKNOWN else float(shown)
    order.queue_joined = order.queue
    order.traded = 0
    refresh_reserves(ctx, contract)
    if order.tif == GTD:
        push_alarm(ctx, max(order.expire, ctx.now), 0, A_EXPIRE, slot, order.id, 0)
    if ctx.wants_orders or order.watched:
        push_notice(ctx, N_ACCEPTED, slot, order.id, 0, 0)
    if contract.bid != NONE or contract.ask != NONE:
        quotes_moved(ctx, order.contract, contract)


@kernel
def candle_happened(ctx, contract, contract_id, candle):  # type: ignore[no-untyped-def]
    """Run a candle through own orders: takers at its open, resting ones only if traded through."""
    slot = contract.first_order
    budget = candle.volume if candle.volume >= 0 else 0
    now = ctx.now
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        following = order.next
        if order.state == DELAYED and order.arrived <= candle.start:
            contract.pending_candle -= 1
            _take_open(ctx, contract, slot, candle)
        elif order.state == RESTING and order.arrived <= candle.start:
            if order.side > 0:
                through = candle.low >= 0 and candle.low < order.price
                stayed = candle.ask_high >= 0 and candle.ask_high <= order.price
            else:
                through = candle.high >= 0 and candle.high > order.price
                stayed = candle.bid_low >= 0 and candle.bid_low >= order.price
            if stayed:
                book_fill(ctx, contract, slot, order.remaining, order.price, F_MAKER | F_THROUGH)
            elif through and budget > 0:
                filled = min(order.remaining, budget)
                budget -= filled
                book_fill(ctx, contract, slot, filled, order.price, F_MAKER | F_THROUGH)
            elif ctx.touch_fills and budget > 0:
                touched = candle.low == order.price if order.side > 0 else candle.high == order.price
                if touched:
                    filled = min(order.remaining, budget)
                    budget -= filled
                    book_fill(ctx, contract, slot, filled, order.price, F_MAKER | F_INFERRED)
        slot = following
    ctx.now = now


@kernel
def _take_open(ctx, contract, slot, candle):  # type: ignore[no-untyped-def]
    order = order_at(ctx.orders, slot)
    price = candle.open
    if contract.asset == 0:  # a contract's candle shows the quote that a taker would meet
        price = candle.ask_open if order.side > 0 else candle.bid_open
    fits = price >= 0 and (price <= order.price if order.side > 0 else price >= order.price)
    if fits:
        now = ctx.now
        ctx.now = candle.start
        order.state = RESTING
        book_fill(ctx, contract, slot, order.remaining, price, 0)
        ctx.now = now
        return
    if order.tif == IOC or order.tif == FOK:
        finish_order(ctx, contract, slot, R_IOC if order.tif == IOC else R_FOK)
    else:
        rest(ctx, contract, slot)


@kernel
def venue_message(ctx, kind, slot, order_id, value):  # type: ignore[no-untyped-def]
    """Handle a message that reached the venue."""
    order = order_at(ctx.orders, slot)
    if order.id != order_id or order.state == DONE:
        return  # too late: the order is over
    contract = contract_at(ctx.contracts, order.contract)
    if kind == 0:
        order_arrived(ctx, slot)
    elif kind == 1:
        if order.arrived != 0:
            finish_order(ctx, contract, slot, R_CANCELLED)
        else:  # overtook the order on its way: it meets the order on arrival
            push_message(ctx, ctx.now + draw_latency(ctx), 1, slot, order_id, 0)
    elif order.state == RESTING:
        remaining = min(order.remaining, value)
        if remaining <= 0:
            finish_order(ctx, contract, slot, R_CANCELLED)
        else:
            order.size -= order.remaining - remaining
            order.remaining = remaining
            refresh_reserves(ctx, contract)


@kernel
def venue_alarm(ctx, kind, slot, ref, value):  # type: ignore[no-untyped-def]
    """Handle an alarm on the venue's clock that concerns an order."""
    order = order_at(ctx.orders, slot)
    if order.id != ref or order.state == DONE:
        return
    contract = contract_at(ctx.contracts, order.contract)
    if kind == A_EXPIRE:
        if order.state == RESTING:
            finish_order(ctx, contract, slot, R_EXPIRED)
    elif kind == A_THROUGH:
        if order.state == RESTING and order.crossed_since == value:
            fill_through(ctx, contract, slot, F_MAKER | F_THROUGH)
            order.crossed_since = 0  # what is shown next may fill a rest after the same wait
    elif kind == A_TAKE and order.state == DELAYED:
        execute(ctx, contract, slot)
