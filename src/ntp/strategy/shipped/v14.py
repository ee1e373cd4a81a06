"""v14: scores the probability and enters only where the score leaves something after costs."""

import math
from typing import Any

from ntp.strategy.base import Strategy
from ntp.strategy.indicators import Indicator
from ntp.strategy.params import Param
from ntp.strategy.signal import Signal


class V14(Strategy):
    """Turn the trend and the lean of the book into a probability, and trade it where its expectation is above costs.

    The idea: a direction says nothing about price. A probability can be compared with what a contract costs, and an
    order that has no expectation after the fee is not worth its place in the queue.

    1. ``drift``: the fast less the slow average of ten-second bars of the mid, in average true ranges, within
       `most` either way; ``lean``: ``(bid_size - ask_size) / (bid_size + ask_size)``, 0 where sizes are unknown.
    2. ``score = logistic(logit(mid) + by_drift * drift + by_lean * lean)``, which stays between 0 and 1.
    3. `stop_before` seconds before the close: CLOSE.
    4. BUY at the bid if ``score - bid > edge`` and the Kelly size after the fee is above 0; SELL at the ask likewise
       for ``ask - score``. The order states the score as its fair value. The size is Kelly's, at most `size`.
    5. A position whose score has turned against it by `edge` is closed; otherwise what rests is withdrawn.

    Where it loses: the weights are guesses, not fitted; a score that only repeats what the book shows is worth
    nothing after fees, and whoever fills it may know more.
    """

    version = "1"

    by_drift: float = Param(0.10, ge=-2, le=2, sweep=(0, 0.3, 0.05), unit="logits", help="weight of the drift")
    by_lean: float = Param(0.15, ge=-2, le=2, sweep=(0, 0.4, 0.05), unit="logits", help="weight of the book")
    edge: float = Param(0.02, ge=0, le=0.5, sweep=(0.01, 0.06, 0.01), unit="dollars", help="least edge of an entry")
    most: float = Param(3.0, gt=0, le=20, unit="ranges", help="largest drift that counts")
    size: float = Param(10.0, gt=0, live=True, unit="contracts", help="most contracts that one order asks for")
    stop_before: float = Param(60.0, ge=0, live=True, unit="seconds", help="time to close from which it only leaves")

    quick = Indicator("EMA", 3, on="mid", bar="10s")
    steady = Indicator("EMA", 12, on="mid", bar="10s")
    range = Indicator("ATR", 14, on="mid", bar="10s")

    def analyze(self, data: Any) -> Signal | None:
        """Decide whenever the best bid or ask of a contract changes."""
        left = data.get("seconds_to_close")
        if left is not None and left < self.stop_before:
            return Signal("CLOSE", tag="end")
        score, held = self.score(data), data.position.size
        if score - data.bid > self.edge:
            size = min(self.kelly_sizing(score, data.bid, "BUY"), self.size)
            if size > 0.0:
                return Signal("BUY", size=size, fair=score, tag="score")
        if data.ask - score > self.edge:
            size = min(self.kelly_sizing(score, data.ask, "SELL"), self.size)
            if size > 0.0:
                return Signal("SELL", size=size, fair=score, tag="score")
        if (held > 0.0 and data.bid - score > self.edge) or (held < 0.0 and score - data.ask > self.edge):
            return Signal("CLOSE", fair=score, tag="turned")
        return Signal("HOLD")

    def score(self, data: Any) -> float:
        """Probability that YES pays."""
        mid: float = data.mid
        return 1.0 / (1.0 + math.exp(-math.log(mid / (1.0 - mid)) - self.tilt(data)))

    def tilt(self, data: Any) -> float:
        """Logits by which trend and book move the probability."""
        indicators = data.indicators
        unit = max(indicators.range, 0.001)  # absent while it warms up: that ends the call
        drift: float = (indicators.quick - indicators.steady) / unit
        bid_size, ask_size = data.get("bid_size"), data.get("ask_size")
        lean: float = 0.0
        if bid_size is not None and ask_size is not None and bid_size + ask_size > 0.0:
            lean = (bid_size - ask_size) / (bid_size + ask_size)
        return self.by_drift * min(max(drift, -self.most), self.most) + self.by_lean * lean
