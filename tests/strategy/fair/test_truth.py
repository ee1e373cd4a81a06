"""Fair values beside the truth, which the market simulator knows."""

import polars as pl

from ntp import Backtest, Pricing, Strategy
from ntp.core import SECOND
from ntp.data.simulator import sample_recording


class Told(Strategy):
    """Writes down what it is told each ten seconds."""

    pricing = Pricing(vol="ewma:10m")
    wake = ("timer:10s",)

    def on_timer(self, timer):
        for view in self.markets:
            fair = view.get("fair_value")
            if fair is not None:
                ROWS[self.ts, view.symbol] = (float(fair), fair.sd)


ROWS: dict[tuple[int, str], tuple[float, float]] = {}


def test_the_truth_lies_within_the_band():
    Backtest(Told, "sample").run()
    told = pl.DataFrame(
        [(ts - SECOND, symbol, *values) for (ts, symbol), values in ROWS.items()],
        schema={"ts": pl.Int64, "symbol": pl.String, "told": pl.Float64, "sd": pl.Float64}, orient="row",
    )  # what is seen at a moment is the index of the second before
    both = told.join(sample_recording().truth["fair"], on=["ts", "symbol"])
    off = (both["told"] - both["fair"]).abs()
    assert both.height > 5_000
    # the truth knows the volatility to come, a band only that it comes and goes
    assert (off <= 2 * both["sd"] + 0.005).mean() > 0.8
    assert off.mean() < 0.04
    assert abs((both["told"] - both["fair"]).mean()) < 0.01
