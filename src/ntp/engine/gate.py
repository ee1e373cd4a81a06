"""The gate in the kernel: what an order breaks, whether that refuses it, and how often each happened.

Every new order comes through here, whoever asked for it: the bits of the mask are those of
:mod:`ntp.rules.gate`, and the counts are the memory that a run's Gate reads.
"""

import math
from typing import Final

from ntp.engine.booking import step_in_force
from ntp.engine.compile import adopted, entry, kernel, rare
from ntp.engine.fair import OLD_SPOT, value_now
from ntp.engine.memory import load_i64, store_i64
from ntp.engine.records import (
    BY_ORDER,
    NONE,
    OPEN,
    R_RULE,
    claim_at,
    context_at,
    contract_at,
    done_at,
    match_at,
    order_at,
    step_at,
)
from ntp.pricing.edge import fee, parts
from ntp.rules import (
    COULD_TAKE,
    DISAGREEMENT,
    EV_NOT_POSITIVE,
    EV_UNKNOWN,
    FAIR_ABSENT,
    FAIR_STALE,
    MASKS,
    NOT_ADJUDICATED,
    REDUCES,
    RULES,
    UNMATCHED,
)

FRESH: Final = 60_000_000_000
"""Nanoseconds after which a book that showed nothing new validates nothing."""
_NOISE: Final = 1e-9  # dollars: what is left of the last binary digits
_fee_per_contract = adopted([fee.fee_per_contract])["fee_per_contract"]
_net_edge = adopted([parts.net_edge])["net_edge"]
_TAKER, _FAIR, _EV, _CROSS = (MASKS[rule] for rule in RULES[:4])
_NOT: Final = math.nan


@kernel
def fee_of(ctx, contract, side, price, size, taking):  # type: ignore[no-untyped-def]
    """Fee in dollars per contract of an order as the venue might round it; NaN where nobody knows it."""
    if contract.asset:
        return 0.0
    step = step_at(ctx.steps, step_in_force(ctx, contract))
    return _fee_per_contract(
        step.model, step.taker_rate if taking else step.maker_rate, step.exponent, step.rounding, step.precision,
        0 if taking else 1, side, price / contract.price_unit, size / 1e6, ctx.smallest_fill,
    )


@kernel
def fair_in_force(ctx, contract):  # type: ignore[no-untyped-def]
    """Fair value that an order sent now rests on: the one stated with it, else the engine's, else NaN."""
    fair = contract.fair if math.isnan(ctx.stated) else ctx.stated
    if contract.asset == 0 and not 0.0 <= fair <= 1.0:
        return _NOT
    return fair


@kernel
def reduces(ctx, contract, side, size, wishes):  # type: ignore[no-untyped-def]
    """Whether an order and those of its side only bring the position towards 0; `wishes`: these count too."""
    room = -side * contract.position_seen
    if room < size:
        return False
    slot = contract.first_order
    while slot >= 0:
        order = order_at(ctx.orders, slot)
        counts = (order.side == side) & (order.cancel_sent == 0) & (order.seen_done == 0)
        if counts and (wishes or order.origin == BY_ORDER):
            room -= order.seen_remaining
        slot = order.next
    return room >= size


@kernel
def _expected(ctx, contract_id, contract, side, price, size, taking, fair):  # type: ignore[no-untyped-def]
    """Reason for which an order with a fair value has no positive expectation, 0 if it has.

    An exit is held against keeping the position, which is worth its fair value as well, so that the same
    difference counts; uncertainty and lock-up are what a position costs that is kept, and not charged to it.
    """
    dollars = price / contract.price_unit
    fee = fee_of(ctx, contract, side, price, size, taking)
    if math.isnan(fee):
        return EV_UNKNOWN
    maker = 0 if taking or contract.asset else 1
    seconds = (contract.close_time - ctx.now) / 1e9 if contract.close_time != NONE else _NOT
    sd = _NOT
    if ctx.claims and (math.isnan(ctx.stated) or fair == contract.fair):
        sd = claim_at(ctx.claims, contract_id).sd
    band, rate = ctx.uncertainty, ctx.lock_up_rate
    if contract.asset or reduces(ctx, contract, side, size, True):
        band = rate = 0.0
    net = _net_edge(
        side, fair, sd, dollars, fee, maker, seconds, ctx.adverse_selection, band, rate, ctx.unknown_settlement_s
    )
    return 0 if net > 0.0 else EV_NOT_POSITIVE


