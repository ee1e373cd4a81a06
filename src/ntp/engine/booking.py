"""Cash, reserves, positions and the logs: what a fill or an order's end changes."""

from ntp.engine.book import price_bit
from ntp.engine.compile import kernel

from ntp.engine.alarms import push_alarm, push_notice
from ntp.engine.arithmetic import cash_up, fill_fee, model_fee, mul_div_ceil, revenue_of
from ntp.engine.records import (
    A_MARKOUT,
    DONE,
    F_MAKER,
    MODEL_FLAT,
    MODEL_UNKNOWN,
    MODEL_ZERO,
    N_DONE,
    N_FILL,
    NONE,
    R_FILLED,
    RESTING,
    account_at,
    contract_at,
    done_at,
    fill_at,
    order_at,
    step_at,
)

MARKOUT_NS = 10_000_000_000


@kernel
def step_in_force(ctx, contract):  # type: ignore[no-untyped-def]
    """Fee step in force now; remembers it, because time only goes forward."""
    step = contract.step_now
    while step + 1 < contract.step_last and step_at(ctx.steps, step + 1).from_ns <= ctx.now:
        step += 1
    contract.step_now = step
    return step


@kernel
def worst_cost(ctx, contract, side, price, size):  # type: ignore[no-untyped-def]
    """Cash that opening `size` at `price` can cost, fee included, in 1e-6 dollar."""
    unit = contract.price_unit
    if contract.asset == 0:
        cost = cash_up(price if side > 0 else unit - price, size, unit)
    else:
        cost = cash_up(price, size, unit)
    step = step_at(ctx.steps, step_in_force(ctx, contract))
    rate = max(step.maker_rate, step.taker_rate)
    if rate > 0 and contract.asset == 0:
        if step.model == MODEL_FLAT:
            cost += mul_div_ceil(rate, size, 1_000_000)
        elif step.model != MODEL_ZERO and step.model != MODEL_UNKNOWN:
            cost += model_fee(rate, price, size, step.exponent, True) + step.precision
    return cost


@kernel
def refresh_reserves(ctx, contract):  # type: ignore[no-untyped-def]
    """Recompute what the contract's resting orders reserve, and at which prices they rest.

    Orders that close a holding reserve nothing for the part that closes, oldest first; a venue that
    does not net (each order is of one token) lends the holding only to an order it covers whole.
    """
    account = account_at(ctx.accounts, contract.account)
    total = 0
    bid_prices = ask_prices = 0
    long, short = max(contract.position, 0), max(-contract.position, 0)
    slot = contract.first_order
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        if order.state == RESTING:
            if order.side > 0:
                bid_prices |= price_bit(contract, order.price)
            else:
                ask_prices |= price_bit(contract, order.price)
            if contract.reserves:
                closing = min(short if order.side > 0 else long, order.remaining)
                if contract.nets == 0 and closing < order.remaining:
                    closing = 0
                if order.side > 0:
                    short -= closing
                else:
                    long -= closing
                order.closing = closing
                opening = order.remaining - closing
                if opening != order.opening:
                    order.opening = opening
                    order.reserve = worst_cost(ctx, contract, order.side, order.price, opening)
                total += order.reserve
        slot = order.next
    contract.bid_prices, contract.ask_prices = bid_prices, ask_prices
    account.reserved += total - contract.reserved
    contract.reserved = total


@kernel
def log_done(ctx, contract_id, order):  # type: ignore[no-untyped-def]
    """Write the end of an order to the log."""
    row = done_at(ctx.done, ctx.n_done)
    ctx.n_done += 1
    if ctx.n_done + ctx.margin > ctx.done_capacity:
        ctx.need_grow = 1
    row.order_id, row.contract, row.side, row.price = order.id, contract_id, order.side, order.price
    row.size, row.filled = order.size, order.size - order.remaining
    row.sent, row.arrived, row.done = order.sent, order.arrived, ctx.now
    row.reason, row.tif, row.post_only, row.origin = order.reason, order.tif, order.post_only, order.origin
    row.tag, row.passive, row.queue_ahead, row.fair = order.tag, order.passive, order.queue_joined, order.fair


