"""Figures: the metrics of a quick replay, straight from the engine's records of its one contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ntp.backtest.columns.quick import Quick
from ntp.backtest.formulas import MIN_EVENTS, Null
from ntp.backtest.harvest import STATUS
from ntp.backtest.manifest import rows_hash
from ntp.backtest.metrics import Metrics, compute_metrics
from ntp.backtest.results import FEES_UNKNOWN, RunContext
from ntp.core import CASH_ONE, SECOND, SIZE_ONE
from ntp.engine import records as r
from ntp.markets import DOLLARS
from ntp.statistics import brier_score, daily_changes, kaplan_meier
from ntp.strategy import Contract

Floats = npt.NDArray[np.float64]
_WORKED: Final = np.array([STATUS.get(code) not in (None, "refused") for code in range(len(r.REASONS))])
"""Whether an order that ended for a reason was at work before."""
_MOST: Final = 2**62


class Figures:
    """What the metrics are computed from; every attribute means what it means in :class:`ntp.backtest.facts.Facts`.

    Parameters
    ----------
    quick : Quick
        The replay.
    context : RunContext
        The run it belongs to.
    """

    def __init__(self, quick: Quick, context: RunContext) -> None:
        self._quick, self.context = quick, context
        self.capital = context.capital / CASH_ONE
        curve = quick.equity
        if len(curve) > 1 and curve["ts"][-1] == curve["ts"][-2]:  # the last sample stands for both
            curve = _without_last_but_one(curve)
        self._ts, self._locked = np.ascontiguousarray(curve["ts"]), curve["locked"]
        self.equity = curve["equity"] / CASH_ONE
        self._gross_end = int(curve["gross"][-1]) if len(curve) else context.capital
        self._end = int(curve["equity"][-1]) if len(curve) else context.capital

    @property
    def fees_known(self) -> bool:
        """Whether what is net of fees means anything."""
        return FEES_UNKNOWN not in self._quick.stamps

    @property
    def in_dollars(self) -> bool:
        """Whether equity and capital are dollars."""
        return self.context.currency in DOLLARS

    @cached_property
    def daily(self) -> Floats:
        """Daily UTC changes of equity over capital."""
        data = self.context.data
        if data.end <= data.start:
            return np.empty(0)
        last = max(data.end - 1, int(self._ts[-1]) if len(self._ts) else data.end - 1)
        return daily_changes(self._ts, self.equity, data.start, last, self.capital) / self.capital

    @cached_property
    def pnl_net(self) -> float:
        """Last equity less capital."""
        return (self._end - self.context.capital) / CASH_ONE

    @cached_property
    def locked_max(self) -> float:
        """Largest amount locked at once."""
        return float(self._locked.max()) / CASH_ONE if len(self._locked) else 0.0

    @cached_property
    def _paid(self) -> npt.NDArray[Any]:
        """Settlements that ended a holding or moved cash."""
        ended = self._quick.settlements
        moved: npt.NDArray[Any] = ended[(ended["position"] != 0) | (ended["cash"] != 0)]
        return moved

    @cached_property
    def event_returns(self) -> Floats:
        """P&L of the one event over capital; none where nothing was traded."""
        contract, fills = self._quick.contract, self._quick.fills
        held = int(contract["position"])
        if not (len(fills) or len(self._paid) or held):
            return np.empty(0)
        flows = int(fills["cash"].sum()) + int(self._paid["cash"].sum()) + (self._end - self._cash if held else 0)
        return np.array([flows / CASH_ONE]) / self.capital

    @property
    def _cash(self) -> int:
        return int(self._quick.account["cash"])

    @cached_property
    def trade_cash(self) -> npt.NDArray[np.int64]:
        """Net P&L of each trade that was closed, in 0.000001 dollar."""
        fills, paid = self._quick.fills, self._paid
        after = np.append(fills["position"], np.zeros(len(paid), np.int64))
        side, size, cash = fills["side"].astype(np.int64), fills["size"], fills["cash"]
        before = np.append(fills["position"] - side * size, paid["position"])
        flows = np.append(cash, paid["cash"])
        if not len(flows):
            return flows
        turning = np.flatnonzero(((before > 0) & (after < 0)) | ((before < 0) & (after > 0)))
        if len(turning):
            closing = _share(flows[turning], np.abs(before[turning]), size[turning])
            flows[turning] -= closing
            repeats = np.ones(len(flows), np.int64)
            repeats[turning] = 2
            ends = turning + np.arange(len(turning))
            before, after, flows = (np.repeat(each, repeats) for each in (before, after, flows))
            after[ends], flows[ends], before[ends + 1] = 0, closing, 0
        begins = np.flatnonzero((before == 0) & (after != 0))
        if not len(begins):
            return np.zeros(0, np.int64)
        sums: npt.NDArray[np.int64] = np.add.reduceat(flows, begins)
        return sums if after[-1] == 0 else sums[:-1]

    # fills

    @cached_property
    def side(self) -> Floats:
        """Direction of each fill."""
        return self._quick.fills["side"].astype(np.float64)

    @cached_property
    def price(self) -> Floats:
        """Price of each fill in dollars."""
        return self._quick.fills["price"] / float(self._quick.contract["price_unit"])

    @cached_property
    def size(self) -> Floats:
        """Contracts of each fill."""
        return self._quick.fills["size"] / SIZE_ONE

    def of_fills(self, column: str) -> Floats:
        """Values of an optional column of the fills, NaN where absent."""
        fills, one = self._quick.fills, float(self._quick.contract["price_unit"])
        if column == "fair":
            return fills["fair"].astype(np.float64)
        if column == "mid":
            both = (fills["bid"] >= 0) & (fills["ask"] >= 0)
            return np.where(both, (fills["bid"] + fills["ask"]) / 2.0 / one, np.nan)
        if column == "mid_10s":
            return np.where(fills["mid10"] >= 0, fills["mid10"] / 2.0 / one, np.nan)
        return np.full(len(fills), np.nan)

    @cached_property
    def result(self) -> float | None:
        """Settlement value of the contract in dollars; None where it was not settled."""
        ended = self._quick.settlements
        settled = ended[ended["state"] != r.VOIDED]
        return int(settled["value"][-1]) / CASH_ONE if len(settled) else None

    @property
    def fill_results(self) -> Floats:
        """Settlement value of the contract of each fill, NaN where there is none."""
        return np.full(len(self._quick.fills), np.nan if self.result is None else self.result)

    @cached_property
    def fair_stated(self) -> float:
        """Last fair value stated before the first fill, NaN where there is none."""
        quick = self._quick
        until = int(quick.fills["ts"][0])
        sent = np.append(quick.orders["sent"], quick.live["sent"])
        ids = np.append(quick.orders["order_id"], quick.live["id"])
        fair = np.append(quick.orders["fair"], quick.live["fair"])
        stated = np.flatnonzero((fair == fair) & (sent <= until))
        if not len(stated):
            return float("nan")
        return float(fair[stated[np.lexsort((ids[stated], sent[stated]))[-1]]])

    # orders

    @cached_property
    def _passive(self) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Passive orders that the venue accepted: those that ended, those that rest."""
        orders, live = self._quick.orders, self._quick.live
        return orders[(orders["passive"] != 0) & _WORKED[orders["reason"]]], live[live["passive"] != 0]

    @property
    def passive_filled(self) -> tuple[int, int]:
        """Passive orders with any fill, and all."""
        ended, live = self._passive
        filled = int((ended["filled"] > 0).sum()) + int((live["size"] > live["remaining"]).sum())
        return filled, len(ended) + len(live)

    @cached_property
    def waiting_median(self) -> float | Null | None:
        """Median wait for the first fill in seconds."""
        ended, live = (part[part["arrived"] > 0] for part in self._passive)
        if not len(ended) + len(live):
            return Null("no passive order was accepted")
        arrived = np.append(ended["arrived"], live["arrived"])
        ids = np.append(ended["order_id"], live["id"])
        until = np.append(ended["done"], np.full(len(live), self.context.data.end))
        fills = self._quick.fills
        first = np.zeros(max(int(ids.max()), int(fills["order_id"].max()) if len(fills) else 0) + 1, np.int64)
        first[fills["order_id"][::-1]] = fills["ts"][::-1]  # what is written last is the first of an order
        happened = first[ids] > 0
        until = np.where(happened, first[ids], until)
        return kaplan_meier(np.maximum(until - arrived, 0) / SECOND, happened).median

    @property
    def queues(self) -> Floats:
        """Contracts ahead at joining, of passive orders that know it."""
        ended, live = self._passive
        joined = np.append(ended["queue_ahead"], live["queue_joined"])
        return joined[joined >= 0] / 1e6


