"""What the strategy learns of its orders: notices of fills and ends, as they reach it."""

from ntp.engine.alarms import free_order
from ntp.engine.booking import cost_after, short_lock, worst_cost
from ntp.engine.compile import kernel
from ntp.engine.desk import release
from ntp.engine.records import (
    BY_ORDER,
    DONE,
    N_DONE,
    N_FILL,
    account_at,
    contract_at,
    fill_at,
    order_at,
)
from ntp.engine.returns import holding_seen


@kernel
def notice_arrived(ctx, kind, slot, ref):  # type: ignore[no-untyped-def]
    """Let the strategy's knowledge catch up with a fill or an order's end."""
    order = order_at(ctx.orders, slot)
    contract = contract_at(ctx.contracts, order.contract)
    if kind == N_FILL:
        row = fill_at(ctx.fills, ref)
        account_at(ctx.accounts, contract.account).cash_seen += row.cash
        locked = short_lock(contract, contract.position_seen, contract.cost_seen)
        contract.cost_seen = cost_after(
            contract, contract.cost_seen, contract.position_seen, row.side, row.price, row.size
        )
        contract.position_seen += row.side * row.size
        contract.flow_seen += row.cash
        if contract.asset:
            locks = short_lock(contract, contract.position_seen, contract.cost_seen) - locked
            account_at(ctx.accounts, contract.account).sent_reserve += locks
        if contract.group:
            holding_seen(ctx, contract)
        order.seen_remaining = max(order.seen_remaining - row.size, 0)
        if not order.cancel_sent and order.size > 0:
            left = worst_cost(ctx, contract, order.side, order.price, order.seen_remaining)
            left = min(left, order.sent_reserve)
            account_at(ctx.accounts, contract.account).sent_reserve -= order.sent_reserve - left
            order.sent_reserve = left
        if order.origin != BY_ORDER:
            contract.quote_intact = 0
    elif kind == N_DONE:
        release(ctx, order)
        order.seen_done = 1
        if order.origin != BY_ORDER and not order.cancel_sent:
            contract.quote_intact = 0


@kernel
def forget_order(ctx, slot):  # type: ignore[no-untyped-def]
    """Free the slot of an order that both sides know to be over."""
    order = order_at(ctx.orders, slot)
    if order.state == DONE and order.seen_done:
        free_order(ctx, contract_at(ctx.contracts, order.contract), slot)


__all__ = ["forget_order", "notice_arrived"]
