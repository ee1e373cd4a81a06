"""Arrays: numbers of them, parts, and statistics summed in the order of NumPy."""

from __future__ import annotations

import math

from ntp.engine.compile import kernel
from ntp.engine.memory import load_f64, load_i64, store_f64, store_i64
from ntp.strategy.compiled.inside.link import fail, link_at


@kernel
def place_in(me, count, index, site):  # type: ignore[no-untyped-def]
    """Index into something of a length."""
    place = index + count if index < 0 else index
    if place < 0 or place >= count:
        fail(me, site)
    return place


@kernel
def item(me, array, index, site):  # type: ignore[no-untyped-def]
    """Return a number of an array."""
    return load_f64(array[0], place_in(me, array[1], index, site))


@kernel
def put(me, array, index, value, site):  # type: ignore[no-untyped-def]
    """Set a number of an array."""
    store_f64(array[0], place_in(me, array[1], index, site), value)


@kernel
def part(array, first, last):  # type: ignore[no-untyped-def]
    """``array[first:last]``."""
    count = array[1]
    first = max(first + count, 0) if first < 0 else min(first, count)
    last = max(last + count, 0) if last < 0 else min(last, count)
    return (array[0] + 8 * first, max(last - first, 0))


@kernel
def plain_sum(array):  # type: ignore[no-untyped-def]
    """``sum(array)``: one after the other."""
    total = 0.0
    for place in range(array[1]):
        total += load_f64(array[0], place)
    return total


@kernel
def _off(address, place, centre, squared):  # type: ignore[no-untyped-def]
    value = load_f64(address, place)
    if squared:
        value -= centre
        return value * value
    return value


@kernel
def _block(address, first, count, centre, squared):  # type: ignore[no-untyped-def]
    """Sum up to 128 numbers as NumPy does: in eight strands."""
    if count < 8:
        total = -0.0
        for place in range(first, first + count):
            total += _off(address, place, centre, squared)
        return total
    a, b, c, d = (
        _off(address, first, centre, squared), _off(address, first + 1, centre, squared),
        _off(address, first + 2, centre, squared), _off(address, first + 3, centre, squared),
    )
    e, f, g, h = (
        _off(address, first + 4, centre, squared), _off(address, first + 5, centre, squared),
        _off(address, first + 6, centre, squared), _off(address, first + 7, centre, squared),
    )
    place = first + 8
    end = first + count - count % 8
    while place < end:
        a += _off(address, place, centre, squared)
        b += _off(address, place + 1, centre, squared)
        c += _off(address, place + 2, centre, squared)
        d += _off(address, place + 3, centre, squared)
        e += _off(address, place + 4, centre, squared)
        f += _off(address, place + 5, centre, squared)
        g += _off(address, place + 6, centre, squared)
        h += _off(address, place + 7, centre, squared)
        place += 8
    total = ((a + b) + (c + d)) + ((e + f) + (g + h))
    while place < first + count:
        total += _off(address, place, centre, squared)
        place += 1
    return total


@kernel
def _pairwise(me, address, first, count, centre, squared):  # type: ignore[no-untyped-def]
    """Sum as NumPy does: halves of halves, down to blocks of 128; what is still to be done lies in the scratch."""
    if count <= 128:
        return _block(address, first, count, centre, squared)
    todo = link_at(me, 0).scratch  # of each piece its start, its count, how many halves are done, and their sum
    store_i64(todo, 0, first)
    store_i64(todo, 1, count)
    store_i64(todo, 2, 0)
    depth, result = 1, 0.0
    while depth > 0:
        piece = todo + 32 * (depth - 1)
        low, size, done = load_i64(piece, 0), load_i64(piece, 1), load_i64(piece, 2)
        half = size // 2
        half -= half % 8
        if size <= 128:
            result = _block(address, low, size, centre, squared)
            depth -= 1
        elif done == 2:
            result = load_f64(piece, 3) + result
            depth -= 1
        else:
            if done == 1:
                store_f64(piece, 3, result)
            store_i64(piece, 2, done + 1)
            store_i64(piece, 4, low if done == 0 else low + half)
            store_i64(piece, 5, half if done == 0 else size - half)
            store_i64(piece, 6, 0)
            depth += 1
    return result


@kernel
def array_sum(me, array):  # type: ignore[no-untyped-def]
    """``array.sum()``."""
    if array[1] == 0:
        return 0.0
    return _pairwise(me, array[0], 0, array[1], 0.0, False) + 0.0


@kernel
def array_mean(me, array):  # type: ignore[no-untyped-def]
    """``array.mean()``."""
    return array_sum(me, array) / array[1]


@kernel
def array_std(me, array, ddof):  # type: ignore[no-untyped-def]
    """``array.std(ddof=ddof)``."""
    if array[1] == 0:
        return math.nan
    centre = array_mean(me, array)
    return math.sqrt(_pairwise(me, array[0], 0, array[1], centre, True) / max(array[1] - ddof, 0))


@kernel
def array_extreme(me, array, largest, site):  # type: ignore[no-untyped-def]
    """Smallest or largest number of an array; NaN if one is."""
    if array[1] == 0:
        fail(me, site)
    found = load_f64(array[0], 0)
    for place in range(1, array[1]):
        value = load_f64(array[0], place)
        if found == found and (value != value or (value > found if largest else value < found)):
            found = value
    return found
