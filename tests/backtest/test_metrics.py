import math
from pathlib import Path

import numpy as np
import pytest
from factory import CAPITAL, START, Replay, context, place, season
from hypothesis import given
from hypothesis import strategies as st

from ntp.backtest.facts import Facts
from ntp.backtest.metrics import METRICS, compute_metrics
from ntp.core import DAY, SECOND
from ntp.statistics import sharpe

DOCS = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"


def metrics_of(replay, **changes):
    return compute_metrics(Facts(replay.output(), context(**changes)))


def test_nothing_happened():
    metrics = metrics_of(Replay())
    assert metrics.pnl_net_usd == 0.0
    assert metrics.total_return == 0.0
    assert metrics.trades == metrics.fills == 0
    assert metrics.max_drawdown == 0.0
    for name in ("sharpe_ratio", "win_rate", "maker_share", "maker_fill_rate", "brier", "markout_10s_cents",
                 "return_on_locked_capital", "time_to_fill_median_s", "queue_ahead_median",
                 "edge_per_trade_cents", "deflated_sharpe", "win_rate_ci90", "sharpe_ci90", "pnl_net_ci90_usd",
                 "p_value", "random_entry_p_value", "sortino_ratio", "min_track_record_events"):
        assert metrics[name] is None
        assert metrics.reasons[name]


def test_every_metric_is_a_finite_number_an_interval_or_null():
    metrics = metrics_of(season())
    assert list(metrics) == [metric.id for metric in METRICS]
    for name, value in metrics.items():
        parts = value if isinstance(value, list) else [] if value is None else [value]
        assert all(math.isfinite(part) for part in parts), name
        assert (value is None) == (name in metrics.reasons)


def test_money_is_exact():
    replay = Replay().fill(START, 1, 29, 7, fee=33).settle(START + DAY, 1.0)
    metrics = metrics_of(replay)
    assert metrics.pnl_gross_usd == 4.97
    assert metrics.pnl_net_usd == 4.969967
    assert metrics.fees_usd == 0.000033
    assert metrics.total_return == 4.969967 / 10_000
    assert metrics.locked_capital_max_usd == 2.03
    assert metrics.return_on_locked_capital == pytest.approx(4.969967 / 2.03)


def test_sharpe_is_of_daily_changes_and_needs_thirty_days():
    replay = season()
    metrics = metrics_of(replay)
    equity = replay.output().equity
    daily = []
    before = CAPITAL
    for day in range(40):
        past = equity.filter(equity["ts"] < START + (day + 1) * DAY)["equity"]
        after = past[-1] if len(past) else CAPITAL
        daily.append((after - before) / CAPITAL)
        before = after
    assert metrics.sharpe_ratio == pytest.approx(sharpe(np.array(daily), 365))
    short = metrics_of(Replay().fill(START, 1, 40, 1).settle(START + DAY, 1.0), days=29)
    assert short.sharpe_ratio is None
    assert "30 days" in short.reasons["sharpe_ratio"]


def test_intervals_need_thirty_events():
    metrics = metrics_of(season(29))
    for name in ("sharpe_ci90", "deflated_sharpe", "win_rate_ci90"):
        assert metrics[name] is None
        assert "30 events" in metrics.reasons[name]
    enough = metrics_of(season(30))
    assert enough.win_rate_ci90[0] < enough.win_rate < enough.win_rate_ci90[1]
    assert enough.sharpe_ci90[0] < enough.sharpe_ci90[1]
    assert 0.0 < enough.deflated_sharpe < 1.0


def test_more_trials_lower_the_deflated_sharpe():
    assert metrics_of(season(), trials=50).deflated_sharpe < metrics_of(season()).deflated_sharpe


def test_same_seed_same_interval():
    assert metrics_of(season()).sharpe_ci90 == metrics_of(season()).sharpe_ci90


def test_fill_rate_counts_passive_orders_accepted():
    replay = Replay().fill(START, 1, 40, 1)
    replay.unfilled(START, START + SECOND).unfilled(START, START + SECOND, "rejected")
    replay.unfilled(START, START + SECOND, "refused").unfilled(START, START + SECOND, passive=False)
    assert metrics_of(replay).maker_fill_rate == 0.5


