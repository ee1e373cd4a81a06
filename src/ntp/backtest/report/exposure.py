"""Exposure: how much capital was tied up, for how long, and how much of it hung on one event."""

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from ntp.backtest.facts import Facts
from ntp.backtest.pages import Axis, Chart, Page, html_table, line_of
from ntp.backtest.report.tables import daily_table
from ntp.backtest.wording import ABSENT, write_amount, write_share
from ntp.core import CASH_ONE, SECOND

if TYPE_CHECKING:
    from ntp.backtest.run import Run

_EVENTS: Final = 10


def exposure(run: "Run", page: Page) -> str:
    """Draw locked capital over time and list the events that most was paid into."""
    facts = run.shown.facts
    frame = facts.output.equity
    if frame.is_empty():
        return ""
    ts = frame["ts"].to_numpy()
    locked = frame["locked"].to_numpy() / CASH_ONE
    times = np.asarray(ts // 1_000_000, dtype=np.float64)
    currency = run.context.currency
    average = _held_average(ts, locked, run.context.data.end)
    most = float(locked.max())
    summary = (
        f"In positions and resting orders, {run.context.fill_mode} fills. Most: {write_amount(most, currency)}; "
        f"average over time: {write_amount(average, currency)}."
    )
    amounts = Axis("linear", "money" if facts.in_dollars else "number")
    chart = Chart([line_of("locked", times, locked, "--base")], (), Axis("time", "time"), amounts)
    drawn = page.figure("Capital locked", summary, chart, daily_table(run))
    if not facts.fees_known:
        return drawn  # what was paid and gained net of unknown fees is not known either
    return drawn + _events_table(facts, currency) + _holding_table(facts, currency)


def _held_average(ts: np.ndarray, locked: np.ndarray, end: int) -> float:
    """Mean of a value that stands until the next one, over the time from its first to the end of the data."""
    lengths = np.diff(np.append(ts, max(end, int(ts[-1])))).astype(np.float64)
    return float(np.average(locked, weights=lengths)) if lengths.sum() > 0 else float(locked[-1])


def _events_table(facts: Facts, currency: str) -> str:
    """Events by what was paid into each of them at most, net of what came back until then."""
    parts = [facts.counted(facts.output.fills).select("event", "ts", "cash")]
    parts.append(facts.counted(facts.output.settlements).select("event", "ts", "cash"))
    flows = pl.concat(parts).sort("ts", maintain_order=True)
    if flows.is_empty():
        return ""
    paid = flows.with_columns(pl.col("cash").cum_sum().over("event").alias("so_far")).group_by("event").agg(
        most=-pl.col("so_far").min(), end=pl.col("cash").sum()
    )
    worst = paid.sort(["most", "event"], descending=[True, False]).head(_EVENTS)
    rows = [
        [row["event"] or ABSENT, write_amount(max(row["most"], 0) / CASH_ONE, currency),
         write_share(max(row["most"], 0) / CASH_ONE / facts.capital), write_amount(row["end"] / CASH_ONE, currency)]
        for row in worst.iter_rows(named=True)
    ]  # fmt: skip
    left = paid.height - worst.height
    return html_table(
        "Events that most was paid into", ["Event", "Most paid in", "Share of capital", "Cash in the end"], rows,
        note=(f"{left:,} events with less are left out. " if left else "")
        + "What was paid in bounds what could be lost by then; open positions are not in the cash.",
    )


def _holding_table(facts: Facts, currency: str) -> str:
    """How long trades were held, by whether they won."""
    trades = facts.counted(facts.trades)
    if trades.is_empty():
        return ""
    held = trades.with_columns(held=(pl.col("closed") - pl.col("opened")) / SECOND)
    rows = []
    for name, part in (
        ("All", held), ("Winners", held.filter(pl.col("cash") > 0)), ("Losers", held.filter(pl.col("cash") < 0)),
    ):
        if part.is_empty():
            continue
        cash = part["cash"].to_numpy() / CASH_ONE
        rows.append([
            name, f"{part.height:,}", _seconds(float(np.median(part["held"].to_numpy()))),
            _seconds(float(part["held"].to_numpy().max())), write_amount(float(cash.mean()), currency),
            write_amount(float(cash.max()), currency), write_amount(float(cash.min()), currency),
        ])  # fmt: skip
    run_of_losses, run_of_wins = _longest(held["cash"].to_numpy() < 0), _longest(held["cash"].to_numpy() > 0)
    gains, losses = (float(held.filter(where)["cash"].sum()) for where in (pl.col("cash") > 0, pl.col("cash") < 0))
    factor = f"{gains / -losses:.3f}" if losses < 0 else "not known, nothing lost"
    return html_table(
        "Trades", ["", "Trades", "Median time held", "Longest", "Average P&L", "Best", "Worst"], rows, sortable=False,
        note=f"Gains over losses: {factor}. Longest runs: {run_of_wins:,} winners, {run_of_losses:,} losers.",
    )


def _longest(hits: np.ndarray) -> int:
    best = now = 0
    for hit in hits.tolist():
        now = now + 1 if hit else 0
        best = max(best, now)
    return best


def _seconds(value: float) -> str:
    for unit, length in (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0)):
        if value >= length:
            return f"{value / length:,.1f} {unit}"
    return f"{value:,.1f} s"
