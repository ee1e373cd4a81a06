"""Figures: the metrics of a quick replay, straight from the engine's records of its one contract."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ntp.backtest.columns.quick import Quick
from ntp.backtest.columns.sums import CANONICAL, SUMS, add_up, lay_out
from ntp.backtest.columns.waits import Waits
from ntp.backtest.formulas import MIN_DAYS, MIN_EVENTS, Null
from ntp.backtest.harvest import STATUS
from ntp.backtest.manifest import rows_hash
from ntp.backtest.metrics import METRICS, Metrics, hidden
from ntp.backtest.results import FEES_UNKNOWN, RunContext
from ntp.core import CASH_ONE, DAY
from ntp.engine import records as r
from ntp.engine.memory import address_of
from ntp.markets import DOLLARS
from ntp.statistics import (
    DAYS_PER_YEAR,
    annual_return_of,
    brier_score,
    calmar_of,
    omega_of,
    sharpe_of,
    sortino_of,
    tail_ratio_of,
)
from ntp.strategy import Contract

Floats = npt.NDArray[np.float64]
_WORKED: Final = np.array([STATUS.get(code) not in (None, "refused") for code in range(len(r.REASONS))], np.int64)
"""Whether an order that ended for a reason was at work before."""
_CENTS: Final = 100.0


class Figures:
    """What the metrics are computed from: one pass over the records gives nearly all of it.

    It needs the replay no more once it is made.

    Parameters
    ----------
    quick : Quick
        The replay.
    context : RunContext
        The run it belongs to.
    contract : Contract
        What was traded.

    Attributes
    ----------
    sums : dict
        What was added up, see :data:`~ntp.backtest.columns.sums.SUMS`.
    daily : ndarray
        Daily UTC changes of equity over capital.
    stamps : list of str
        What weakens the result.
    waits : Waits, optional
        Waits of the passive orders; None where there are none.
    fair_stated : float
        Last fair value stated before the first fill of a contract with a binary result, else NaN.
    """

    def __init__(self, quick: Quick, context: RunContext, contract: Contract) -> None:
        self.context, self.contract = context, contract
        self.capital = context.capital / CASH_ONE
        data, curve = context.data, quick.curve
        last = max(data.end - 1, curve.last)
        first = data.start // DAY
        days = last // DAY - first + 1 if data.end > data.start else 0
        self.daily: Floats = np.empty(days)
        record = np.zeros(1, SUMS)
        record.view(np.int64)[: len(_GIVEN)] = (
            quick.address, curve.address, _WORKED_AT, address_of(self.daily), days, curve.first_day - first,
            context.capital,
        )  # fmt: skip
        add_up(address_of(record))
        self.sums: dict[str, Any] = dict(zip(_NAMES, record[0].item(), strict=True))
        passive, count = self.sums["passive"], self.sums["fills"]
        self.stamps = quick.stamps(self.sums["flags"], self.sums["rebates"])
        self.waits = Waits(quick.address, _WORKED, quick.next_order, passive, data.end) if passive else None
        self.fair_stated = _fair_stated(quick) if count and self.result in (0.0, 1.0) else math.nan
        self._rows = np.empty((count, CANONICAL), "<i8")
        self._in_order = bool(lay_out(quick.address, address_of(self._rows), contract.price_scale)) if count else True

    @property
    def fees_known(self) -> bool:
        """Whether what is net of fees means anything."""
        return FEES_UNKNOWN not in self.stamps

    @property
    def in_dollars(self) -> bool:
        """Whether equity and capital are dollars."""
        return self.context.currency in DOLLARS

    @property
    def pnl_net(self) -> float:
        """Last equity less capital."""
        return float((self.sums["end"] - self.context.capital) / CASH_ONE)

    @property
    def pnl_gross(self) -> float:
        """Last equity before fees less capital."""
        return float((self.sums["gross_end"] - self.context.capital) / CASH_ONE)

    @property
    def locked(self) -> float:
        """The most that was locked at once."""
        return float(self.sums["locked"] / CASH_ONE)

    @cached_property
    def event_returns(self) -> Floats:
        """P&L of the one event over capital; none where nothing was traded."""
        sums = self.sums
        if not (sums["traded"] or sums["held"]):
            return np.empty(0)
        flows = sums["cash"] + (sums["end"] - sums["funds"] if sums["held"] else 0)
        return np.array([flows / CASH_ONE / self.capital])

    @property
    def result(self) -> float | None:
        """Settlement value of the contract in dollars; None where it was not settled."""
        return self.sums["value"] / CASH_ONE if self.sums["settled"] else None

    @property
    def mid_first(self) -> float:
        """Mid at the first fill, NaN where absent."""
        bid, ask = self.sums["bid"], self.sums["ask"]
        return (bid + ask) / 2.0 / float(self.sums["unit"]) if bid >= 0 and ask >= 0 else math.nan

    @cached_property
    def ordered(self) -> list[float]:
        """Daily changes in ascending order."""
        return sorted(self.daily.tolist())

    def fills_hash(self) -> str:
        """Digest of the fills, as :func:`ntp.backtest.manifest.fills_hash` gives it."""
        rows = self._rows
        if not len(rows):
            return rows_hash([])
        return rows_hash([(self.contract.id, rows if self._in_order else rows[np.lexsort(rows.T[::-1])])])


def _fair_stated(quick: Quick) -> float:
    until = int(quick.fills["ts"][0])
    sent = np.append(quick.orders["sent"], quick.live["sent"])
    ids = np.append(quick.orders["order_id"], quick.live["id"])
    fair = np.append(quick.orders["fair"], quick.live["fair"])
    stated = np.flatnonzero((fair == fair) & (sent <= until))
    return float(fair[stated[np.lexsort((ids[stated], sent[stated]))[-1]]]) if len(stated) else math.nan


_NAMES: Final = SUMS.names or ()
_GIVEN: Final = _NAMES[: _NAMES.index("capital") + 1]
_WORKED_AT: Final = address_of(_WORKED)
_NO_PASSIVE: Final = Null("no passive order was accepted")


def _events(figures: Figures) -> Null:
    """Say that one contract is too few events for any inference."""
    return _TOO_FEW[len(figures.event_returns)]


def _closed(figures: Figures) -> Null:
    return _TOO_FEW[int(figures.sums["trades"] > 0)]


_TOO_FEW: Final = [Null(f"needs {MIN_EVENTS} events traded, there are {count}") for count in (0, 1)]


def _win_rate(figures: Figures) -> float | Null:
    trades = figures.sums["trades"]
    return figures.sums["wins"] / trades if trades else Null("no trade was closed")


def _maker_share(figures: Figures) -> float | Null:
    total = figures.sums["size"]
    return figures.sums["maker_size"] / total if total else Null("no fill")


def _fill_rate(figures: Figures) -> float | Null:
    count = figures.sums["passive"]
    return figures.sums["filled"] / count if count else _NO_PASSIVE


def _time_to_fill(figures: Figures) -> float | Null:
    if not figures.waits:
        return _NO_PASSIVE
    median = figures.waits.median
    return Null("less than half of the passive orders fill in the time watched") if median is None else median


def _queue(figures: Figures) -> float | Null:
    known = None if figures.waits is None else figures.waits.queue
    return Null("no queue ahead is known") if known is None else known


def _edge(name: str, reason: str) -> Callable[[Figures], float | Null]:
    absent = Null(reason)

    def edge(figures: Figures) -> float | Null:
        weight = figures.sums[f"{name}_weight"]
        return figures.sums[f"{name}_edge"] / weight * _CENTS if weight > 0.0 else absent

    return edge


def _brier(figures: Figures, *, market: bool) -> float | Null:
    reason = (
        "no mid is known on a contract with a binary result" if market
        else "no fair value was stated on a contract with a binary result"
    )
    if not figures.sums["fills"] or figures.result not in (0.0, 1.0):
        return Null(reason)
    fair, mid = figures.fair_stated, figures.mid_first
    forecast = mid if market else fair
    value = None if forecast != forecast else brier_score(np.array([forecast]), np.array([figures.result]))
    return Null(reason) if value is None else value


def _on_locked(figures: Figures) -> float | Null:
    locked = figures.locked
    return figures.pnl_net / locked if locked > 0 else Null("no capital was ever locked")


def _daily(figure: Callable[[Figures], float | None], missing: str) -> Callable[[Figures], float | Null]:
    absent = Null(missing)

    def of_days(figures: Figures) -> float | Null:
        days = figures.sums["days"]
        if days < MIN_DAYS:
            return Null(f"needs {MIN_DAYS} days, the data has {days}")
        value = figure(figures)
        return absent if value is None else value

    return of_days


def _sharpe(figures: Figures) -> float | None:
    sums = figures.sums
    return sharpe_of(sums["mean"], sums["deviation"], sums["largest"], DAYS_PER_YEAR)


def _growth(figures: Figures) -> float | None:
    return annual_return_of(figures.sums["total"], figures.sums["days"], DAYS_PER_YEAR)


def _quantile(ordered: list[float], share: float) -> float:
    """Interpolate between the two values around a share of sorted ones, as NumPy does."""
    place = share * (len(ordered) - 1)
    below = int(place)
    part, low, high = place - below, ordered[below], ordered[min(below + 1, len(ordered) - 1)]
    return low + (high - low) * part if part < 0.5 else high - (high - low) * (1.0 - part)


_QUICK: Final[Mapping[str, Callable[[Figures], Any]]] = {
    "sharpe_ratio": _daily(_sharpe, "equity never changed"),
    "probabilistic_sharpe": _events, "deflated_sharpe": _events, "p_value": _events, "p_value_corrected": _events,
    "min_track_record_events": _events,
    "sortino_ratio": _daily(
        lambda figures: sortino_of(figures.sums["mean"], figures.sums["downside"], DAYS_PER_YEAR), "no day lost"
    ),
    "calmar_ratio": _daily(
        lambda figures: calmar_of(_growth(figures), figures.sums["depth"]),
        "no daily close fell, or the capital was lost",
    ),
    "omega_ratio": _daily(lambda figures: omega_of(figures.sums["gains"], figures.sums["losses"]), "no day lost"),
    "tail_ratio": _daily(
        lambda figures: tail_ratio_of(_quantile(figures.ordered, 0.05), _quantile(figures.ordered, 0.95)),
        "the 5 % quantile of daily changes is 0",
    ),
    "value_at_risk_95": _daily(lambda figures: _quantile(figures.ordered, 1.0 - 0.95), "there is no day"),
    "annual_return": _daily(_growth, "the capital was lost"),
    "total_return": lambda figures: figures.pnl_net / figures.capital,
    "return_on_locked_capital": _on_locked,
    "max_drawdown": lambda figures: figures.sums["fall"],
    "win_rate": _win_rate,
    "win_rate_ci90": _closed,
    "pnl_net_usd": lambda figures: figures.pnl_net,
    "pnl_gross_usd": lambda figures: figures.pnl_gross,
    "fees_usd": lambda figures: (figures.sums["fee"] - figures.sums["refunded"]) / CASH_ONE,
    "rebates_usd": lambda figures: figures.sums["rebate"] / CASH_ONE,
    "trades": lambda figures: figures.sums["trades"],
    "fills": lambda figures: figures.sums["fills"],
    "maker_share": _maker_share,
    "maker_fill_rate": _fill_rate,
    "time_to_fill_median_s": _time_to_fill,
    "queue_ahead_median": _queue,
    "edge_per_trade_cents": _edge("fair", "no fill has a fair value"),
    "realised_edge_per_trade_cents": _edge("result", "no contract filled has been settled"),
    "cross_venue_spread_cents": lambda _: Null("no order was sent where a match was quoted"),
    "brier": lambda figures: _brier(figures, market=False),
    "brier_market": lambda figures: _brier(figures, market=True),
    "markout_10s_cents": _edge("mid", "no mid is known ten seconds after a fill"),
    "locked_capital_max_usd": lambda figures: figures.locked,
}
"""How these figures give each metric; the definitions are those of the registry."""
_LEFT_OUT: Final = "left out, as it takes many random draws"


@dataclass(frozen=True)
class _Recipe:
    """How the metrics of one kind of run are computed.

    Attributes
    ----------
    blank : dict
        All metrics in order, without values.
    absent : dict of str to str
        Those that are not computed, and why.
    computed : list
        The others, and how.
    """

    blank: dict[str, None]
    absent: dict[str, str]
    computed: list[tuple[str, Callable[[Figures], Any]]]


@cache
def _recipe(*, fees_known: bool, in_dollars: bool, currency: str) -> _Recipe:
    absent = {
        metric.id: _LEFT_OUT if metric.resampled else hidden(
            metric, fees_known=fees_known, in_dollars=in_dollars, currency=currency
        ) for metric in METRICS
    }  # fmt: skip
    absent = {name: reason for name, reason in absent.items() if reason}
    names = [metric.id for metric in METRICS]
    return _Recipe(dict.fromkeys(names), absent, [(name, _QUICK[name]) for name in names if name not in absent])


def figures_metrics(figures: Figures) -> Metrics:
    """Compute every metric of the registry that takes no random draws."""
    recipe = _recipe(
        fees_known=figures.fees_known, in_dollars=figures.in_dollars, currency=figures.context.currency
    )
    values: dict[str, Any] = recipe.blank.copy()
    reasons = recipe.absent.copy()
    for name, compute in recipe.computed:
        found = compute(figures)
        if found.__class__ is float:
            if not math.isfinite(found):
                raise ArithmeticError(f"expected a finite metric, was {found} for {name}")
            values[name] = found + 0.0  # no negative zero in the document
        elif found.__class__ is Null:
            reasons[name] = found.reason
        else:
            values[name] = found
    return Metrics(values, reasons)


__all__ = ["Figures", "figures_metrics"]
