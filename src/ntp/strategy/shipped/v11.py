"""v11: the baseline with a filter: it enters only where the trend of minutes agrees."""

from typing import Any

from ntp.strategy.indicators import Indicator
from ntp.strategy.params import Param
from ntp.strategy.shipped.v10 import NOISE, V10
from ntp.strategy.signal import Signal


class V11(V10):
    """Enter as `v10` does, but only in the direction of the trend.

    The idea: a guess about the next moves is worth less when it stands against what the market has done for
    minutes. The trend is the distance between a fast and a slow exponential average of ten-second bars of the mid.

    1. What `v10` wants is asked first; a wish to leave, or none, is passed on as it is.
    2. While either average warms up nothing is entered.
    3. An entry against the trend, or within `strength` of none, becomes HOLD: what rests is withdrawn, what is
       held stays.

    Where it loses: averages say late what has happened, so the filter lets in the end of a move; and what it
    leaves out of a baseline that loses after fees is only some of the losses.
    """

    version = "1"

    fast: int = Param(3, ge=1, le=200, sweep=(2, 12, 1), unit="bars of 10 s", help="fast average of the trend")
    slow: int = Param(12, ge=2, le=1000, sweep=(8, 60, 4), unit="bars of 10 s", help="slow average of the trend")
    strength: float = Param(
        0.005, ge=0, le=0.5, sweep=(0, 0.02, 0.0025), unit="dollars", help="distance of the averages that is a trend",
    )

    quick = Indicator("EMA", fast, on="mid", bar="10s")
    steady = Indicator("EMA", slow, on="mid", bar="10s")

    def analyze(self, data: Any) -> Signal | None:
        """Decide whenever the best bid or ask of a contract changes."""
        return self.with_trend(data)

    def with_trend(self, data: Any) -> Signal | None:
        """Ask the baseline, then the trend."""
        wanted = self.guess(data)
        if wanted is None or wanted.action == "CLOSE":
            return wanted
        quick, steady = data.indicators.get("quick"), data.indicators.get("steady")
        if quick is None or steady is None:
            return Signal("HOLD")
        trend = quick - steady if wanted.action == "BUY" else steady - quick
        return wanted if trend > self.strength + NOISE else Signal("HOLD")
