"""The strategy's side of orders: what it wants, what it knows, what it sends.

Everything here happens at the strategy's clock and knows only what notices told it.
"""

import math

from ntp.engine.alarms import draw_latency, push_message, take_slot
from ntp.engine.book import round_to_grid
from ntp.engine.booking import worst_cost
from ntp.engine.compile import kernel
from ntp.engine.gate import (
    admitted_price,
    count_mask,
    ended_at_once,
    fair_in_force,
    mask_of,
    refusal,
    refuse,
)
from ntp.engine.limits import within_limits
from ntp.engine.memory import quotient
from ntp.engine.records import (
    BY_ORDER,
    BY_QUOTE,
    M_CANCEL,
    M_DECREASE,
    M_NEW,
    NONE,
    OPEN,
    R_LIMIT,
    SENT,
    account_at,
    claim_at,
    contract_at,
    order_at,
)
from ntp.rules import COULD_TAKE


@kernel
def send_new(ctx, contract_id, side, price, size, origin, taking):  # type: ignore[no-untyped-def]
    """Let a new order pass the gate, send it and return its slot; below 0 less the reason if a rule refuses it.

    It is post-only; the caller may change it before time moves if it was judged as `taking`. No other way
    leads to the venue. What its event could lose too much with is cut of a wish, and refused of a single order.
    """
    contract = contract_at(ctx.contracts, contract_id)
    fits = within_limits(ctx, contract, side, price, size)
    if fits < size and (origin == BY_ORDER or fits < max(contract.min_size, 1)):
        return -ended_at_once(ctx, contract_id, contract, side, price, size, origin, R_LIMIT)
    size = fits
    mask = mask_of(ctx, contract_id, contract, side, price, size, taking, True)
    mask, refusing = refusal(ctx, contract, side, size, mask, True)
    if refusing:
        return -refuse(ctx, contract_id, contract, side, price, size, origin, mask, refusing)
    count_mask(ctx, mask)
    slot = take_slot(ctx, contract)
    order = order_at(ctx.orders, slot)
    order.id = ctx.next_order
    ctx.next_order += 1
    order.contract, order.side, order.price, order.size = contract_id, side, price, size
    order.remaining = size
    order.seen_remaining, order.decreased = size, 0
    order.state = SENT
    order.origin = origin
    order.sent = ctx.now
    order.fair = fair_in_force(ctx, contract)
    order.stated = ctx.stated == ctx.stated
    order.match, order.tag, order.exit = ctx.stated_match, ctx.stated_tag, ctx.stated_exit
    order.fair_sd = math.nan
    if ctx.claims and (order.stated == 0 or order.fair == contract.fair):  # the engine's, stated again or not
        order.fair_sd = claim_at(ctx.claims, contract_id).sd
    order.sent_reserve = worst_cost(ctx, contract, side, price, size)
    account_at(ctx.accounts, contract.account).sent_reserve += order.sent_reserve
    push_message(ctx, ctx.now + draw_latency(ctx, contract), M_NEW, slot, order.id, 0)
    return slot


@kernel
def release(ctx, order):  # type: ignore[no-untyped-def]
    """Stop counting an order in what the strategy has bound."""
    contract = contract_at(ctx.contracts, order.contract)
    account_at(ctx.accounts, contract.account).sent_reserve -= order.sent_reserve
    order.sent_reserve = 0


@kernel
def send_cancel(ctx, slot):  # type: ignore[no-untyped-def]
    """Send the cancel of an order once."""
    order = order_at(ctx.orders, slot)
    if order.cancel_sent or order.seen_done:
        return
    order.cancel_sent = 1
    release(ctx, order)
    contract = contract_at(ctx.contracts, order.contract)
    push_message(ctx, ctx.now + draw_latency(ctx, contract), M_CANCEL, slot, order.id, 0)


@kernel
def free_capital(ctx, contract):  # type: ignore[no-untyped-def]
    """Cash the strategy may still bind in the contract's account, as far as it knows."""
    account = account_at(ctx.accounts, contract.account)
    return account.cash_seen - account.sent_reserve + account.returned_seen


