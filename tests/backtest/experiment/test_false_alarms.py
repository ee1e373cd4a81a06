"""How often an experiment finds what is not there, looked at after every event."""

import numpy as np
import pytest
from scipy.stats import norm

from ntp.backtest import Backtest
from ntp.backtest.experiment.comparison import compare
from ntp.backtest.experiment.event_results import EventResult, event_results
from ntp.backtest.experiment.experiment_store import StoredEvent
from ntp.backtest.experiment.metric import read_metric
from ntp.backtest.experiment.plan import Plan, Variant
from ntp.backtest.results import MODES, StrategyInfo
from ntp.statistics.sequential import confidence_sequence, e_values, randomised_effects

EVENTS = 200
PLAN = Plan("aa", tuple(Variant(name, StrategyInfo("maker", "1", "same")) for name in "AB"), planned=EVENTS)


@pytest.fixture(scope="module")
def returns():
    """What the shipped maker returned in each event of the simulator's sample."""
    run = Backtest("maker", "sample", compiled=True, store=False).run(modes=("pessimistic", "base"))
    value = read_metric(PLAN.metric).value
    found = np.array([value(each) for each in event_results(run.fill_modes["pessimistic"].facts).values()])
    assert len(found) == 32
    assert found.std() > 0.01
    return found


def drawn(returns, rng):
    return rng.choice(returns, EVENTS), rng.random(EVENTS) < 0.5


def test_the_same_strategy_twice_seldom_differs_in_a_thousand_experiments(returns):
    """An alarm is an interval without 0 after any event at all, and so an e-value of 20."""
    rng = np.random.default_rng(2)
    alarms = 0
    for number in range(1_000):
        effects = randomised_effects(*drawn(returns, rng))
        alarm = bool(np.nanmax(np.exp(e_values(effects, PLAN.weight, first=PLAN.minimum))) >= 1 / PLAN.level)
        if alarm or number < 20:
            found = confidence_sequence(effects, PLAN.weight, alpha=PLAN.level, first=PLAN.minimum)
            assert alarm == bool(((found.lows > 0.0) | (found.highs < 0.0)).any())
        alarms += alarm
    assert alarms / 1_000 <= 0.05


def test_a_t_test_looked_at_as_often_finds_a_difference_in_every_third(returns):
    rng = np.random.default_rng(2)
    alarms = 0
    counts = np.arange(1.0, EVENTS + 1)
    for _ in range(300):
        values, treated = drawn(returns, rng)
        means, errors = [], []
        for group in (treated, ~treated):
            size = np.maximum(np.cumsum(group), 2)
            mean = np.cumsum(values * group) / size
            means.append(mean)
            errors.append(np.maximum(np.cumsum(values**2 * group) / size - mean**2, 0) / size)
        t = np.abs(means[0] - means[1]) / np.sqrt(errors[0] + errors[1] + 1e-12)
        alarms += bool((t[counts >= PLAN.minimum] > norm.ppf(0.975)).any())
    assert alarms / 300 > 0.2


def test_a_real_difference_of_the_same_returns_is_found(returns):
    """One of the two earns half a standard deviation more."""
    rng = np.random.default_rng(3)
    found = 0
    for _ in range(50):
        values, treated = drawn(returns, rng)
        effects = randomised_effects(values + 0.7 * returns.std() * treated, treated)
        sequence = confidence_sequence(effects, PLAN.weight, alpha=PLAN.level, first=PLAN.minimum)
        found += bool(sequence.lows[-1] > 0.0)
    assert found >= 40


def test_an_experiment_draws_the_same_conclusions(returns):
    """The whole comparison, on events and results as they are stored."""
    rng = np.random.default_rng(4)
    values, treated = drawn(returns, rng)
    events = [StoredEvent(f"E{n}", "AB"[int(own)], n, 1) for n, own in enumerate(treated)]
    results = {
        (name, mode): {
            f"E{n}": EventResult(float(value), 1.0, None, 1)
            for n, value in enumerate(values) if bool(treated[n]) == (name == "B")
        }
        for name in "AB" for mode in MODES
    }
    found = compare(PLAN, PLAN.challengers[0], events, results)
    effects = randomised_effects(values, treated)
    straight = confidence_sequence(effects, PLAN.weight, alpha=PLAN.level, first=PLAN.minimum)
    assert found.deciding.sequence.lows == pytest.approx(straight.lows, nan_ok=True)
    assert found.verdict == "not_enough_evidence"
    assert len(found.deciding.events) == EVENTS
