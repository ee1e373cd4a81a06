"""Who trades in a simulated book: makers, noise and the informed, compiled.

Arrivals form a Poisson process whose rates are constant over one step of the latent path; at the
end of a step the waiting time is drawn again, which its lack of memory allows. Sources of the
mechanism: Glosten and Milgrom (1985) for informed flow against quotes around a belief, Cont,
Stoikov and Talreja (2010) for Poisson limit orders, cancels and takers.
"""

import math
from typing import Final

import numpy as np

from ntp.data.simulator.book import (
    BEST_ASK,
    BEST_BID,
    BUILT,
    CANCEL,
    FILL,
    LEFT,
    LEVEL,
    LIVE,
    NOISE,
    ORDERS,
    PLACE,
    ROOM,
    ROWS,
    SIDE,
    execute,
)
from ntp.data.simulator.compiled import entry, inner

# entries of `rates`
REFRESH: Final = 0
FOLLOW: Final = 1
LIMITS: Final = 2
CANCELS: Final = 3
TAKERS: Final = 4
INFORMED: Final = 5
HALF_SPREAD: Final = 6
# entries of `times`
OPEN: Final = 0
CLOSE: Final = 1
STEP: Final = 2
LAG: Final = 3
# columns of `beliefs`
QUOTED: Final = 0
ERROR: Final = 1
VALUE: Final = 2
HALF: Final = 3
MISSED: Final = 4
BELIEF_COLUMNS: Final = 5

LADDER: Final = 2
"""Quotes of a maker on each side."""
PATIENCE: Final = 0.008
"""Move of a maker's belief, in dollars at a price of 0.5, below which full quotes are left alone."""
ACTION_GAP: Final = 200_000
"""Nanoseconds between two messages of one maker."""
FEE: Final = 0.07
"""Taker fee the informed reckon with, times p(1-p)."""
CONTRACT: Final = 1_000_000
LAST_CALL: Final = 20_000_000
"""Nanoseconds before the close from which nobody acts."""
FIRST_NOISE: Final = 24
"""Noise limit orders in the book at the open."""


