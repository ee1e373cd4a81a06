import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ntp.core import DAY
from ntp.statistics import (
    ReturnMoments,
    daily_changes,
    deflated_sharpe,
    expected_maximum_sharpe,
    minimum_track_record,
    probabilistic_sharpe,
    return_moments,
    sharpe,
)


def test_days_without_samples_have_no_change():
    ts = np.array([DAY // 2, 3 * DAY - 1], dtype=np.int64)
    values = np.array([110.0, 90.0])
    assert daily_changes(ts, values, 0, 4 * DAY - 1, 100.0).tolist() == [10.0, 0.0, -20.0, 0.0]


def test_a_sample_at_midnight_belongs_to_the_day_that_begins():
    ts = np.array([DAY], dtype=np.int64)
    assert daily_changes(ts, np.array([7.0]), 0, DAY, 0.0).tolist() == [0.0, 7.0]


@given(
    st.lists(
        st.tuples(st.integers(0, 40 * DAY), st.floats(-1e6, 1e6)), min_size=1, max_size=60
    ).map(lambda rows: sorted(rows, key=lambda row: row[0]))
)
def test_daily_changes_add_up_to_the_whole_change(rows):
    ts = np.array([row[0] for row in rows], dtype=np.int64)
    values = np.array([row[1] for row in rows])
    changes = daily_changes(ts, values, 0, 41 * DAY, 5.0)
    assert len(changes) == 42
    assert math.isclose(changes.sum(), values[-1] - 5.0, abs_tol=1e-6)


def test_sharpe_is_mean_over_sample_deviation():
    returns = np.array([0.01, -0.02, 0.03, 0.0])
    expected = np.mean(returns) / np.std(returns, ddof=1) * math.sqrt(365)
    assert sharpe(returns, 365) == pytest.approx(expected)


@pytest.mark.parametrize("returns", [[], [0.1], [0.1, 0.1, 0.1], [0.0] * 40])
def test_sharpe_without_variation_does_not_exist(returns):
    assert sharpe(np.array(returns)) is None


@pytest.mark.parametrize(("trials", "skew", "kurtosis", "expected"), [
    (100, -3.0, 10.0, 0.9004),
    (46, -3.0, 10.0, 0.9505),
    (88, 0.0, 3.0, 0.9505),
])  # science S12: the published example, 250 observations a year
def test_deflated_sharpe_of_the_published_example(trials, skew, kurtosis, expected):
    benchmark = expected_maximum_sharpe(trials, 0.5 / 250)
    value = probabilistic_sharpe(
        2.5 / math.sqrt(250), 1250, skew=skew, kurtosis=kurtosis, benchmark=benchmark
    )
    assert value == pytest.approx(expected, abs=5e-5)


def test_expected_maximum_of_the_published_example():
    assert expected_maximum_sharpe(100, 0.5 / 250) == pytest.approx(0.11317, abs=5e-6)
    assert expected_maximum_sharpe(1, 0.5) == 0.0


def test_deflated_sharpe_takes_its_moments_from_the_returns():
    returns = np.random.default_rng(3).gamma(2.0, size=200) - 1.8
    ratio = returns.mean() / returns.std(ddof=1)
    expected = probabilistic_sharpe(
        ratio, 200, skew=stats.skew(returns), kurtosis=stats.kurtosis(returns, fisher=False),
        benchmark=expected_maximum_sharpe(10, 1 / 200),
    )
    assert deflated_sharpe(returns, 10) == pytest.approx(expected)


def test_more_trials_deflate_more():
    returns = np.random.default_rng(5).normal(0.1, 1.0, 400)
    values = [deflated_sharpe(returns, trials) for trials in (1, 2, 10, 100)]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("seed", range(6))
def test_moments_are_those_of_scipy(seed):
    returns = np.random.default_rng(seed).gamma(1.5, size=80) - 1.3
    moments = return_moments(returns)
    assert moments.ratio == pytest.approx(returns.mean() / returns.std(ddof=1))
    assert moments.skew == pytest.approx(stats.skew(returns))
    assert moments.kurtosis == pytest.approx(stats.kurtosis(returns, fisher=False))
    assert moments.deflated(12, 0.02) == deflated_sharpe(returns, 12, 0.02)
    assert return_moments(np.ones(5)) is None


def test_a_tiny_p_value_is_not_zero():
    for ratio, skew, count in ((0.1, -1.0, 50), (0.3, 2.0, 90)):
        moments = ReturnMoments(ratio, count, skew, 8.0)
        assert moments.p_value() == pytest.approx(1.0 - moments.probabilistic())
    assert 0.0 < ReturnMoments(0.5, 5_000, 0.0, 3.0).p_value() < 1e-200


def test_the_track_record_is_where_confidence_is_reached():
    """The definition: so many observations of this ratio give just that probability."""
    for ratio, skew, kurtosis, benchmark in ((0.1, 0.0, 3.0, 0.0), (0.2, -2.0, 9.0, 0.05), (0.5, 1.0, 5.0, 0.1)):
        needed = minimum_track_record(ratio, skew=skew, kurtosis=kurtosis, benchmark=benchmark, level=0.9)
        scores = [
            probabilistic_sharpe(ratio, count, skew=skew, kurtosis=kurtosis, benchmark=benchmark)
            for count in (math.floor(needed), math.ceil(needed))
        ]
        assert scores[0] <= 0.9 <= scores[1]
    assert minimum_track_record(0.1) == pytest.approx(1.0 + (1.0 + 0.5 * 0.01) * (1.6448536 / 0.1) ** 2)


def test_no_track_record_shows_what_is_not_there():
    assert minimum_track_record(0.1, benchmark=0.1) is None
    assert minimum_track_record(-0.1) is None
