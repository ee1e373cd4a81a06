"""momentum: what has moved goes on moving for a while, because news reaches a book in pieces.

It compares the mid with what it was some bars ago and joins the side of the move, passively, at the touch.
It leaves when the move has faded, and before the close, where prices jump to 0 or 1.

Where it loses: in a market that swings around its value each entry is the end of a swing, and an order that
waits at the touch is filled soonest when the move is over.
"""

from ntp.strategy import Indicator, Param, Signal
from ntp.strategy.template.template import Template


class MomentumTemplate(Template):
    """Joins a move of the mid and leaves when it has faded."""

    universe = "*"  # patterns of the contracts it trades, for example "kalshi:KXBTC*"

    lookback: int = Param(6, ge=1, le=500, sweep=(3, 30), unit="bars", help="bars that a move is measured over")
    threshold: float = Param(0.04, gt=0, lt=1, sweep=(0.02, 0.10), unit="dollars", help="move worth joining")
    fringe: float = Param(0.10, ge=0, lt=0.5, unit="dollars", help="no entries this close to 0 or 1")
    size: float = Param(10.0, gt=0, live=True, unit="contracts", help="position to hold")
    stop_before: float = Param(60.0, ge=0, live=True, unit="seconds", help="time to close from which it only leaves")
    stop_loss: float | None = Param(0.5, gt=0, live=True, unit="of cost", help="loss that closes a position")

    # Complete bars of the mid, not of prints: prints jump between bid and ask without anything having moved.
    move = Indicator("MOM", lookback, on="mid", bar="10s")

    def analyze(self, data):
        """Decide whenever the best bid or ask of a contract changes."""
        if data.get("seconds_to_close", float("inf")) < self.stop_before:
            return Signal("CLOSE", tag="end")
        held = data.position.size
        move = data.indicators.move  # absent while it warms up: that ends the call
        if held * move < 0:
            return Signal("CLOSE", tag="faded")
        # Near 0 and 1 a move of some cents is most of what can still be won: the rest is risk.
        if self.fringe <= data.mid <= 1 - self.fringe:
            if move > self.threshold:
                return Signal("BUY", size=self.size, tag="up")
            if move < -self.threshold:
                return Signal("SELL", size=self.size, tag="down")
        return Signal("HOLD")  # an entry that still waits was for a move that is over
