"""Averages: SMA, EMA, WMA, DEMA, VWAP."""

from ntp.statistics.indicators.compiled import step
from ntp.statistics.indicators.windows import NAN, exponential, full, moving_sum, push, total


@step
def sma(state, close):  # type: ignore[no-untyped-def]
    """Mean of the last n."""
    if close == close:
        n = int(state[1])
        state[0] = moving_sum(state, 2, n, close) / n
    return state[0]


@step
def ema(state, close):  # type: ignore[no-untyped-def]
    """Exponential mean, beginning with the mean of the first n."""
    if close == close:
        state[0] = exponential(state, 2, int(state[1]), close)
    return state[0]


@step
def wma(state, close):  # type: ignore[no-untyped-def]
    """Mean with weights n for the newest down to 1."""
    if close == close:
        n = int(state[1])
        push(state, 2, n, close)
        if full(state, 2, n):
            weighted, oldest = 0.0, int(state[2])
            for age in range(n):  # the oldest comes first and weighs 1
                place = oldest + age
                weighted += state[4 + (place if place < n else place - n)] * (age + 1.0)
            state[0] = weighted / (n * (n + 1.0) / 2.0)
    return state[0]


@step
def dema(state, close):  # type: ignore[no-untyped-def]
    """Double exponential mean: ``2 EMA - EMA(EMA)``."""
    if close == close:
        n = int(state[1])
        once = exponential(state, 2, n, close)
        if once == once:
            state[0] = 2.0 * once - exponential(state, 4, n, once)
    return state[0]


@step
def vwap(state, high, low, close, volume):  # type: ignore[no-untyped-def]
    """Mean typical price weighted by volume over the last n, with n = 0 since the start; none without volume."""
    if high == high and low == low and close == close and volume == volume:
        n = int(state[1])
        flow = (high + low + close) / 3.0 * volume
        if n == 0:
            state[2] += flow
            state[3] += volume
            state[0] = state[2] / state[3] if state[3] > 0.0 else NAN
        else:
            push(state, 2, n, flow)
            push(state, 4 + n, n, volume)
            if full(state, 2, n):
                traded = total(state, 4 + n, n)
                state[0] = total(state, 2, n) / traded if traded > 0.0 else NAN
    return state[0]