@kernel
def cut_to_limit(contract, side, size):  # type: ignore[no-untyped-def]
    """Largest size up to `size` on the venue's step that the position limit allows."""
    if contract.max_position >= 0:
        size = min(size, contract.max_position - side * contract.position_seen)
    return quotient(max(size, 0), contract.size_step) * contract.size_step


@kernel
def opening_cost(ctx, contract, side, price, size):  # type: ignore[no-untyped-def]
    """Cash that the part of an order which opens a holding can cost."""
    opening = size - max(-side * contract.position_seen, 0)
    if opening <= 0 or contract.reserves == 0:
        return 0
    return worst_cost(ctx, contract, side, price, opening)


@kernel
def cut_to_capital(ctx, contract, side, price, size, free):  # type: ignore[no-untyped-def]
    """Largest size up to `size` that `free` cash can carry."""
    if opening_cost(ctx, contract, side, price, size) > free:
        closing = max(-side * contract.position_seen, 0)
        one = worst_cost(ctx, contract, side, price, 1_000_000)
        opening = max(free, 0) // max(one, 1) * 1_000_000
        size = (closing + opening) // contract.size_step * contract.size_step
    return size


@kernel
def behind_touch(contract, side, price):  # type: ignore[no-untyped-def]
    """Round a wished price to the grid, away from the touch, and keep it from crossing."""
    if side > 0:
        if contract.view_ask != NONE and price >= contract.view_ask:
            price = contract.view_ask - 1
        return round_to_grid(contract, price, False)
    if contract.view_bid != NONE and price <= contract.view_bid:
        price = contract.view_bid + 1
    return round_to_grid(contract, price, True)


@kernel
def keep_side(ctx, contract, side, price, size):  # type: ignore[no-untyped-def]
    """Withdraw what does not fit the wish on a side; return the size that stands as wished."""
    have = 0
    slot = contract.first_order
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        following = order.next
        ours = (order.origin != BY_ORDER) & (order.side == side) & (order.cancel_sent == 0) & (order.seen_done == 0)
        if ours:
            if order.price != price or price == NONE or have >= size:
                send_cancel(ctx, slot)
            elif have + order.seen_remaining > size:
                keep = (size - have) // contract.size_step * contract.size_step
                if keep > 0 and contract.can_amend and contract.keeps_priority:
                    push_message(ctx, ctx.now + draw_latency(ctx, contract), M_DECREASE, slot, order.id, keep)
                    order.decreased += order.seen_remaining - keep
                    order.seen_remaining = keep
                    have += keep
                else:
                    send_cancel(ctx, slot)
            else:
                have += order.seen_remaining
        slot = following
    return have


@kernel
def wished_price(contract, side, price, size):  # type: ignore[no-untyped-def]
    """Price at which a side of a quote can rest, NONE where nothing can."""
    if price == NONE or size <= 0 or contract.state != OPEN:
        return NONE
    return behind_touch(contract, side, price)


@kernel
def place_sides(ctx, contract_id, contract, bid, ask, bid_more, ask_more):  # type: ignore[no-untyped-def]
    """Send what is missing of a quote; where cash is short neither side comes before the other."""
    bid_more = cut_to_limit(contract, 1, bid_more) if bid != NONE and bid_more > 0 else 0
    ask_more = cut_to_limit(contract, -1, ask_more) if ask != NONE and ask_more > 0 else 0
    if contract.reserves and bid_more + ask_more > 0:
        free = free_capital(ctx, contract)
        if contract.asset or free < 2 * (bid_more + ask_more):  # no contract costs two dollars
            bid_cost = opening_cost(ctx, contract, 1, bid, bid_more) if bid_more > 0 else 0
            ask_cost = opening_cost(ctx, contract, -1, ask, ask_more) if ask_more > 0 else 0
            if bid_cost + ask_cost > free:
                half = max(free, 0) // 2
                if bid_more > 0:
                    bid_more = cut_to_capital(ctx, contract, 1, bid, bid_more, max(half, free - ask_cost))
                if ask_more > 0:
                    ask_more = cut_to_capital(ctx, contract, -1, ask, ask_more, max(half, free - bid_cost))
    if bid_more > 0 and bid_more >= contract.min_size:
        send_new(ctx, contract_id, 1, bid, bid_more, BY_QUOTE, 0)
    if ask_more > 0 and ask_more >= contract.min_size:
        send_new(ctx, contract_id, -1, ask, ask_more, BY_QUOTE, 0)


