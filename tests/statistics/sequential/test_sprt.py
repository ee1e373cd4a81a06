"""Wald's test: bounds, steps, expected lengths and real error rates."""

import numpy as np
import pytest

from ntp.core import DataError
from ntp.statistics.sequential import Sprt


def test_bounds_and_steps_are_walds():
    test = Sprt(0.5, 0.55, alpha=0.05, beta=0.2)
    assert test.upper == pytest.approx(2.7726, abs=5e-5)
    assert test.lower == pytest.approx(-1.5581, abs=5e-5)
    assert test.steps == (pytest.approx(0.09531, abs=5e-6), pytest.approx(-0.10536, abs=5e-6))


def test_expected_lengths():
    test = Sprt(0.5, 0.55)
    assert test.expected_observations(0.55) == pytest.approx(380.7, abs=0.1)
    assert test.expected_observations(0.5) == pytest.approx(267.0, abs=0.1)


@pytest.mark.parametrize(("truth", "wrong", "most"), [(0.5, "alternative", 0.05), (0.55, "null", 0.2)])
def test_errors_are_as_rare_as_asked_for(truth, wrong, most):
    rng = np.random.default_rng(3)
    test = Sprt(0.5, 0.55)
    results = [test.run((rng.random(4_000) < truth).tolist()) for _ in range(400)]
    assert all(result.decision for result in results)
    share = np.mean([result.decision == wrong for result in results])
    assert share <= most + 2 * np.sqrt(most * (1 - most) / 400)
    length = np.mean([result.observations for result in results])
    assert length == pytest.approx(test.expected_observations(truth), rel=0.1)


def test_it_stops_at_the_bound_and_uses_nothing_after_it():
    result = Sprt(0.5, 0.9).run([True] * 100)
    assert (result.decision, result.observations) == ("alternative", 5)
    assert Sprt(0.5, 0.9).run([True]).decision is None
    assert Sprt(0.5, 0.9).run([False] * 3).decision == "null"


@pytest.mark.parametrize("arguments", [(0.0, 0.5), (0.5, 1.0), (0.5, 0.5), (0.5, 0.6, 0.0), (0.5, 0.6, 0.5, 0.5)])
def test_impossible_tests_are_refused(arguments):
    with pytest.raises(DataError):
        Sprt(*arguments)


def test_only_the_tested_probabilities_have_an_expected_length():
    with pytest.raises(DataError, match="one of the probabilities tested"):
        Sprt(0.5, 0.55).expected_observations(0.52)
