from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from ntp.core import DataError
from ntp.markets import Aggregation, Comparison, Observable, Observed, SettlementSpec
from ntp.pricing import (
    AtLeast,
    Empirical,
    Lognormal,
    MaximumOfPath,
    Normal,
    NormalInverseGaussian,
    StudentT,
    coherent,
    highest_trimmed_mean,
    settled_ladder,
    settled_value,
    trimmed_mean,
)


def spec(comparison, low=None, high=None, step="1", mode="half_up"):
    return SettlementSpec(
        observable=Observable(
            source="nws:CLINYC", aggregation=Aggregation.MAXIMUM, step=None if step is None else Decimal(step),
            mode=mode,
        ),
        comparison=comparison, low=None if low is None else Decimal(low), high=None if high is None else Decimal(high),
    )  # fmt: skip


LADDER = [
    spec(Comparison.LESS, high="79"), *(spec(Comparison.BETWEEN, str(k), str(k + 1)) for k in (79, 81, 83, 85)),
    spec(Comparison.GREATER, low="86"),
]  # fmt: skip


def test_a_published_ladder_of_temperatures():
    found = settled_ladder(LADDER, Normal(83.2, 2.4))
    assert found == pytest.approx([0.02510, 0.10520, 0.25498, 0.32071, 0.20946, 0.08457], abs=1e-5)
    assert found.sum() == pytest.approx(1, abs=5e-6)


def test_a_maximum_seen_is_a_floor_not_a_shift():
    rest = Normal(83.2, 2.4)
    found = settled_value(spec(Comparison.GREATER_OR_EQUAL, low="85"), AtLeast(84.0, rest))
    assert found == pytest.approx(0.29402, abs=1e-5)
    assert settled_value(spec(Comparison.BETWEEN, "83", "84"), AtLeast(84.0, rest)) == pytest.approx(0.70598, abs=1e-5)
    assert settled_value(spec(Comparison.BETWEEN, "81", "82"), AtLeast(84.0, rest)) == 0.0


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([Comparison.GREATER, Comparison.GREATER_OR_EQUAL, Comparison.LESS, Comparison.LESS_OR_EQUAL,
                     Comparison.BETWEEN]),
    st.integers(-5, 5), st.integers(0, 4), st.sampled_from([None, "1", "0.5", "2"]),
    st.sampled_from(["half_up", "half_even", "floor"]), st.integers(-30, 30),
)  # fmt: skip
def test_the_price_of_a_certainty_is_its_payoff(comparison, low, width, step, mode, quarters):
    """Rounding and bounds of the price are those of the payoff itself, at every quarter of a step."""
    rule = spec(comparison, str(low), str(low + width), step, mode)
    value = Decimal(quarters) / 4
    assert settled_value(rule, Empirical([float(value)])) == float(rule.payoff(Observed(value)))


def test_scalar_contracts_pay_a_share():
    rule = spec(Comparison.LINEAR, "80", "90", step=None)
    draws = np.random.default_rng(1).normal(84, 3, 400_000)
    expected = np.clip((draws - 80) / 10, 0, 1).mean()
    assert settled_value(rule, Normal(84, 3)) == pytest.approx(expected, abs=2e-3)


def test_fat_tails_end_in_the_lognormal():
    plain = Lognormal(100.0, 0.1)
    levels = np.array([80.0, 95.0, 100.0, 110.0, 130.0])
    assert StudentT(100.0, 0.1, 1e7).cdf(levels) == pytest.approx(plain.cdf(levels), abs=1e-6)
    assert NormalInverseGaussian(100.0, 0.1, 5_000.0).cdf(levels) == pytest.approx(plain.cdf(levels), abs=1e-4)
    assert plain.cdf(levels) == pytest.approx(stats.lognorm(0.1, scale=100 * np.exp(-0.005)).cdf(levels))
    assert float(StudentT(100.0, 0.1, 3.0).cdf(60.0)) > 10 * float(plain.cdf(60.0))