@kernel
def _fresh(ctx, contract):  # type: ignore[no-untyped-def]
    return (
        contract.state == OPEN and contract.view_bid != NONE and contract.view_ask != NONE
        and contract.view_bid < contract.view_ask and ctx.now - contract.view_ts <= FRESH
    )  # fmt: skip


@kernel
def _charged(fee):  # type: ignore[no-untyped-def]
    """Fee that excuses a gap: an unknown one excuses nothing."""
    return fee if fee > 0.0 else 0.0


@rare
def _validated(ctx, contract, side, price, size, taking, noted):  # type: ignore[no-untyped-def]
    """Hold an order against the books of matched contracts; `noted`: count how far apart the mids are."""
    mask = 0
    compared = named = False
    one = float(contract.price_unit)
    dollars = price / one
    bid = contract.view_bid / one if contract.view_bid != NONE else 0.0
    ask = contract.view_ask / one if contract.view_ask != NONE else 1.0
    if side > 0:
        bid = max(bid, dollars)
    else:
        ask = min(ask, dollars)
    for number in range(contract.match_first, contract.match_first + contract.match_count):
        match = match_at(ctx.matches, number)
        other = contract_at(ctx.contracts, match.other)
        if match.other == ctx.stated_match and match.equal:
            named = True
        if not _fresh(ctx, other) or ctx.now - contract.view_ts > FRESH:
            continue
        compared = True
        unit = float(other.price_unit)
        there_bid, there_ask = other.view_bid / unit, other.view_ask / unit
        if match.turned:
            there_bid, there_ask = 1.0 - there_ask, 1.0 - there_bid
        if noted and contract.view_bid != NONE and contract.view_ask != NONE:
            mid = (contract.view_bid + contract.view_ask) / one / 2.0
            there = (there_bid + there_ask) / 2.0
            match.gap += abs(mid - there)
            match.turned_gap += abs(mid + there - 1.0)
            match.count += 1
        fees = _charged(fee_of(ctx, contract, side, price, size, taking))
        fees += _charged(fee_of(ctx, other, -side, (other.view_bid + other.view_ask) // 2, size, 1))
        dear, cheap = there_bid - ask > fees + _NOISE, bid - there_ask > fees + _NOISE
        gains = there_bid - dollars if side > 0 else dollars - there_ask
        wanted = match.other == ctx.stated_match and match.equal and gains > fees + _NOISE
        if (dear or cheap) and not wanted:
            mask |= DISAGREEMENT
    if not compared:
        mask |= UNMATCHED
    if ctx.stated_match != NONE and not named:
        mask |= NOT_ADJUDICATED
    return mask


@kernel
def mask_of(ctx, contract_id, contract, side, price, size, taking, noted):  # type: ignore[no-untyped-def]
    """Sum of the reasons for which an order breaks rules; without fair values and matches a few integers."""
    mask = ctx.untested
    if taking:
        mask |= COULD_TAKE
    stale = False
    if ctx.claims and math.isnan(ctx.stated):
        value_now(ctx, contract_id, contract)
        stale = claim_at(ctx.claims, contract_id).reason == OLD_SPOT
    fair = fair_in_force(ctx, contract)
    if math.isnan(fair):
        mask |= FAIR_STALE | EV_UNKNOWN if stale else FAIR_ABSENT | EV_UNKNOWN
    else:
        mask |= _expected(ctx, contract_id, contract, side, price, size, taking, fair)
    if contract.match_count == 0 and ctx.stated_match == NONE:
        return mask | UNMATCHED
    return mask | _validated(ctx, contract, side, price, size, taking, noted)


@kernel
def refusal(ctx, contract, side, size, mask, wishes):  # type: ignore[no-untyped-def]
    """Return the mask, marked where the order only reduces, and the reasons that refuse it."""
    refusing = mask & ctx.refusing
    if refusing & ~COULD_TAKE and reduces(ctx, contract, side, size, wishes):
        mask |= REDUCES
        refusing &= COULD_TAKE
    return mask, refusing


@kernel
def count_mask(ctx, mask):  # type: ignore[no-untyped-def]
    """Count an order that was sent or refused."""
    store_i64(ctx.gate_counts, mask, load_i64(ctx.gate_counts, mask) + 1)


@kernel
def first_broken(mask):  # type: ignore[no-untyped-def]
    """Place of the first rule that a mask breaks."""
    if mask & _TAKER:
        return 0
    if mask & _FAIR:
        return 1
    if mask & _EV:
        return 2
    return 3 if mask & _CROSS else 4


@rare
def refuse(ctx, contract_id, contract, side, price, size, origin, mask, refusing):  # type: ignore[no-untyped-def]
    """Count an order that does not leave, log it as one that ended at once, and return why it did."""
    count_mask(ctx, mask)
    return ended_at_once(ctx, contract_id, contract, side, price, size, origin, R_RULE + first_broken(refusing))


@kernel
def ended_at_once(ctx, contract_id, contract, side, price, size, origin, reason):  # type: ignore[no-untyped-def]
    """Log an order that does not leave as one that ended when it was sent; return why it did."""
    row = done_at(ctx.done, ctx.n_done)
    ctx.n_done += 1
    if ctx.n_done + ctx.margin > ctx.done_capacity:
        ctx.need_grow = 1
    row.order_id, row.contract, row.side, row.price = ctx.next_order, contract_id, side, price
    ctx.next_order += 1
    row.size, row.filled, row.sent, row.arrived, row.done = size, 0, ctx.now, 0, ctx.now
    row.reason, row.tif, row.post_only, row.origin = reason, 0, 1, origin
    row.tag, row.passive, row.queue_ahead, row.fair = ctx.stated_tag, 0, -1.0, fair_in_force(ctx, contract)
    row.bid, row.ask = contract.bid, contract.ask
    return row.reason


@kernel
def admitted_price(ctx, contract_id, contract, side, price, size):  # type: ignore[no-untyped-def]
    """Price of a side of a quote, NONE where rules refuse it, so that what rests there is withdrawn too."""
    if price == NONE or not ctx.refusing & ~COULD_TAKE:
        return price
    mask = mask_of(ctx, contract_id, contract, side, price, size, 0, False)
    mask, refusing = refusal(ctx, contract, side, size, mask, False)
    if not refusing:
        return price
    refuse(ctx, contract_id, contract, side, price, size, 1, mask, refusing)
    return NONE


@kernel
def state_wish(ctx, fair, match, tag, leaves):  # type: ignore[no-untyped-def]
    """Say what comes with the orders that follow: a fair value or NaN, a match or NONE, tag and exit."""
    ctx.stated = fair
    ctx.stated_match, ctx.stated_tag, ctx.stated_exit = match, tag, leaves


@kernel
def forget_wish(ctx):  # type: ignore[no-untyped-def]
    """Let the next orders come with nothing."""
    state_wish(ctx, _NOT, NONE, NONE, 0)


@kernel
def judged(ctx, contract_id, side, price, size, taking, fair, match):  # type: ignore[no-untyped-def]
    """Judge a single order before it is sent: its mask and, sixteen bits higher, the reasons that refuse it."""
    state_wish(ctx, fair, match, NONE, 0)
    contract = contract_at(ctx.contracts, contract_id)
    mask = mask_of(ctx, contract_id, contract, side, price, size, taking, False)
    mask, refusing = refusal(ctx, contract, side, size, mask, True)
    forget_wish(ctx)
    return mask | refusing << 16


@entry
def judge(address, contract_id, side, price, size, taking, fair, match):  # type: ignore[no-untyped-def]
    """Judge a single order of Python's, see :func:`judged`."""
    return judged(context_at(address, 0), contract_id, side, price, size, taking, fair, match)


__all__ = [
    "FRESH", "admitted_price", "count_mask", "ended_at_once", "fair_in_force", "fee_of", "forget_wish", "judge",
    "judged", "mask_of", "reduces", "refusal", "refuse", "state_wish",
]  # fmt: skip
