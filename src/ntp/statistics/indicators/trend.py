"""Trend: extremes, channels, directional movement and volume that goes with prices."""

from ntp.statistics.indicators.compiled import step
from ntp.statistics.indicators.windows import full, highest, lowest, push, true_range


@step
def maximum(state, close):  # type: ignore[no-untyped-def]
    """Largest of the last n."""
    if close == close:
        n = int(state[1])
        push(state, 2, n, close)
        if full(state, 2, n):
            state[0] = highest(state, 2, n)
    return state[0]


@step
def minimum(state, close):  # type: ignore[no-untyped-def]
    """Smallest of the last n."""
    if close == close:
        n = int(state[1])
        push(state, 2, n, close)
        if full(state, 2, n):
            state[0] = lowest(state, 2, n)
    return state[0]


@step
def donchian(state, high, low):  # type: ignore[no-untyped-def]
    """Middle, top and bottom of the range of the last n bars."""
    if high == high and low == low:
        n = int(state[3])
        push(state, 4, n, high)
        push(state, 6 + n, n, low)
        if full(state, 4, n):
            top, bottom = highest(state, 4, n), lowest(state, 6 + n, n)
            state[0], state[1], state[2] = (top + bottom) / 2.0, top, bottom
    return state[0]


@step
def obv(state, close, volume):  # type: ignore[no-untyped-def]
    """Volume added up where the close rises, taken off where it falls; begins with the first volume."""
    if close == close and volume == volume:
        if state[1] == 0.0:
            state[0] = volume
        elif close > state[2]:
            state[0] += volume
        elif close < state[2]:
            state[0] -= volume
        state[1], state[2] = 1.0, close
    return state[0]


@step
def adx(state, high, low, close):  # type: ignore[no-untyped-def]
    """Wilder's average directional index with its two directional indicators, 0 to 100.

    The scratch holds: bars seen, the last high, low and close, the smoothed upward and downward movement and
    true range, and the sum of directional indices, later their mean.
    """
    if not (high == high and low == low and close == close):
        return state[0]
    n, bars = int(state[3]), state[4]
    if bars > 0.0:
        up, down = high - state[5], state[6] - low
        rising = up if up > down and up > 0.0 else 0.0
        falling = down if down > up and down > 0.0 else 0.0
        keep = 1.0 if bars < n else 1.0 - 1.0 / n
        state[8] = state[8] * keep + rising
        state[9] = state[9] * keep + falling
        state[10] = state[10] * keep + true_range(high, low, state[7])
        if bars >= n:
            plus = 100.0 * state[8] / state[10] if state[10] > 0.0 else 0.0
            minus = 100.0 * state[9] / state[10] if state[10] > 0.0 else 0.0
            index = 100.0 * abs(plus - minus) / (plus + minus) if plus + minus > 0.0 else 0.0
            if bars < 2 * n:
                state[11] += index / n
            else:
                state[11] += (index - state[11]) / n
            if bars >= 2 * n - 1:
                state[0], state[1], state[2] = state[11], plus, minus
    state[4], state[5], state[6], state[7] = bars + 1.0, high, low, close
    return state[0]
