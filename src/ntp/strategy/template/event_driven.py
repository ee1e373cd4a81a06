"""event_driven: most of what moves a contract has an appointment: the close, a halt, a jump of the underlying.

In the last minutes before the close it joins the favourite, which people are said to sell too cheaply because
they like long shots. It steps aside when the underlying jumps or trading halts: then the book shows what was
believed before.

Where it loses: a favourite at 0.85 wins 15 cents or loses 85, so a small error about its chances is a large one
about its profit; and the passive bid is filled most surely while the favourite is falling.
"""

from ntp.strategy import Indicator, Param, Signal
from ntp.strategy.template.template import Template


class EventDrivenTemplate(Template):
    """Joins the favourite ahead of the close and steps aside when something happens."""

    universe = "*"  # patterns of the contracts it trades, for example "kalshi:KXBTC*"

    before: float = Param(300.0, gt=0, sweep=(60, 900), unit="seconds", help="time to close from which it enters")
    stop_before: float = Param(15.0, ge=0, unit="seconds", help="time to close from which it enters no more")
    favourite: float = Param(0.70, gt=0.5, lt=1, sweep=(0.6, 0.9), unit="dollars", help="price that makes a favourite")
    most: float = Param(0.95, gt=0.5, le=1, unit="dollars", help="price above which nothing is left to win")
    jolt: float = Param(3.0, gt=0, unit="deviations", help="move of the underlying that is an event")
    pause: float = Param(30.0, ge=0, unit="seconds", help="how long it stays aside after one")
    size: float = Param(10.0, gt=0, live=True, unit="contracts", help="position to hold")

    # The underlying's distance from its mean of the last minutes; there is none where the data has no such feed.
    shock = Indicator("ZSCORE", 60, on="spot", bar="2s")

    class State:
        """What is remembered of each contract; ``data.state`` is one of these."""

        aside_until = 0  # nanoseconds

    def analyze(self, data):
        """Decide whenever the best bid or ask of a contract changes."""
        state = data.state
        if abs(data.indicators.get("shock", 0.0)) > self.jolt:
            state.aside_until = data.ts + int(self.pause * 1e9)
            return Signal("CLOSE", tag="jolt")
        if data.ts < state.aside_until:
            return Signal("CLOSE", tag="aside")
        left = data.seconds_to_close
        if not self.stop_before <= left <= self.before or not self.allowed(data):
            return Signal("HOLD")  # what is held waits for its result
        if self.favourite <= data.mid <= self.most:
            return Signal("BUY", size=self.size, tag="favourite")
        if self.favourite <= 1 - data.mid <= self.most:
            return Signal("SELL", size=self.size, tag="favourite")  # a position below 0 is NO
        return Signal("HOLD")

    def allowed(self, data):
        """Whether it may enter now: replace this by a condition of your own."""
        return True

    def on_lifecycle(self, contract, state):
        """React to a contract that is opened, halted, closed, determined or voided."""
        if state == "halted":
            # Orders that rest through a halt are filled by those who know why it was halted.
            self.cancel(contract)
            self.market(contract).state.aside_until = self.ts + int(self.pause * 1e9)
