"""Parts of steps: windows of the last values, means and smoothings, each in slots of the state from `at`.

All slots are zero at the start. A window takes ``n + 2`` slots: the place of the next value, how many there
are, and the values.
"""

import math

from ntp.statistics.indicators.compiled import part

NAN = float("nan")


@part
def push(state, at, n, x):  # type: ignore[no-untyped-def]
    """Put a value into a window of `n`; returns the one it replaces, 0 where there was none."""
    place = int(state[at])
    old = state[at + 2 + place]
    state[at + 2 + place] = x
    state[at] = 0.0 if place + 1 == n else place + 1.0
    if state[at + 1] < n:
        state[at + 1] += 1.0
    return old


@part
def full(state, at, n):  # type: ignore[no-untyped-def]
    """Whether a window holds `n` values."""
    return state[at + 1] >= n


@part
def total(state, at, n):  # type: ignore[no-untyped-def]
    """Sum of a full window, made afresh: of zeros it is exactly 0."""
    found = 0.0
    for slot in range(at + 2, at + 2 + n):
        found += state[slot]
    return found


@part
def mean(state, at, n):  # type: ignore[no-untyped-def]
    """Mean of a full window, summed afresh."""
    return total(state, at, n) / n


@part
def deviation(state, at, n, centre):  # type: ignore[no-untyped-def]
    """Spread of a full window around its mean (population standard deviation); of equal values exactly 0."""
    squares, first, varied = 0.0, state[at + 2], False
    for slot in range(at + 2, at + 2 + n):
        varied = varied or state[slot] != first
        squares += (state[slot] - centre) ** 2
    return math.sqrt(squares / n) if varied else 0.0


@part
def highest(state, at, n):  # type: ignore[no-untyped-def]
    """Largest value of a full window."""
    found = state[at + 2]
    for slot in range(at + 3, at + 2 + n):
        found = max(found, state[slot])
    return found


@part
def lowest(state, at, n):  # type: ignore[no-untyped-def]
    """Smallest value of a full window."""
    found = state[at + 2]
    for slot in range(at + 3, at + 2 + n):
        found = min(found, state[slot])
    return found


@part
def moving_sum(state, at, n, x):  # type: ignore[no-untyped-def]
    """Sum of the last `n` values, NaN before; takes ``n + 3`` slots.

    The sum is carried on, and made afresh each time the window has gone round, so that errors do not grow.
    """
    old = push(state, at + 1, n, x)
    state[at] = total(state, at + 1, n) if state[at + 1] == 0.0 else state[at] + x - old
    return state[at] if full(state, at + 1, n) else NAN


@part
def exponential(state, at, n, x):  # type: ignore[no-untyped-def]
    """Exponential mean of ``2 / (n + 1)`` that begins with the mean of the first `n`; takes 2 slots."""
    return _smoothed(state, at, n, x, 2.0 / (n + 1.0))


@part
def wilder(state, at, n, x):  # type: ignore[no-untyped-def]
    """Exponential mean of ``1 / n`` that begins with the mean of the first `n`; takes 2 slots."""
    return _smoothed(state, at, n, x, 1.0 / n)


@part
def _smoothed(state, at, n, x, share):  # type: ignore[no-untyped-def]
    if state[at] < n:
        state[at] += 1.0
        state[at + 1] += x
        if state[at] < n:
            return NAN
        state[at + 1] /= n
    else:
        state[at + 1] += (x - state[at + 1]) * share
    return state[at + 1]


@part
def true_range(high, low, before):  # type: ignore[no-untyped-def]
    """Range of a bar and the close before it."""
    return max(high, before) - min(low, before)
