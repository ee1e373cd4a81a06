"""v12: the trend filter with stops that are as wide as the market moves."""

from typing import Any

from ntp.strategy.indicators import Indicator
from ntp.strategy.params import Param
from ntp.strategy.shipped.v11 import V11
from ntp.strategy.signal import Signal


class V12(V11):
    """Enter as `v11` does and leave when the mid has come back by some average true ranges.

    The idea: a fixed stop is too tight in a wild market and too wide in a calm one. The stop trails the best mid
    since the position was entered, at `stops` average true ranges of ten-second bars, never nearer than `least`.

    1. Without a position the best mid is forgotten.
    2. With one, the best mid of the way is remembered. If the mid is further from it than
       ``max(stops * ATR, least)``: CLOSE, and nothing is entered for `pause` seconds.
    3. Otherwise as `v11`.

    The stop rests at the touch like every exit, so it slips: where the market runs away it leaves late, or not
    before the result. While the range warms up the distance is `least`.
    """

    version = "1"

    reach: int = Param(14, ge=2, le=200, sweep=(6, 30, 4), unit="bars of 10 s", help="bars of the average true range")
    stops: float = Param(3.0, gt=0, le=20, sweep=(1, 6, 0.5), unit="average true ranges", help="distance of the stop")
    least: float = Param(0.03, gt=0, lt=1, sweep=(0.01, 0.1, 0.01), unit="dollars", help="least distance of the stop")
    pause: float = Param(60.0, ge=0, live=True, unit="seconds", help="time after a stop in which nothing is entered")

    range = Indicator("ATR", reach, on="mid", bar="10s")

    class State(V11.State):
        """What is remembered of one contract."""

        best: float = 0.0
        held: int = 0
        barred_until: int = 0

    def analyze(self, data: Any) -> Signal | None:
        """Look at the stop, then ask the trend."""
        state, mid, held = data.state, data.mid, data.position.size
        side = 1 if held > 0.0 else -1 if held < 0.0 else 0
        if side != state.held:
            state.held = side
            state.best = mid
        wanted = self.with_trend(data)
        if side:
            if (mid - state.best) * side > 0.0:
                state.best = mid
            typical = data.indicators.get("range")
            width = self.least if typical is None else max(self.stops * typical, self.least)
            if (state.best - mid) * side > width:
                state.barred_until = data.ts + int(self.pause * 1e9)
                return Signal("CLOSE", tag="atr_stop")
        if data.ts < state.barred_until:
            return Signal("CLOSE", tag="pause")
        return wanted
