"""Indicators of contracts: their states in one table, stepped by the functions of :mod:`ntp.statistics.indicators`."""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic
from numba.np import arrayobj

from ntp.engine.compile import kernel
from ntp.engine.memory import load_f64, load_i64, store_f64, store_i64
from ntp.strategy.compiled.inside.link import (
    GROW_PASTS,
    call_ask,
    context_of,
    contract_of,
    fail,
    growing_at,
    is_none,
    link_at,
    none,
    sample_at,
    series_at,
)
from ntp.strategy.compiled.inside.reads import LAST_WORD, mid, price_at

_arrays: Any = arrayobj  # untyped


@intrinsic
def slots(typing_context: Any, address: Any, count: Any) -> Any:
    """Float64 array of memory that somebody else owns; it cannot be returned."""
    result = types.Array(types.float64, 1, "C")
    make, populate = _arrays.make_array, _arrays.populate_array

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = make(result)(context, builder)
        word = context.get_constant(types.intp, 8)
        populate(
            array, data=builder.inttoptr(args[0], array.data.type), shape=[args[1]], strides=[word], itemsize=word,
            meminfo=None,
        )
        return array._getvalue()  # noqa: SLF001 - numba's name for it

    return result(types.int64, types.int64), codegen


@kernel
def indicator_place(me, k, number):  # type: ignore[no-untyped-def]
    """Address of the state of a contract's indicator."""
    link = link_at(me, 0)
    return link.indicators + 8 * (k * link.indicator_words + load_i64(link.indicator_places, 2 * number))


@kernel
def indicator_width(me, number):  # type: ignore[no-untyped-def]
    """Slots of the state of an indicator."""
    return load_i64(link_at(me, 0).indicator_places, 2 * number + 1)


@kernel
def indicator_output(me, k, number, output):  # type: ignore[no-untyped-def]
    """Output of a contract's indicator, or None while it warms up."""
    place = indicator_place(me, k, number)
    return none() if load_f64(place, 0) != load_f64(place, 0) else load_f64(place, output)


@kernel
def indicator_ready(me, k, number, site):  # type: ignore[no-untyped-def]
    """Contract whose indicator has a value."""
    if is_none(indicator_output(me, k, number, 0)):
        fail(me, site)
    return k


@kernel
def quoted_or_printed(me, k):  # type: ignore[no-untyped-def]
    """Return what an indicator is computed from where that was not said, or None."""
    return mid(me, k) if contract_of(me, k).has_quotes else price_at(me, k, LAST_WORD)


@kernel
def keep_value(me, k, number, value):  # type: ignore[no-untyped-def]
    """Keep a value of an indicator for a look back."""
    if value != value:
        return
    link = link_at(me, 0)
    row = k * link.n_indicators + number
    past = series_at(link.pasts, row)
    if past.count == past.capacity:
        call_ask(link.ask, GROW_PASTS, row)
    store_f64(past.values, past.count, value)
    past.count += 1


@kernel
def last_values(me, k, number, count, site):  # type: ignore[no-untyped-def]
    """Last values of an indicator as an array."""
    link = link_at(me, 0)
    past = series_at(link.pasts, k * link.n_indicators + number)
    if count < 1 or past.count < count:
        link.number = count
        fail(me, site)
    return (past.values + 8 * (past.count - count), count)


@kernel
def add_sample(me, k, place, value):  # type: ignore[no-untyped-def]
    """Add a value to the growing bar of a field."""
    link = link_at(me, 0)
    bar = sample_at(link.samples, k * link.n_samples + place)
    if bar.touched == 0:
        bar.open = bar.high = bar.low = value
        bar.touched = 1
    bar.high = value if value > bar.high else bar.high
    bar.low = value if value < bar.low else bar.low
    bar.close = value
    bar.closed = 1


@kernel
def end_samples(me, place):  # type: ignore[no-untyped-def]
    """End the bars of a field."""
    link = link_at(me, 0)
    for k in range(context_of(me).n_contracts):
        bar = sample_at(link.samples, k * link.n_samples + place)
        if bar.closed:
            first = bar.touched != 0
            bar.last_open = bar.open if first else bar.close
            bar.last_high = bar.high if first else bar.close
            bar.last_low = bar.low if first else bar.close
            bar.last_close = bar.close
            bar.done = 1
            bar.touched = 0


@kernel
def sampled(me, k, place):  # type: ignore[no-untyped-def]
    """Last complete bar of a field."""
    link = link_at(me, 0)
    return sample_at(link.samples, k * link.n_samples + place)


@kernel
def newest(me, k, place, column):  # type: ignore[no-untyped-def]
    """Value of the bar that has just been completed, or None."""
    link = link_at(me, 0)
    bar = growing_at(link.bars, k * link.n_bars + place)
    return none() if bar.count == 0 else load_f64(bar.columns, column * bar.capacity + bar.count - 1)


@kernel
def forget_indicators(me, k):  # type: ignore[no-untyped-def]
    """Begin anew with the indicators of a contract."""
    link = link_at(me, 0)
    for word in range(link.indicator_words):
        store_i64(link.indicators, k * link.indicator_words + word, load_i64(link.indicator_fresh, word))
    for number in range(link.n_indicators):
        series_at(link.pasts, k * link.n_indicators + number).count = 0
    for place in range(link.n_samples):
        bar = sample_at(link.samples, k * link.n_samples + place)
        bar.touched = bar.closed = bar.done = 0
