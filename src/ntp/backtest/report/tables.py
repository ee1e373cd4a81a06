"""Tables of the report as HTML; every text passes the escape here."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from ntp.backtest.edge import KEY_METRICS
from ntp.backtest.metrics import BY_ID, METRICS
from ntp.backtest.pages import html_table
from ntp.backtest.wording import ABSENT, write_amount, write_money, write_share, write_value
from ntp.statistics import drawdowns

if TYPE_CHECKING:
    from ntp.backtest.run import Run

_ROWS: Final = 25
_LISTED: Final = 60
_SHARES: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9)
_BUCKETS: Final = (0.0, 10.0, 100.0, 1_000.0, 10_000.0)


def metrics_table(run: "Run") -> str:
    """All metrics in all fill modes, with their definitions and why one is absent."""
    modes = run.fill_modes
    rows = []
    for metric in METRICS:
        why = run.metrics.reasons.get(metric.id)
        rows.append([
            metric.title,
            *(write_value(metric.id, result.metrics[metric.id]) for result in modes.values()),
            metric.formula + (f" (absent: {why})" if why else ""),
        ])
    return html_table(
        "Metrics by fill mode", ["Metric", *modes, "Definition"], rows, sortable=False,
        note=f"{ABSENT} stands where a metric cannot be computed; it is never replaced by zero.",
    )


def markets_table(run: "Run") -> str:
    """Key metrics of each market, the most trades first."""
    rows = [
        [row["venue"] or "(none)", row["series"] or "(none)", f"{row['trades']:,}", f"{row['events']:,}",
         *(write_value(name, row[name]) for name in KEY_METRICS)]
        for row in run.shown.markets[:_ROWS]
    ]
    left = len(run.shown.markets) - _ROWS
    return html_table(
        "Key metrics by market",
        ["Venue", "Series", "Trades", "Events", *(BY_ID[name].title for name in KEY_METRICS)], rows,
        note=f"{left:,} more with fewer trades are in the run's data." if left > 0 else "",
    ) if rows else ""


def breakdown_table(run: "Run", key: str, title: str) -> str:
    """One grouping of the headline mode, the largest P&L in size first."""
    rows = sorted(run.by[key], key=lambda row: (-abs(row["pnl_net_usd"] or 0.0), str(row["key"])))
    left = len(rows) - _ROWS
    return html_table(
        title,
        [key.replace("_", " ").capitalize(), "Trades", "Win rate", "Net P&L", "Fees", "Maker fill rate"],
        [_group_row(row) for row in rows[:_ROWS]],
        note=f"{left:,} more with smaller P&L are in the run's data." if left > 0 else "",
    )


def _group_row(row: Mapping[str, Any]) -> list[str]:
    return [
        "(none)" if row["key"] is None else str(row["key"]), f"{row['trades']:,}",
        write_share(row["win_rate"]), write_money(row["pnl_net_usd"]), write_money(row["fees_usd"]),
        write_share(row["maker_fill_rate"]),
    ]


def queue_table(run: "Run") -> str:
    """Fill rate and wait of passive orders by the queue they joined."""
    waiting = run.shown.facts.waiting.drop_nulls("queue_ahead")
    rows = []
    for low, high in zip((-1.0, *_BUCKETS), (*_BUCKETS, float("inf")), strict=True):
        part = waiting.filter((pl.col("queue_ahead") > low) & (pl.col("queue_ahead") <= high))
        filled = part.filter("filled_any")["waited_s"].to_list()
        median = sorted(filled)[len(filled) // 2] if filled else None
        label = "none" if high == 0 else f"over {low:,.0f}" if high == float("inf") else f"up to {high:,.0f}"
        rows.append([
            label, f"{len(part):,}", f"{len(filled):,}",
            write_share(len(filled) / len(part) if len(part) else None),
            ABSENT if median is None else f"{median:,.2f} s",
        ])
    return html_table(
        "Passive orders by contracts ahead at joining",
        ["Contracts ahead", "Orders", "Filled", "Fill rate", "Median wait of the filled"], rows,
        sortable=False,
    )


def execution_table(run: "Run") -> str:
    """How fills came about, in each mode."""
    rows = []
    for mode, result in run.fill_modes.items():
        fills = result.output.fills
        through = fills.filter(pl.col("is_maker") & pl.col("traded_through"))
        inferred = fills.filter(pl.col("is_maker") & pl.col("inferred"))
        rows.append([
            mode, f"{len(fills):,}", f"{int(fills['is_maker'].sum()):,}", f"{len(through):,}",
            f"{len(inferred):,}", f"{len(fills) - int(fills['is_maker'].sum()):,}",
            write_value("maker_fill_rate", result.metrics["maker_fill_rate"]),
            write_value("markout_10s_cents", result.metrics["markout_10s_cents"]),
        ])
    return html_table(
        "How fills came about",
        ["Fill mode", "Fills", "As maker", "Traded through", "By inferred prints", "As taker",
         "Maker fill rate", "Markout 10 s"],
        rows, sortable=False,
    )


def accounts_table(run: "Run") -> str:
    """Accounts at the end, each in its own currency."""
    rows = []
    for row in run.accounts:
        amounts = (row[name] for name in ("start", "cash", "reserved", "positions", "fees", "pnl_net", "pnl_gross"))
        rows.append([row["venue"], row["currency"], *(write_amount(value, row["currency"]) for value in amounts)])
    apart = [row["venue"] for row in run.accounts if not row["in_equity"]]
    return html_table(
        "Accounts at the end",
        ["Venue", "Currency", "Start", "Cash", "of it reserved", "Positions", "Fees", "Net P&L", "P&L before fees"],
        rows, sortable=False,
        note=f"Play money at {', '.join(apart)} is in no figure in dollars." if apart else "",
    ) if rows else ""


def daily_table(run: "Run") -> str:
    """Equity of the headline mode at the end of each day."""
    equity = run.shown.equity
    daily = equity.group_by(pl.col("ts").dt.date().alias("day"), maintain_order=True).agg(
        pl.col("equity").last(), pl.col("equity_gross").last(), pl.col("locked").max()
    )
    left = len(daily) - _LISTED
    rows = [
        [str(day), *(write_amount(value, run.context.currency) for value in values)]
        for day, *values in daily.tail(_LISTED).iter_rows()
    ]
    return html_table(
        f"Equity at the end of each UTC day with changes, {run.context.fill_mode} fills",
        ["Day", "Equity", "Equity before fees", "Most locked"], rows,
        note=f"{left:,} earlier days are left out." if left > 0 else "",
    )


def drawdown_table(run: "Run") -> str:
    """Deepest fall of the headline mode on each day."""
    frame = run.shown.equity.select(day=pl.col("ts").dt.date())
    falls = drawdowns(run.shown.facts.equity, run.shown.facts.capital)
    daily = frame.with_columns(fall=pl.Series(falls, dtype=pl.Float64)).group_by("day", maintain_order=True).agg(
        pl.col("fall").min()
    )
    left = len(daily) - _LISTED
    return html_table(
        f"Deepest fall below the peak so far, by UTC day with changes, {run.context.fill_mode} fills",
        ["Day", "Fall"], [[str(day), write_share(fall)] for day, fall in daily.tail(_LISTED).iter_rows()],
        note=f"{left:,} earlier days are left out." if left > 0 else "",
    )


def fills_table(fills: pl.DataFrame) -> str:
    """First fills of a contract."""
    rows = [
        [row["ts"].strftime("%Y-%m-%d %H:%M:%S"), row["side"], f"{row['price']:.4f}", f"{row['size']:,.6g}",
         "maker" if row["is_maker"] else "taker", write_money(row["fee"]),
         ABSENT if row["queue_ahead"] is None else f"{row['queue_ahead']:,.1f}", f"{row['wait_s']:,.2f} s"]
        for row in fills.head(_LISTED).iter_rows(named=True)
    ]
    left = len(fills) - _LISTED
    return html_table(
        "Fills", ["Time", "Side", "Price", "Size", "Role", "Fee", "Queue ahead", "Wait"], rows,
        note=f"{left:,} later fills are left out." if left > 0 else "",
    )


def waiting_table(run: "Run") -> str:
    """How long until a share of the passive orders had a fill."""
    rows = []
    for share in _SHARES:
        row = [write_share(share)]
        for result in run.fill_modes.values():
            curve = result.facts.survival
            at = np.flatnonzero(1.0 - curve.surviving >= share)
            row.append(f"{curve.times[at[0]]:,.2f} s" if len(at) else ABSENT)
        rows.append(row)
    return html_table(
        "Time at rest until a share of the passive orders had a fill", ["Share", *run.fill_modes], rows,
        sortable=False, note=f"{ABSENT} stands where that share was never reached.",
    )


def record_table(records: pl.DataFrame, name: str) -> str:
    """First values of a curve that the strategy recorded."""
    rows = records.filter(pl.col("name") == name).drop_nulls("value")
    left = len(rows) - _LISTED
    return html_table(
        name, ["Time", "Value"],
        [[str(row["ts"])[:19], f"{row['value']:,.6g}"] for row in rows.head(_LISTED).iter_rows(named=True)],
        note=f"{left:,} later values are left out." if left > 0 else "",
    )


def notebook_table(run: "Run") -> str:
    """Small table of the headline metrics for notebooks."""
    rows = [
        [metric.title, *(write_value(metric.id, mode.metrics[metric.id]) for mode in run.fill_modes.values())]
        for metric in METRICS
        if "headline" in metric.tags
    ]
    caption = f"{run.context.strategy.name}, run {run.run_id}"
    return html_table(caption, ["Metric", *run.fill_modes], rows, sortable=False)