@settings(max_examples=60, deadline=None)
@given(st.floats(0.05, 50), st.floats(-0.8, 0.8), st.floats(1e-4, 0.3), st.floats(-5, 5))
def test_a_mixture_of_normals_is_the_normal_inverse_gaussian(steep, lean, spread, at):
    try:
        law = NormalInverseGaussian(100.0, spread, steep, lean)
    except DataError:
        assume(False)
    gamma = steep * np.sqrt(1 - lean**2)
    scale = spread / np.sqrt(steep**2 / gamma**3)
    place = np.sqrt(steep**2 - (lean * steep + scale) ** 2) - gamma
    expected = stats.norminvgauss(steep, lean * steep, loc=place, scale=scale).cdf(at * spread)
    assert float(law.cdf(100 * np.exp(at * spread))) == pytest.approx(expected, abs=1e-7)
    assert float(law.cdf(100 * np.exp(500 * spread))) == pytest.approx(1), "far out nothing is missed"


@pytest.mark.parametrize("lean", [-0.5, 0.0, 0.3])
def test_the_mean_of_a_skewed_price_is_its_forward(lean):
    law = NormalInverseGaussian(100.0, 0.2, 2.0, lean)
    levels = np.exp(np.linspace(np.log(1.0), np.log(10_000.0), 900))
    mean = np.trapezoid(1 - law.cdf(levels), levels) + levels[0]
    assert mean == pytest.approx(100, rel=5e-3)


def test_the_maximum_of_a_path():
    random = np.random.default_rng(2)
    steps, spread = 4_000, 0.2
    small = spread / np.sqrt(steps)
    highest = np.concatenate([
        100 * np.exp(np.cumsum(random.normal(-small**2 / 2, small, (500, steps)), axis=1).max(axis=1)) for _ in range(8)
    ])
    # paths seen at steps miss a little of their maximum
    found = MaximumOfPath(100.0, spread).cdf(np.array([102.0, 110.0, 125.0]) * np.exp(0.5826 * small))
    assert found == pytest.approx([(highest <= level).mean() for level in (102, 110, 125)], abs=0.025)
    assert float(MaximumOfPath(100.0, spread).cdf(99.0)) == 0.0


def test_trimmed_means():
    values = np.random.default_rng(5).normal(size=(7, 60))
    assert trimmed_mean(values, 0.2) == pytest.approx(stats.trim_mean(values, 0.2, axis=1))
    found = highest_trimmed_mean(100.0, 1.0, 90, np.random.default_rng(6), paths=800)
    again = highest_trimmed_mean(100.0, 1.0, 90, np.random.default_rng(6), paths=800)
    assert (found == again).all(), "chance is given"
    steps = np.random.default_rng(6).normal(size=(800, 90))
    last = np.array([trimmed_mean(100 + np.cumsum(row)[-60:], 0.2) for row in steps])
    assert (found >= last - 1e-9).all(), "the last window is one of them"


def test_a_group_sums_to_one():
    assert sum(coherent({"a": 0.3, "b": 0.3, "c": 0.5}).values()) == pytest.approx(1)
    with pytest.raises(DataError):
        coherent({"a": 0.0})


@pytest.mark.parametrize(
    "make",
    [
        lambda: Normal(0, 0), lambda: Lognormal(0, 1), lambda: StudentT(1, 1, 2), lambda: Empirical([]),
        lambda: Empirical([1, 2], [0, 0]), lambda: Empirical([1, 2], [1]), lambda: NormalInverseGaussian(1, 1, 1, 1),
        lambda: NormalInverseGaussian(100, 2.0, 0.5, 0.9), lambda: trimmed_mean([1, 2], 0.5),
    ],
)  # fmt: skip
def test_no_distribution_without_its_inputs(make):
    with pytest.raises(DataError) as error:
        make()
    assert error.value.code == "no_price"
