"""Ratios against empyrical-reloaded; it compounds returns, so it gets those of the same curve where that matters."""

import math
import warnings

import numpy as np
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import empyrical

from ntp.statistics import annual_return, calmar, max_drawdown, omega, sharpe, sortino, tail_ratio, value_at_risk

YEAR = 365


def random_changes():
    """Twelve samples, normal and fat-tailed."""
    for seed in range(12):
        rng = np.random.default_rng(seed)
        yield rng.normal(0.001, 0.01, 40 + 25 * seed) if seed % 2 else rng.standard_t(3, 200) * 0.008


def compounding(changes):
    """Returns of the curve 1 + cumulative sum, each over the value before it."""
    curve = 1.0 + np.cumsum(changes)
    return curve / np.concatenate(([1.0], curve[:-1])) - 1.0


@pytest.mark.parametrize("changes", list(random_changes()))
def test_ratios_are_those_of_empyrical(changes):
    assert sharpe(changes, YEAR) == pytest.approx(empyrical.sharpe_ratio(changes, annualization=YEAR))
    assert sortino(changes, YEAR) == pytest.approx(empyrical.sortino_ratio(changes, annualization=YEAR))
    assert sortino(changes, YEAR, 0.0005) == pytest.approx(
        empyrical.sortino_ratio(changes, required_return=0.0005, annualization=YEAR)
    )
    assert omega(changes) == pytest.approx(empyrical.omega_ratio(changes, annualization=1))
    assert omega(changes, 0.0005) == pytest.approx(empyrical.omega_ratio(changes, risk_free=0.0005, annualization=1))
    assert tail_ratio(changes) == pytest.approx(empyrical.tail_ratio(changes))
    assert value_at_risk(changes) == pytest.approx(empyrical.value_at_risk(changes, cutoff=0.05))


@pytest.mark.parametrize("changes", list(random_changes()))
def test_ratios_of_the_curve_are_those_of_empyrical(changes):
    returns = compounding(changes)
    curve = 1.0 + np.cumsum(changes)
    assert max_drawdown(curve, 1.0) == pytest.approx(empyrical.max_drawdown(returns))
    assert annual_return(changes, YEAR) == pytest.approx(empyrical.annual_return(returns, annualization=YEAR))
    assert calmar(changes, YEAR) == pytest.approx(empyrical.calmar_ratio(returns, annualization=YEAR))


def test_what_cannot_be_divided_does_not_exist():
    rising, nothing = np.array([0.01, 0.02]), np.empty(0)
    assert (sortino(rising), omega(rising), calmar(rising, YEAR)) == (None, None, None)
    assert (sortino(nothing), omega(nothing), calmar(nothing, YEAR)) == (None, None, None)
    assert (annual_return(nothing, YEAR), tail_ratio(nothing), value_at_risk(nothing)) == (None, None, None)
    assert annual_return(np.array([-0.5, -0.5]), YEAR) is None  # nothing is left to grow
    assert tail_ratio(np.zeros(10)) is None


def test_a_year_of_constant_gains_is_their_sum():
    assert annual_return(np.full(YEAR, 0.001), YEAR) == pytest.approx(0.365)
    assert annual_return(np.full(2 * YEAR, 0.001), YEAR) == pytest.approx(math.sqrt(1.73) - 1.0)
