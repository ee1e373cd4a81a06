"""The curve: samples of equity, followed as they are taken instead of being kept.

Of thousands of samples a metric needs the deepest fall, the value at the end of each day and the most that was
locked. While nothing but the price changes, a holding is worth a multiple of it, and a sample costs one product.
"""

import math

from ntp.engine import records as r
from ntp.engine.compile import entry, kernel
from ntp.engine.memory import load_i64, record_at, store_i64
from ntp.engine.records import FAR, context_at, equity_at
from ntp.engine.venue import sample_equity

CURVE = r.record(
    # given: room for the last values of so many days, when the first begins and how long one is
    "closes days first length "
    # as it is now: when the day under way ends, days that ended, newest value and the one before, greatest value,
    # value below which the fall is deeper than any known
    "close day value before peak least locked gross ts count",
    "fall",
)
"""A curve in 0.000001 dollar; its values begin with the capital. The fall is a fraction, not above 0."""

curve_at = record_at(CURVE)


@kernel
def end_days(curve, ts):  # type: ignore[no-untyped-def]
    """Write down the values of the days that ended by a time."""
    while ts >= curve.close:
        store_i64(curve.closes, curve.day, curve.value)
        curve.day += 1
        curve.close = curve.close + curve.length if curve.day < curve.days else FAR


@kernel
def fall_to(curve, value):  # type: ignore[no-untyped-def]
    """Take note of a value below all that count as no deeper fall."""
    high = curve.peak / 1e6
    curve.fall = min(curve.fall, (value / 1e6 - high) / high)
    curve.least = least_of(curve.peak, curve.fall)


@kernel
def least_of(peak, fall):  # type: ignore[no-untyped-def]
    """Value below which a fall from a peak may be deeper than one that is known; it spares nearly all divisions."""
    return peak + math.ceil(fall * peak * 0.999999999999)


@kernel
def follow(curve, row):  # type: ignore[no-untyped-def]
    """Follow the curve to a sample."""
    if row.ts >= curve.close:
        end_days(curve, row.ts)
    value = row.equity
    curve.before = curve.value
    curve.ts, curve.value, curve.gross = row.ts, value, row.gross
    curve.locked = max(curve.locked, row.locked)
    curve.count += 1
    if value >= curve.peak:
        curve.peak, curve.least = value, least_of(value, curve.fall)
    elif value < curve.least:
        fall_to(curve, value)


@kernel
def move_sample(ctx, origin, place):  # type: ignore[no-untyped-def]
    """Let a sample take the place of another."""
    here, there = equity_at(ctx.equity, place), equity_at(ctx.equity, origin)
    here.ts, here.equity, here.gross = there.ts, there.equity, there.gross
    here.cash, here.locked, here.unpriced = there.cash, there.locked, there.unpriced


@kernel
def take_in(ctx, curve):  # type: ignore[no-untyped-def]
    """Follow the samples that were written down but for the last, which becomes the first: the end may replace it."""
    last = ctx.n_equity - 1
    for index in range(last):
        follow(curve, equity_at(ctx.equity, index))
    if last > 0:
        move_sample(ctx, last, 0)
        ctx.n_equity = 1


@kernel
def follow_prices(curve, time, every, count, rest, position, unit, marks, place):  # type: ignore[no-untyped-def]
    """Follow samples between which nothing but the price of one holding changes.

    Parameters are the time of the first, nanoseconds between two, how many there are, what equity is besides, the
    holding, the price at which one is worth 1, and the address and place of the first price.
    """
    if position % unit == 0:
        position, unit = position // unit, 1
    done = 0
    while done < count:
        ts = time + done * every
        if ts >= curve.close:
            end_days(curve, ts)
        until = count if curve.close == FAR else min(count, done + (curve.close - ts - 1) // every + 1)
        _follow_stretch(curve, rest, position, unit, marks, place + done, place + until)
        done = until
    curve.count += count


@kernel
def _follow_stretch(curve, rest, position, unit, marks, first, end):  # type: ignore[no-untyped-def]
    """Follow the samples of one day at some prices, one by one only if they may reach a new peak or a deeper fall."""
    low = high = load_i64(marks, first)
    for index in range(first + 1, end):
        mark = load_i64(marks, index)
        low = min(low, mark)
        high = max(high, mark)
    if position < 0:
        low, high = high, low
    if rest + position * high // unit > curve.peak or rest + position * low // unit < curve.least:
        for index in range(first, end):
            value = rest + position * load_i64(marks, index) // unit
            if value >= curve.peak:
                curve.peak, curve.least = value, least_of(value, curve.fall)
            elif value < curve.least:
                fall_to(curve, value)
    curve.value = rest + position * load_i64(marks, end - 1) // unit


@entry
def finish_curve(context, address):  # type: ignore[no-untyped-def]
    """Take the last sample of a replay, in the place of one at the same time."""
    ctx, curve = context_at(context, 0), curve_at(address, 0)
    sample_equity(ctx)
    last = ctx.n_equity - 1
    if last > 0 and equity_at(ctx.equity, last - 1).ts == ctx.now:
        move_sample(ctx, last, last - 1)
        ctx.n_equity = last
    take_in(ctx, curve)
    follow(curve, equity_at(ctx.equity, 0))


__all__ = ["CURVE", "curve_at", "finish_curve", "follow", "follow_prices", "take_in"]