@kernel
def finish_order(ctx, contract, slot, reason):  # type: ignore[no-untyped-def]
    """End an order at the venue and tell the strategy."""
    order = order_at(ctx.orders, slot)
    was_resting = order.state == RESTING
    order.state = DONE
    order.reason = reason
    log_done(ctx, order.contract, order)
    push_notice(ctx, N_DONE, slot, order.id, 0, 0)
    if was_resting and reason != R_FILLED:
        refresh_reserves(ctx, contract)


@kernel
def book_fill(ctx, contract, slot, size, price, flags):  # type: ignore[no-untyped-def]
    """Book a fill: cash, fee, holding, log row, notice, markout alarm."""
    order = order_at(ctx.orders, slot)
    account = account_at(ctx.accounts, contract.account)
    maker = (flags & F_MAKER) != 0
    step = step_at(ctx.steps, step_in_force(ctx, contract))
    unit = contract.price_unit
    revenue = revenue_of(order.side, price, size, unit)
    before = contract.position
    if contract.asset == 0:
        fee = fill_fee(step, price, size, order.side, maker, revenue, order)
        netted = min(size, max(-before, 0)) if order.side > 0 else min(size, max(before, 0))
        if order.side > 0:
            cash = revenue + netted
        else:
            # a sale is the purchase of NO at one minus the price; what nets returns a dollar a pair
            cash = revenue - (size - netted)
    else:
        fee = 0
        cash = revenue
    rebate = 0  # an estimate of what the venue's pool pays a maker later: told, never booked
    if maker and step.rebate_rate > 0 and contract.asset == 0:
        rebate = fill_fee(step, price, size, order.side, False, revenue, order) * step.rebate_rate // 1_000_000
    net_cash = cash - fee
    account.cash += net_cash
    account.fees += fee
    account.rebates += rebate
    ctx.fees += fee
    ctx.rebates += rebate
    contract.fees += fee
    contract.cash_flow += cash
    contract.position += order.side * size
    order.remaining -= size
    book_cost(contract, before, order.side, price, size)
    if order.side > 0:
        contract.buy_fills += 1
    else:
        contract.sell_fills += 1
    contract.last_fill = ctx.now

    ref = ctx.n_fills
    row = fill_at(ctx.fills, ref)
    ctx.n_fills += 1
    if ctx.n_fills + ctx.margin > ctx.fill_capacity:
        ctx.need_grow = 1
    row.ts, row.contract, row.side, row.price, row.size = ctx.now, order.contract, order.side, price, size
    row.fee, row.rebate, row.flags, row.order_id = fee, rebate, flags, order.id
    row.bid, row.ask, row.mid10, row.cash = contract.bid, contract.ask, NONE, net_cash
    row.position, row.wait, row.tag, row.exit = contract.position, ctx.now - order.arrived, order.tag, order.exit
    row.queue_ahead, row.fair = order.queue_joined, order.fair
    push_notice(ctx, N_FILL, slot, order.id, ref, 0)
    push_alarm(ctx, ctx.now + MARKOUT_NS, 0, A_MARKOUT, order.contract, ref, 0)
    if order.remaining == 0:
        finish_order(ctx, contract, slot, R_FILLED)
    refresh_reserves(ctx, contract)


@kernel
def book_cost(contract, before, side, price, size):  # type: ignore[no-untyped-def]
    """Keep the cash locked in the holding at average cost (1e-6 dollar, not negative)."""
    after = before + side * size
    unit = contract.price_unit
    paid = unit - price if side < 0 and contract.asset == 0 else price
    if before == 0 or (before > 0) == (side > 0):
        contract.cost += mul_div_ceil(paid, size, unit)
    elif after == 0:
        contract.cost = 0
    elif (before > 0) == (after > 0):
        contract.cost = mul_div_ceil(contract.cost, abs(after), abs(before))
    else:
        contract.cost = mul_div_ceil(paid, abs(after), unit)


@kernel
def end_resting(ctx, contract_id, reason):  # type: ignore[no-untyped-def]
    """End all orders of a contract that the venue knows."""
    contract = contract_at(ctx.contracts, contract_id)
    slot = contract.first_order
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        following = order.next
        if order.state != DONE and order.arrived != 0:
            finish_order(ctx, contract, slot, reason)
        slot = following


__all__ = [
    "book_fill", "end_resting", "finish_order", "log_done", "refresh_reserves", "step_in_force",
    "worst_cost",
]  # fmt: skip
