"""What contracts settle on, as the strategy has seen it: its value at each second, and how much it moves.

Values count at the time of their event and from the moment at which they are seen. Seconds between two values that
are further apart than a spot may be old have no value: nothing is priced on a guess of them.

Variance is measured on a grid, from the last value of each cell to the last of the next cell that has one, per
second of the time between: a feed that ticks seldom shows fewer and larger moves, not a calmer market. It is
weighted by half-lives of the feed's own time; a silent feed forgets nothing.
"""

import math

from ntp.engine.compile import adopted, kernel
from ntp.engine.memory import load_f64, store_f64
from ntp.engine.records import NONE, bar_at, claim_at, underlying_at
from ntp.pricing.contract_price import MAXIMUM
from ntp.pricing.estimators import ATR, CLOSE, EWMA, FEWEST_PRICES, FLAT, FORMULAS, YANG_ZHANG

_formulas = adopted(FORMULAS)
bar_variance, share_seen, moves_worth = (
    _formulas[name] for name in ("bar_variance", "share_seen", "moves_worth")
)
SECOND = 1_000_000_000
_QUICKER = 16.0


@kernel
def underlying_seen(ctx, number, ts, value):  # type: ignore[no-untyped-def]
    """Note a value of an underlying; one from before the last is too late to tell anything."""
    one = underlying_at(ctx.underlyings, number)
    if not (0.0 < value < math.inf) or ts < one.last_ts:
        return
    value += one.shift  # from the feed to the index that settles
    if value <= 0.0:
        return
    note_seconds(one, ts, value)
    if one.estimator == EWMA:
        note_cell(one, ts)
    elif one.estimator != FLAT:
        note_bar(one, ts, value)
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

    How sure the result is has two parts. The squares of weights and moves tell how far the mean of so many moves,
    however fat their tails, may be off. And volatility itself comes and goes: how much that of a sixteenth of the
    half-life has differed from the whole, beyond half of what the moves explain, is taken for what it may still do.
    """
    half_life = one.half_life
    fade = 2.0 ** (-seconds / half_life)
    weight = (1.0 - fade) * half_life / math.log(2.0)
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
    noise = max(around, 2.0 * mean * mean * one.squares) / (one.weight * one.weight)
    quick = 2.0 ** (-seconds * _QUICKER / half_life)
    one.fast_weight = one.fast_weight * quick + (1.0 - quick)
    one.fast_sum = one.fast_sum * quick + (1.0 - quick) * speed
    swing = one.fast_sum / one.fast_weight - mean
    one.swings = one.swings * fade + (weight * swing * swing / (mean * mean) if mean > 0.0 else 0.0)
    beyond = max(one.swings / one.weight * mean * mean - 0.5 * _QUICKER * noise, 0.0)
    one.variance = mean
    one.variance_sd = math.sqrt(noise + beyond)


@kernel
def note_bar(one, ts, value):  # type: ignore[no-untyped-def]
    """Let the bar grow, or end it and begin the next; the first is never whole."""
    cell = ts // one.grid
    if one.rows > 0 and cell == one.cell:
        one.high, one.low = max(one.high, value), min(one.low, value)
        one.prices += 1
        return
    if one.sampled_cell != NONE:
        bar = bar_at(one.bars, one.bar_count % one.n_bars)
        bar.cell, bar.prices, bar.open, bar.high, bar.low = one.cell, one.prices, one.open, one.high, one.low
        bar.close = one.last
        one.bar_count += 1
        measure(one)
    if one.rows > 0:
        one.sampled_cell = one.cell
    one.cell, one.prices = cell, 1
    one.open = one.high = one.low = value


@kernel
def measure(one):  # type: ignore[no-untyped-def]
    """Measure variance from the bars of the window."""
    count = min(one.bar_count, one.n_bars) - 1  # of the first only its close counts
    one.count = 0
    if count < 2:
        return
    estimator, seconds = one.estimator, one.grid / SECOND
    total = prices = squares = 0.0
    gaps = gap_squares = bodies = body_squares = 0.0
    place = one.bar_count - count
    before = bar_at(one.bars, (place - 1) % one.n_bars)
    close, began = before.close, before.cell
    for number in range(place, one.bar_count):
        bar = bar_at(one.bars, number % one.n_bars)
        total += bar_variance(estimator, bar.open, bar.high, bar.low, bar.close, close)
        gap, body, move = math.log(bar.open / close), math.log(bar.close / bar.open), math.log(bar.close / close)
        gaps, gap_squares = gaps + gap, gap_squares + gap * gap
        bodies, body_squares = bodies + body, body_squares + body * body
        squares += move * move
        prices += bar.prices
        close = bar.close
    if estimator == CLOSE:
        one.count = count
        one.variance = squares / ((one.cell - began) * seconds)
        one.variance_sd = one.variance * math.sqrt(2.0 / count)
        return
    each = prices / count
    if each < FEWEST_PRICES:
        return  # ranges of so few prices say too little
    worth = moves_worth(estimator)
    mean = total / count
    if estimator == ATR:
        mean = mean * mean * math.pi / 8.0
    mean = mean / share_seen(estimator, each)
    if estimator == YANG_ZHANG:
        share = 0.34 / (1.34 + (count + 1.0) / (count - 1.0))
        between = (gap_squares - gaps * gaps / count) / (count - 1.0)
        within = (body_squares - bodies * bodies / count) / (count - 1.0)
        mean = between + share * within + (1.0 - share) * mean
    one.count = int(count * worth)
    one.variance = max(mean, 0.0) / seconds
    one.variance_sd = one.variance * math.sqrt(2.0 / (count * worth))


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