@inner
def uniform(dice):  # type: ignore[no-untyped-def]
    """Draw a number in (0, 1) by SplitMix64 (Steele, Lea and Flood 2014)."""
    dice[0] += np.uint64(0x9E3779B97F4A7C15)
    z = dice[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (np.float64(z >> np.uint64(11)) + 0.5) * (1.0 / 9007199254740992.0)


@inner
def lot(dice, mean):  # type: ignore[no-untyped-def]
    """Size of an order: whole contracts, now and then with two decimals."""
    size = np.int64(1.0 - math.log(uniform(dice)) * mean) * CONTRACT
    if uniform(dice) < 0.03:
        size += np.int64(uniform(dice) * 100.0) * 10_000
    return size


@inner
def level_at(tables, side, price):  # type: ignore[no-untyped-def]
    """Level at or below a price for a bid (side 0), at or above it for an ask."""
    thousandths = math.floor(price * 1_000.0 + side * 0.999 + 1e-9)
    return tables[side, min(1_000, max(0, np.int64(thousandths)))]


@inner
def plan_quotes(book, tables, maker, belief, shape, dice):  # type: ignore[no-untyped-def]
    """Plan a maker's way to its quotes around its belief: cancel what is stale, then place what is missing.

    Returns the length of the plan, and how many quotes had to be left out because they would cross.
    """
    grid = book.levels.shape[0] // 2
    plan, orders, targets = book.plan, book.orders, book.targets
    planned, missed, last = 0, 0, 0
    for j in range(2 * LADDER):
        side, k = j // LADDER, j % LADDER
        away = 2 * side - 1
        level = level_at(tables, side, belief[VALUE] + away * (belief[HALF] + k * 0.01 * shape))
        targets[j] = level if k == 0 or (level - last) * away > 0 else last + away
        last = targets[j]
    for j in range(2 * LADDER):
        number = book.quotes[maker, j]
        if number < 0:
            continue
        stale = True
        for k in range(2 * LADDER):
            if targets[k] == orders[number, LEVEL] and k // LADDER == orders[number, SIDE]:
                targets[k] = -1
                stale = False
        if stale:
            plan[planned, 0], plan[planned, 3], plan[planned, 4] = CANCEL, orders[number, LEFT], number
            planned += 1
    for j in range(2 * LADDER):
        side, level = j // LADDER, targets[j]
        if level < 0 or level >= grid:
            continue
        if (level - book.counts[1 - side]) * (2 * side - 1) <= 0:
            missed += 1
            continue
        plan[planned, 0], plan[planned, 1], plan[planned, 2] = PLACE, side, level
        plan[planned, 3], plan[planned, 4] = lot(dice, 40.0 * (j % LADDER + 1)), maker
        planned += 1
    return planned, missed


@inner
def plan_limit(book, tables, seen, shape, dice):  # type: ignore[no-untyped-def]
    """Plan a noise limit order somewhere around the touch or, mostly, behind it."""
    grid = book.levels.shape[0] // 2
    side = np.int64(uniform(dice) * 2.0)
    away = 2 * side - 1
    distance = (0.012 - math.log(uniform(dice)) * 0.04) * shape
    level = level_at(tables, side, seen + away * distance)
    if level < 0 or level >= grid or (level - book.counts[1 - side]) * away <= 0:
        return 0
    book.plan[0, 0], book.plan[0, 1], book.plan[0, 2] = PLACE, side, level
    book.plan[0, 3], book.plan[0, 4] = lot(dice, 25.0), NOISE
    return 1


@inner
def plan_cancel(book, prices, seen, dice):  # type: ignore[no-untyped-def]
    """Plan to withdraw the more endangered of two noise orders: the one with less edge to the belief."""
    one = book.live[np.int64(uniform(dice) * book.counts[LIVE])]
    other = book.live[np.int64(uniform(dice) * book.counts[LIVE])]
    gap = (seen - prices[book.orders[one, LEVEL]]) * (1 - 2 * book.orders[one, SIDE])
    if (seen - prices[book.orders[other, LEVEL]]) * (1 - 2 * book.orders[other, SIDE]) < gap:
        one = other
    book.plan[0, 0], book.plan[0, 3], book.plan[0, 4] = CANCEL, book.orders[one, LEFT], one
    return 1


@inner
def plan_take(book, tables, prices, fair, informed, dice):  # type: ignore[no-untyped-def]
    """Plan a taker's order: for no reason, or of one who sees the latent path and reckons with the fee."""
    grid = book.levels.shape[0] // 2
    bid, ask = book.counts[BEST_BID], book.counts[BEST_ASK]
    if bid < 0 or ask >= grid:
        return 0
    if informed:
        cost = FEE * fair * (1.0 - fair) + 0.004
        direction = 1 if prices[ask] < fair - cost else -1
        limit = level_at(tables, (1 - direction) // 2, fair - direction * cost)
        size = lot(dice, 30.0)
    else:
        direction = 1 if uniform(dice) < 0.5 else -1
        limit = (ask if direction > 0 else bid) + direction * np.int64(uniform(dice) * 3.0)
        size = lot(dice, 150.0 if uniform(dice) < 0.05 else 14.0)
        if prices[ask] - prices[bid] > 0.08:
            return 0
    if ((ask if direction > 0 else bid) - limit) * direction > 0:
        return 0
    book.plan[0, 0], book.plan[0, 1], book.plan[0, 2], book.plan[0, 3] = FILL, direction, limit, size
    return 1


@inner
def lure(book, prices, fair):  # type: ignore[no-untyped-def]
    """How strongly a mispriced touch attracts the informed: the square of the cents beyond their cost."""
    cost = FEE * fair * (1.0 - fair) + 0.004
    bid, ask = book.counts[BEST_BID], book.counts[BEST_ASK]
    edge = 0.0
    if ask < prices.shape[0]:
        edge = fair - cost - prices[ask]
    if bid >= 0:
        edge = max(edge, prices[bid] - fair - cost)
    return min(25.0, 1.0 + 1e4 * edge * edge) if edge > 0.0 else 0.0


@inner
def makers_pace(fair, seen_step, rates, beliefs, aim):  # type: ignore[no-untyped-def]
    """Add up the makers' rates; give the sum and the maker that a number below it hits."""
    total, chosen = 0.0, beliefs.shape[0]
    for m in range(beliefs.shape[0]):
        drift = (fair[max(0, seen_step - m)] - beliefs[m, QUOTED]) * 80.0
        total += rates[REFRESH] + rates[FOLLOW] * min(1.0, drift * drift + beliefs[m, MISSED])
        if chosen == beliefs.shape[0] and aim < total:
            chosen = m
    return total, chosen


@inner
def first_arrival(book, beliefs):  # type: ignore[no-untyped-def]
    """Give who acts before the open: a maker without quotes, then noise, then -1 for nobody."""
    chosen = beliefs.shape[0]
    for m in range(beliefs.shape[0]):
        chosen = m if beliefs[m, QUOTED] < 0.0 else chosen
    ready = book.counts[LIVE] >= FIRST_NOISE or book.counts[ORDERS] >= 200
    return -1 if chosen == beliefs.shape[0] and ready else chosen


@inner
def plan_refresh(book, maker, seen, fast, shape, tables, rates, beliefs, dice):  # type: ignore[no-untyped-def]
    """Plan a maker's quotes after it looked at the market; small moves leave its belief as it is."""
    belief = beliefs[maker]
    if abs(seen - belief[QUOTED]) >= PATIENCE * shape:
        error = 0.85 * belief[ERROR] + 0.003 * shape * (uniform(dice) + uniform(dice) - 1.0)
        skew = min(0.03, max(-0.03, book.inventory[maker] * 3e-11)) * shape
        belief[QUOTED], belief[ERROR], belief[VALUE] = seen, error, seen + error - skew
        belief[HALF] = rates[HALF_SPREAD] * shape * (0.9 + 0.15 * maker) + 0.45 * fast
    planned, missed = plan_quotes(book, tables, maker, belief, shape, dice)
    belief[MISSED] = min(1, missed)
    return planned


@inner
def plan_arrival(  # type: ignore[no-untyped-def]
    book, maker, aim, seen, fast, fair, prices, tables, rates, beliefs, dice
):
    """Plan what the arrival does that a number between 0 and the sum of the rates stands for."""
    shape = 0.25 + 3.0 * seen * (1.0 - seen)
    quiet = rates[LIMITS] + rates[CANCELS] * book.counts[LIVE]
    if maker < beliefs.shape[0]:
        planned = plan_refresh(book, maker, seen, fast, shape, tables, rates, beliefs, dice)
    elif aim < rates[LIMITS]:
        planned = plan_limit(book, tables, seen, shape, dice)
    elif aim < quiet:
        planned = plan_cancel(book, prices, seen, dice)
    else:
        planned = plan_take(book, tables, prices, fair, aim >= quiet + rates[TAKERS], dice)
    return planned


@entry
def run_book(book, fair, speed, prices, tables, rates, times, beliefs, dice):  # type: ignore[no-untyped-def]
    """Simulate one book from open to close.

    Parameters
    ----------
    book : Book
        Empty book; changed in place.
    fair, speed : ndarray of float64
        True probability, and standard deviation of its change over a second, at each step.
    prices : ndarray of float64
        Grid in dollars.
    tables : ndarray of int64
        See :func:`ntp.data.simulator.grid.level_tables`.
    rates : ndarray of float64
        Arrivals a second and the half spread.
    times : ndarray of int64
        Open, close, step, and the steps by which the makers lag.
    beliefs : ndarray of float64
        What each maker quotes around; ``QUOTED`` is -1 at first.
    dice : ndarray of uint64
        State of the random stream.

    Returns
    -------
    bool
        False if the arrays of the book were too short.
    """
    counts, makers, now = book.counts, beliefs.shape[0], times[OPEN]
    while counts[ROWS] + ROOM < book.out.shape[0]:
        step = min((now - times[OPEN]) // times[STEP], fair.shape[0] - 1)
        behind = step - times[LAG] - 1
        refreshes, _ = makers_pace(fair, behind, rates, beliefs, -1.0)
        others = rates[LIMITS] + rates[CANCELS] * counts[LIVE] + rates[TAKERS]
        others += rates[INFORMED] * lure(book, prices, fair[step])
        aim = uniform(dice) * (refreshes + others)
        _, chosen = makers_pace(fair, behind, rates, beliefs, aim)
        if counts[BUILT] == 0:
            chosen, aim = first_arrival(book, beliefs), refreshes
            if chosen < 0:
                counts[BUILT] = counts[ROWS]
                now = times[OPEN]
                continue
        else:
            ts = now + np.int64(-math.log(uniform(dice)) / (refreshes + others) * 1e6) * 1_000 + 1_000
            border = times[OPEN] + (step + 1) * times[STEP]
            if ts >= border or ts >= times[CLOSE] - LAST_CALL:
                now = border
                if now >= times[CLOSE]:
                    return True
                continue
            now = ts
        late = max(0, behind - (chosen if chosen < makers else 0))
        planned = plan_arrival(
            book, chosen, aim - refreshes, fair[late], speed[late], fair[step],
            prices, tables, rates, beliefs, dice,
        )
        now = execute(book, now, ACTION_GAP, planned)
    return False
