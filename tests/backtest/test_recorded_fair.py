"""Fair values on a recording: near the close they know the result, better than the market does."""

import math

from backtest.recorded import stored
from ntp import Backtest, Pricing, Strategy

SET = "kalshi_btc15m_l2"
TOLD: dict[tuple[int, str], tuple[float, float, float | None]] = {}


class Watching(Strategy):
    """Writes down fair values and mids of the last minute."""

    pricing = Pricing()
    wake = ("timer:2s",)

    def on_timer(self, timer):
        for view in self.markets:
            left = view.get("seconds_to_close")
            fair = view.get("fair_value") if left is not None and 0 < left <= 60 else None
            if fair is not None:
                TOLD[self.ts, view.contract.id] = (left, float(fair), view.get("mid"))


def log_loss(forecast, result):
    """Penalty of a forecast, of at least one in ten thousand."""
    chance = min(max(forecast, 1e-4), 1 - 1e-4)
    return -math.log(chance if result else 1 - chance)


def test_fair_values_near_the_close_know_the_result(shared_data):
    run = Backtest(Watching, stored(shared_data, SET)).run(start="2026-05-13T15:00", end="2026-05-14T00:30")
    results = dict(run.settlements.select("contract", "value").iter_rows())
    last = [(fair, results[name]) for (_, name), (left, fair, _) in TOLD.items() if left <= 10 and name in results]
    assert len({name for _, name in TOLD}) >= 10
    assert len(last) > 20
    assert all(abs(fair - result) < 0.02 for fair, result in last)
    both = [
        (fair, mid, results[name]) for (_, name), (_, fair, mid) in TOLD.items() if name in results and mid is not None
    ]
    assert len(both) > 50
    own, market = (sum(log_loss(row[place], row[2]) for row in both) / len(both) for place in (0, 1))
    assert own < 0.75 * market
