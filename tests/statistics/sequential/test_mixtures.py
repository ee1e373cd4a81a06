"""Normal and beta mixtures against published figures, and what they promise about any time."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binom, norm

from ntp.core import DataError
from ntp.statistics.sequential import (
    balance_e_value,
    beta_binomial_e_value,
    mixture_ratio,
    mixture_weight,
    normal_mixture_radius,
)


def test_mixture_ratio():
    assert mixture_ratio(100, 0.2, 1.0, 0.04) == pytest.approx(2.215063, abs=5e-7)
    assert mixture_ratio(1000, 0.1, 1.0, 0.01) == pytest.approx(28.403345, abs=5e-7)


def test_the_mixture_ratio_is_an_integral_over_alternatives():
    def integrand(mean):
        return norm.pdf(0.3, mean, np.sqrt(2 / 25)) / norm.pdf(0.3, 0, np.sqrt(2 / 25)) * norm.pdf(mean, 0, 0.5)

    assert mixture_ratio(25, 0.3, 2.0, 0.25) == pytest.approx(quad(integrand, -6, 6)[0], rel=1e-9)


def test_radius():
    found = normal_mixture_radius(np.array([10.0, 100, 1_000, 10_000]), 100.0, 0.05)
    assert found == pytest.approx([2.58756, 0.36564, 0.09606, 0.03273], abs=5e-6)


def test_ratio_and_radius_are_two_sides_of_one_thing():
    radius = float(normal_mixture_radius(300, 40.0, 0.1))
    assert mixture_ratio(300, radius, 1.0, 1 / 40) == pytest.approx(10.0)


def test_the_weight_makes_the_radius_smallest():
    weight = mixture_weight(500, 0.05)
    radii = normal_mixture_radius(500, weight), *(normal_mixture_radius(500, weight * by) for by in (0.9, 1.1))
    assert min(radii) == radii[0]


def test_beta_binomial():
    assert beta_binomial_e_value(60, 100, 0.5) == pytest.approx(0.913050, abs=5e-7)
    assert beta_binomial_e_value(600, 1000, 0.55) == pytest.approx(6.324171, abs=5e-7)


def test_e_values_of_the_null_are_worth_one_on_average():
    seen = np.arange(31)
    values = [beta_binomial_e_value(int(k), 30, 0.3, first=2, second=5) for k in seen]
    assert float(np.dot(values, binom.pmf(seen, 30, 0.3))) == pytest.approx(1.0)


def test_overwhelming_evidence_has_no_bound():
    assert beta_binomial_e_value(5_000, 5_000, 0.5) == np.inf


def test_peeking_is_free_with_a_confidence_sequence_and_ruinous_with_a_z_test():
    """At every look from the first observation to the thousandth."""
    rng = np.random.default_rng(12)
    counts = np.arange(1.0, 1_001)
    means = np.abs(np.cumsum(rng.normal(size=(2_000, 1_000)), axis=1)) / counts
    missed = (means > normal_mixture_radius(counts, 100.0)).any(axis=1).mean()
    peeked = (means > norm.ppf(0.975) / np.sqrt(counts)).any(axis=1).mean()
    assert missed <= 0.05
    assert missed == pytest.approx(0.0295, abs=0.012)
    assert peeked == pytest.approx(0.52, abs=0.04)


def test_a_fair_lot_is_not_suspected_and_a_lost_half_is():
    assert balance_e_value(np.array([52, 48])) < 1
    assert balance_e_value(np.array([34, 33, 33])) < 1
    assert balance_e_value(np.array([100, 50])) > 100


@pytest.mark.parametrize(
    "call",
    [
        lambda: mixture_ratio(0, 0.1, 1.0, 1.0), lambda: mixture_ratio(5, 0.1, 0.0, 1.0),
        lambda: mixture_ratio(5, 0.1, 1.0, float("nan")), lambda: normal_mixture_radius(5, 1.0, 1.5),
        lambda: normal_mixture_radius(5, -1.0), lambda: mixture_weight(0), lambda: beta_binomial_e_value(3, 2, 0.5),
        lambda: beta_binomial_e_value(1, 2, 0.0), lambda: beta_binomial_e_value(1, 2, 0.5, first=0.0),
        lambda: balance_e_value(np.array([3])),
    ],
)
def test_impossible_arguments_are_refused(call):
    with pytest.raises(DataError):
        call()
