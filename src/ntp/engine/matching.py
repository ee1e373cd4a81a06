"""Matching at the simulated venue: judging orders on arrival, resting them, filling what was traded through.

When the opposite best stays at or beyond the price of a resting order for longer than the order
latency, the order fills, flagged as traded through, with no more than the size displayed there.
"""

from ntp.engine.alarms import draw_latency, patience, push_alarm, push_message, push_notice
from ntp.engine.book import shown_at
from ntp.engine.booking import book_fill, finish_order, order_joins, refresh_reserves
from ntp.engine.changes import price_allowed, size_allowed
from ntp.engine.compile import kernel
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
    FID_QUOTES,
    FID_TRADES,
    FOK,
    GTD,
    IOC,
    N_ACCEPTED,
    NONE,
    OPEN,
    R_CANCELLED,
    R_EXPIRED,
    R_EXPIRY,
    R_FOK,
    R_FUNDS,
    R_INACTIVE,
    R_IOC,
    R_POST_ONLY,
    R_REDUCE,
    R_REFUSED,
    R_SELF,
    R_SIZE,
    R_TICK,
    RESTING,
    UNKNOWN,
    account_at,
    contract_at,
    order_at,
)
from ntp.engine.taking import crosses, quote_used, take, take_levels, takeable, use_quote

_MOST = 1e18  # cash of one order in 1e-6 dollar: what 64 bits hold, with room to add up
_MOST_CONTRACTS = 10**15  # in 1e-6 contract


@kernel
def quotes_moved(ctx, contract_id, contract):  # type: ignore[no-untyped-def]
    """Start or stop the clock of own orders that the opposite best stands at or beyond.

    Candles judge their quotes themselves.
    """
    if contract.fidelity == FID_CANDLES:
        return
    crossed_orders = 0
    slot = contract.first_order
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        following = order.next
        if order.state == RESTING:
            if order.queue < 0.0 and contract.fidelity == FID_L2 and contract.book_known:
                order.queue = float(shown_at(contract, order.side, order.price))
                order.queue_joined, order.joined = order.queue, ctx.fifo_clock
            crossed_orders += stands_crossed(ctx, contract, slot, order)
        slot = following
    contract.crossed = crossed_orders


@kernel
def stands_crossed(ctx, contract, slot, order):  # type: ignore[no-untyped-def]
    """Start or stop the clock of one order; 1 while the opposite best stands at or beyond it, else 0."""
    opposite = contract.ask if order.side > 0 else contract.bid
    crossed = opposite != NONE and (opposite <= order.price if order.side > 0 else opposite >= order.price)
    if not crossed:
        order.crossed_since = 0
        return 0
    if order.crossed_since == 0:
        order.crossed_since = ctx.now
        push_alarm(ctx, ctx.now + patience(ctx, contract) + 1, 0, A_THROUGH, slot, order.id, ctx.now)
        if ctx.touch_fills and (contract.has_tape == 0 or order.queue < 0.0):
            fill_through(ctx, contract, slot, F_MAKER | F_INFERRED)
    return 1


@kernel
def fill_through(ctx, contract, slot, flags):  # type: ignore[no-untyped-def]
    """Fill an order that the opposite side stands at or beyond, up to the size displayed there."""
    order = order_at(ctx.orders, slot)
    side = -order.side
    if contract.fidelity != FID_L2:
        best = contract.bid if side > 0 else contract.ask
        shown = shown_at(contract, side, best)
        if shown == UNKNOWN:  # whoever stands there may trade with every order that rests before him
            filled = 0 if quote_used(contract, side) > 0 else order.remaining
        else:
            filled = min(order.remaining, shown)
            use_quote(contract, side, filled)
        if filled > 0:
            book_fill(ctx, contract, slot, filled, order.price, flags)
        return
    wanted = order.remaining
    taken = take_levels(contract, side, order.price, wanted)
    if taken > 0:
        book_fill(ctx, contract, slot, taken, order.price, flags)


