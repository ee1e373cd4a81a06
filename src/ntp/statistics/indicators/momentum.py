"""Momentum: how far and how one-sidedly prices moved."""

from ntp.statistics.indicators.compiled import step
from ntp.statistics.indicators.windows import (
    NAN,
    exponential,
    full,
    highest,
    lowest,
    mean,
    moving_sum,
    push,
    total,
    wilder,
)


@step
def mom(state, close):  # type: ignore[no-untyped-def]
    """Change over n values."""
    if close == close:
        n = int(state[1])
        ready = full(state, 2, n)
        old = push(state, 2, n, close)
        if ready:
            state[0] = close - old
    return state[0]


@step
def roc(state, close):  # type: ignore[no-untyped-def]
    """Change over n values in percent; none from a value of 0."""
    if close == close:
        n = int(state[1])
        ready = full(state, 2, n)
        old = push(state, 2, n, close)
        if ready:
            state[0] = (close / old - 1.0) * 100.0 if old != 0.0 else NAN
    return state[0]


@step
def rsi(state, close):  # type: ignore[no-untyped-def]
    """Wilder's share of gains in all moves, 0 to 100; 50 where nothing moved (TA-Lib: 0)."""
    if close == close:
        if state[2] > 0.0:
            n, move = int(state[1]), close - state[3]
            gain = wilder(state, 4, n, max(move, 0.0))
            loss = wilder(state, 6, n, max(-move, 0.0))
            if gain == gain:
                state[0] = 100.0 * gain / (gain + loss) if gain + loss > 0.0 else 50.0
        state[2], state[3] = 1.0, close
    return state[0]


@step
def macd(state, close):  # type: ignore[no-untyped-def]
    """Fast less slow exponential mean, its own exponential mean, and the difference of both.

    Both means begin with their own first values; TA-Lib starts the fast one later, which fades.
    """
    if close == close:
        fast = exponential(state, 6, int(state[3]), close)
        slow = exponential(state, 8, int(state[4]), close)
        if fast == fast and slow == slow:
            line = fast - slow
            signal = exponential(state, 10, int(state[5]), line)
            if signal == signal:
                state[0], state[1], state[2] = line, signal, line - signal
    return state[0]


@step
def tsi(state, close):  # type: ignore[no-untyped-def]
    """Strength of the trend: moves over their sizes, both smoothed twice, -100 to 100; 0 where nothing moved."""
    if close == close:
        if state[3] > 0.0:
            slow, fast, move = int(state[1]), int(state[2]), close - state[4]
            once, size = exponential(state, 5, slow, move), exponential(state, 7, slow, abs(move))
            if once == once:
                twice, sizes = exponential(state, 9, fast, once), exponential(state, 11, fast, size)
                if twice == twice:
                    state[0] = 100.0 * twice / sizes if sizes > 0.0 else 0.0
        state[3], state[4] = 1.0, close
    return state[0]


@step
def stoch(state, high, low, close):  # type: ignore[no-untyped-def]
    """Place of the close in the range of n bars, 0 to 100, as a mean; and the mean of that.

    50 where there is no range (TA-Lib: 0).
    """
    if high == high and low == low and close == close:
        n, smooth, signal = int(state[2]), int(state[3]), int(state[4])
        lows = 7 + n
        push(state, 5, n, high)
        push(state, lows, n, low)
        if full(state, 5, n):
            top, bottom = highest(state, 5, n), lowest(state, lows, n)
            raw = 100.0 * (close - bottom) / (top - bottom) if top > bottom else 50.0
            line = moving_sum(state, lows + 2 + n, smooth, raw) / smooth
            if line == line:
                slow = moving_sum(state, lows + 5 + n + smooth, signal, line) / signal
                if slow == slow:
                    state[0], state[1] = line, slow
    return state[0]


@step
def willr(state, high, low, close):  # type: ignore[no-untyped-def]
    """Distance of the close from the top of the range of n bars, 0 to -100; -50 without a range (TA-Lib: 0)."""
    if high == high and low == low and close == close:
        n = int(state[1])
        push(state, 2, n, high)
        push(state, 4 + n, n, low)
        if full(state, 2, n):
            top, bottom = highest(state, 2, n), lowest(state, 4 + n, n)
            state[0] = -100.0 * (top - close) / (top - bottom) if top > bottom else -50.0
    return state[0]


@step
def cci(state, high, low, close):  # type: ignore[no-untyped-def]
    """Distance of the typical price from its mean over 0.015 of its mean absolute deviation; 0 where all agree."""
    if high == high and low == low and close == close:
        n = int(state[1])
        typical = (high + low + close) / 3.0
        push(state, 2, n, typical)
        if full(state, 2, n):
            centre, apart, varied = mean(state, 2, n), 0.0, False
            for slot in range(4, 4 + n):
                varied = varied or state[slot] != typical
                apart += abs(state[slot] - centre)
            state[0] = (typical - centre) / (0.015 * apart / n) if varied else 0.0
    return state[0]


@step
def mfi(state, high, low, close, volume):  # type: ignore[no-untyped-def]
    """Share of rising in all money flow of n bars, 0 to 100; 50 without any (TA-Lib: 0 below a flow of 1)."""
    if high == high and low == low and close == close and volume == volume:
        n = int(state[1])
        typical = (high + low + close) / 3.0
        if state[2] > 0.0:
            flow = typical * volume
            push(state, 4, n, flow if typical > state[3] else 0.0)
            push(state, 6 + n, n, flow if typical < state[3] else 0.0)
            if full(state, 4, n):
                rising, falling = total(state, 4, n), total(state, 6 + n, n)
                state[0] = 100.0 * rising / (rising + falling) if rising + falling > 0.0 else 50.0
        state[2], state[3] = 1.0, typical
    return state[0]
