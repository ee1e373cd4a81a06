"""The parts of the edge of each order, as the engine's replay leaves them."""

import polars as pl
import pytest
from recording import Recording, at, dataset, play, rest, take

from ntp.backtest import Backtest
from ntp.backtest.edge import EDGE
from ntp.core.config import Config, EdgeConfig, RulesConfig

BUY, SELL = 1, -1
DAY_S = 86_400


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    kalshi = Recording("FED", series="KXFED", close_time=at(73 * DAY_S), open_time=at(-10)).quote(0, 0.38, 0.42)
    kalshi.trade(10, 0.38, 300, SELL).quote(20, 0.40, 0.44).settle(100, 1.0)
    open_ended = Recording("WHEN").quote(0, 0.38, 0.42).quote(30, 0.38, 0.42)
    unknown = Recording("X", venue="elsewhere").quote(0, 0.38, 0.42).quote(30, 0.38, 0.42)
    return dataset(tmp_path_factory.mktemp("catalog"), kalshi, open_ended, unknown)


STEPS = [
    (1, rest("kalshi:FED", BUY, 100, 0.38, fair=0.46)),
    (2, take("kalshi:FED", BUY, 10, 0.42, fair=0.46)),
    (3, rest("kalshi:FED", SELL, 10, 0.60, fair=0.46)),
    (4, rest("kalshi:FED", BUY, 10, 0.30)),
    (5, rest("kalshi:WHEN", BUY, 10, 0.38, fair=0.46)),
    (6, rest("elsewhere:X", BUY, 10, 0.38, fair=0.46)),
]


@pytest.fixture(scope="module")
def orders(data):
    return play(data, STEPS).orders


def parts(orders, row):
    return dict(zip(EDGE, orders.select(EDGE).row(row), strict=True))


def test_a_resting_order_by_hand(orders):
    """Maker's fee of 1.75 % of p(1 - p), half a cent lost at 50 cents, 38 cents and the fee locked for 73 days."""
    found = parts(orders, 0)
    assert found == pytest.approx({
        "edge_gross_cents": 8.0, "edge_fee_cents": 0.4123, "edge_adverse_selection_cents": 0.5 * 4 * 0.38 * 0.62,
        "edge_uncertainty_cents": 0.0, "edge_lock_up_cents": 4 * (0.38 + 0.004123) * 0.2,
        "edge_net_cents": 8 - 0.4123 - 0.4712 - 0.3073,
    }, abs=2e-4)  # fmt: skip


def test_what_may_take_pays_the_takers_fee_and_is_not_selected(orders):
    found = parts(orders, 1)
    assert found["edge_gross_cents"] == pytest.approx(4.0)
    assert found["edge_fee_cents"] == pytest.approx(7 * 0.42 * 0.58, abs=0.001)
    assert found["edge_adverse_selection_cents"] == 0.0


def test_a_seller_earns_the_price_less_the_fair_value_and_locks_the_rest_of_a_dollar(orders):
    found = parts(orders, 2)
    assert found["edge_gross_cents"] == pytest.approx(14.0)
    assert found["edge_lock_up_cents"] == pytest.approx(4 * (0.40 + 0.0042) * 0.2, abs=1e-4)


def test_without_a_fair_value_nothing_is_stated(orders):
    assert set(parts(orders, 3).values()) == {None}


def test_an_unknown_close_counts_as_the_time_assumed_and_unknown_fees_leave_no_net_edge(orders):
    assert parts(orders, 4)["edge_lock_up_cents"] == pytest.approx(4 * 0.38 * 30 / 365, abs=1e-4)
    assert parts(orders, 5)["edge_gross_cents"] == pytest.approx(8.0)
    assert parts(orders, 5)["edge_fee_cents"] is parts(orders, 5)["edge_net_cents"] is None


def test_the_settings_of_the_workspace_hold_and_enter_the_manifest(data):
    from recording import Steps

    config = Config(edge=EdgeConfig(adverse_selection=0.02, lock_up_rate=0.0), rules=RulesConfig(waive=("maker_only",)))
    made = type("Made", (Steps,), {"steps": STEPS[:1], "__module__": __name__})
    engine = {"feed_latency": "0s", "order_latency": "0s"}
    run = Backtest(made, data, engine=engine, config=config, store=False).run()
    found = parts(run.orders, 0)
    assert found["edge_adverse_selection_cents"] == pytest.approx(2 * 4 * 0.38 * 0.62)
    assert found["edge_lock_up_cents"] == 0.0
    assert run.context.configuration["edge"] == {"adverse_selection": 0.02, "lock_up_rate": 0.0}
    usual = Backtest(made, data, engine=engine, config=Config(), store=False).run()
    assert "edge" not in usual.context.configuration


def test_it_is_stored_with_the_orders_and_read_again(data, tmp_path):
    from ntp.backtest import RunStore

    store = RunStore(tmp_path)
    run = play(data, STEPS, store=store)
    raw = pl.read_parquet(store.path(run.run_id) / "base.orders.parquet")
    assert raw.select(EDGE).equals(run.shown.output.orders.select(EDGE))
    assert raw["edge_net_cents"].is_not_null().sum() == 4
    assert store.load(run.run_id).orders.equals(run.orders)
