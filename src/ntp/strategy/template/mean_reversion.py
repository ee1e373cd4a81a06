"""mean_reversion: a price that ran away from its own average comes back when nothing has happened.

It measures how many standard deviations the mid is from its mean over a window, quotes against the deviation,
and leaves half-way back.

Where it loses: when something has happened. A contract settles at 0 or 1, so every one of them ends with a move
that does not come back; hence the stop, and the end some time before the close.
"""

from ntp.strategy import Indicator, Param, Signal
from ntp.strategy.template.template import Template


class MeanReversionTemplate(Template):
    """Trades against deviations of the mid from its mean."""

    universe = "*"  # patterns of the contracts it trades, for example "kalshi:KXBTC*"

    window: int = Param(20, ge=3, le=5_000, sweep=(10, 60), unit="bars", help="bars of mean and deviation")
    entry: float = Param(2.0, gt=0, le=10, sweep=(1.5, 3.5), unit="deviations", help="distance worth a trade")
    leave: float = Param(0.5, ge=0, le=10, unit="deviations", help="distance at which the price counts as back")
    least: float = Param(0.005, ge=0, lt=0.5, unit="dollars", help="deviation below which a market stands still")
    size: float = Param(10.0, gt=0, live=True, unit="contracts", help="position to hold")
    stop_before: float = Param(120.0, ge=0, live=True, unit="seconds", help="time to close from which it only leaves")
    stop_loss: float | None = Param(0.3, gt=0, live=True, unit="of cost", help="loss that closes a position")

    # Both advance with complete bars: a value of the bar that is growing would be known too early.
    distance = Indicator("ZSCORE", window, on="mid", bar="10s")
    swing = Indicator("STDDEV", window, on="mid", bar="10s")

    def analyze(self, data):
        """Decide whenever the best bid or ask of a contract changes."""
        if data.get("seconds_to_close", float("inf")) < self.stop_before:
            return Signal("CLOSE", tag="end")
        held = data.position.size
        distance = data.indicators.distance
        if (held > 0 and distance > -self.leave) or (held < 0 and distance < self.leave):
            return Signal("CLOSE", tag="back")
        # In a market that stands still one tick is many deviations, and the spread costs more than the way back.
        if data.indicators.swing >= self.least:
            if distance < -self.entry:
                return Signal("BUY", size=self.size, tag="low")
            if distance > self.entry:
                return Signal("SELL", size=self.size, tag="high")
        return Signal("HOLD")  # takes back an entry that still waits
