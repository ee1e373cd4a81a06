"""The metrics of a run: a registry of definitions, and their values for one replay."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ntp.backtest import formulas
from ntp.backtest.facts import Facts
from ntp.backtest.formulas import Null
from ntp.backtest.validation import figures
from ntp.core import suggest

Value = float | int | list[float] | None
"""A number, an interval, or None where it cannot be computed."""


@dataclass(frozen=True)
class Metric:
    """Definition of one metric.

    Attributes
    ----------
    id : str
        Machine key, with its unit where it has one.
    title : str
        Label for people.
    unit : str
        ``ratio``, ``fraction``, ``usd``, ``cents``, ``seconds``, ``contracts`` or ``count``.
    formula : str
        Definition in words.
    compute : Callable
        From the facts to a value, or to :class:`Null` with the reason.
    tags : tuple of str
        ``result``, ``risk``, ``luck``, ``execution``, ``forecast`` or ``headline``.
    resampled : bool
        Whether it is computed by many random draws, which takes time.
    """

    id: str
    title: str
    unit: str
    formula: str
    compute: Callable[[Facts], float | int | tuple[float, float] | Null]
    tags: tuple[str, ...] = ("result",)
    resampled: bool = False


METRICS: Final = (
    Metric("sharpe_ratio", "Sharpe ratio", "ratio",
           "mean over standard deviation of the daily UTC changes of equity over capital, times the root "
           "of 365; null below 30 days", formulas.sharpe_ratio, ("result", "headline")),
    Metric("sharpe_ci90", "Sharpe ratio, 90 % interval", "ratio",
           "percentile bootstrap of returns per event, annualised by events per year; null below 30 events "
           "and where the ratio is null", formulas.sharpe_interval, resampled=True),
    Metric("probabilistic_sharpe", "Probabilistic Sharpe ratio", "fraction",
           "probability that the Sharpe ratio per event is above 0, had nothing else been tried; null below 30 events",
           figures.probabilistic, ("luck",)),
    Metric("deflated_sharpe", "Deflated Sharpe ratio", "fraction",
           "probability that the Sharpe ratio per event exceeds what the best of the trials on this data "
           "would show by luck; null below 30 events", figures.deflated, ("luck",)),
    Metric("p_value", "p-value", "fraction",
           "one less the probabilistic Sharpe ratio; null below 30 events", figures.p_value, ("luck",)),
    Metric("p_value_corrected", "p-value, corrected", "fraction",
           "the p-value times the number of trials on this data (Bonferroni), at most 1; null below 30 events",
           figures.p_value_corrected, ("luck",)),
    Metric("random_entry_p_value", "p-value against random sides", "fraction",
           "share of 1,000 draws in which the same entries on sides drawn by lot per event gain at least as much "
           "before fees, the strategy counted as one of them; null below 30 events",
           figures.random_side, ("luck",), resampled=True),
    Metric("min_track_record_events", "Minimum track record", "count",
           "events needed until a Sharpe ratio of this size is above 0 with 95 % confidence, had nothing else been "
           "tried; null below 30 events and where the ratio is not above 0", figures.track_record, ("luck",)),
    Metric("sortino_ratio", "Sortino ratio", "ratio",
           "mean over downside deviation of the daily UTC changes of equity over capital, times the root of 365; "
           "null below 30 days", figures.sortino_ratio, ("risk",)),
    Metric("calmar_ratio", "Calmar ratio", "ratio",
           "annual return over the deepest drawdown of the daily closes; null below 30 days",
           figures.calmar_ratio, ("risk",)),
    Metric("omega_ratio", "Omega ratio", "ratio",
           "sum of the daily gains over sum of the daily losses; null below 30 days", figures.omega_ratio, ("risk",)),
    Metric("tail_ratio", "Tail ratio", "ratio",
           "95 % quantile of the daily changes over the absolute 5 % quantile; null below 30 days",
           figures.tails, ("risk",)),
    Metric("value_at_risk_95", "Daily value at risk, 95 %", "fraction",
           "5 % quantile of the daily changes of equity over capital; negative for a loss; null below 30 days",
           figures.daily_risk, ("risk",)),
    Metric("annual_return", "Annual return", "fraction",
           "compound growth a year of one plus the total return over the days of the data; null below 30 days",
           figures.growth),
    Metric("total_return", "Total return", "fraction", "net P&L over capital", formulas.total_return,
           ("result", "headline")),
    Metric("return_on_locked_capital", "Return on locked capital", "fraction",
           "net P&L over the largest amount that was locked at once", formulas.return_on_locked),
    Metric("max_drawdown", "Maximum drawdown", "fraction",
           "deepest fall of equity below its running peak, over that peak; negative",
           formulas.drawdown, ("result", "headline")),
    Metric("win_rate", "Win rate", "fraction", "trades with a positive net P&L over all trades",
           formulas.win_rate, ("result", "headline")),
    Metric("win_rate_ci90", "Win rate, 90 % interval", "fraction",
           "Wilson interval at the effective number of trades, clustered by event; null below 30 events",
           formulas.win_rate_interval),
    Metric("pnl_net_usd", "Net P&L", "usd", "last equity less capital, positions still open at their mark",
           formulas.pnl_net, ("result", "headline")),
    Metric("pnl_net_ci90_usd", "Net P&L, 90 % interval", "usd",
           "percentile bootstrap of the sum over events; null below 30 events", figures.pnl_interval, ("luck",),
           resampled=True),
    Metric("pnl_gross_usd", "P&L before fees", "usd", "the same without fees", formulas.pnl_gross),
    Metric("fees_usd", "Fees", "usd", "fees charged less what venues paid out with fills and what voids refunded",
           formulas.fees),
    Metric("rebates_usd", "Rebates, estimated", "usd",
           "estimate of what rebate pools pay makers later; in no other figure", formulas.rebates),
    Metric("trades", "Trades", "count", "contracts taken from flat to flat or to settlement",
           formulas.trade_count, ("result", "headline")),
    Metric("fills", "Fills", "count", "executions", formulas.fill_count, ("execution", "headline")),
    Metric("maker_share", "Maker share", "fraction", "contracts filled as maker over contracts filled",
           formulas.maker_share, ("execution",)),
    Metric("maker_fill_rate", "Maker fill rate", "fraction",
           "passive orders with any fill over passive orders accepted; a replace at a new price is a new "
           "order", formulas.maker_fill_rate, ("execution", "headline")),
    Metric("time_to_fill_median_s", "Median time to fill", "seconds",
           "Kaplan-Meier median from arrival to the first fill of passive orders, those that ended unfilled "
           "being censored; null where less than half are filled", formulas.time_to_fill, ("execution",)),
    Metric("queue_ahead_median", "Median queue ahead", "contracts",
           "median of the contracts ahead at joining, over passive orders", formulas.queue_ahead,
           ("execution",)),
    Metric("edge_per_trade_cents", "Edge", "cents",
           "mean over contracts filled of fair value minus price at decision, in favour of the position",
           formulas.edge, ("forecast",)),
    Metric("realised_edge_per_trade_cents", "Realised edge", "cents",
           "mean over contracts filled of settlement value minus price, in favour of the position; voided "
           "contracts left out", formulas.realised_edge, ("forecast",)),
    Metric("cross_venue_spread_cents", "Cross-venue spread", "cents",
           "mean distance between the mids of matched contracts when an order was sent to one of them",
           formulas.cross_venue, ("forecast",)),
    Metric("brier", "Brier score", "ratio",
           "mean squared distance of the last fair value stated before the first fill from the binary result",
           formulas.brier, ("forecast",)),
    Metric("brier_market", "Brier score of the market", "ratio",
           "the same of the mid at the first fill, over the same contracts where a fair value was stated",
           formulas.brier_market, ("forecast",)),
    Metric("markout_10s_cents", "Markout after 10 s", "cents",
           "mean over contracts filled from the fill price to the mid ten seconds later, in favour of the "
           "position", formulas.markout, ("execution", "headline")),
    Metric("locked_capital_max_usd", "Most capital locked", "usd",
           "largest amount locked in positions and resting orders at once", formulas.locked_max),
)
"""All metrics, in the order of the document."""

_NET: Final = frozenset({
    "sharpe_ratio", "sharpe_ci90", "probabilistic_sharpe", "deflated_sharpe", "p_value", "p_value_corrected",
    "min_track_record_events", "sortino_ratio", "calmar_ratio", "omega_ratio", "tail_ratio", "value_at_risk_95",
    "annual_return", "total_return", "return_on_locked_capital", "max_drawdown", "win_rate", "win_rate_ci90",
    "pnl_net_usd", "pnl_net_ci90_usd", "fees_usd", "rebates_usd",
})  # fmt: skip
"""Metrics that mean nothing where the fees are unknown."""

INTERVALS: Final = frozenset(metric.id for metric in METRICS if "_ci90" in metric.id)
"""Metrics whose value is a pair."""

BY_ID: Final = {metric.id: metric for metric in METRICS}


@dataclass(frozen=True)
class Metrics(Mapping[str, Value]):
    """Values of the metrics of one replay, as attributes and as a mapping.

    Attributes
    ----------
    values_by_id : Mapping
        Values in the order of the registry; None where a metric cannot be computed.
    reasons : Mapping of str to str
        Why a value is None.
    """

    values_by_id: Mapping[str, Value]
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Value:
        if name.startswith("_") or name == "values_by_id":
            raise AttributeError(name)
        try:
            return self.values_by_id[name]
        except KeyError:
            hint = suggest(name, self.values_by_id)
            raise AttributeError(f"expected a metric, was {name!r}; {hint}") from None

    def __getitem__(self, name: str) -> Value:
        return self.values_by_id[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_id)

    def __len__(self) -> int:
        return len(self.values_by_id)

    def number(self, name: str) -> float | None:
        """Value of a metric that is a single number."""
        value = self.values_by_id[name]
        return None if value is None or isinstance(value, list) else float(value)


def compute_metrics(facts: Facts, *, resample: bool = True) -> Metrics:
    """Compute every metric of the registry for one replay.

    Parameters
    ----------
    facts : Facts
        The replay.
    resample : bool
        Whether to compute those that take many random draws; of many replays only a few may be worth it.
    """
    values: dict[str, Value] = {}
    reasons: dict[str, str] = {}
    for metric in METRICS:
        if metric.resampled and not resample:
            found: float | int | tuple[float, float] | Null = Null("left out, as it takes many random draws")
        else:
            reason = hidden(
                metric, fees_known=facts.fees_known, in_dollars=facts.in_dollars, currency=facts.context.currency
            )
            found = Null(reason) if reason else metric.compute(facts)
        if isinstance(found, Null):
            values[metric.id], reasons[metric.id] = None, found.reason
        elif isinstance(found, tuple):
            values[metric.id] = [_clean(part) for part in found]
        else:
            values[metric.id] = found if isinstance(found, int) else _clean(found)
    return Metrics(values, reasons)


def hidden(metric: Metric, *, fees_known: bool, in_dollars: bool, currency: str) -> str:
    """Say why a metric means nothing in a replay, whatever its value; empty where it does."""
    if metric.id in _NET and not fees_known:
        return "the fees of this venue are unknown"
    if metric.unit in ("usd", "cents") and not in_dollars:
        return f"only {currency} was traded, which is no money"
    return ""


def _clean(value: float) -> float:
    number = float(np.float64(value))
    if not math.isfinite(number):
        raise ArithmeticError(f"expected a finite metric, was {number}")
    return number + 0.0  # no negative zero in the document
