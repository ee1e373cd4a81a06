"""Limits of an event's loss and of a position: an order is cut or refused whose fill could go beyond.

What counts is what the strategy knows: cash that moved, positions, and every order that may still fill, those whose
cancel is on its way included; of an order that was made smaller, what it was before. So whatever fills, in whatever
order, the loss stays within the limit, but for what the venue's rounding of many small fills adds to a fee.
The reference in plain Python is :func:`ntp.rules.worst_loss`.
"""

from ntp.engine.arithmetic import mul_div_floor
from ntp.engine.booking import worst_cost
from ntp.engine.compile import kernel, rare
from ntp.engine.memory import load_i64, store_i64
from ntp.engine.records import contract_at, order_at, risk_at
from ntp.rules import LOST, REFUNDED

_DOLLAR = 1_000_000


@kernel
def _worth(side, size, pays):  # type: ignore[no-untyped-def]
    """Cash units that YES (1) or NO (-1) of a size pays in a state."""
    if pays == LOST:
        return 0
    return mul_div_floor(size, pays if side > 0 else _DOLLAR - pays, _DOLLAR)


@kernel
def _add_holding(risk, place, flow, position):  # type: ignore[no-untyped-def]
    """Add what a contract lost so far to each state: what was paid less what the holding pays there."""
    side = 1 if position > 0 else -1
    for row in range(risk.rows):
        pays = load_i64(risk.pays, row * risk.members + place)
        if pays != REFUNDED:
            lost = load_i64(risk.losses, row) - flow - _worth(side, abs(position), pays)
            store_i64(risk.losses, row, lost)


@kernel
def _add_order(risk, place, side, cost, size):  # type: ignore[no-untyped-def]
    """Add what an order would lose to each state in which it loses."""
    for row in range(risk.rows):
        pays = load_i64(risk.pays, row * risk.members + place)
        if pays != REFUNDED:
            loss = cost - _worth(side, size, pays)
            if loss > 0:
                store_i64(risk.losses, row, load_i64(risk.losses, row) + loss)


@kernel
def _add_up(ctx, risk):  # type: ignore[no-untyped-def]
    """Work out what each state loses with all that is held and may still fill."""
    for row in range(risk.rows):
        store_i64(risk.losses, row, 0)
    for place in range(risk.members):
        contract = contract_at(ctx.contracts, load_i64(risk.ids, place))
        if contract.flow_seen or contract.position_seen:
            _add_holding(risk, place, contract.flow_seen, contract.position_seen)
        slot = contract.first_order
        while slot >= 0:
            order = order_at(ctx.orders, slot)
            left = order.seen_remaining + order.decreased
            if order.seen_done == 0 and left > 0:
                cost = worst_cost(ctx, contract, order.side, order.price, left)
                _add_order(risk, place, order.side, cost, left)
            slot = order.next


@kernel
def _excess(ctx, risk, contract, side, price, size):  # type: ignore[no-untyped-def]
    """Worst state for an order: by how much it breaks the limit there, and what the order loses there itself."""
    cost = worst_cost(ctx, contract, side, price, size)
    over = loses = 0
    for row in range(risk.rows):
        pays = load_i64(risk.pays, row * risk.members + contract.risk_place)
        loss = 0 if pays == REFUNDED else cost - _worth(side, size, pays)
        if loss > 0:
            excess = load_i64(risk.losses, row) + loss - risk.limit
            if excess > 0 and (excess > over or loses == 0):
                over, loses = excess, loss
    return over, loses


@rare
def _cut_to_event(ctx, contract, side, price, size):  # type: ignore[no-untyped-def]
    """Largest size up to `size` on the venue's step with which the event cannot lose more than its limit."""
    risk = risk_at(ctx.risks, contract.risk - 1)
    _add_up(ctx, risk)
    while size > 0:
        over, loses = _excess(ctx, risk, contract, side, price, size)
        if over == 0:
            return size
        if over >= loses:
            return 0
        # what an order loses in a state grows with its size, fees but for their rounding
        smaller = mul_div_floor(size, loses - over, loses) // contract.size_step * contract.size_step
        size = smaller if smaller < size else size - contract.size_step
    return 0


@rare
def _cut_to_position(ctx, contract, side, size):  # type: ignore[no-untyped-def]
    """Largest size up to `size` with which the position stays within its limit, whatever of its side fills."""
    room = contract.hold_limit - 1 - side * contract.position_seen
    slot = contract.first_order
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        if order.seen_done == 0 and order.side == side:
            room -= order.seen_remaining + order.decreased
        slot = order.next
    return size if size <= room else max(room, 0) // contract.size_step * contract.size_step


@kernel
def within_limits(ctx, contract, side, price, size):  # type: ignore[no-untyped-def]
    """Largest size up to `size` on the venue's step that the limits of the run allow."""
    if contract.hold_limit:
        size = _cut_to_position(ctx, contract, side, size)
    return _cut_to_event(ctx, contract, side, price, size) if contract.risk else size


__all__ = ["within_limits"]
