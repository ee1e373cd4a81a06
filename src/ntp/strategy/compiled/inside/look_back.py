"""History and bars of contracts, kept as :mod:`ntp.strategy.history` and :mod:`ntp.strategy.bars` keep them."""

from __future__ import annotations

from ntp.engine.compile import kernel
from ntp.engine.memory import load_f64, load_i64, store_f64, store_i64
from ntp.strategy.compiled.inside.indicators import forget_indicators
from ntp.strategy.compiled.inside.link import (
    GROW_BARS,
    GROW_SERIES,
    call_ask,
    context_of,
    contract_of,
    fail,
    growing_at,
    is_none,
    link_at,
    series_at,
)
from ntp.strategy.compiled.inside.reads import LAST_WORD, mid, price_at


@kernel
def note(me, k, place, value):  # type: ignore[no-untyped-def]
    """Add a value to a series of a contract, unless it is the last one."""
    if is_none(value):
        return
    link = link_at(me, 0)
    number = k * link.n_series + place
    series = series_at(link.series, number)
    count = series.count
    if count and load_f64(series.values, count - 1) == value:
        return
    if count == series.capacity:
        call_ask(link.ask, GROW_SERIES, number)
    store_i64(series.times, count, context_of(me).now)
    store_f64(series.values, count, value)
    series.count = count + 1


@kernel
def last_changes(me, k, place, count, site):  # type: ignore[no-untyped-def]
    """Last changes of a field as an array."""
    link = link_at(me, 0)
    series = series_at(link.series, k * link.n_series + place)
    if count < 1 or count > series.count:
        link.number = count
        fail(me, site)
    return (series.values + 8 * (series.count - count), count)


@kernel
def changes_since(me, k, place, span, site):  # type: ignore[no-untyped-def]
    """Return the changes of a field within a duration, from the value in force at its start."""
    link = link_at(me, 0)
    series = series_at(link.series, k * link.n_series + place)
    start = context_of(me).now - span
    low, high = 0, series.count
    while low < high:
        middle = (low + high) // 2
        if start < load_i64(series.times, middle):
            high = middle
        else:
            low = middle + 1
    if low == 0:
        fail(me, site)
    return (series.values + 8 * (low - 1), series.count - low + 1)


@kernel
def grow_bar(me, k, place, price, volume):  # type: ignore[no-untyped-def]
    """Add a price to the bar that grows."""
    link = link_at(me, 0)
    bar = growing_at(link.bars, k * link.n_bars + place)
    bar.used = 1
    if bar.touched == 0:
        bar.open = bar.high = bar.low = price
        bar.touched = 1
    bar.high = price if price > bar.high else bar.high
    bar.low = price if price < bar.low else bar.low
    bar.close = price
    bar.closed = 1
    bar.volume += volume


@kernel
def quoted(me, k):  # type: ignore[no-untyped-def]
    """Price of a contract without a tape for its bars, or None."""
    value = mid(me, k)
    return price_at(me, k, LAST_WORD) if is_none(value) else value


@kernel
def has_tape(me, k):  # type: ignore[no-untyped-def]
    """Whether prints make the bars of a contract."""
    return contract_of(me, k).has_tape != 0


@kernel
def leave(me, k):  # type: ignore[no-untyped-def]
    """Drop the bars of a contract that is settled."""
    link = link_at(me, 0)
    store_i64(link.gone, k, 1)
    for place in range(link.n_bars):
        bar = growing_at(link.bars, k * link.n_bars + place)
        bar.used = bar.closed = bar.touched = bar.count = 0
        bar.volume = 0.0
    forget_indicators(me, k)


@kernel
def complete(me, place, span):  # type: ignore[no-untyped-def]
    """End the bars of a duration if it is over, once; returns whether it was.

    Columns lie in memory in the order of :data:`ntp.strategy.indicators.BAR_FIELDS`.
    """
    link = link_at(me, 0)
    time = context_of(me).now
    if time % span != 0 or load_i64(link.completed, place) == time:
        return False
    store_i64(link.completed, place, time)
    for k in range(context_of(me).n_contracts):
        number = k * link.n_bars + place
        bar = growing_at(link.bars, number)
        if bar.used == 0 or bar.closed == 0:
            continue
        if bar.count == bar.capacity:
            call_ask(link.ask, GROW_BARS, number)
        size = bar.capacity
        first = bar.touched != 0
        store_f64(bar.columns, bar.count, bar.open if first else bar.close)
        store_f64(bar.columns, size + bar.count, bar.high if first else bar.close)
        store_f64(bar.columns, 2 * size + bar.count, bar.low if first else bar.close)
        store_f64(bar.columns, 3 * size + bar.count, bar.close)
        store_f64(bar.columns, 4 * size + bar.count, bar.volume if first else 0.0)
        bar.count += 1
        bar.touched = 0
        bar.volume = 0.0
    return True


@kernel
def has_bars(me, k, place):  # type: ignore[no-untyped-def]
    """Whether a contract has a complete bar."""
    link = link_at(me, 0)
    return growing_at(link.bars, k * link.n_bars + place).count > 0


@kernel
def last_bars(me, k, place, count, site):  # type: ignore[no-untyped-def]
    """Return the number of a contract's bars and how many are meant."""
    link = link_at(me, 0)
    number = k * link.n_bars + place
    if count < 1 or growing_at(link.bars, number).count < count:
        link.number = count
        fail(me, site)
    return (number, count)


@kernel
def bar_column(me, bars, column):  # type: ignore[no-untyped-def]
    """Column of the last bars as an array."""
    bar = growing_at(link_at(me, 0).bars, bars[0])
    return (bar.columns + 8 * (column * bar.capacity + bar.count - bars[1]), bars[1])
