"""ml_prediction: a model learns from settled contracts what the price leaves out, and trades where it disagrees.

From time to time it notes some features of each contract. When the contract settles, these become examples of its
result, and a logistic regression is fitted to all examples so far: a walk forward in which no prediction knows a
result that was not public. Until enough contracts have settled it only watches.

Where it loses: the price is the best feature there is. A model of few settled contracts mostly learns their luck,
and `ntp check` and the intervals of the report are there to say so.
"""

from math import log, log1p

from ntp.core import ConfigError
from ntp.strategy import Indicator, Param, Signal
from ntp.strategy.template.template import Template


class MLPredictionTemplate(Template):
    """Trades the difference between a model that is trained on settled contracts and the touch."""

    universe = "*"  # patterns of the contracts it trades, for example "kalshi:KXBTC*"

    every: float = Param(20.0, gt=0, unit="seconds", help="time between two examples of a contract")
    least: int = Param(12, ge=2, unit="contracts", help="settled contracts before the first prediction")
    refit: int = Param(4, ge=1, unit="contracts", help="settled contracts between two fits")
    memory: int = Param(5_000, ge=100, unit="examples", help="newest examples that a fit uses")
    strength: float = Param(0.1, gt=0, sweep=(0.01, 1.0), log=True, help="inverse of the penalty on weights")
    edge: float = Param(0.05, gt=0, lt=0.5, sweep=(0.02, 0.10), unit="dollars", help="disagreement worth a trade")
    fraction: float = Param(0.05, gt=0, le=1, live=True, help="share of the Kelly stake")
    max_position: float = Param(20.0, gt=0, live=True, unit="contracts", help="largest position, either way")
    stop_before: float = Param(30.0, ge=0, live=True, unit="seconds", help="time to close from which nothing is asked")
    seed: int = Param(0, ge=0, help="seed of the fit")

    move = Indicator("MOM", 6, on="mid", bar="10s")
    strain = Indicator("RSI", 14, on="mid", bar="10s")

    class State:
        """What is remembered of each contract; ``data.state`` is one of these."""

        examples = None
        next_at = 0  # nanoseconds

    def on_start(self):
        """Set up what is not of one contract, before the first event."""
        self.fresh_model()  # now, so that a missing package is told before the first hour has been replayed
        self.examples, self.results, self.weights = [], [], []
        self.model, self.settled, self.unseen = None, 0, 0

    def features(self, data):
        """Numbers that a prediction is made from, all known at this moment: replace these by your own."""
        price = min(max(data.mid, 0.01), 0.99)
        bid_size, ask_size = data.get("bid_size", 0.0), data.get("ask_size", 0.0)
        return [
            log(price / (1 - price)),
            log1p(max(data.get("seconds_to_close", 0.0), 0.0)),
            data.spread,
            (bid_size - ask_size) / (bid_size + ask_size) if bid_size + ask_size > 0 else 0.0,
            float(data.indicators.get("move", 0.0)),
            float(data.indicators.get("strain", 50.0)) / 100 - 0.5,
        ]

    def analyze(self, data):
        """Decide whenever the best bid or ask of a contract changes."""
        state = data.state
        if data.ts < state.next_at or data.get("seconds_to_close", float("inf")) < self.stop_before:
            return None
        state.next_at = data.ts + int(self.every * 1e9)
        features = self.features(data)
        state.examples = [*(state.examples or []), features]
        if self.model is None:
            return None
        fair = float(self.model.predict_proba([features])[0, 1])
        held, may_enter = data.position.size, self.allowed(data)
        if may_enter and fair - data.bid > self.edge:
            size = min(self.kelly_sizing(fair, data.bid, "BUY", fraction=self.fraction), self.max_position)
            return Signal("BUY", size=size, fair=fair)
        if may_enter and data.ask - fair > self.edge:
            size = min(self.kelly_sizing(fair, data.ask, "SELL", fraction=self.fraction), self.max_position)
            return Signal("SELL", size=size, fair=fair)
        if (held > 0 and fair < data.mid) or (held < 0 and fair > data.mid):
            return Signal("CLOSE", fair=fair)  # the model has changed its mind
        return Signal("HOLD")

    def allowed(self, data):
        """Whether it may enter now: replace this by a condition of your own."""
        return True

    def on_settlement(self, settlement):
        """Learn from a contract that has settled: only now its examples have a result."""
        examples = self.market(settlement.contract).state.examples
        if not examples or settlement.value not in (0.0, 1.0):
            return
        self.examples += examples
        self.results += [int(settlement.value)] * len(examples)
        self.weights += [1 / len(examples)] * len(examples)  # a contract counts once, however long it was watched
        self.settled += 1
        self.unseen += len(examples)
        if self.settled >= self.least and (self.model is None or self.settled % self.refit == 0):
            for kept in (self.examples, self.results, self.weights):
                del kept[: -self.memory]
            self.unseen = 0
            self.fit()

    def fit(self):
        """Fit a new model to the examples; it takes results of both kinds."""
        known = len(self.results) - self.unseen
        if len(set(self.results[:known])) == 2:
            self.model = self.fresh_model()
            weights = {"logisticregression__sample_weight": self.weights[:known]}
            self.model.fit(self.examples[:known], self.results[:known], **weights)

    def on_save(self):
        """Keep what was learned over a restart, as JSON types."""
        return {name: getattr(self, name) for name in ("examples", "results", "weights", "settled", "unseen")}

    def on_load(self, state):
        """Go on from what was kept: the same examples make the same model."""
        vars(self).update(state)
        self.fit()

    def fresh_model(self):
        """Make a model that has not seen anything: replace this by your own, with the seed given."""
        try:
            from sklearn.linear_model import LogisticRegression
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler
        except ImportError as error:
            raise ConfigError(
                "expected scikit-learn, which this strategy learns with, was not installed", code="missing_extra",
                hint="pip install 'ntp[ml]'", details={"extra": "ml", "module": "sklearn"},
            ) from error
        return make_pipeline(StandardScaler(), LogisticRegression(C=self.strength, random_state=self.seed))
