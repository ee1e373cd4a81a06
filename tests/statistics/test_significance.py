import numpy as np
import pytest
from scipy import stats

from ntp.core import DataError
from ntp.statistics import random_entry_test, random_side_test


def test_all_sides_of_few_events_are_those_of_scipy():
    gross = np.random.default_rng(1).normal(0.4, 1.0, 14)
    theirs = stats.permutation_test(
        (gross,), np.mean, permutation_type="samples", alternative="greater", n_resamples=np.inf
    ).pvalue
    ours = random_side_test(gross, np.random.default_rng(2), draws=20_000)
    assert ours == pytest.approx(theirs, abs=4 * np.sqrt(theirs / 20_000))


def test_sides_without_an_edge_are_discovered_as_often_as_said():
    found = [
        random_side_test(np.random.default_rng(seed).standard_t(4, 80), np.random.default_rng(seed + 1), draws=400)
        for seed in range(400)
    ]
    assert np.mean(np.array(found) <= 0.05) == pytest.approx(0.05, abs=0.033)  # three standard errors
    assert stats.kstest(found, "uniform").pvalue > 0.001


def test_an_edge_is_found():
    gross = np.random.default_rng(3).normal(0.5, 1.0, 100)
    assert random_side_test(gross, np.random.default_rng(4), draws=999) == 0.001


def test_events_that_did_not_move_say_nothing():
    assert random_side_test(np.zeros(40), np.random.default_rng(1)) is None
    assert random_side_test(np.array([]), np.random.default_rng(1)) is None
    gross = np.array([1.0, -2.0, 3.0])
    one, two = (
        random_side_test(np.concatenate([gross, np.zeros(n)]), np.random.default_rng(5)) for n in (0, 9)
    )
    assert one == two


def test_the_strategy_is_one_of_the_draws():
    assert random_entry_test(5.0, lambda rng: 0.0, np.random.default_rng(1), draws=99) == 0.01
    assert random_entry_test(5.0, lambda rng: 5.0, np.random.default_rng(1), draws=99) == 1.0
    assert random_entry_test(0.0, lambda rng: float(rng.normal()), np.random.default_rng(1), draws=999) == (
        pytest.approx(0.5, abs=0.05)
    )
    for test in (
        lambda: random_entry_test(0.0, lambda rng: 0.0, np.random.default_rng(1), draws=0),
        lambda: random_side_test(np.ones(3), np.random.default_rng(1), draws=0),
    ):
        with pytest.raises(DataError, match="a draw or more"):
            test()
