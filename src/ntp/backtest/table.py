"""Tables of runs for the terminal; the command line prints what these return."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from ntp.backtest.document import order_counts
from ntp.backtest.edge import KEY_METRICS
from ntp.backtest.metrics import BY_ID, METRICS
from ntp.backtest.results import FEES_UNKNOWN
from ntp.backtest.rule_rows import missing_words
from ntp.backtest.silence import why_no_fills
from ntp.backtest.validation.summary import trials_sentence
from ntp.backtest.wording import write_amount, write_value, write_verdict
from ntp.core import CASH_ONE, SECOND, format_ns
from ntp.markets import USD

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from ntp.backtest.run import Run
    from ntp.backtest.store import RunSummary

_MANY_WARNINGS = 6
_MANY_MARKETS = 12


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
        *_markets(run),
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
    """List stored runs, two lines for each."""
    table = plain_table("run\nmade", "strategy\ndata", "status\nfills mode")
    for name in ("net P&L\nSharpe", *KEY_HEADS, "deflated\nof trials", "trades\nfills"):
        table.add_column(name, justify="right")
    for run in runs:
        counts = ("–" if count is None else f"{count:,}" for count in (run.trades, run.fills))
        table.add_row(
            f"{run.run_id}\n{format_ns(run.created // SECOND * SECOND)}", f"{run.strategy}\n{', '.join(run.sources)}",
            f"{run.status}\n{run.fill_mode if run.fills is not None else '–'}",
            f"{write_value('pnl_net_usd', run.pnl_net_usd)}\n{write_value('sharpe_ratio', run.sharpe_ratio)}",
            *key_cells(run.to_dict()),
            f"{write_value('deflated_sharpe', run.deflated_sharpe)}\n{run.trials or 0:,}", "\n".join(counts),
        )
    return table


KEY_HEADS: Final = ("edge\nrealised", "won\n90 %", "fill rate\ncross-venue")
"""Headings of the key metrics beside the P&L, two of them in a column."""


def key_cells(values: Mapping[str, Any]) -> list[str]:
    """Write the key metrics beside the P&L under :data:`KEY_HEADS`."""
    edge, realised, rate, spread, won, interval, _ = (write_value(name, values[name]) for name in KEY_METRICS)
    pair = values["win_rate_ci90"]
    short = interval if pair is None else f"{100 * pair[0]:.0f} to {100 * pair[1]:.0f} %"
    return [f"{edge}\n{realised}", f"{won}\n{short}", f"{rate}\n{spread}"]


def _metrics_table(run: "Run") -> "Table":
    table = plain_table("metric")
    for mode in run.fill_modes:
        shown = mode == run.context.fill_mode
        table.add_column(mode, justify="right", style="bold" if shown else "")
    others = [metric.id for metric in METRICS if metric.id not in KEY_METRICS]
    for place, name in enumerate((*KEY_METRICS, *others), start=1):
        table.add_row(
            BY_ID[name].title, *(write_value(name, result.metrics[name]) for result in run.fill_modes.values()),
            end_section=place == len(KEY_METRICS),
        )
    return table


def _markets(run: "Run") -> "list[RenderableType]":
    """Build a table of the key metrics by market, where there are several."""
    rows = run.shown.markets
    if len(rows) < 2:
        return []
    table = plain_table("venue\nseries")
    for name in ("trades\nnet P&L", *KEY_HEADS):
        table.add_column(name, justify="right")
    for row in rows[:_MANY_MARKETS]:
        pnl = write_value("pnl_net_usd", row["pnl_net_usd"])
        table.add_row(f"{row['venue']}\n{row['series']}", f"{row['trades']:,}\n{pnl}", *key_cells(row))
    left = len(rows) - _MANY_MARKETS
    return [table, *([f"and {left:,} more markets in the JSON document"] if left > 0 else [])]


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
    return "\n".join([line, *missing_words(run)])


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
