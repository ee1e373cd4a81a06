"""Cash, reserves, positions and the logs: what a fill or an order's end changes."""

from ntp.engine.alarms import push_notice, watch_markout
from ntp.engine.arithmetic import cash_up, fill_fee, model_fee, mul_div_ceil, revenue_of
from ntp.engine.book import price_bit
from ntp.engine.compile import kernel
from ntp.engine.records import (
    DELAYED,
    DONE,
    F_MAKER,
    MODEL_FLAT,
    MODEL_FLAT_MAKER,
    MODEL_UNKNOWN,
    MODEL_ZERO,
    N_DONE,
    N_FILL,
    NONE,
    R_FILLED,
    R_FUNDS,
    R_REDUCE,
    RESTING,
    ROUND_BANKERS_CENT,
    ROUND_CENT,
    ROUND_CENTICENT,
    SENT,
    account_at,
    contract_at,
    done_at,
    fill_at,
    order_at,
    step_at,
)
from ntp.engine.returns import holding_changed


@kernel
def step_in_force(ctx, contract):  # type: ignore[no-untyped-def]
    """Fee step in force now; remembers it, because time only goes forward."""
    step = contract.step_now
    while step + 1 < contract.step_last and step_at(ctx.steps, step + 1).from_ns <= ctx.now:
        step += 1
    contract.step_now = step
    return step


@kernel
def worst_fee(step, price, size):  # type: ignore[no-untyped-def]
    """Highest fee of one fill in either role, rounding included, in 1e-6 dollar."""
    rate = max(step.maker_rate, step.taker_rate)
    if rate <= 0 or step.model == MODEL_ZERO or step.model == MODEL_UNKNOWN:
        return 0
    if step.model == MODEL_FLAT:
        fee = mul_div_ceil(rate, size, 1_000_000)
    elif step.model == MODEL_FLAT_MAKER:
        flat = mul_div_ceil(max(step.maker_rate, 0), size, 1_000_000)
        fee = max(flat, model_fee(max(step.taker_rate, 0), price, size, step.exponent, True))
    else:
        fee = model_fee(rate, price, size, step.exponent, True)
    if step.rounding == ROUND_CENT or step.rounding == ROUND_BANKERS_CENT:
        return fee + 10_000
    if step.rounding == ROUND_CENTICENT:
        return fee + 100 + step.precision
    return fee + step.precision


@kernel
def worst_cost(ctx, contract, side, price, size):  # type: ignore[no-untyped-def]
    """Cash that opening `size` at `price` can cost, fee included, in 1e-6 dollar.

    An asset may be bought at any price; it reserves what it costs now, and is checked when it fills. Who
    sells it short puts up its price beside what the sale brings.
    """
    unit = contract.price_unit
    if contract.asset:
        if contract.mark != NONE:
            price = min(price, contract.mark) if side > 0 else max(price, contract.mark)
        return cash_up(price, size, unit)
    cost = cash_up(price if side > 0 else unit - price, size, unit)
    return cost + worst_fee(step_at(ctx.steps, step_in_force(ctx, contract)), price, size)


@kernel
def short_lock(contract, position, cost):  # type: ignore[no-untyped-def]
    """Cash that an asset sold short locks: what the sale brought, and as much again."""
    return 2 * cost if contract.asset and position < 0 else 0


@kernel
def refresh_reserves(ctx, contract):  # type: ignore[no-untyped-def]
    """Recompute what the contract's orders at the venue reserve, and at which prices they rest.

    Orders that close a holding reserve nothing for the part that closes, oldest first; a venue that
    does not net (each order is of one token) lends the holding only to an order it covers whole.
    An order that may only reduce is cut to the holding; returns the slot of one that has nothing left
    to reduce, else NONE.
    """
    account = account_at(ctx.accounts, contract.account)
    total = 0
    idle = NONE
    bid_prices = ask_prices = 0
    long, short = max(contract.position, 0), max(-contract.position, 0)
    slot = contract.first_order
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        if order.state == RESTING or order.state == DELAYED:
            if order.side > 0:
                bid_prices |= price_bit(contract, order.price)
            else:
                ask_prices |= price_bit(contract, order.price)
            if order.reduce_only:
                excess = order.remaining - max(-order.side * contract.position, 0)
                if excess > 0:
                    order.size -= excess
                    order.remaining -= excess
                    if order.remaining == 0:
                        idle = slot
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
    if contract.asset and contract.reserves:
        total += short_lock(contract, contract.position, contract.cost)
    contract.bid_prices, contract.ask_prices = bid_prices, ask_prices
    contract.long_left, contract.short_left = long, short
    account.reserved += total - contract.reserved
    contract.reserved = total
    return idle


@kernel
def order_joins(ctx, contract, order):  # type: ignore[no-untyped-def]
    """Count an order that the venue comes to know; as :func:`refresh_reserves`, which is for what is unusual.

    Behind all that the venue knows it changes nothing of theirs: it closes what they leave of the holding.
    """
    after = order.next
    while after >= 0 and order_at(ctx.orders, after).state == SENT:
        after = order_at(ctx.orders, after).next
    if after >= 0 or contract.long_left == NONE or order.reduce_only or order.opening or ctx.recounts:
        state, order.state = order.state, RESTING
        refresh_reserves(ctx, contract)
        order.state = state
        return
    up = order.side > 0
    bit = price_bit(contract, order.price)
    if up:
        contract.bid_prices |= bit
    else:
        contract.ask_prices |= bit
    if contract.reserves:
        closing = min(contract.short_left if up else contract.long_left, order.remaining)
        if contract.nets == 0 and closing < order.remaining:
            closing = 0
        if up:
            contract.short_left -= closing
        else:
            contract.long_left -= closing
        order.closing = closing
        if closing < order.remaining:
            order.opening = order.remaining - closing
            order.reserve = worst_cost(ctx, contract, order.side, order.price, order.opening)
            contract.reserved += order.reserve
            account_at(ctx.accounts, contract.account).reserved += order.reserve


