"""Volatility: true range, ATR, standard deviation, z-score and the bands made of them."""

from ntp.statistics.indicators.compiled import part, step
from ntp.statistics.indicators.windows import (
    NAN,
    deviation,
    exponential,
    full,
    mean,
    push,
    true_range,
    wilder,
)


@step
def trange(state, high, low, close):  # type: ignore[no-untyped-def]
    """Range of a bar and the close before it, from the second bar on."""
    if high == high and low == low and close == close:
        if state[1] > 0.0:
            state[0] = true_range(high, low, state[2])
        state[1], state[2] = 1.0, close
    return state[0]


@part
def _average_range(state, at, n, high, low, close):  # type: ignore[no-untyped-def]
    """Wilder's mean of the true range; takes 4 slots."""
    found = NAN
    if state[at] > 0.0:
        found = wilder(state, at + 2, n, true_range(high, low, state[at + 1]))
    state[at], state[at + 1] = 1.0, close
    return found


@step
def atr(state, high, low, close):  # type: ignore[no-untyped-def]
    """Wilder's mean of the true range."""
    if high == high and low == low and close == close:
        state[0] = _average_range(state, 2, int(state[1]), high, low, close)
    return state[0]


@step
def stddev(state, close):  # type: ignore[no-untyped-def]
    """Measure how far the last n lie from their mean: the population standard deviation."""
    if close == close:
        n = int(state[1])
        push(state, 2, n, close)
        if full(state, 2, n):
            state[0] = deviation(state, 2, n, mean(state, 2, n))
    return state[0]


@step
def zscore(state, close):  # type: ignore[no-untyped-def]
    """Distance from the mean of the last n in their population standard deviations; 0 where all are equal."""
    if close == close:
        n = int(state[1])
        push(state, 2, n, close)
        if full(state, 2, n):
            centre = mean(state, 2, n)
            spread = deviation(state, 2, n, centre)
            state[0] = (close - centre) / spread if spread > 0.0 else 0.0
    return state[0]


@step
def bbands(state, close):  # type: ignore[no-untyped-def]
    """Mean of the last n, and lines so many population standard deviations above and below it."""
    if close == close:
        n = int(state[3])
        push(state, 5, n, close)
        if full(state, 5, n):
            centre = mean(state, 5, n)
            apart = state[4] * deviation(state, 5, n, centre)
            state[0], state[1], state[2] = centre, centre + apart, centre - apart
    return state[0]


@step
def keltner(state, high, low, close):  # type: ignore[no-untyped-def]
    """Exponential mean of closes, and lines so many average true ranges above and below it."""
    if high == high and low == low and close == close:
        centre = exponential(state, 6, int(state[3]), close)
        apart = state[5] * _average_range(state, 8, int(state[4]), high, low, close)
        if centre == centre and apart == apart:
            state[0], state[1], state[2] = centre, centre + apart, centre - apart
    return state[0]
