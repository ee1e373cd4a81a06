"""Candles: what a bar of prices lets own orders have, and no more.

Takers execute at the open of the first candle that begins after they arrived. A resting order fills
only where the candle went through its price, up to the candle's volume, or where the other side's quote
stood at or beyond it at the end.
"""

from ntp.engine.arithmetic import cash_up
from ntp.engine.booking import book_fill, finish_order
from ntp.engine.compile import kernel
from ntp.engine.matching import rest
from ntp.engine.records import (
    DELAYED,
    DONE,
    F_INFERRED,
    F_MAKER,
    F_THROUGH,
    FOK,
    IOC,
    R_CANCELLED,
    R_FOK,
    R_FUNDS,
    R_IOC,
    RESTING,
    account_at,
    fill_at,
    order_at,
)


@kernel
def reached(ctx, order, candle):  # type: ignore[no-untyped-def]
    """How a candle reaches a resting order: 3 quotes ended beyond it, 2 traded through, 1 touched, 0 not."""
    if order.state != RESTING:
        return 0
    if order.side > 0:
        through = candle.low >= 0 and candle.low < order.price
        stayed = candle.ask_close >= 0 and candle.ask_close <= order.price
        touched = candle.low == order.price
    else:
        through = candle.high >= 0 and candle.high > order.price
        stayed = candle.bid_close >= 0 and candle.bid_close >= order.price
        touched = candle.high == order.price
    if stayed:
        return 3
    if order.arrived > candle.start:
        return 0  # what was traded may have been before it came
    if through:
        return 2
    return 1 if touched and ctx.touch_fills else 0


@kernel
def _sides_share(ctx, contract, candle):  # type: ignore[no-untyped-def]
    """Whether orders of both sides want of the candle's volume."""
    buys = sells = 0
    slot = contract.first_order
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        if 0 < reached(ctx, order, candle) < 3:
            if order.side > 0:
                buys = 1
            else:
                sells = 1
        slot = order.next
    return buys + sells > 1


@kernel
def candle_happened(ctx, contract, contract_id, candle):  # type: ignore[no-untyped-def]
    """Run a candle through own orders: takers at its open, resting ones only if traded through.

    The candle is known at its end, so that is when fills are told; a taker's fill is dated at the open.
    It does not say who took, so where it reaches both sides each may have half of its volume.
    """
    buy_left = sell_left = max(candle.volume, 0)
    if _sides_share(ctx, contract, candle):
        buy_left = sell_left = buy_left // 2 // contract.size_step * contract.size_step
    slot = contract.first_order
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        following = order.next
        if order.state == DELAYED:
            if order.arrived <= candle.start and (order.cancel_at == 0 or candle.start <= order.cancel_at):
                _take_open(ctx, contract, slot, candle)
            if order.cancel_at > 0 and order.state != DONE:
                finish_order(ctx, contract, slot, R_CANCELLED)
        else:
            how = reached(ctx, order, candle)
            if how == 3:
                book_fill(ctx, contract, slot, order.remaining, order.price, F_MAKER | F_THROUGH)
            elif how > 0:
                filled = min(order.remaining, buy_left if order.side > 0 else sell_left)
                if order.side > 0:
                    buy_left -= filled
                else:
                    sell_left -= filled
                if filled > 0:
                    flag = F_THROUGH if how > 1 else F_INFERRED
                    book_fill(ctx, contract, slot, filled, order.price, F_MAKER | flag)
        slot = following


@kernel
def _covered(ctx, contract, order, price):  # type: ignore[no-untyped-def]
    """Whether cash carries what an order for an asset opens at the candle's price; a sale short needs its price too."""
    held = max(-order.side * contract.position, 0)
    closing = min(order.remaining, held)
    if closing == order.remaining:
        return True
    account = account_at(ctx.accounts, contract.account)
    free = account.cash - account.reserved + order.reserve - order.side * cash_up(price, closing, contract.price_unit)
    if closing > 0 and order.side > 0:
        free += 2 * contract.cost  # what the sale short had locked
    return cash_up(price, order.remaining - closing, contract.price_unit) <= free


@kernel
def _take_open(ctx, contract, slot, candle):  # type: ignore[no-untyped-def]
    order = order_at(ctx.orders, slot)
    price = candle.open
    if contract.asset == 0:  # a contract's candle shows the quote that a taker would meet
        price = candle.ask_open if order.side > 0 else candle.bid_open
    fits = price >= 0 and (price <= order.price if order.side > 0 else price >= order.price)
    if fits:
        if contract.asset and contract.reserves and not _covered(ctx, contract, order, price):
            finish_order(ctx, contract, slot, R_FUNDS)
            return
        order.state = RESTING
        fill = fill_at(ctx.fills, ctx.n_fills)
        book_fill(ctx, contract, slot, order.remaining, price, 0)
        fill.ts, fill.wait = candle.start, candle.start - order.arrived
        return
    if order.tif == IOC or order.tif == FOK:
        finish_order(ctx, contract, slot, R_IOC if order.tif == IOC else R_FOK)
    else:
        rest(ctx, contract, slot)


__all__ = ["candle_happened", "reached"]
