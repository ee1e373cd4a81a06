"""Backtests on frames and on the sample, through the public class."""

import polars as pl
import pytest
from queue_models import PowerTwo

from ntp import Strategy
from ntp.backtest import Backtest
from ntp.core import StrategyError
from ntp.data import Catalog
from ntp.data.sample import stored_sample

MINUTE = 60_000_000_000


class Join(Strategy):
    """Joins the first best bid and stays there."""

    def on_start(self):
        self.sent = False

    def on_quote(self, data):
        if not self.sent:
            self.sent = True
            self.buy(price=data.bid, size=10)


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return stored_sample(Catalog(tmp_path_factory.mktemp("catalog")))


def quotes(prices):
    start = 1_767_571_200_000_000_000
    return pl.DataFrame({
        "timestamp": [start + MINUTE * at for at in range(len(prices))],
        "symbol": ["A"] * len(prices),
        "bid": [bid for bid, _ in prices], "ask": [ask for _, ask in prices],
        "bid_size": [100.0] * len(prices), "ask_size": [100.0] * len(prices),
    })


def test_a_copy_of_a_shipped_queue_model_gives_its_fills(sample):
    def run(queue):
        return Backtest("maker", sample, compiled=True, engine={"queue": queue}).run()

    own, shipped = run(PowerTwo()), run("power:2")
    assert own.fill_modes["base"].metrics.fills > 0
    for mode, result in own.fill_modes.items():
        assert result.fills_hash == shipped.fill_modes[mode].fills_hash
    assert own.manifest.hash != shipped.manifest.hash
    assert own.manifest.inputs["engine"]["queue"] == "my_power"
    assert own.manifest.inputs["engine"]["queue_hash"].startswith("sha256:")


def test_a_touch_fills_in_the_optimistic_mode_only_and_is_stamped():
    run = Backtest(Join, quotes([(0.40, 0.42), (0.40, 0.42), (0.38, 0.40), (0.41, 0.43), (0.41, 0.43)])).run()
    stamps = {mode: result.output.counters["stamps"] for mode, result in run.fill_modes.items()}
    assert {mode for mode, found in stamps.items() if "quote_inferred" in found} == {"optimistic"}
    assert run.fill_modes["optimistic"].metrics.fills > 0


def test_unknown_fees_leave_no_net_figure():
    run = Backtest(Join, quotes([(0.40, 0.42), (0.40, 0.42), (0.38, 0.40), (0.41, 0.43)])).run()
    assert "fees unknown" in run.stamps
    for result in run.fill_modes.values():
        metrics = result.metrics
        assert (metrics.pnl_net_usd, metrics.fees_usd, metrics.total_return) == (None, None, None)
        assert metrics.pnl_gross_usd is not None
        assert "unknown" in metrics.reasons["pnl_net_usd"]
    assert run.profitable is None
    assert all(row["pnl_net_usd"] is None for rows in run.by.values() for row in rows)
    assert "–" in repr(run)


def test_what_a_failing_strategy_did_is_kept():
    class Failing(Join):
        def on_quote(self, data):
            super().on_quote(data)
            if data.bid < 0.39:
                raise ValueError("a fault of mine")

    backtest = Backtest(Failing, quotes([(0.40, 0.42), (0.40, 0.42), (0.38, 0.40), (0.41, 0.43)]))
    assert backtest.salvage("failed", "nothing ran") is None
    with pytest.raises(StrategyError, match="a fault of mine"):
        backtest.run()
    assert list(backtest.partial) == ["pessimistic"]
    run = backtest.salvage("failed", "a fault of mine")
    assert run is not None
    assert run.context.status == "failed"
    assert len(run.orders) == 1
