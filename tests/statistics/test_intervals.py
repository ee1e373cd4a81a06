import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ntp.statistics import (
    bootstrap_sharpe_interval,
    bootstrap_sum_interval,
    clustered_proportion_interval,
    wilson_interval,
)
from ntp.statistics.intervals import joined_events


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_equals_scipy(case):
    successes, count = case
    expected = stats.binomtest(successes, count).proportion_ci(confidence_level=0.9, method="wilson")
    low, high = wilson_interval(successes, count)
    assert low == pytest.approx(expected.low, abs=1e-9)
    assert high == pytest.approx(expected.high, abs=1e-9)


def test_clusters_that_agree_within_widen_the_interval():
    together = clustered_proportion_interval(np.array([10.0, 0.0] * 20), np.full(40, 10.0))
    apart = wilson_interval(200, 400)
    assert together[1] - together[0] > 2.5 * (apart[1] - apart[0])


def test_an_interval_stays_open_where_everything_succeeded():
    low, high = clustered_proportion_interval(np.full(30, 4.0), np.full(30, 4.0))
    assert (low, high) == pytest.approx(wilson_interval(30, 30))
    assert low < 1.0


def test_clusters_of_one_are_plain_wilson():
    wins = np.array([1.0] * 30 + [0.0] * 20)
    low, high = clustered_proportion_interval(wins, np.ones(50))
    expected = wilson_interval(30, 50)
    assert low == pytest.approx(expected[0], abs=2e-3)
    assert high == pytest.approx(expected[1], abs=2e-3)


def test_bootstrap_is_seeded_and_covers_the_estimate():
    returns = np.random.default_rng(1).normal(0.05, 1.0, 300)
    first = bootstrap_sharpe_interval(returns, np.random.default_rng(7))
    again = bootstrap_sharpe_interval(returns, np.random.default_rng(7))
    assert first == again
    assert first[0] < returns.mean() / returns.std(ddof=1) < first[1]
    # the standard error of a small Sharpe ratio is about 1 / sqrt(n)
    assert first[1] - first[0] == pytest.approx(2 * 1.645 / np.sqrt(300), rel=0.15)


def test_bootstrap_of_returns_that_do_not_vary_does_not_exist():
    assert bootstrap_sharpe_interval(np.ones(50), np.random.default_rng(0)) is None


def test_the_interval_of_a_sharpe_ratio_is_that_of_its_resamples():
    """The definition, one resample after another."""
    returns = np.random.default_rng(4).standard_t(4, 60) + 0.2
    picked = np.random.default_rng(9).integers(0, 60, size=(1_000, 60))
    ratios = [returns[rows].mean() / returns[rows].std(ddof=1) for rows in picked]
    expected = np.quantile(ratios, [0.05, 0.95]) * 2.0
    assert bootstrap_sharpe_interval(returns, np.random.default_rng(9), per_year=4.0) == pytest.approx(tuple(expected))


def test_the_interval_of_a_sum_is_that_of_scipy():
    values = np.random.default_rng(3).gamma(1.5, size=80)
    theirs = stats.bootstrap(
        (values,), np.sum, confidence_level=0.9, n_resamples=8_000, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    ours = bootstrap_sum_interval(values, np.random.default_rng(2), draws=8_000)
    assert ours == pytest.approx(tuple(theirs), abs=0.05 * (theirs.high - theirs.low))
    assert bootstrap_sum_interval(values[:1], np.random.default_rng(2)) is None


def test_many_events_are_drawn_in_blocks_without_a_change_of_meaning():
    values = np.random.default_rng(6).normal(0.02, 1.0, 100_003)
    assert joined_events(values).sum() == pytest.approx(values.sum())
    assert len(joined_events(values)) == 5_000
    half = 1.645 * values.std() * np.sqrt(len(values))
    assert bootstrap_sum_interval(values, np.random.default_rng(1)) == pytest.approx(
        (values.sum() - half, values.sum() + half), abs=0.1 * half
    )
    ratio, error = values.mean() / values.std(ddof=1), 1.645 / np.sqrt(len(values))
    assert bootstrap_sharpe_interval(values, np.random.default_rng(1)) == pytest.approx(
        (ratio - error, ratio + error), abs=0.1 * error
    )
