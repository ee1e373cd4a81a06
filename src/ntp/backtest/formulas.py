"""How each metric is computed from the facts of a replay."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from ntp.backtest.facts import Facts
from ntp.core import CASH_ONE
from ntp.statistics import (
    DAYS_PER_YEAR,
    bootstrap_sharpe_interval,
    brier_score,
    clustered_proportion_interval,
    max_drawdown,
    sharpe,
    signed_edge,
)

MIN_DAYS: Final = 30
MIN_EVENTS: Final = 30
_CENTS: Final = 100.0


@dataclass(frozen=True)
class Null:
    """A value that cannot be computed, and why."""

    reason: str


Pair = tuple[float, float]


def sharpe_ratio(facts: Facts) -> float | Null:
    """Sharpe ratio of daily UTC changes."""
    days = len(facts.daily)
    if days < MIN_DAYS:
        return Null(f"needs {MIN_DAYS} days, the data has {days}")
    value = sharpe(facts.daily, DAYS_PER_YEAR)
    return Null("equity never changed") if value is None else value


def sharpe_interval(facts: Facts) -> Pair | Null:
    """90 % interval of the Sharpe ratio over events."""
    ratio = sharpe_ratio(facts)
    if isinstance(ratio, Null):
        return ratio
    returns = facts.event_returns
    if len(returns) < MIN_EVENTS:
        return too_few(len(returns))
    rng = np.random.default_rng(facts.context.engine.seed)
    per_year = DAYS_PER_YEAR * len(returns) / len(facts.daily)
    interval = bootstrap_sharpe_interval(returns, rng, per_year=per_year)
    return Null("all events returned the same") if interval is None else interval


def event_sharpe(facts: Facts) -> float | None:
    """Sharpe ratio per event, not annualised, from which trials get their variance."""
    if not facts.fees_known:
        return None
    return sharpe(facts.event_returns)


def pnl_net(facts: Facts) -> float:
    """Last equity less capital."""
    equity = facts.output.equity["equity"]
    return (int(equity[-1]) - facts.context.capital) / CASH_ONE if len(equity) else 0.0


def pnl_gross(facts: Facts) -> float:
    """Last equity without fees less capital."""
    equity = facts.output.equity["equity_gross"]
    return (int(equity[-1]) - facts.context.capital) / CASH_ONE if len(equity) else 0.0


def total_return(facts: Facts) -> float:
    """Net P&L over capital."""
    return pnl_net(facts) / facts.capital


def locked_max(facts: Facts) -> float:
    """Largest amount locked at once."""
    locked = facts.output.equity["locked"]
    return float(locked.to_numpy().max()) / CASH_ONE if len(locked) else 0.0


def return_on_locked(facts: Facts) -> float | Null:
    """Net P&L over the largest amount locked."""
    locked = locked_max(facts)
    return pnl_net(facts) / locked if locked > 0 else Null("no capital was ever locked")


def drawdown(facts: Facts) -> float:
    """Deepest fall below the running peak."""
    return max_drawdown(facts.equity, facts.capital)


def win_rate(facts: Facts) -> float | Null:
    """Winning trades over trades."""
    trades = facts.trades
    return int((trades["cash"] > 0).sum()) / len(trades) if len(trades) else Null("no trade was closed")


def win_rate_interval(facts: Facts) -> Pair | Null:
    """90 % interval of the win rate, clustered by event."""
    closed = facts.events.filter(pl.col("trades").is_not_null())
    if len(closed) < MIN_EVENTS:
        return too_few(len(closed))
    return clustered_proportion_interval(closed["wins"].to_numpy(), closed["trades"].to_numpy())


def fees(facts: Facts) -> float:
    """Fees charged."""
    return int(facts.contract_flows["fee"].sum()) / CASH_ONE


def rebates(facts: Facts) -> float:
    """Estimated rebates of pools."""
    return int(facts.priced["rebate"].sum()) / CASH_ONE


def trade_count(facts: Facts) -> int:
    """Count closed trades."""
    return len(facts.trades)


def fill_count(facts: Facts) -> int:
    """Count fills."""
    return len(facts.output.fills)


def maker_share(facts: Facts) -> float | Null:
    """Share of contracts filled as maker."""
    fills = facts.output.fills
    total = int(fills["size"].sum())
    if not total:
        return Null("no fill")
    return int(fills.filter("is_maker")["size"].sum()) / total


def maker_fill_rate(facts: Facts) -> float | Null:
    """Passive orders with any fill over passive orders accepted."""
    passive = facts.passive
    if not len(passive):
        return Null("no passive order was accepted")
    return int((passive["filled"] > 0).sum()) / len(passive)


def time_to_fill(facts: Facts) -> float | Null:
    """Median wait for the first fill."""
    if not len(facts.waiting):
        return Null("no passive order was accepted")
    median = facts.survival.median
    return Null("less than half of the passive orders fill in the time watched") if median is None else median


def queue_ahead(facts: Facts) -> float | Null:
    """Median queue ahead at joining."""
    known = facts.passive["queue_ahead"].drop_nulls()
    return float(np.median(known.to_numpy())) if len(known) else Null("no queue ahead is known")


def edge(facts: Facts) -> float | Null:
    """Fair value minus price."""
    return _edge(facts, "fair", "no fill has a fair value")


def cross_venue(facts: Facts) -> float | Null:
    """Mean distance of matched mids at our decisions."""
    seen = facts.output.counters.get("cross_venue")
    return Null("no order was sent where a match was quoted") if not seen else 100.0 * float(seen["gap_usd"])


def markout(facts: Facts) -> float | Null:
    """Later mid minus price."""
    return _edge(facts, "mid_10s", "no mid is known ten seconds after a fill")


def realised_edge(facts: Facts) -> float | Null:
    """Settlement value minus price."""
    value = signed_edge(facts.side, facts.price, facts.fill_results, facts.size)
    return Null("no contract filled has been settled") if value is None else value * _CENTS


def brier(facts: Facts) -> float | Null:
    """Score of the fair values."""
    stated = facts.forecasts.drop_nulls("fair")
    value = brier_score(stated["fair"].to_numpy(), stated["value"].to_numpy())
    return Null("no fair value was stated on a contract with a binary result") if value is None else value


def brier_market(facts: Facts) -> float | Null:
    """Score of the mids."""
    known = facts.forecasts.drop_nulls("mid")
    if len(facts.forecasts["fair"].drop_nulls()):
        known = known.drop_nulls("fair")
    value = brier_score(known["mid"].to_numpy(), known["value"].to_numpy())
    return Null("no mid is known on a contract with a binary result") if value is None else value


def _edge(facts: Facts, column: str, reason: str) -> float | Null:
    value = signed_edge(facts.side, facts.price, facts.of_fills(column), facts.size)
    return Null(reason) if value is None else value * _CENTS


def too_few(events: int) -> Null:
    """Say that events are too few for any inference."""
    return Null(f"needs {MIN_EVENTS} events traded, there are {events}")