def _without_last_but_one(curve: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Drop a sample by giving its place to the one that follows: the records are the engine's, and no longer needed."""
    curve[-2] = curve[-1]
    return curve[:-1]


def _share(cash: npt.NDArray[np.int64], part: npt.NDArray[np.int64], whole: Any) -> npt.NDArray[np.int64]:
    """``cash * part // whole`` without overflow."""
    if float(np.abs(cash).max()) * float(part.max()) < _MOST:
        shares: npt.NDArray[np.int64] = cash * part // whole
        return shares
    return np.array([
        int(one) * int(two) // int(three) for one, two, three in zip(cash, part, whole, strict=True)
    ], dtype=np.int64)  # fmt: skip


def _win_rate_interval(figures: Figures) -> Null:
    return Null(f"needs {MIN_EVENTS} events traded, there are {int(len(figures.trade_cash) > 0)}")


def _win_rate(figures: Figures) -> float | Null:
    cash = figures.trade_cash
    return int((cash > 0).sum()) / len(cash) if len(cash) else Null("no trade was closed")


def _maker_share(figures: Figures) -> float | Null:
    fills = figures._quick.fills
    total = int(fills["size"].sum())
    return int(fills["size"][(fills["flags"] & r.F_MAKER) != 0].sum()) / total if total else Null("no fill")


def _fill_rate(figures: Figures) -> float | Null:
    filled, count = figures.passive_filled
    return filled / count if count else Null("no passive order was accepted")


def _time_to_fill(figures: Figures) -> float | Null:
    median = figures.waiting_median
    return Null("less than half of the passive orders fill in the time watched") if median is None else median


def _queue(figures: Figures) -> float | Null:
    known = figures.queues
    return float(np.median(known)) if len(known) else Null("no queue ahead is known")


def _fees(figures: Figures) -> float:
    paid = figures._paid
    refunded = int(paid["fees"][paid["state"] == r.VOIDED].sum())
    return (int(figures._quick.fills["fee"].sum()) - refunded) / CASH_ONE


def _brier(figures: Figures, *, market: bool) -> float | Null:
    reason = (
        "no mid is known on a contract with a binary result" if market
        else "no fair value was stated on a contract with a binary result"
    )
    if not len(figures._quick.fills) or figures.result not in (0.0, 1.0):
        return Null(reason)
    fair, mid = figures.fair_stated, float(figures.of_fills("mid")[0])
    forecast = mid if market else fair
    value = None if forecast != forecast else brier_score(np.array([forecast]), np.array([figures.result]))
    return Null(reason) if value is None else value


def _on_locked(figures: Figures) -> float | Null:
    locked = figures.locked_max
    return figures.pnl_net / locked if locked > 0 else Null("no capital was ever locked")


_QUICK: Final[Mapping[str, Callable[[Figures], Any]]] = {
    "total_return": lambda figures: figures.pnl_net / figures.capital,
    "return_on_locked_capital": _on_locked,
    "win_rate": _win_rate,
    "win_rate_ci90": _win_rate_interval,
    "pnl_net_usd": lambda figures: figures.pnl_net,
    "pnl_gross_usd": lambda figures: (figures._gross_end - figures.context.capital) / CASH_ONE,
    "fees_usd": _fees,
    "rebates_usd": lambda figures: int(figures._quick.fills["rebate"].sum()) / CASH_ONE,
    "trades": lambda figures: len(figures.trade_cash),
    "fills": lambda figures: len(figures._quick.fills),
    "maker_share": _maker_share,
    "maker_fill_rate": _fill_rate,
    "time_to_fill_median_s": _time_to_fill,
    "queue_ahead_median": _queue,
    "brier": lambda figures: _brier(figures, market=False),
    "brier_market": lambda figures: _brier(figures, market=True),
    "locked_capital_max_usd": lambda figures: figures.locked_max,
}
"""Metrics that are computed from frames otherwise; the others take these figures as they take facts."""


def figures_metrics(figures: Figures) -> Metrics:
    """Compute every metric of the registry that takes no random draws."""
    facts: Any = figures
    return compute_metrics(facts, resample=False, quick=_QUICK)


def figures_hash(quick: Quick, contract: Contract) -> str:
    """Digest of the fills, as :func:`ntp.backtest.manifest.fills_hash` gives it."""
    fills = quick.fills
    columns = {
        "ts": fills["ts"], "side": fills["side"], "price": fills["price"], "price_scale": contract.price_scale,
        "size": fills["size"], "fee": fills["fee"], "rebate": fills["rebate"],
        "is_maker": (fills["flags"] & r.F_MAKER) != 0, "traded_through": (fills["flags"] & r.F_THROUGH) != 0,
        "inferred": (fills["flags"] & r.F_INFERRED) != 0, "wait_ns": fills["wait"], "cash": fills["cash"],
        "position": fills["position"],
    }  # fmt: skip
    table = np.empty((len(fills), len(columns)), "<i8")
    for place, column in enumerate(columns.values()):
        table[:, place] = column
    if bool((table[1:, 0] <= table[:-1, 0]).any()):
        table = table[np.lexsort(table.T[::-1])]
    return rows_hash([(contract.id, table)] if len(fills) else [])


__all__ = ["Figures", "figures_hash", "figures_metrics"]