@kernel
def _own_cross(ctx, contract, order):  # type: ignore[no-untyped-def]
    slot = contract.first_order
    while slot >= 0:
        other = order_at(ctx.orders, slot)
        meets = order.side * (order.price - other.price) >= 0
        if (other.state == RESTING) & (other.side != order.side) & meets:
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
    if not ctx.allow_taker and (order.post_only == 0 or order.tif == IOC or order.tif == FOK):
        finish_order(ctx, contract, slot, R_REFUSED)
        return
    too_large = float(max(order.price, 1)) * float(order.size) > _MOST * float(contract.price_unit)
    if too_large or order.size > _MOST_CONTRACTS or not size_allowed(ctx, contract, order.size):
        finish_order(ctx, contract, slot, R_SIZE)
        return
    if order.price <= 0 or not price_allowed(ctx, contract, order.price):
        finish_order(ctx, contract, slot, R_TICK)
        return
    if order.tif == GTD:
        if order.expire - contract.gtd_early <= ctx.now:
            finish_order(ctx, contract, slot, R_EXPIRED)
            return
        if order.expire - ctx.now < contract.gtd_minimum:
            finish_order(ctx, contract, slot, R_EXPIRY)
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
        return
    if crossing and contract.taker_delay > 0:
        order.state = DELAYED
        push_alarm(ctx, ctx.now + contract.taker_delay, 0, A_TAKE, slot, order.id, 0)
        return
    execute(ctx, contract, slot, crossing)


@kernel
def _funded(ctx, contract, order):  # type: ignore[no-untyped-def]
    if contract.reserves == 0:
        return True
    account = account_at(ctx.accounts, contract.account)
    order_joins(ctx, contract, order)
    if account.cash + account.returned >= account.reserved or order.reserve == 0:
        return True
    order.reserve = 0
    order.opening = 0
    refresh_reserves(ctx, contract)
    return False


@kernel
def execute(ctx, contract, slot, crossing):  # type: ignore[no-untyped-def]
    """Take what is marketable, then rest or end; an order that does not cross was just judged."""
    order = order_at(ctx.orders, slot)
    if order.tif == FOK and takeable(contract, -order.side, order.price, order.remaining) < order.remaining:
        finish_order(ctx, contract, slot, R_FOK)
        return
    if crossing and not order.post_only and crosses(contract, order.side, order.price):
        order.state = RESTING
        take(ctx, contract, slot)
        if order.state == DONE:
            return
        order.state = DELAYED
    if order.tif == IOC or order.tif == FOK:
        finish_order(ctx, contract, slot, R_IOC)
        return
    if crossing and _own_cross(ctx, contract, order) >= 0:  # an order that came while this one was held back
        finish_order(ctx, contract, slot, R_SELF)
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
        best = contract.bid if order.side > 0 else contract.ask
        behind = best != NONE and (order.price < best if order.side > 0 else order.price > best)
        shown = shown_at(contract, order.side, order.price)
        if contract.fidelity == FID_QUOTES and behind:
            shown = UNKNOWN  # a quote shows nothing behind the best
        # before the first image of the book nobody knows who stands in front
        order.queue = -1.0 if shown == UNKNOWN or not contract.book_known else float(shown)
    order.queue_joined, order.joined = order.queue, ctx.fifo_clock
    order.traded = 0
    if contract.reserves == 0:  # else it was counted when it was found to be covered
        order_joins(ctx, contract, order)
    if order.tif == GTD:
        push_alarm(ctx, max(order.expire - contract.gtd_early, ctx.now), 0, A_EXPIRE, slot, order.id, 0)
    if ctx.wants_orders or order.watched:
        push_notice(ctx, contract, N_ACCEPTED, slot, order.id, 0, 0)
    if contract.fidelity != FID_CANDLES:
        contract.crossed += stands_crossed(ctx, contract, slot, order)


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
        if order.arrived != 0 and order.state == DELAYED and contract.fidelity == FID_CANDLES:
            order.cancel_at = max(order.cancel_at, ctx.now)  # a candle that began before has taken it at its open
        elif order.arrived != 0:
            finish_order(ctx, contract, slot, R_CANCELLED)
        else:  # overtook the order on its way: it meets the order on arrival
            push_message(ctx, ctx.now + draw_latency(ctx, contract), 1, slot, order_id, 0)
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
            if contract.state == OPEN:
                fill_through(ctx, contract, slot, F_MAKER | F_THROUGH)
            order.crossed_since = 0  # what is shown next may fill a rest after the same wait
    elif kind == A_TAKE and order.state == DELAYED:
        if contract.state == OPEN:
            execute(ctx, contract, slot, True)
        else:
            finish_order(ctx, contract, slot, R_INACTIVE)


__all__ = ["quotes_moved", "rest", "venue_alarm", "venue_message"]
