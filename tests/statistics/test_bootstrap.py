import numpy as np
import pytest
from scipy import stats

from ntp.core import DataError
from ntp.statistics import bootstrap_interval, rows_by_event


def mean_of(values):
    return lambda rows: float(np.mean(values[rows]))


def test_rows_of_an_event_stay_together():
    assert [rows.tolist() for rows in rows_by_event(np.array([7, 3, 7, 3, 9]))] == [[1, 3], [0, 2], [4]]


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_intervals_of_single_rows_are_those_of_scipy(method):
    values = np.random.default_rng(1).gamma(1.5, size=60)
    ours = bootstrap_interval(
        mean_of(values), np.arange(60), np.random.default_rng(2), draws=8_000, method=method
    )
    theirs = stats.bootstrap(
        (values,), np.mean, confidence_level=0.90, n_resamples=8_000, method=method, rng=np.random.default_rng(3)
    ).confidence_interval
    spread = theirs.high - theirs.low
    assert ours == pytest.approx(tuple(theirs), abs=0.05 * spread)  # both are draws


def test_equal_seeds_give_equal_intervals():
    values = np.random.default_rng(1).normal(size=30)
    one, two = (bootstrap_interval(mean_of(values), np.arange(30), np.random.default_rng(5)) for _ in range(2))
    assert one == two


def test_copies_of_an_event_carry_no_information():
    """Ten identical trades in each event: drawing trades would shrink the interval by a third, drawing events not."""
    single = np.random.default_rng(6).normal(size=40)
    copied, events = np.repeat(single, 10), np.repeat(np.arange(40), 10)
    own = bootstrap_interval(mean_of(single), np.arange(40), np.random.default_rng(7))
    assert bootstrap_interval(mean_of(copied), events, np.random.default_rng(7)) == pytest.approx(own)
    low, high = bootstrap_interval(mean_of(copied), np.arange(400), np.random.default_rng(7))
    assert high - low < 0.5 * (own[1] - own[0])


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_an_interval_covers_as_often_as_it_says(method):
    """90 % intervals of a mean of 60 events of 1 to 4 correlated trades cover it about 90 times in 100."""
    covered = 0
    for seed in range(120):
        rng = np.random.default_rng(seed)
        sizes = rng.integers(1, 5, 60)
        values = np.repeat(rng.normal(size=60), sizes) + rng.normal(size=sizes.sum()) * 0.3
        low, high = bootstrap_interval(
            mean_of(values), np.repeat(np.arange(60), sizes), rng, draws=150, method=method
        )
        covered += low <= 0.0 <= high
    assert 0.80 <= covered / 120 <= 0.97


def test_a_figure_that_rarely_exists_has_no_interval():
    values = np.array([0.0, 0.0, 0.0, 1.0])
    assert bootstrap_interval(lambda rows: None, np.arange(4), np.random.default_rng(1)) is None
    assert bootstrap_interval(mean_of(values), np.zeros(4, dtype=np.int64), np.random.default_rng(1)) is None
    only = bootstrap_interval(
        lambda rows: 1.0 if set(rows.tolist()) >= {0, 1, 2, 3} else None, np.arange(4), np.random.default_rng(1)
    )
    assert only is None  # all four are drawn in 9 % of the cases
    assert bootstrap_interval(mean_of(np.ones(5)), np.arange(5), np.random.default_rng(1), method="bca") == (1.0, 1.0)


@pytest.mark.parametrize("wrong", [{"method": "normal"}, {"level": 1.0}])
def test_unknown_intervals_are_refused(wrong):
    with pytest.raises(DataError, match="percentile or bca"):
        bootstrap_interval(mean_of(np.ones(5)), np.arange(5), np.random.default_rng(1), **wrong)
