"""Variants whose difference is known, markets on which it shows, and experiments on them."""

import numpy as np
from recording import Recording, dataset

from ntp import Param, Strategy
from ntp.backtest import Backtest
from ntp.backtest.experiment import Question
from ntp.core import SECOND, FixedClock


class OneSide(Strategy):
    """Rests five contracts on one side of every market."""

    side: str = Param("buy", choices=("buy", "sell"))

    def on_quote(self, data):
        self.quote(**({"bid": data.bid} if self.side == "buy" else {"ask": data.ask}), size=5)


def market(name, begun, result, rng, *, settled=True):
    """A contract whose price stays near a half and whose result nobody foresees, an event of its own."""
    made = Recording(f"C{name}", event=f"E{name}")
    for step in range(6):
        bid = round(0.47 + 0.01 * float(rng.integers(0, 3)), 2)
        made.quote(begun + 2 * step, bid, round(bid + 0.04, 2), size=5)
        made.trade(begun + 2 * step + 0.5, bid, 30, -1)
        made.trade(begun + 2 * step + 0.6, round(bid + 0.04, 2), 30, 1)
    return made.settle(begun + 20, result) if settled else made


def markets(folder, first, last, *, share=0.9, waiting=0, seed=0):
    """Store events `first` to `last`, of which a share pays, and some more that wait for their results."""
    rng = np.random.default_rng([seed, first])
    made = [
        market(f"{number:03d}", 30.0 * number, float(rng.random() < share), rng, settled=number < last)
        for number in range(first, last + waiting)
    ]
    return dataset(folder, *made)


def backtests(data, *sides, **options):
    """Make a backtest for each side."""
    return [Backtest(OneSide(side=side), data, capital=1_000, store=False, **options) for side in sides]


def question(**changes):
    """Ask what is asked by default."""
    return Question(**{"metric": "return_on_locked_capital", "paired": False, "seed": 0, "minimum": 20, **changes})


def clock():
    """Return a clock that stands still."""
    return FixedClock(1_800_000_000 * SECOND)
