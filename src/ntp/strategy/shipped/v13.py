"""v13: follows the venue that moves first into the one that has not moved yet."""

from typing import Any

from ntp.strategy.base import Strategy
from ntp.strategy.params import Param
from ntp.strategy.signal import Signal


class V13(Strategy):
    """Buy where the matched contract of the leading venue has risen and this one has not, and the reverse.

    The idea: one claim trades at two venues, and news reaches the deeper one first. Matches come from the
    workspace's ``matches.yaml``; on contracts without one, and on the leader's own, nothing is done.

    1. ``lead`` is the match at venue `leader`; without one, or while it has no mid, the call ends.
    2. ``moved = lead.mid - (lead.mid of `window` ago)``, ``gap = lead.mid - mid``.
    3. ``moved > jolt`` and ``gap > least``: BUY `size`; ``moved < -jolt`` and ``gap < -least``: SELL `size`. Both state
       the leader's mid as fair value and name the match.
    4. Otherwise, once the gap has turned or shrunk to half of `least`: CLOSE; else what rests is withdrawn and what
       is held stays.
    5. `stop_before` seconds before the close it only leaves.

    Where it loses: orders wait at the touch, so it is filled when this venue does not follow; and two contracts
    that settle on different sources may differ for good reason.
    """

    version = "1"

    leader: str = Param("polymarket", help="venue that is taken to move first")
    window: float = Param(5.0, gt=0, le=600, sweep=(1, 30, 1), unit="seconds", help="time over which it has moved")
    jolt: float = Param(0.02, gt=0, lt=1, sweep=(0.01, 0.06, 0.01), unit="dollars", help="move that is news")
    least: float = Param(0.02, gt=0, lt=1, sweep=(0.01, 0.06, 0.01), unit="dollars", help="gap worth an order")
    size: float = Param(10.0, gt=0, live=True, unit="contracts", help="position wanted")
    stop_before: float = Param(60.0, ge=0, live=True, unit="seconds", help="time to close from which it only leaves")

    def analyze(self, data: Any) -> Signal | None:
        """Compare what the leader did with what this venue did."""
        if data.venue == self.leader:
            return None
        left = data.get("seconds_to_close")
        if left is not None and left < self.stop_before:
            return Signal("CLOSE", tag="end")
        lead = data.match(self.leader)
        held, mid, there = data.position.size, data.mid, lead.mid
        moved, gap = there - lead.history("mid", f"{self.window}s")[0], there - mid
        if moved > self.jolt and gap > self.least:
            return Signal("BUY", size=self.size, fair=there, match=lead.contract, tag="lead")
        if moved < -self.jolt and gap < -self.least:
            return Signal("SELL", size=self.size, fair=there, match=lead.contract, tag="lead")
        if held * gap < 0.0 or (held and abs(gap) < self.least / 2):
            return Signal("CLOSE", fair=there, tag="closed")
        return Signal("HOLD")
