"""maker: who rests on both sides earns the spread from those in a hurry, and pays those who know more.

It quotes around a fair value, wider while the price moves, and moves both quotes against its own position, so
that the market carries the position away again.

Where it loses: to takers who know the price before its quotes have moved. The markout in the report says how
much: what the mid did in the ten seconds after a fill.
"""

from ntp.strategy import Indicator, Param
from ntp.strategy.template.template import Template


class MakerTemplate(Template):
    """Rests a bid and an ask around a fair value, moved against the position held."""

    universe = "*"  # patterns of the contracts it trades, for example "kalshi:KXBTC*"

    half_spread: float = Param(0.02, gt=0, lt=0.5, sweep=(0.005, 0.05), unit="dollars", help="least distance of quotes")
    widen: float = Param(1.0, ge=0, le=10, sweep=(0, 3), help="distance in standard deviations of the mid")
    skew: float = Param(0.0005, ge=0, sweep=(0, 0.002), unit="dollars per contract", help="shift by the position held")
    size: float = Param(10.0, gt=0, live=True, unit="contracts", help="size of each quote")
    max_position: float = Param(50.0, gt=0, live=True, unit="contracts", help="largest position, either way")
    stop_before: float = Param(60.0, ge=0, live=True, unit="seconds", help="time to close from which it quotes no more")

    swing = Indicator("STDDEV", 12, on="mid", bar="5s")

    def analyze(self, data):
        """Decide whenever the best bid or ask of a contract changes."""
        if data.get("seconds_to_close", float("inf")) < self.stop_before:
            self.quote()  # nothing on either side: near the result every fill is from somebody who knows it
            return
        held = data.position.size
        fair = self.value(data)
        centre = fair - self.skew * held  # long: quote lower, to sell sooner and buy later
        half = max(self.half_spread, self.widen * data.indicators.get("swing", 0.0))
        limit = self.max_position if self.allowed(data) else 0.0  # 0: quotes only what brings the position back
        bid_size, ask_size = min(self.size, limit - held), min(self.size, limit + held)
        # What rests at an unchanged price keeps its place in the queue. Quotes never cross, and an empty side of
        # the book ends the call and withdraws them.
        self.quote(
            bid=centre - half if bid_size > 0 else None, ask=centre + half if ask_size > 0 else None,
            bid_size=max(bid_size, 0), ask_size=max(ask_size, 0), fair=fair,
        )

    def allowed(self, data):
        """Whether it may enter now: replace this by a condition of your own."""
        return True

    def value(self, data):
        """Say what the contract is worth, in dollars of YES: replace this by a model of your own.

        The mid, moved towards the side with less size, where the next trade is likelier to go through.
        """
        bid_size, ask_size = data.get("bid_size"), data.get("ask_size")
        if not bid_size or not ask_size:
            return data.mid
        return (data.bid * ask_size + data.ask * bid_size) / (bid_size + ask_size)
