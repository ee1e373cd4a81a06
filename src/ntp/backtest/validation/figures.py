"""Metrics that say how far luck explains the others, and the ratios of daily changes beside the Sharpe ratio."""

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from ntp.backtest.facts import Facts, Floats
from ntp.backtest.formulas import MIN_DAYS, MIN_EVENTS, Null, Pair, too_few
from ntp.backtest.validation.trial_ledger import Trials
from ntp.statistics import (
    DAYS_PER_YEAR,
    ReturnMoments,
    annual_return,
    bootstrap_sum_interval,
    calmar,
    omega,
    random_side_test,
    return_moments,
    sortino,
    tail_ratio,
    value_at_risk,
)

DRAWS: Final = 1_000


def probabilistic(facts: Facts) -> float | Null:
    """Probability that the Sharpe ratio per event is above 0, had nothing else been tried."""
    moments = _moments(facts)
    return moments if isinstance(moments, Null) else _known(moments.probabilistic())


def deflated(facts: Facts) -> float | Null:
    """Deflated Sharpe ratio of the returns per event."""
    moments = _moments(facts)
    if isinstance(moments, Null):
        return moments
    context = facts.context
    luck = Trials(variance=context.trial_variance).luck(moments.count)
    return _known(moments.deflated(max(1, context.trials), luck))


def p_value(facts: Facts) -> float | Null:
    """Probability of such a Sharpe ratio by luck, had nothing else been tried."""
    moments = _moments(facts)
    return moments if isinstance(moments, Null) else _known(moments.p_value())


def p_value_corrected(facts: Facts) -> float | Null:
    """Probability of such a Sharpe ratio, or a better one, in any of the trials by luck."""
    value = p_value(facts)
    return value if isinstance(value, Null) else min(1.0, value * max(1, facts.context.trials))


def track_record(facts: Facts) -> int | Null:
    """Events needed for 95 % confidence in a Sharpe ratio above 0."""
    moments = _moments(facts)
    if isinstance(moments, Null):
        return moments
    needed = moments.track_record()
    return Null("no number of events shows a ratio that is not above 0") if needed is None else math.ceil(needed)


def random_side(facts: Facts) -> float | Null:
    """Probability that the same entries on sides drawn by lot do at least as well."""
    events = facts.events
    if len(events) < MIN_EVENTS:
        return too_few(len(events))
    gross = (events["pnl"] + events["fees"]).to_numpy()
    value = random_side_test(gross, np.random.default_rng([facts.context.engine.seed, 1]), draws=DRAWS)
    return Null("no event gained or lost") if value is None else value


def pnl_interval(facts: Facts) -> Pair | Null:
    """90 % interval of the net P&L, drawing whole events anew."""
    pnl = facts.events["pnl"].to_numpy()
    if len(pnl) < MIN_EVENTS:
        return too_few(len(pnl))
    rng = np.random.default_rng([facts.context.engine.seed, 2])
    interval = bootstrap_sum_interval(pnl, rng, draws=DRAWS)
    return too_few(len(pnl)) if interval is None else interval


def sortino_ratio(facts: Facts) -> float | Null:
    """Sortino ratio of daily UTC changes."""
    return _daily(facts, lambda daily: sortino(daily, DAYS_PER_YEAR), "no day lost")


def calmar_ratio(facts: Facts) -> float | Null:
    """Annual return over the deepest drawdown of daily closes."""
    return _daily(facts, lambda daily: calmar(daily, DAYS_PER_YEAR), "no daily close fell, or the capital was lost")


def growth(facts: Facts) -> float | Null:
    """Compound growth a year."""
    return _daily(facts, lambda daily: annual_return(daily, DAYS_PER_YEAR), "the capital was lost")


def omega_ratio(facts: Facts) -> float | Null:
    """Gains over losses of daily changes."""
    return _daily(facts, omega, "no day lost")


def tails(facts: Facts) -> float | Null:
    """Good days over bad days."""
    return _daily(facts, tail_ratio, "the 5 % quantile of daily changes is 0")


def daily_risk(facts: Facts) -> float | Null:
    """Return that 95 % of the days exceed."""
    return _daily(facts, value_at_risk, "there is no day")


def _daily(facts: Facts, figure: Callable[[Floats], float | None], missing: str) -> float | Null:
    days = len(facts.daily)
    if days < MIN_DAYS:
        return Null(f"needs {MIN_DAYS} days, the data has {days}")
    value = figure(facts.daily)
    return Null(missing) if value is None else value


def _moments(facts: Facts) -> ReturnMoments | Null:
    returns = facts.event_returns
    if len(returns) < MIN_EVENTS:
        return too_few(len(returns))
    moments = return_moments(returns)
    return Null("all events returned the same") if moments is None else moments


def _known(value: float | None) -> float | Null:
    return Null("no sample can have such moments") if value is None else value
