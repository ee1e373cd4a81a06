"""Tables of runs for the terminal; the command line prints what these return."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from ntp.backtest.document import order_counts
from ntp.backtest.metrics import METRICS
from ntp.backtest.results import FEES_UNKNOWN
from ntp.backtest.silence import why_no_fills
from ntp.backtest.validation.summary import trials_sentence
from ntp.backtest.wording import write_amount, write_value, write_verdict
from ntp.core import CASH_ONE, format_ns
from ntp.markets import USD

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from ntp.backtest.run import Run
    from ntp.backtest.store import RunSummary

_MANY_WARNINGS = 6


def result_table(run: "Run") -> "RenderableType":
    """Tell a run: what ran on what, the metrics of all fill modes, orders, speed and warnings."""
    from rich.console import Group
    from rich.text import Text

    data = run.context.data
    parts: list[RenderableType] = [
        Text.assemble(
            (run.context.strategy.name, "bold"), f" on {', '.join(data.sources)}: {data.events:,} events replayed, "
            f"{data.contracts:,} contract{'' if data.contracts == 1 else 's'}, "
            f"{format_ns(data.start)} to {format_ns(data.end)}",
        ),
        Text(
            f"fidelity {run.fidelity}, tape {data.tape}, "
            f"capital {write_amount(run.context.capital / CASH_ONE, run.context.currency)}, "
            f"headline {run.context.fill_mode} fills, run {run.run_id}"
        ),
        _metrics_table(run),
        *_accounts(run),
        Text(_orders_line(run)),
        *(Text(reason, style="yellow") for reason in why_no_fills(run)),
    ]
    if speed := _speed_line(run):
        parts.append(Text(speed))
    if run.stamps:
        parts.append(Text("stamps: " + ", ".join(run.stamps), style="yellow"))
    for warning in run.warnings[:_MANY_WARNINGS]:
        parts.append(Text(f"warning: {warning}", style="yellow"))
    if len(run.warnings) > _MANY_WARNINGS:
        parts.append(Text(f"and {len(run.warnings) - _MANY_WARNINGS} more warnings in the report"))
    parts.append(Text(trials_sentence(run)))
    parts.append(Text(verdict_of(run), style="bold green" if run.profitable else "bold"))
    return Group(*parts)


def verdict_of(run: "Run") -> str:
    """Say whether the strategy may be called profitable."""
    if FEES_UNKNOWN in run.stamps:
        return "Not judged: the fees are unknown; an import with --venue says whose fees hold."
    careful = run.fill_modes.get("pessimistic")
    pnl = None if careful is None else careful.metrics.number("pnl_net_usd")
    return write_verdict(profitable=run.profitable, pessimistic_pnl=pnl, interval=_interval(run))


def luck_could_explain(run: "Run") -> bool:
    """Whether what the pessimistic replay gained has an interval that holds 0."""
    interval = _interval(run)
    return interval is not None and interval[0] <= 0.0


def _interval(run: "Run") -> list[float] | None:
    careful = run.fill_modes.get("pessimistic")
    value = None if careful is None else careful.metrics["pnl_net_ci90_usd"]
    return value if isinstance(value, list) else None


def runs_table(runs: Sequence["RunSummary"]) -> "Table":
    """List stored runs."""
    table = plain_table("run", "made", "strategy", "status", "data", "fills mode")
    for name in ("net P&L", "Sharpe", "deflated", "of trials", "trades", "fills"):
        table.add_column(name, justify="right")
    for run in runs:
        table.add_row(
            run.run_id, format_ns(run.created)[:19], run.strategy, run.status,
            ", ".join(run.sources), run.fill_mode if run.fills is not None else "–",
            write_value("pnl_net_usd", run.pnl_net_usd), write_value("sharpe_ratio", run.sharpe_ratio),
            write_value("deflated_sharpe", run.deflated_sharpe), f"{run.trials or 0:,}",
            *("–" if count is None else f"{count:,}" for count in (run.trades, run.fills)),
        )
    return table


def _metrics_table(run: "Run") -> "Table":
    table = plain_table("metric")
    for mode in run.fill_modes:
        shown = mode == run.context.fill_mode
        table.add_column(mode, justify="right", style="bold" if shown else "")
    for metric in METRICS:
        table.add_row(
            metric.title,
            *(write_value(metric.id, result.metrics[metric.id]) for result in run.fill_modes.values()),
        )
    return table


def _accounts(run: "Run") -> "list[RenderableType]":
    """Build a table of the accounts, where there is more than one or one that does not hold dollars."""
    accounts = run.accounts
    if len(accounts) < 2 and all(account["currency"] == run.context.currency == USD for account in accounts):
        return []
    table = plain_table("account")
    for name in ("start", "cash", "reserved", "positions", "fees", "net P&L"):
        table.add_column(name, justify="right")
    for row in accounts:
        amounts = (row[name] for name in ("start", "cash", "reserved", "positions", "fees", "pnl_net"))
        apart = "" if row["in_equity"] else ", apart"
        table.add_row(
            f"{row['venue']} ({row['currency']}{apart})", *(write_amount(value, row["currency"]) for value in amounts)
        )
    return [table]


def _orders_line(run: "Run") -> str:
    orders = run.shown.output.orders
    counts = order_counts(orders)
    line = "orders: " + ", ".join(f"{counts[name]:,} {name}" for name in counts)
    for status in ("rejected", "refused"):
        reasons = orders.filter(pl.col("status") == status)["reason"].value_counts(sort=True)
        told = ", ".join(f"{reason or 'unknown'} {count:,}" for reason, count in reasons.iter_rows())
        line += f"\n{status}: {told}" if told else ""
    if run.shown.output.counters.get("refused", {}).get("maker_only"):
        line += "\nmaker_only refuses what could take; --waive maker_only lets it through and stamps the result"
    return line


def _speed_line(run: "Run") -> str:
    performance = run.context.performance
    parts = []
    if performance.events_per_s is not None:
        parts.append(f"{performance.events_per_s:,.0f} events/s")
    if performance.wall_s is not None:
        parts.append(f"{performance.wall_s:,.2f} s in all")
    if performance.peak_rss_mb is not None:
        parts.append(f"{performance.peak_rss_mb:,.0f} MB at most")
    return ", ".join(parts)


def plain_table(*columns: str) -> "Table":
    """Make a table with a line below its headings and nothing else."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column)
    return table
