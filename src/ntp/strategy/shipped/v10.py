"""v10: the baseline; guesses a direction and rests at the touch."""

from typing import Any, Final

from ntp.strategy.base import Strategy
from ntp.strategy.params import Param
from ntp.strategy.signal import Signal

NOISE: Final = 1e-9
"""Dollars below which a difference is the rounding of binary arithmetic, not a move."""


class V10(Strategy):
    """Follow the mid away from its average over the last few changes, passively in and out.

    The average of a contract starts at its first mid and is updated only when the mid has changed, so
    that repeated wakes at one price count once. At each wake, in this order and in binary64
    arithmetic, with ``weight = 2 / (lookback + 1)`` and ``NOISE = 1e-9``, which keeps the mirrored
    market's decisions the mirrored ones:

    1. At the first wake of a contract: ``average = last = mid``, ``changes = 0``; nothing is wanted.
    2. If ``abs(mid - last) > NOISE``: ``average = average + weight * (mid - average)``, ``last = mid``,
       ``changes = changes + 1``.
    3. If ``changes < lookback``: nothing is wanted.
    4. If `stop_before` > 0 and the seconds to close are known and below it: CLOSE.
    5. ``momentum = mid - average``
    6. ``bar = threshold + NOISE``; ``momentum > bar``: BUY `size`; ``momentum < -bar``: SELL `size`.
    7. Otherwise, with ``held = position.size``: CLOSE if ``held > 0 and momentum < NOISE`` or
       ``held < 0 and momentum > -NOISE``.
    8. Otherwise nothing changes.

    All orders rest at the touch: the best bid to buy, the best ask to sell. It is the line that
    better strategies are measured against, not one to make money with.
    """

    version = "1"

    lookback: int = Param(5, ge=2, sweep=(2, 20, 1), unit="changes", help="changes of the mid in the average")
    threshold: float = Param(
        0.01, ge=0, le=0.5, sweep=(0.0, 0.05, 0.005), unit="dollars",
        help="distance from the average that is a direction",
    )
    size: float = Param(5.0, gt=0, sweep=(1, 20, 1), live=True, unit="contracts", help="position wanted")
    stop_before: float = Param(
        0.0, ge=0, live=True, unit="seconds", help="time to close from which it only leaves",
    )

    class State:
        """What is remembered of one contract."""

        average: float = 0.0
        last: float = 0.0
        changes: int = -1

    def analyze(self, data: Any) -> Signal | None:
        """Decide whenever the best bid or ask of a contract changes."""
        return self.guess(data)

    def guess(self, data: Any) -> Signal | None:
        """Compare the mid with its average."""
        state = data.state
        mid = data.mid
        if state.changes < 0:
            state.average = state.last = mid
            state.changes = 0
            return None
        if abs(mid - state.last) > NOISE:
            state.average = state.average + 2.0 / (self.lookback + 1.0) * (mid - state.average)
            state.last = mid
            state.changes = state.changes + 1
        if state.changes < self.lookback:
            return None
        if self.stop_before > 0.0:
            left = data.get("seconds_to_close")
            if left is not None and left < self.stop_before:
                return Signal("CLOSE")
        momentum = mid - state.average
        bar = self.threshold + NOISE
        if momentum > bar:
            return Signal("BUY", size=self.size)
        if momentum < -bar:
            return Signal("SELL", size=self.size)
        held = data.position.size
        if (held > 0.0 and momentum < NOISE) or (held < 0.0 and momentum > -NOISE):
            return Signal("CLOSE")
        return None