@kernel
def quote(ctx, contract_id, bid, ask, bid_size, ask_size):  # type: ignore[no-untyped-def]
    """Want a bid and an ask at rest; NONE wants nothing on that side."""
    contract = contract_at(ctx.contracts, contract_id)
    if (
        contract.quote_intact
        and contract.quote_bid == bid
        and contract.quote_ask == ask
        and contract.quote_bid_size == bid_size
        and contract.quote_ask_size == ask_size
    ):
        return
    contract.quote_bid, contract.quote_ask = bid, ask
    contract.quote_bid_size, contract.quote_ask_size = bid_size, ask_size
    contract.quote_version += 1
    # cancels of both sides leave before new orders: no order meets one of one's own that is given up
    bid_wished = wished_price(contract, 1, bid, bid_size)
    ask_wished = wished_price(contract, -1, ask, ask_size)
    bid_at = admitted_price(ctx, contract_id, contract, 1, bid_wished, bid_size)
    ask_at = admitted_price(ctx, contract_id, contract, -1, ask_wished, ask_size)
    bid_have = keep_side(ctx, contract, 1, bid_at, bid_size)
    ask_have = keep_side(ctx, contract, -1, ask_at, ask_size)
    place_sides(ctx, contract_id, contract, bid_at, ask_at, bid_size - bid_have, ask_size - ask_have)
    # a price that had to be moved off a cross is wished again when the touch moves; where more than taking is
    # refused, what rests is judged at each wish
    moved = (bid != NONE and contract.view_ask != NONE and bid >= contract.view_ask) or (
        ask != NONE and contract.view_bid != NONE and ask <= contract.view_bid
    )
    contract.quote_intact = 0 if moved or ctx.refusing & ~COULD_TAKE else 1


@kernel
def target(ctx, contract_id, wanted, price):  # type: ignore[no-untyped-def]
    """Want a position: one passive order for what is missing, at `price` or the touch."""
    contract = contract_at(ctx.contracts, contract_id)
    missing = wanted - contract.position_seen
    short = -missing // contract.size_step * contract.size_step
    missing = missing // contract.size_step * contract.size_step if missing > 0 else -short
    if missing > 0:
        at = price if price != NONE else touch(contract, 1)
        quote(ctx, contract_id, at, NONE, missing, 0)
    elif missing < 0:
        at = price if price != NONE else touch(contract, -1)
        quote(ctx, contract_id, NONE, at, 0, -missing)
    else:
        quote(ctx, contract_id, NONE, NONE, 0, 0)


@kernel
def touch(contract, side):  # type: ignore[no-untyped-def]
    """Best price of one's own side; one tick behind the last price where there are no quotes."""
    best = contract.view_bid if side > 0 else contract.view_ask
    if best != NONE:
        return best
    if contract.has_quotes or contract.last_price == NONE:
        return NONE
    if side > 0:
        return round_to_grid(contract, contract.last_price - 1, False)
    return round_to_grid(contract, contract.last_price + 1, True)


@kernel
def withdraw(ctx, contract_id, everything):  # type: ignore[no-untyped-def]
    """Cancel what rests on a contract; `everything` includes single orders."""
    contract = contract_at(ctx.contracts, contract_id)
    contract.quote_intact = 0
    contract.quote_version += 1
    slot = contract.first_order
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        following = order.next
        if everything or order.origin != BY_ORDER:
            send_cancel(ctx, slot)
        slot = following


__all__ = ["quote", "release", "send_cancel", "send_new", "target", "withdraw"]
