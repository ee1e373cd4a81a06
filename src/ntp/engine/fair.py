"""What a contract is worth now, from what the strategy has seen of its underlying.

A value is there or a reason why not; it is worked out when somebody asks or an order is sent, never before.
"""

import math

from ntp.engine.compile import adopted, entry, kernel, rare
from ntp.engine.records import NONE, claim_at, context_at, contract_at, underlying_at
from ntp.engine.underlying import SECOND, sum_seconds
from ntp.pricing.contract_price import DIFFERENCE, FORMULAS, LAST, MEAN
from ntp.pricing.estimators import FLAT

_formulas = adopted(FORMULAS)
mean_law, difference_law, contract_price = (
    _formulas[name] for name in ("mean_law", "difference_law", "contract_price")
)

PRICED = 0
NO_UNDERLYING = 1
NO_SPOT = 2
OLD_SPOT = 3
FEW_MOVES = 4
NO_MOVES = 5
SETTLED_ALREADY = 6
HOLE = 7
NOT_A_PRICE = 8
NO_STRIKE = 9
NO_END = 10
NO_FORMULA = 11
RULES_UNKNOWN = 12
WHY = {
    NO_UNDERLYING: "no underlying in the data",
    NO_SPOT: "no spot yet",
    OLD_SPOT: "spot too old",
    FEW_MOVES: "too few moves for a volatility",
    NO_MOVES: "zero volatility",
    SETTLED_ALREADY: "past its settlement",
    HOLE: "spot has a hole where settlement looks",
    NOT_A_PRICE: "settles on no price",
    NO_STRIKE: "no strike",
    NO_END: "no time of settlement",
    NO_FORMULA: "no formula for its settlement",
    RULES_UNKNOWN: "settlement unknown",
}
"""Why there is no value."""
LEAST_MOVES = 30


@rare
def value_now(ctx, number, contract):  # type: ignore[no-untyped-def]
    """Bring the fair value of a contract up to date; NaN and a reason where there is none."""
    claim = claim_at(ctx.claims, number)
    if claim.refused != PRICED:
        claim.reason = claim.refused
        contract.fair = math.nan  # it may have had a value by the terms it had before
        return
    one = underlying_at(ctx.underlyings, claim.underlying)
    if claim.at == ctx.now and claim.rows == one.rows and claim.blend == 0.0:
        return
    claim.at, claim.rows = ctx.now, one.rows
    claim.fair = claim.sd = math.nan
    claim.reason = why_not(ctx, claim, one)
    if claim.reason == PRICED:
        price(claim, one)
        blend(contract, claim)
    contract.fair = claim.fair


@kernel
def why_not(ctx, claim, one):  # type: ignore[no-untyped-def]
    """Reason why nothing can be priced, as far as it does not lie in the settlement window."""
    if one.rows == 0:
        return NO_SPOT
    age = ctx.now - one.last_ts
    claim.age = age / 1e9
    if ctx.now >= claim.end:
        return SETTLED_ALREADY
    if age > one.max_age:
        return OLD_SPOT
    if one.estimator != FLAT and one.count < LEAST_MOVES:
        return FEW_MOVES
    if not one.variance > 0.0:
        return NO_MOVES
    return PRICED


@kernel
def price(claim, one):  # type: ignore[no-untyped-def]
    """Price a contract on what was seen of its underlying."""
    left = (claim.end - one.last_ts) / SECOND
    low = claim.low
    mean, share, seconds, slope = one.last, 1.0, left, 1.0
    if claim.functional == MEAN:
        mean, share, seconds, slope = closing_law(claim, one, left)
    elif claim.functional == DIFFERENCE:
        opening = opening_mean(claim, one)
        if math.isnan(opening):
            mean, share, seconds, slope = opening_law(claim, one, left)
        else:
            mean, share, seconds, slope = closing_law(claim, one, left)
            low += opening
    elif claim.functional != LAST:
        began = claim.end - claim.window * SECOND
        if one.last_ts <= began:
            claim.reason = NO_FORMULA
        elif one.first_ts > began + SECOND or math.isnan(claim.seen):
            claim.reason = HOLE
    if math.isnan(mean):
        claim.reason = HOLE
    if claim.reason == PRICED:
        claim.fair, claim.sd, claim.delta, claim.vega, claim.theta = contract_price(
            claim.functional, claim.has_low, low, claim.low_counts, claim.has_high, claim.high, claim.high_counts,
            one.last, one.variance, one.variance_sd, mean, share, seconds, slope, claim.seen, claim.basis_sd,
            claim.freedom,
        )  # fmt: skip


@kernel
def closing_law(claim, one, left):  # type: ignore[no-untyped-def]
    """Law of the mean of the last seconds."""
    first = claim.end // SECOND - claim.window + 1
    seen = min(max(one.slot - first + 1, 0), claim.window)
    total = sum_seconds(one, first, first + seen - 1) if seen else 0.0
    return mean_law(one.last, claim.window, seen, total, left)


@kernel
def opening_mean(claim, one):  # type: ignore[no-untyped-def]
    """Mean of the seconds up to the opening, rounded as the rules round it; NaN before it is complete."""
    last = claim.open_end // SECOND
    if one.slot < last:
        return math.nan
    mean = sum_seconds(one, last - claim.window + 1, last) / claim.window
    if math.isnan(mean) or claim.step <= 0.0:
        return mean  # no value may be rounded that is none: the floor of it is a number
    return math.floor(mean / claim.step + 0.5) * claim.step


@kernel
def opening_law(claim, one, left):  # type: ignore[no-untyped-def]
    """Law of the closing less the opening mean, before the latter is complete; NaN where it was and is not known."""
    last = claim.open_end // SECOND
    if one.slot >= last:
        return math.nan, 0.0, 0.0, 0.0
    first = last - claim.window + 1
    seen = max(one.slot - first + 1, 0)
    total = sum_seconds(one, first, first + seen - 1) if seen else 0.0
    return difference_law(one.last, claim.window, seen, total, (claim.open_end - one.last_ts) / SECOND, left)


@kernel
def blend(contract, claim):  # type: ignore[no-untyped-def]
    """Move a price towards the middle of the market, where it has one, and round it."""
    if claim.reason != PRICED:
        return
    if math.isnan(claim.fair):
        claim.reason = NO_FORMULA
        return
    if claim.blend > 0.0 and contract.view_bid != NONE and contract.view_ask != NONE:
        own, mid = 1.0 - claim.blend, (contract.view_bid + contract.view_ask) / 2.0 / contract.price_unit
        claim.fair = own * claim.fair + claim.blend * mid
        claim.sd, claim.delta = own * claim.sd, own * claim.delta
        claim.vega, claim.theta = own * claim.vega, own * claim.theta
    claim.fair = math.floor(claim.fair * 1e6 + 0.5) / 1e6


@kernel
def outcome_seen(ctx, number):  # type: ignore[no-untyped-def]
    """Price a contract no more whose outcome the strategy has learnt of; the venue may know it before."""
    if ctx.claims:
        claim_at(ctx.claims, number).refused = SETTLED_ALREADY


@entry
def value_of(address, number):  # type: ignore[no-untyped-def]
    """Bring the fair value of a contract up to date; return why there is none, 0 where there is one."""
    ctx = context_at(address, 0)
    value_now(ctx, number, contract_at(ctx.contracts, number))
    return claim_at(ctx.claims, number).reason


__all__ = ["LEAST_MOVES", "NO_UNDERLYING", "PRICED", "SETTLED_ALREADY", "WHY", "outcome_seen", "value_now", "value_of"]
