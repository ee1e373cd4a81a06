from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from ntp.core import DataError
from ntp.statistics import probability_of_overfitting, sharpe


def by_hand(returns, blocks):
    """The definition, split by split."""
    parts = np.array_split(returns, blocks)
    logits = []
    for chosen in combinations(range(blocks), blocks // 2):
        inside = np.concatenate([parts[at] for at in chosen])
        outside = np.concatenate([parts[at] for at in range(blocks) if at not in chosen])
        best = np.argmax([sharpe(column) for column in inside.T])
        rank = stats.rankdata([sharpe(column) for column in outside.T])[best] / (returns.shape[1] + 1)
        logits.append(np.log(rank / (1 - rank)))
    return np.array(logits)


def test_splits_are_judged_as_defined():
    returns = np.random.default_rng(1).normal(size=(70, 9))
    found = probability_of_overfitting(returns, 8)
    expected = by_hand(returns, 8)
    assert found.logits == pytest.approx(expected)
    assert found.probability == np.mean(expected <= 0)


def noise(seed, planted=0.0):
    returns = np.random.default_rng(seed).normal(size=(1_000, 50))
    returns[:, 7] += planted
    return probability_of_overfitting(returns, 10).probability


def test_choosing_among_noise_is_a_toss():
    """Science S12: mean .486 and deviation .184 over 20 samples."""
    found = [noise(seed) for seed in range(20)]
    assert np.mean(found) == pytest.approx(0.486, abs=0.12)  # three standard errors
    assert 0.08 < np.std(found) < 0.30


def test_a_planted_strategy_is_chosen_and_holds():
    """Science S12: one true strategy of a quarter standard deviation gives 0.0."""
    assert [noise(seed, 0.25) for seed in range(5)] == [0.0] * 5


def test_a_choice_that_reverses_is_always_overfitted():
    """What is best in one half is the worst in the other."""
    drift = np.concatenate([np.full(50, 0.5), np.full(50, -0.5)])
    rng = np.random.default_rng(2)
    returns = np.column_stack([drift, -drift]) + rng.normal(0.0, 0.1, (100, 2))
    found = probability_of_overfitting(returns, 2)
    assert (found.probability, found.loss_probability) == (1.0, 1.0)
    assert np.all(found.in_sample > 0)
    assert np.all(found.out_of_sample < 0)


def test_twins_share_their_rank_and_silence_is_no_success():
    returns = np.random.default_rng(3).normal(size=(64, 1))
    assert probability_of_overfitting(np.hstack([returns, returns]), 4).probability == 1.0
    assert probability_of_overfitting(np.zeros((64, 5)), 4).probability == 1.0


def test_units_do_not_matter():
    returns = np.random.default_rng(4).normal(0.02, 1.0, size=(96, 6))
    one = probability_of_overfitting(returns, 6)
    assert np.array_equal(one.logits, probability_of_overfitting(returns * 1e-9, 6).logits)


@pytest.mark.parametrize(("returns", "blocks", "code"), [
    (np.zeros((100, 1)), 4, "too_few_trials"),
    (np.zeros(100), 4, "too_few_trials"),
    (np.zeros((31, 3)), 16, "too_few_events"),
    (np.zeros((100, 3)), 5, "bad_blocks"),
    (np.zeros((100, 3)), 0, "bad_blocks"),
    (np.full((100, 3), np.nan), 4, "bad_returns"),
])
def test_what_cannot_be_split_is_refused(returns, blocks, code):
    with pytest.raises(DataError) as refused:
        probability_of_overfitting(returns, blocks)
    assert refused.value.code == code
