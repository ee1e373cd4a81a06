"""Confidence sequences without a known variance: what they promise, whatever the outcomes look like."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from ntp.core import DataError
from ntp.statistics.sequential import (
    confidence_sequence,
    e_values,
    mixture_weight,
    normal_mixture_radius,
    randomised_effects,
)

WEIGHT = mixture_weight(200)
LEVEL = np.log(20)


def outcomes(rng, kind, count):
    """Returns of events as strategies have them: mostly nothing, rarely much."""
    if kind == "normal":
        return rng.normal(0.1, 1.0, count)
    if kind == "cauchy":
        return rng.standard_cauchy(count)
    if kind == "skewed":
        return np.where(rng.random(count) < 0.9, 0.05, -0.8)
    return np.where(rng.random(count) < 0.7, 0.0, rng.normal(size=count)) + np.cumsum(rng.normal(size=count)) / 20


@pytest.mark.parametrize("kind", ["normal", "cauchy", "skewed", "drifting"])
def test_a_lot_without_effect_seldom_alarms_however_the_outcomes_look(kind):
    """Exact for any outcomes: the lot alone is random."""
    rng = np.random.default_rng(5)
    alarms = 0
    for _ in range(1_000):
        effects = randomised_effects(outcomes(rng, kind, 300), rng.random(300) < 0.5)
        alarms += np.nanmax(e_values(effects, WEIGHT, first=20)) >= LEVEL
    assert alarms / 1_000 <= 0.05


def test_the_same_looks_at_a_t_statistic_alarm_all_the_time():
    rng = np.random.default_rng(5)
    counts = np.arange(1.0, 301)
    effects = np.array([randomised_effects(rng.normal(size=300), rng.random(300) < 0.5) for _ in range(1_000)])
    sums, squares = np.cumsum(effects, axis=1), np.cumsum(effects**2, axis=1)
    t = np.abs(sums / counts) / np.sqrt((squares / counts - (sums / counts) ** 2) / counts + 1e-12)
    assert (t[:, 19:] > norm.ppf(0.975)).any(axis=1).mean() > 0.25


def test_the_true_effect_stays_inside():
    rng = np.random.default_rng(8)
    missed = 0
    for _ in range(400):
        treated = rng.random(300) < 0.5
        effects = randomised_effects(rng.standard_t(3, 300) + 0.4 * treated, treated)
        found = confidence_sequence(effects, WEIGHT)
        missed += not (found.lows[found.begun - 1 :] <= 0.4).all() or not (found.highs[found.begun - 1 :] >= 0.4).all()
    assert missed / 400 <= 0.05


def test_an_effect_is_found():
    rng = np.random.default_rng(9)
    found = 0
    for _ in range(100):
        treated = rng.random(400) < 0.5
        values = rng.normal(size=400) + 0.6 * treated
        found += confidence_sequence(randomised_effects(values, treated), WEIGHT).lows[-1] > 0
    assert found >= 90


def test_it_is_hardly_wider_than_with_a_known_variance():
    rng = np.random.default_rng(1)
    found = confidence_sequence(rng.normal(3.0, 2.0, 2_000), 25.0)
    width = (found.highs - found.lows) / 2
    known = 2.0 * normal_mixture_radius(np.arange(1.0, 2_001), 25.0)
    assert width[499:] == pytest.approx(known[499:], rel=0.15)
    assert found.lows[-1] < 3.0 < found.highs[-1]


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(0.01, 100.0), st.floats(-50.0, 50.0))
def test_units_do_not_matter(seed, scale, shift):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=60)
    plain = confidence_sequence(values, 20.0)
    moved = confidence_sequence(scale * values, 20.0)
    late = slice(plain.begun - 1, None)
    assert moved.lows[late] == pytest.approx(scale * plain.lows[late], rel=1e-6, abs=1e-9 * scale)
    assert moved.log_e[late] == pytest.approx(plain.log_e[late], abs=1e-9)
    elsewhere = confidence_sequence(values + shift, 20.0)
    assert elsewhere.highs[late] == pytest.approx(plain.highs[late] + shift, rel=1e-6, abs=1e-6)


def test_the_interval_is_where_the_e_value_is_small():
    values = np.random.default_rng(2).normal(0.2, 1.0, 80)
    found = confidence_sequence(values, 15.0, alpha=0.1)
    for count in (25, 80):
        for end in (found.lows[count - 1], found.highs[count - 1]):
            # tested against its own end, the same data sits exactly on the bound
            at_end = confidence_sequence(values[:count] - end, 15.0, alpha=0.1)
            assert at_end.log_e[-1] == pytest.approx(np.log(10.0), abs=1e-6)


def test_nobody_looks_before_enough_has_happened():
    values = np.concatenate((np.zeros(50), np.ones(19)))
    found = confidence_sequence(values, 20.0)
    assert np.isnan(found.lows).all()
    assert found.p_value == 1.0
    assert confidence_sequence(np.append(values, 1.0), 20.0).begun == 70
    assert np.isnan(e_values(np.zeros(100), 20.0)).all()
    assert confidence_sequence(np.empty(0), 20.0).p_value == 1.0


def test_too_few_observations_bound_nothing():
    found = confidence_sequence(np.array([1.0, -1.0, 1.0]), 50.0, first=3)
    assert (found.lows[-1], found.highs[-1]) == (-np.inf, np.inf)


def test_the_p_value_remembers_the_strongest_evidence():
    values = np.concatenate((np.full(60, 1.0), np.full(60, -1.0)))
    found = confidence_sequence(values, 20.0)
    assert found.p_value < 0.001
    assert found.log_e[-1] < 0
    assert found.p_value == pytest.approx(np.exp(-np.nanmax(found.log_e)))
    assert e_values(values, 20.0)[19:] == pytest.approx(found.log_e[19:])


def test_effects_of_a_lot_are_unbiased_and_centred():
    effects = randomised_effects(np.array([1.0, 3.0, 5.0]), np.array([True, False, True]))
    assert effects.tolist() == [2.0, -4.0, 6.0]
    assert len(randomised_effects(np.empty(0), np.empty(0, dtype=bool))) == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: confidence_sequence(np.ones(5), 0.0), lambda: confidence_sequence(np.ones(5), 5.0, alpha=0.0),
        lambda: confidence_sequence(np.ones(5), 5.0, first=0), lambda: e_values(np.array([1.0, np.nan]), 5.0),
        lambda: randomised_effects(np.ones(3), np.ones(2, dtype=bool)),
        lambda: randomised_effects(np.array([np.inf]), np.ones(1, dtype=bool)),
    ],
)
def test_impossible_arguments_are_refused(call):
    with pytest.raises(DataError):
        call()
