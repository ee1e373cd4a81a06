"""Limit order book with individual orders in price-time priority, compiled.

Levels are positions on the contract's grid. A side is 0 (bids) or 1 (asks); the orders of a level
form a linked list in order of arrival, and a higher order number means a later arrival. Agents
write what they want into a plan, :func:`execute` does it and appends what happened to ``out``, one
row for each print and each changed order.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ntp.data.simulator.compiled import inner

Ints = NDArray[np.int64]

# columns of `orders`
LEVEL: Final = 0
SIDE: Final = 1
LEFT: Final = 2
OWNER: Final = 3
PREVIOUS: Final = 4
NEXT: Final = 5
SLOT: Final = 6
# columns of `levels`, a row for each side and level
HEAD: Final = 0
TAIL: Final = 1
TOTAL: Final = 2
# entries of `counts`
BEST_BID: Final = 0
BEST_ASK: Final = 1
ORDERS: Final = 2
ROWS: Final = 3
LIVE: Final = 4
BUILT: Final = 5
# columns of `out`
TS: Final = 0
WHAT: Final = 1
ROW_SIDE: Final = 2
ROW_LEVEL: Final = 3
SIZE: Final = 4
ORDER: Final = 5
END: Final = 6
# values of WHAT, and of the first column of a plan
PLACE: Final = 0
CANCEL: Final = 1
FILL: Final = 2
PRINT: Final = 3
# columns of a plan: what, side (PLACE) or direction (FILL), level or limit, size, owner or order
PLAN_COLUMNS: Final = 5

NOISE: Final = -1
"""Owner of orders that no maker looks after."""
MOST_MATCHES: Final = 200
"""Resting orders that one taker may meet."""
ROOM: Final = 2 * MOST_MATCHES + 64
"""Rows that one arrival can append at most."""


class Book(NamedTuple):
    """State of one book; the arrays are changed in place."""

    orders: Ints
    levels: Ints
    counts: Ints
    out: Ints
    live: Ints
    inventory: Ints
    quotes: Ints
    targets: Ints
    plan: Ints


def empty_book(grid: int, makers: int, ladder: int, capacity: int) -> Book:
    """Book without orders, with room for a number of rows."""
    levels = np.zeros((2 * grid, 3), np.int64)
    levels[:, :2] = -1
    counts = np.zeros(6, np.int64)
    counts[BEST_BID], counts[BEST_ASK] = -1, grid
    return Book(
        orders=np.empty((capacity, 7), np.int64),
        levels=levels,
        counts=counts,
        out=np.empty((capacity, 7), np.int64),
        live=np.empty(capacity, np.int64),
        inventory=np.zeros(makers, np.int64),
        quotes=np.full((makers, 2 * ladder), -1, np.int64),
        targets=np.empty(2 * ladder, np.int64),
        plan=np.empty((4 * ladder, PLAN_COLUMNS), np.int64),
    )


@inner
def emit(book, ts, what, side, level, size, number):  # type: ignore[no-untyped-def]
    """Append a row; sides are +1 and -1 here."""
    n = book.counts[ROWS]
    book.out[n, TS] = ts
    book.out[n, WHAT] = what
    book.out[n, ROW_SIDE] = side
    book.out[n, ROW_LEVEL] = level
    book.out[n, SIZE] = size
    book.out[n, ORDER] = number
    book.out[n, END] = 0
    book.counts[ROWS] = n + 1


@inner
def insert(book, side, level, size, owner):  # type: ignore[no-untyped-def]
    """Rest an order at the end of its level's queue; the plan has seen to it that it does not cross."""
    orders, counts = book.orders, book.counts
    at = side * (book.levels.shape[0] // 2) + level
    number = counts[ORDERS]
    counts[ORDERS] = number + 1
    tail = book.levels[at, TAIL]
    orders[number, LEVEL] = level
    orders[number, SIDE] = side
    orders[number, LEFT] = size
    orders[number, OWNER] = owner
    orders[number, PREVIOUS] = tail
    orders[number, NEXT] = -1
    orders[number, SLOT] = -1
    if tail >= 0:
        orders[tail, NEXT] = number
    else:
        book.levels[at, HEAD] = number
    book.levels[at, TAIL] = number
    book.levels[at, TOTAL] += size
    if (level - counts[side]) * (1 - 2 * side) > 0:
        counts[side] = level
    if owner == NOISE:
        orders[number, SLOT] = counts[LIVE]
        book.live[counts[LIVE]] = number
        counts[LIVE] += 1
    else:
        for k in range(book.quotes.shape[1]):
            if book.quotes[owner, k] < 0:
                book.quotes[owner, k] = number
                break
    return number


@inner
def reduce(book, number, size):  # type: ignore[no-untyped-def]
    """Take size off a resting order; at nothing it leaves its queue."""
    orders, counts = book.orders, book.counts
    grid = book.levels.shape[0] // 2
    side, owner = orders[number, SIDE], orders[number, OWNER]
    at = side * grid + orders[number, LEVEL]
    orders[number, LEFT] -= size
    book.levels[at, TOTAL] -= size
    if orders[number, LEFT] > 0:
        return
    before, after = orders[number, PREVIOUS], orders[number, NEXT]
    if before >= 0:
        orders[before, NEXT] = after
    else:
        book.levels[at, HEAD] = after
    if after >= 0:
        orders[after, PREVIOUS] = before
    else:
        book.levels[at, TAIL] = before
    if owner == NOISE:
        counts[LIVE] -= 1
        moved = book.live[counts[LIVE]]
        book.live[orders[number, SLOT]] = moved
        orders[moved, SLOT] = orders[number, SLOT]
    else:
        for k in range(book.quotes.shape[1]):
            if book.quotes[owner, k] == number:
                book.quotes[owner, k] = -1
    best = counts[side]
    while 0 <= best < grid and book.levels[side * grid + best, TOTAL] == 0:
        best += 2 * side - 1
    counts[side] = best


@inner
def execute(book, ts, gap, planned):  # type: ignore[no-untyped-def]
    """Carry out a plan, each entry an atomic group a gap after the one before.

    A taker's order is cancelled where it cannot trade. Each resting order it meets gives a print
    and, right after it, the change of that order.

    Returns the time of the last entry.
    """
    counts = book.counts
    grid = book.levels.shape[0] // 2
    for i in range(planned):
        what, side, level = book.plan[i, 0], book.plan[i, 1], book.plan[i, 2]
        left, number = book.plan[i, 3], book.plan[i, 4]
        if i > 0:
            ts += gap
        if what == PLACE:
            number = insert(book, side, level, left, number)
            emit(book, ts, what, 1 - 2 * side, level, left, number)
            book.out[counts[ROWS] - 1, END] = 1
            continue
        met = 0
        while left > 0 and met < MOST_MATCHES:
            if what == FILL:
                against = (1 + side) // 2
                best = counts[against]
                if best < 0 or best >= grid or (best - level) * side > 0:
                    break
                number = book.levels[against * grid + best, HEAD]
            done = min(left, book.orders[number, LEFT])
            left -= done
            met += 1
            if what == FILL:
                if book.orders[number, OWNER] >= 0:
                    book.inventory[book.orders[number, OWNER]] -= side * done
                emit(book, ts, what + 1, side, book.orders[number, LEVEL], done, number)
            reduce(book, number, done)
            emit(book, ts, what, 1 - 2 * book.orders[number, SIDE], book.orders[number, LEVEL], -done, number)
        if met > 0:
            book.out[counts[ROWS] - 1, END] = 1
    return ts
