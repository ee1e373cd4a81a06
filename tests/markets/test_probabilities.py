"""Probabilities of contracts: rounding, running extremes and groups that sum to one."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ntp.core import ConfigError, DataError
from ntp.markets import Aggregation, Comparison, Observable, Observed, SettlementSpec, probability

DAY = Observable(source="nws:CLINYC", aggregation=Aggregation.MAXIMUM, step=Decimal(1))


def bracket(low, high, observable=DAY):
    return SettlementSpec(
        observable=observable, comparison=Comparison.BETWEEN, low=Decimal(low), high=Decimal(high)
    )


def above(strike, observable=DAY, comparison=Comparison.GREATER):
    return SettlementSpec(observable=observable, comparison=comparison, low=Decimal(strike))


def below(strike, observable=DAY, comparison=Comparison.LESS):
    return SettlementSpec(observable=observable, comparison=comparison, high=Decimal(strike))


LADDER = [below(70), bracket(70, 71), bracket(72, 73), bracket(74, 75), above(75)]


@given(st.floats(60, 85), st.floats(0.3, 6), st.none() | st.floats(60, 80))
def test_a_ladder_sums_to_one(mean, sd, observed):
    assert sum(probability(spec, stats.norm(mean, sd), observed) for spec in LADDER) == pytest.approx(1, abs=1e-12)


def test_a_bracket_of_whole_degrees_reaches_half_a_degree_further():
    found = probability(bracket(72, 73), stats.norm(72.4, 1.8))
    assert found == pytest.approx(stats.norm(72.4, 1.8).cdf(73.5) - stats.norm(72.4, 1.8).cdf(71.5))


@pytest.mark.parametrize("mode", ["half_up", "half_even", "floor"])
@pytest.mark.parametrize("step", ["1", "0.5", "0.01", None])
def test_probabilities_are_the_shares_of_settlements(mode, step):
    observable = Observable(source="x", step=None if step is None else Decimal(step), mode=mode)
    values = np.random.default_rng(1).normal(72.2, 2.0, 4_000).round(3)  # on a lattice that meets the strikes
    specs = [
        bracket("71.5", "73", observable), above(72, observable), below("73.25", observable),
        above(72, observable, Comparison.GREATER_OR_EQUAL), below(72, observable, Comparison.LESS_OR_EQUAL),
    ]
    if mode == "half_even" and step is not None:
        halves = values / float(step) * 2
        values = values[np.abs(halves - np.round(halves)) > 1e-6]  # ties go either way
    distribution = stats.ecdf(values).cdf
    for spec in specs:
        paid = [float(spec.payoff(Observed(Decimal(str(value)))) or 0) for value in values]
        assert probability(spec, Cdf(distribution.evaluate)) == pytest.approx(np.mean(paid), abs=1e-9)


class Cdf:
    def __init__(self, cdf):
        self.cdf = cdf


def test_what_was_observed_bounds_an_extreme_and_shifts_nothing():
    rest = stats.norm(70.0, 2.0)
    assert probability(below(72), rest, observed=71.0) == pytest.approx(rest.cdf(71.5))
    assert probability(below(72), rest, observed=72.0) == 0.0
    assert probability(above(71), rest, observed=72.0) == 1.0
    lowest = Observable(source="x", aggregation=Aggregation.MINIMUM, step=Decimal(1))
    assert probability(below(72, lowest), rest, observed=71.0) == 1.0
    assert probability(above(69, lowest), rest, observed=75.0) == pytest.approx(1 - rest.cdf(69.5))


def test_a_scalar_pays_its_mean():
    spec = SettlementSpec(
        observable=Observable(source="x"), comparison=Comparison.LINEAR, low=Decimal(0), high=Decimal(10)
    )
    assert probability(spec, stats.uniform(2, 4)) == pytest.approx(0.4, abs=1e-6)
    assert probability(spec, stats.norm(5, 2)) == pytest.approx(0.5, abs=1e-6)


def test_a_void_is_set_aside():
    half = Cdf(lambda x: 0.8 * stats.norm(72, 2).cdf(x))
    assert sum(probability(spec, half) for spec in LADDER) == pytest.approx(1)
    assert probability(above(75), half) == pytest.approx(probability(above(75), stats.norm(72, 2)))


def test_what_is_no_distribution_is_refused():
    with pytest.raises(ConfigError, match="an object with cdf"):
        probability(above(75), 0.5)
    with pytest.raises(ConfigError, match="falls by"):
        probability(bracket(72, 73), Cdf(lambda x: float(x > 0) if np.isinf(x) else stats.norm(72, 1).sf(x)))
    with pytest.raises(ConfigError, match="rises from 0 to 1, was 0"):
        probability(above(75), Cdf(lambda x: 0.0))
    with pytest.raises(ConfigError, match="running maximum or minimum, was a last"):
        probability(above(75, Observable(source="x")), stats.norm(75, 1), observed=70)
    named = SettlementSpec(observable=Observable(source="x"), comparison=Comparison.NAMED, outcome="a")
    with pytest.raises(DataError, match="settles on a name"):
        probability(named, stats.norm())
