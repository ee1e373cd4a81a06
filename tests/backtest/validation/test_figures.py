import warnings

import numpy as np
import pytest
from factory import START, Replay, context, place, run, season

from ntp.backtest import Run
from ntp.backtest.facts import Facts
from ntp.backtest.metrics import METRICS, compute_metrics
from ntp.backtest.validation.summary import COLUMNS, corrected_rows, trials_sentence
from ntp.core import DAY
from ntp.statistics import deflated_sharpe, minimum_track_record, probabilistic_sharpe, return_moments

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import empyrical


def facts_of(replay, **changes):
    return Facts(replay.output(), context(**changes))


def test_daily_ratios_of_a_run_are_those_of_empyrical():
    facts = facts_of(season(fee=30_000))
    metrics = compute_metrics(facts)
    daily = facts.daily
    curve = 1.0 + np.cumsum(daily)
    returns = curve / np.concatenate(([1.0], curve[:-1])) - 1.0
    expected = {
        "sharpe_ratio": empyrical.sharpe_ratio(daily, annualization=365),
        "sortino_ratio": empyrical.sortino_ratio(daily, annualization=365),
        "omega_ratio": empyrical.omega_ratio(daily, annualization=1),
        "tail_ratio": empyrical.tail_ratio(daily),
        "value_at_risk_95": empyrical.value_at_risk(daily),
        "calmar_ratio": empyrical.calmar_ratio(returns, annualization=365),
        "annual_return": empyrical.annual_return(returns, annualization=365),
    }
    assert {name: metrics[name] for name in expected} == pytest.approx(expected)


def test_naive_and_corrected_figures_follow_their_formulas():
    facts = facts_of(season(), trials=25, trial_variance=0.09)
    metrics, returns = compute_metrics(facts), facts.event_returns
    moments = return_moments(returns)
    shape = {"skew": moments.skew, "kurtosis": moments.kurtosis}
    naive = probabilistic_sharpe(moments.ratio, len(returns), **shape)
    assert metrics.probabilistic_sharpe == pytest.approx(naive)
    assert metrics.p_value == pytest.approx(1 - naive)
    assert metrics.p_value_corrected == pytest.approx(min(1.0, 25 * (1 - naive)))
    assert metrics.deflated_sharpe == pytest.approx(deflated_sharpe(returns, 25, 0.09))
    needed = minimum_track_record(moments.ratio, **shape)
    assert needed <= metrics.min_track_record_events < needed + 1
    assert metrics.deflated_sharpe < metrics.probabilistic_sharpe


def test_near_copies_cannot_argue_the_correction_away():
    facts = facts_of(season(), trials=25, trial_variance=1e-12)
    assert compute_metrics(facts).deflated_sharpe == pytest.approx(deflated_sharpe(facts.event_returns, 25))


def test_the_interval_of_the_profit_holds_it_and_is_drawn_by_event():
    metrics = compute_metrics(facts_of(season()))
    low, high = metrics.pnl_net_ci90_usd
    assert low < metrics.pnl_net_usd < high
    per_event = facts_of(season()).events["pnl"].to_numpy()
    assert high - low == pytest.approx(2 * 1.645 * per_event.std() * np.sqrt(len(per_event)), rel=0.1)


def test_sides_by_lot_are_judged_before_fees():
    costly = compute_metrics(facts_of(season(fee=2_000_000)))
    assert costly.pnl_net_usd < 0
    assert costly.random_entry_p_value == compute_metrics(facts_of(season())).random_entry_p_value


def test_a_loss_needs_no_track_record():
    metrics = compute_metrics(facts_of(season(lucky=0.2)))
    assert metrics.min_track_record_events is None
    assert "not above 0" in metrics.reasons["min_track_record_events"]
    assert metrics.p_value > 0.5


def test_without_settlements_marks_count_and_results_are_null():
    replay = Replay()
    for at in range(40):
        replay.fill(START + at * DAY, 1, 40, 1, place(at), fee=10)
    metrics = compute_metrics(facts_of(replay))
    for name in ("realised_edge_per_trade_cents", "brier", "brier_market"):
        assert metrics[name] is None
        assert metrics.reasons[name]
    assert metrics.deflated_sharpe is None  # every event lost its fee alike
    assert metrics.reasons["deflated_sharpe"] == "all events returned the same"


def test_what_takes_many_draws_can_be_left_out():
    quick = compute_metrics(facts_of(season()), resample=False)
    whole = compute_metrics(facts_of(season()))
    for metric in METRICS:
        if metric.resampled:
            assert (quick[metric.id], "random draws" in quick.reasons[metric.id]) == (None, True)
        else:
            assert quick[metric.id] == whole[metric.id]


def test_report_and_table_tell_both():
    rows = corrected_rows(run(trials=12, family_trials=5))
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert rows[0][1] != rows[0][2]
    few = Run(context(), {"base": season(5).output()})
    assert corrected_rows(few)[-1][:3] == ["Events", "5", "–"]
    assert {row[3] for row in corrected_rows(few)} == {"needs 30 events traded, there are 5"}
    assert trials_sentence(run(trials=12, family_trials=5)).startswith("12 things were tried on this data")
    assert "Nobody counted" in trials_sentence(run(trials=0))
    assert "Nothing else" in trials_sentence(run(trials=1))
