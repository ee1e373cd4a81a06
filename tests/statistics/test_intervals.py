import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ntp.statistics import bootstrap_sharpe_interval, clustered_proportion_interval, wilson_interval


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
