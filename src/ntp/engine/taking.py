"""Taking from the recorded book: what an own order could get, and noting what it got.

Size that an own order takes stays gone from its level until the recording shows the level reduced by
as much or rebuilt.
"""

from ntp.engine.book import index_of, shown_at
from ntp.engine.booking import book_fill
from ntp.engine.compile import kernel
from ntp.engine.memory import load_i64, store_i64
from ntp.engine.records import F_UNSIZED, FID_L2, NONE, RESTING, UNKNOWN, order_at


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
def quote_used(contract, side):  # type: ignore[no-untyped-def]
    """Size that own takers took from the best price of a quote."""
    return contract.bids_used if side > 0 else contract.asks_used


@kernel
def left_unsized(contract, side, wanted):  # type: ignore[no-untyped-def]
    """Size that a taker gets of a quote whose size nobody recorded.

    It shows at least the smallest order of the venue, which is all it gives; where touches count
    (`unsized` below 0) it gives what is wanted, once. Assets are assumed to be deep.
    """
    if contract.asset:
        return wanted
    used = quote_used(contract, side)
    if contract.unsized < 0:
        return 0 if used > 0 else wanted
    return min(wanted, max(contract.unsized - used, 0))


@kernel
def use_quote(contract, side, size):  # type: ignore[no-untyped-def]
    """Note what was taken from the best price of a quote."""
    contract.uses = 1
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
            contract.uses = 1
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
        return left_unsized(contract, side, wanted) if shown == UNKNOWN else min(shown, wanted)
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
            unsized = shown_at(contract, side, price) == UNKNOWN
            use_quote(contract, side, size)
            book_fill(ctx, contract, slot, size, price, F_UNSIZED if unsized else 0)
        return
    price = contract.bid if side > 0 else contract.ask
    step = -contract.unit if side > 0 else contract.unit
    end = contract.levels * contract.unit
    while order.remaining > 0 and 0 <= price < end and (price >= order.price if side > 0 else price <= order.price):
        if order.state != RESTING:
            return  # what is left was no longer covered
        size = take_levels(contract, side, price, min(shown_at(contract, side, price), order.remaining))
        if size > 0:
            book_fill(ctx, contract, slot, size, price, 0)
        price += step


__all__ = ["crosses", "quote_used", "take", "take_levels", "takeable", "use_quote"]
