"""pairs_trading: two prices of one thing, or of two neighbours, drift apart and come together again.

It pairs each contract with the same claim at another venue, or else with the neighbour of its event, keeps the
difference of their mids, and sells the dear leg and buys the cheap one when the difference is far from its mean.

Where it loses: both legs wait at the touch, and the one that is filled alone is the one the market runs over.
`lead` bounds how far one leg may be ahead. Fees are paid twice on each side.
"""

from statistics import fmean, pstdev

from ntp.strategy import Param
from ntp.strategy.template.template import Template


class PairsTradingTemplate(Template):
    """Trades the difference of two prices against its deviation from its own mean."""

    universe = "*"  # patterns of the contracts it trades, for example ("kalshi:KXBTC15M*", "polymarket:btc-updown*")
    # A series in dollars of YES that contracts should follow, named "other" in `inputs`, makes pairs of one leg.
    wake = "bar:10s"  # both legs are looked at at the same moments, whichever of them moved

    window: int = Param(30, ge=5, le=5_000, sweep=(15, 90), unit="bars", help="bars of mean and deviation")
    entry: float = Param(2.0, gt=0, le=10, sweep=(1.5, 3.5), unit="deviations", help="difference worth a trade")
    leave: float = Param(0.5, ge=0, le=10, unit="deviations", help="difference that counts as closed")
    least: float = Param(0.01, ge=0, lt=0.5, unit="dollars", help="deviation that pays for four passive fills")
    size: float = Param(10.0, gt=0, live=True, unit="contracts", help="position of each leg")
    lead: float = Param(5.0, gt=0, live=True, unit="contracts", help="how far one leg may be ahead of the other")
    stop_before: float = Param(120.0, ge=0, live=True, unit="seconds", help="time to close from which it only leaves")

    class State:
        """What is remembered of each contract; of a pair, on the leg that leads it."""

        bars = 0
        spreads = None
        wanted = 0.0

    def on_start(self):
        """Set up what is not of one contract, before the first event."""
        self.claims, self.pairs = {}, {}

    def analyze(self, data):
        """Decide at the end of each bar of a contract."""
        state = data.state
        state.bars += 1
        single = "other" in self.inputs
        if not single:
            partner = self.partner(data)
            if partner is None or partner < data.contract.id:
                return  # alone, or the other leg leads
        other = self.input("other").price if single else self.market(partner).mid
        spread = data.mid - other
        state.spreads = [*(state.spreads or []), spread][-self.window :]
        if len(state.spreads) < self.window:
            return
        swing = pstdev(state.spreads)
        distance = (spread - fmean(state.spreads)) / swing if swing > 0 else 0.0
        if data.get("seconds_to_close", float("inf")) < self.stop_before or state.wanted * distance > -self.leave:
            state.wanted = 0.0  # near the end, or closed: a long difference was bought while it was low
        if state.wanted == 0.0 and abs(distance) > self.entry and swing >= self.least and self.allowed(data):
            state.wanted = -1.0 if distance > 0 else 1.0
        self.work(data, state.wanted * self.size, None if single else self.market(partner))

    def allowed(self, data):
        """Whether it may enter now: replace this by a condition of your own."""
        return True

    def work(self, data, wanted, other):
        """Move both legs towards the position wanted, neither more than `lead` ahead of the other."""
        if other is None:
            self.target(data.contract, wanted, tag="single")
            return
        for leg, hedge, goal in ((data, other, wanted), (other, data, -wanted)):
            hedged = -hedge.position.size
            self.target(leg.contract, min(max(goal, hedged - self.lead), hedged + self.lead), tag="pair")

    def partner(self, data):
        """Find the id of the contract that belongs to this one; None while there is none."""
        own = data.contract.id
        if own not in self.pairs:
            free = [each for each in self.candidates(data) if each not in self.pairs]
            if free:
                self.pairs[own], self.pairs[free[0]] = free[0], own
        return self.pairs.get(own)

    def candidates(self, data):
        """List the ids of contracts that belong to this one: replace this by what you know."""
        contract = data.contract
        claim = (contract.close_time, contract.strike_low, contract.strike_high)
        if claim[1:] != (None, None):
            same = self.claims.setdefault(claim, [])
            if contract.id not in same:
                same.append(contract.id)
            elsewhere = [each for each in same if each.partition(":")[0] != contract.venue]
            if elsewhere or data.state.bars < 3:  # the twin may not have been seen yet
                return elsewhere
        ladder = sorted(data.event.contracts, key=lambda each: (each.strike_low is not None, each.strike_low, each.id))
        place = [each.id for each in ladder].index(contract.id) ^ 1
        return [ladder[place].id] if place < len(ladder) else []
