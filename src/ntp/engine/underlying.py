"""What contracts settle on, as the strategy has seen it: its value at each second, and how much it moves.

Values count at the time of their event and from the moment at which they are seen. Seconds between two values that
are further apart than a spot may be old have no value: nothing is priced on a guess of them.

Variance is measured on a grid, from the last value of each cell to the last of the next cell that has one, per
second of the time between: a feed that ticks seldom shows fewer and larger moves, not a calmer market. It is
weighted by half-lives of the feed's own time; a silent feed forgets nothing.
"""

import math

from ntp.engine.compile import kernel
from ntp.engine.memory import load_f64, store_f64
from ntp.engine.records import NONE, claim_at, underlying_at
from ntp.pricing.contract_price import MAXIMUM
from ntp.pricing.estimators import EWMA

SECOND = 1_000_000_000


@kernel
def underlying_seen(ctx, number, ts, value):  # type: ignore[no-untyped-def]
    """Note a value of an underlying; one from before the last is too late to tell anything."""
    one = underlying_at(ctx.underlyings, number)
    if not (0.0 < value < math.inf) or ts < one.last_ts:
        return
    note_seconds(one, ts, value)
    if one.estimator == EWMA:
        note_cell(one, ts)
    note_extremes(ctx, one, ts, value)
    if one.rows == 0:
        one.first_ts = ts
    one.rows += 1
    one.last, one.last_ts = value, ts


@kernel
def note_seconds(one, ts, value):  # type: ignore[no-untyped-def]
    """Keep the value in force at each full second since the last value."""
    second = ts // SECOND
    if one.rows == 0:
        first = second
    else:
        first = max(one.slot + 1, second - one.ring_mask)
    held = one.last if ts - one.last_ts <= one.max_age and one.rows > 0 else math.nan
    for mark in range(first, second):
        store_value(one, mark, held)
    if ts == second * SECOND:
        store_value(one, second, value)
    elif first <= second:
        store_value(one, second, held)
    one.slot = second


@kernel
def store_value(one, second, value):  # type: ignore[no-untyped-def]
    """Keep the value of one second."""
    store_f64(one.ring, second & one.ring_mask, value)


@kernel
def note_cell(one, ts):  # type: ignore[no-untyped-def]
    """Add the move that ended with the last value, if `ts` begins a new cell of the grid."""
    cell = ts // one.grid
    if one.rows == 0:
        one.cell = cell
        one.sampled_cell = NONE
        return
    if cell == one.cell:
        return
    if one.sampled_cell != NONE:
        add_move(one, math.log(one.last / one.sampled), float(one.cell - one.sampled_cell) * one.grid / SECOND)
    one.sampled, one.sampled_cell = one.last, one.cell
    one.cell = cell


@kernel
def add_move(one, move, seconds):  # type: ignore[no-untyped-def]
    """Let older moves fade and add one, as variance per second weighted by the time it took.

    The squares of weights and moves tell how sure the result is, however fat the tails of the moves are.
    """
    fade = 2.0 ** (-seconds / one.half_life)
    weight = (1.0 - fade) * one.half_life / math.log(2.0)
    speed = move * move / seconds
    one.weight = one.weight * fade + weight
    one.sum = one.sum * fade + weight * speed
    one.squares = one.squares * fade * fade + weight * weight
    one.weighed = one.weighed * fade * fade + weight * weight * speed
    one.squared = one.squared * fade * fade + weight * weight * speed * speed
    one.count += 1
    mean = one.sum / one.weight
    around = max(one.squared - 2.0 * mean * one.weighed + mean * mean * one.squares, 0.0)
    # moves that are normal scatter by twice their variance: never surer than that
    one.variance = mean
    one.variance_sd = math.sqrt(max(around, 2.0 * mean * mean * one.squares)) / one.weight


@kernel
def note_extremes(ctx, one, ts, value):  # type: ignore[no-untyped-def]
    """Keep the extreme so far of the contracts that settle on one."""
    number = one.claims
    while number != NONE:
        claim = claim_at(ctx.claims, number)
        if claim.end - claim.window * SECOND < ts <= claim.end:
            if math.isnan(claim.seen):
                claim.seen = value
            else:
                claim.seen = max(claim.seen, value) if claim.functional == MAXIMUM else min(claim.seen, value)
        number = claim.next


@kernel
def sum_seconds(one, first, last):  # type: ignore[no-untyped-def]
    """Sum of the values at full seconds from `first` to `last`; NaN where one is not known."""
    if first < one.slot - one.ring_mask or last > one.slot or first * SECOND < one.first_ts:
        return math.nan
    total = 0.0
    for second in range(first, last + 1):
        total += load_f64(one.ring, second & one.ring_mask)
    return total


__all__ = ["SECOND", "sum_seconds", "underlying_seen"]