def test_waiting_is_censored_where_orders_end_unfilled():
    replay = Replay()
    for at, wait in enumerate((1, 2, 3)):
        replay.fill(START + 100 * at * SECOND, 1, 40, 1, place(at), wait_ns=wait * SECOND)
    replay.unfilled(START, START + SECOND // 2)
    assert metrics_of(replay).time_to_fill_median_s == 2.0
    for _ in range(4):
        replay.unfilled(START, START + 30 * SECOND)
    metrics = metrics_of(replay)
    assert metrics.time_to_fill_median_s is None
    assert "less than half" in metrics.reasons["time_to_fill_median_s"]


def test_maker_share_is_by_quantity():
    replay = Replay().fill(START, 1, 40, 30).fill(START + 1, -1, 40, 10, is_maker=False)
    assert metrics_of(replay).maker_share == 0.75


def test_edges_favour_the_position():
    replay = Replay().fill(START, 1, 40, 1, fair=0.45, mid_10s=0.43)
    replay.fill(START + 1, -1, 60, 3, place(1), fair=0.55, mid_10s=0.61)
    replay.settle(START + 2, 1.0).settle(START + 2, 0.0, place(1))
    metrics = metrics_of(replay)
    assert metrics.edge_per_trade_cents == pytest.approx(5.0)
    assert metrics.markout_10s_cents == pytest.approx((3 - 3) / 4)
    assert metrics.realised_edge_per_trade_cents == pytest.approx(60.0)


def test_voided_contracts_have_no_realised_edge():
    metrics = metrics_of(Replay().fill(START, 1, 40, 1).settle(START + 1, None, cash=400_000))
    assert metrics.realised_edge_per_trade_cents is None
    assert metrics.pnl_net_usd == 0.0


def test_brier_takes_the_first_fill_of_binary_contracts():
    replay = Replay().fill(START, 1, 40, 1, fair=0.7).fill(START + 1, 1, 40, 1, fair=0.1)
    replay.fill(START, 1, 40, 1, place(1), fair=0.2).fill(START, 1, 40, 1, place(2), fair=0.5)
    replay.settle(START + 2, 1.0).settle(START + 2, 0.0, place(1)).settle(START + 2, 0.5, place(2))
    metrics = metrics_of(replay)
    assert metrics.brier == pytest.approx((0.3**2 + 0.2**2) / 2)
    assert metrics.brier_market == pytest.approx((0.6**2 + 0.4**2) / 2)


def test_win_rate_counts_net_winners():
    replay = Replay().fill(START, 1, 40, 1, fee=20_000).fill(START + 1, -1, 41, 1)
    replay.fill(START, 1, 40, 1, place(1)).fill(START + 1, -1, 41, 1, place(1))
    assert metrics_of(replay).win_rate == 0.5


def test_unknown_metric_is_an_attribute_error_with_a_suggestion():
    with pytest.raises(AttributeError, match="did you mean 'sharpe_ratio'"):
        _ = metrics_of(Replay()).sharp_ratio


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from([1, -1]), st.integers(1, 99), st.integers(1, 9),
                          st.integers(0, 900)), min_size=1, max_size=30))
def test_laws_of_any_replay(rows):
    replay = Replay()
    for at, (event, side, cents, contracts, fee) in enumerate(rows):
        replay.fill(START + at * SECOND, side, cents, contracts, place(event), fee)
    facts = Facts(replay.output(), context())
    metrics = compute_metrics(facts)
    assert metrics.pnl_gross_usd == pytest.approx(metrics.pnl_net_usd + metrics.fees_usd, abs=1e-9)
    assert metrics.max_drawdown <= 0.0
    assert metrics.maker_share == 1.0
    assert facts.contract_flows["cash"].sum() == facts.output.equity["equity"][-1] - CAPITAL


def test_the_page_of_metrics_defines_each_as_the_code_does():
    page = DOCS.read_text(encoding="utf-8")
    for metric in METRICS:
        assert f"| `{metric.id}` | {metric.title} | {metric.unit} | {metric.formula} |" in page