@kernel
def order_leaves(ctx, contract, order):  # type: ignore[no-untyped-def]
    """Stop counting an order that is over; what closed nothing leaves the others as they were."""
    reserve, order.reserve = order.reserve, 0
    if order.closing or contract.long_left == NONE or ctx.recounts:
        refresh_reserves(ctx, contract)
        return
    contract.reserved -= reserve
    account_at(ctx.accounts, contract.account).reserved -= reserve
    bids = asks = 0
    slot = contract.first_order
    while slot >= 0:
        other = order_at(ctx.orders, slot)
        if other.state == RESTING or other.state == DELAYED:
            bit = price_bit(contract, other.price)
            bids |= bit if other.side > 0 else 0
            asks |= 0 if other.side > 0 else bit
        slot = other.next
    contract.bid_prices, contract.ask_prices = bids, asks


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
    row.tag, row.passive, row.queue_ahead = order.tag, order.passive, order.queue_joined
    row.fair, row.fair_sd = order.fair, order.fair_sd
    contract = contract_at(ctx.contracts, contract_id)
    row.bid, row.ask = contract.bid, contract.ask


@kernel
def finish_order(ctx, contract, slot, reason):  # type: ignore[no-untyped-def]
    """End an order at the venue and tell the strategy."""
    order = order_at(ctx.orders, slot)
    was_known = order.state != SENT or order.reserve != 0
    order.state = DONE
    order.reason = reason
    log_done(ctx, order.contract, order)
    if reason == R_FILLED:
        return  # the notice of its last fill tells that it is over
    push_notice(ctx, contract, N_DONE, slot, order.id, 0, 0)
    if was_known:
        order_leaves(ctx, contract, order)
    elif order.closing:
        contract.long_left = NONE  # it was counted and is no more: count anew


@kernel
def _log_fill(ctx, contract, slot, size, price, flags, fee, rebate, net_cash):  # type: ignore[no-untyped-def]
    """Write a fill to the log, tell the strategy, and look at the price again after a while."""
    order = order_at(ctx.orders, slot)
    ref = ctx.n_fills
    row = fill_at(ctx.fills, ref)
    ctx.n_fills += 1
    if ctx.n_fills + ctx.margin > ctx.fill_capacity:
        ctx.need_grow = 1
    row.ts, row.contract, row.side, row.price, row.size = ctx.now, order.contract, order.side, price, size
    row.fee, row.rebate, row.flags, row.order_id = fee, rebate, flags, order.id
    row.bid, row.ask, row.mid10, row.cash = contract.bid, contract.ask, NONE, net_cash
    row.position, row.wait, row.tag, row.exit = contract.position, ctx.now - order.arrived, order.tag, order.exit
    row.queue_ahead, row.fair, row.fair_sd = order.queue_joined, order.fair, order.fair_sd
    if order.exit and contract.stop_mark:
        ctx.stop_filled += size
        ctx.stop_slip += order.side * (price - contract.stop_mark) / contract.price_unit * (size / 1e6)
    push_notice(ctx, contract, N_FILL, slot, order.id, ref, order.remaining == 0)
    watch_markout(ctx, ref)


@kernel
def book_fill(ctx, contract, slot, size, price, flags):  # type: ignore[no-untyped-def]
    """Book a fill: cash, fee, holding, log row, notice."""
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
        kept, order.fee_acc = order.fee_acc, 0
        rebate = fill_fee(step, price, size, order.side, False, revenue, order) * step.rebate_rate // 1_000_000
        order.fee_acc = kept
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
    contract.cost = cost_after(contract, contract.cost, before, order.side, price, size)
    if contract.group:
        holding_changed(ctx, contract)
    _log_fill(ctx, contract, slot, size, price, flags, fee, rebate, net_cash)
    if order.remaining == 0:
        finish_order(ctx, contract, slot, R_FILLED)
    idle = refresh_reserves(ctx, contract)
    while idle != NONE:
        finish_order(ctx, contract, idle, R_REDUCE)
        idle = refresh_reserves(ctx, contract)
    # each part of an order that fills in parts is rounded: what no longer covers the rest ends it
    if order.remaining > 0 and account.cash + account.returned < account.reserved and contract.reserves:
        finish_order(ctx, contract, slot, R_FUNDS)


@kernel
def cost_after(contract, cost, before, side, price, size):  # type: ignore[no-untyped-def]
    """Return the cash locked in a holding after a fill, at average cost (1e-6 dollar, not negative)."""
    after = before + side * size
    unit = contract.price_unit
    paid = unit - price if side < 0 and contract.asset == 0 else price
    if before == 0 or (before > 0) == (side > 0):
        return cost + cash_up(paid, size, unit)
    if after == 0:
        return 0
    if (before > 0) == (after > 0):
        return mul_div_ceil(cost, abs(after), abs(before))
    return cash_up(paid, abs(after), unit)


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
    "book_fill", "cost_after", "end_resting", "finish_order", "log_done", "order_joins", "refresh_reserves",
    "short_lock", "step_in_force", "worst_cost",
]  # fmt: skip
