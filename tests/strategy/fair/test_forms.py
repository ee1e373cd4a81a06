"""Fair values in whole columns and in the log of orders are those that `data` tells."""

import polars as pl
import pytest

from ntp import Backtest, Pricing, Strategy, StrategyError
from ntp.engine.rewind import Rewind
from strategy.fair.priced import Asking, Feed, contract, priced

WINDOW = {"start": "2026-01-05T00:00", "end": "2026-01-05T01:00"}


class OneByOne(Strategy):
    """Bids at the best where YES is worth more."""

    pricing = Pricing(max_spot_age="10s")

    def analyze(self, data):
        bid, fair = data.get("bid"), data.get("fair_value")
        if bid is None or fair is None or not 0.05 < bid < fair - 0.03:
            self.quote()
        else:
            self.quote(bid=bid, size=5)


class InColumns(Strategy):
    """The same."""

    pricing = Pricing(max_spot_age="10s")

    def signals(self, frame):
        bid, fair = pl.col("bid"), pl.col("fair_value")
        wanted = (bid > 0.05) & (bid < fair - 0.03)
        return frame.with_columns(quote_bid=pl.when(wanted).then(bid), size=pl.lit(5.0))


@pytest.fixture(scope="module")
def runs():
    return [Backtest(strategy, "sample").run(**WINDOW) for strategy in (OneByOne, InColumns)]


def test_columns_show_what_data_tells(runs):
    plain, columns = runs
    assert plain.orders.height > 100
    assert plain.to_dict()["fills_hash"] == columns.to_dict()["fills_hash"]


def test_every_order_bears_the_fair_value_of_its_moment(runs):
    for run in runs:
        stated = run.orders.drop_nulls("fair")
        assert stated.height == run.orders.height
        assert (stated["fair"] > stated["price"] + 0.03 - 1e-9).all()
        assert (run.orders["fair_sd"] > 0).mean() > 0.95


def test_metrics_of_the_edge_come_alive(runs):
    metrics = runs[0].metrics
    assert metrics.edge_per_trade_cents > 3
    assert 0 <= metrics.brier <= 1
    assert (runs[0].fills["edge"] > 0).all()


def test_where_nobody_asks_nothing_is_priced():
    assert Backtest("maker", "sample").run(**WINDOW).orders["fair"].is_null().all()


HIDDEN = """
from ntp import Strategy

class Hidden(Strategy):
    def analyze(self, data):
        getattr(data, "_".join(["fair", "value"]))()
"""


def test_who_asks_by_a_name_made_up_at_run_time_is_told_to_say_so(tmp_path):
    file = tmp_path / "hidden.py"
    file.write_text(HIDDEN, encoding="utf-8")
    with pytest.raises(StrategyError, match="say so") as caught:
        Backtest(str(file), "sample").run(**WINDOW)
    assert "Pricing()" in caught.value.hint


def test_what_is_followed_is_put_back_with_a_replay():
    strategy = Asking()
    played = priced(Feed().walk(200), [contract().quote(0, 4_000, 6_000)], strategy)
    state = played.replay.state
    fresh = priced(Feed().walk(200), [contract().quote(0, 4_000, 6_000)], Asking(), run=False).replay.state
    rewind = Rewind(fresh)
    fresh.underlyings[:], fresh.claims[:] = state.underlyings, state.claims
    assert fresh.underlyings["rows"][0] == 200
    rewind.rewind()
    assert fresh.underlyings["rows"][0] == 0
    assert fresh.claims["at"].max() == -1
