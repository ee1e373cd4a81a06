"""Queues and prints: how own orders move forward, and what recorded trades give them.

A resting order joins behind all displayed size at its price. Prints at its price consume the queue in
front, then the order; a print through its price fills it at once; no print fills anything twice.
"""

from ntp.engine.booking import book_fill
from ntp.engine.compile import inlined, kernel
from ntp.engine.queues import front_after
from ntp.engine.records import F_INFERRED, F_MAKER, FAR, FID_QUOTES, NONE, Q_FIFO, RESTING, order_at


@inlined
def rests_at(order, side, price):  # type: ignore[no-untyped-def]
    """Whether an order rests at a price; one question, because the processor guesses each of three wrong."""
    return ((order.price ^ price) | (order.side ^ side) | (order.state ^ RESTING)) == 0


@kernel
def level_changed(ctx, contract, side, price, before, after):  # type: ignore[no-untyped-def]
    """Move own orders at a price forward in their queue after the level changed."""
    if ctx.queue_model == Q_FIFO:
        return  # followed order by order
    slot = contract.first_order
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        if rests_at(order, side, price):
            if order.queue >= 0.0:
                order.queue = front_after(
                    ctx.queue_model, ctx.queue_power, ctx.queue_function,
                    order.queue, float(before), float(after), float(order.traded),
                )  # fmt: skip
            elif contract.fidelity == FID_QUOTES:  # the quote has come to it: all it shows is in front
                order.queue = float(after)
                order.queue_joined = order.queue
            order.traded = 0
        slot = order.next


@kernel
def print_happened(ctx, contract, price, size, taker, inferred):  # type: ignore[no-untyped-def]
    """Let a print consume queues and fill own orders; a taker of unknown side is read off the quotes."""
    if taker == 0:
        if contract.ask != NONE and contract.bid != NONE and contract.bid >= contract.ask:
            return  # a crossed book tells neither side
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
    # prices seen from the taker: what is smaller is better
    reach, beyond = -side * price, -FAR
    while budget > 0:
        if (contract.bid_prices if side > 0 else contract.ask_prices) == 0:
            return  # nothing of ours rests on that side
        best, found = FAR, 0
        slot = contract.first_order
        while slot >= 0:  # next best price among own orders that the print reaches
            order = order_at(ctx.orders, slot)
            key = -side * order.price
            fits = (((order.state ^ RESTING) | (order.side ^ side)) == 0) & (key <= reach) & (key > beyond)
            found += fits
            best = min(best, key if fits else FAR)
            slot = order.next
        if found == 0:
            return
        beyond = best
        budget = _print_at(ctx, contract, side, -side * best, price, size, budget, flags)
        if found == 1:
            return


@kernel
def _print_at(ctx, contract, side, level, price, size, budget, flags):  # type: ignore[no-untyped-def]
    slot = contract.first_order
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        following = order.next
        if rests_at(order, side, level):
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
                if left >= contract.size_step:  # a venue executes whole steps, however fine the estimate
                    filled = min(order.remaining, int(left) // contract.size_step * contract.size_step)
                    budget -= filled
                    book_fill(ctx, contract, slot, filled, level, flags)
        slot = following
    return budget


__all__ = ["level_changed", "print_happened"]
