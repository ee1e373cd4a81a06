"""Sections of the report; what user data they show is escaped where it becomes HTML."""

import json
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Final

import polars as pl

from ntp.backtest.document import order_counts
from ntp.backtest.metrics import BY_ID
from ntp.backtest.pages import Page, html_table
from ntp.backtest.report import charts, tables
from ntp.backtest.table import luck_could_explain, verdict_of
from ntp.backtest.validation.summary import COLUMNS, corrected_rows, trials_sentence
from ntp.backtest.wording import write_amount, write_money, write_share, write_value
from ntp.core import CASH_ONE, DAY, format_ns, to_datetime

if TYPE_CHECKING:
    from ntp.backtest.run import Run

_CARDS: Final = (
    "pnl_net_usd", "total_return", "sharpe_ratio", "max_drawdown", "win_rate", "win_rate_ci90", "trades",
    "edge_per_trade_cents", "realised_edge_per_trade_cents", "maker_fill_rate", "cross_venue_spread_cents",
    "markout_10s_cents",
)
_CONTRACTS: Final = 6
_CURVES: Final = 8


def header(run: "Run") -> str:
    """Say what ran on what, and what the numbers rest on."""
    context, data = run.context, run.context.data
    parameters = ", ".join(f"{key} = {value}" for key, value in context.strategy.parameters.items())
    pairs = (
        ("Strategy", f"{context.strategy.name} {context.strategy.version}"),
        ("Parameters", parameters or "defaults"),
        ("Data", ", ".join(data.sources)),
        ("Range", f"{_instant(data.start)} to {_instant(data.end)} UTC"),
        ("Coverage", write_share(data.coverage)),
        ("Fidelity and tape", f"{data.fidelity}, {data.tape}"),
        ("Fill mode shown", context.fill_mode),
        ("Capital", write_amount(context.capital / CASH_ONE, context.currency)),
        ("Run", run.run_id),
        ("Manifest", run.manifest.hash),
    )
    stamps = "".join(f'<li class="stamp">{escape(stamp)}</li>' for stamp in run.stamps)
    verdict = {True: "good", False: "bad", None: "open"}[run.profitable]
    if run.profitable and luck_could_explain(run):
        verdict = "open"
    return (
        f'<h1>{escape(context.strategy.name)} <small>on {escape(", ".join(data.sources))}</small></h1>'
        f'<p class="verdict {verdict}">{escape(verdict_of(run))}</p>'
        f"{_definitions(pairs)}"
        + (f'<ul class="stamps" aria-label="Stamps">{stamps}</ul>' if stamps else "")
        + _notes(run.warnings[:3], more=len(run.warnings) - 3)
    )


def result(run: "Run", page: Page) -> str:
    """Headline figures with the three modes side by side."""
    cards = []
    for key in _CARDS:
        value = run.metrics[key]
        why = run.metrics.reasons.get(key, "")
        others = " ".join(
            f"<span>{escape(f'{mode} {write_value(key, mode_result.metrics[key])}')}</span>"
            for mode, mode_result in run.fill_modes.items() if mode != run.context.fill_mode
        )
        cards.append(
            f"<div><dt>{escape(BY_ID[key].title)}</dt><dd><b>{escape(write_value(key, value))}</b>"
            f"<small>{escape(why) or others}</small></dd></div>"
        )
    below = f"Shown are {run.context.fill_mode} fills, the other fill modes below each figure."
    corrected = html_table(
        "Naive and corrected", list(COLUMNS), corrected_rows(run), sortable=False, note=trials_sentence(run)
    )
    rest = corrected + tables.markets_table(run) + tables.accounts_table(run)
    return f'<dl class="cards">{"".join(cards)}</dl><p>{escape(below)}</p>{rest}'


def equity(run: "Run", page: Page) -> str:
    """Curves of equity and drawdown."""
    ends = "; ".join(
        f"{mode} {write_value('pnl_net_usd', each.metrics['pnl_net_usd'])} after fees, "
        f"{write_value('pnl_gross_usd', each.metrics['pnl_gross_usd'])} before"
        for mode, each in run.fill_modes.items()
    )
    falls = "; ".join(
        f"{mode} {write_value('max_drawdown', each.metrics['max_drawdown'])}"
        for mode, each in run.fill_modes.items()
    )
    same = charts.same_modes(run)
    covered = f" The fills of {' and '.join(same)} are those of {run.context.fill_mode}: one line." if same else ""
    return page.figure(
        "Equity", f"Finely dotted before fees. P&L at the end: {ends}.{covered}",
        charts.equity_chart(run), tables.daily_table(run),
    ) + page.figure(
        "Drawdown", f"Fall below the running peak. Deepest: {falls}.{covered}", charts.drawdown_chart(run),
        tables.drawdown_table(run),
    )


def prices(run: "Run", page: Page) -> str:
    """Draw fills on price for the contracts with the most fills."""
    parts = []
    for contract in charts.traded_contracts(run.shown, _CONTRACTS):
        fills = run.fills.filter(pl.col("contract") == contract)
        bought = int((fills["side"] == "BUY").sum())
        pnl = next(row["pnl_net_usd"] for row in run.by["contract"] if row["key"] == contract)
        summary = (
            f"{len(fills):,} fills, {bought:,} bought and {len(fills) - bought:,} sold, net P&L "
            f"{write_money(pnl)}. Up is bought, down is sold, hollow as taker."
        )
        parts.append(page.figure(contract, summary, charts.price_chart(run, contract), tables.fills_table(fills)))
    if not parts:
        return "<p>No order was filled.</p>"
    return f'<div class="pair">{"".join(parts)}</div>'


def queue(run: "Run", page: Page) -> str:
    """Queues joined, waits and what filled."""
    counts = order_counts(run.shown.output.orders)
    text = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    figures = ""
    if run.metrics["maker_share"]:
        ahead = write_value("queue_ahead_median", run.metrics["queue_ahead_median"])
        wait = write_value("time_to_fill_median_s", run.metrics["time_to_fill_median_s"])
        figures = '<div class="pair">' + page.figure(
            "Wait over queue", f"Maker fills. Median queue ahead of passive orders: {ahead} contracts.",
            charts.queue_chart(run), tables.queue_table(run),
        ) + page.figure(
            "Filled by time at rest",
            f"Share of passive orders with a fill (Kaplan-Meier). Median time to fill: {wait}.",
            charts.waiting_chart(run), tables.waiting_table(run),
        ) + "</div>"
    return (
        f"<p>Orders: {escape(text)}.</p>{figures}{tables.execution_table(run)}"
    )


def records(run: "Run", page: Page) -> str:
    """Curves that the strategy recorded."""
    frame = run.records
    if not {"ts", "name", "value"} <= set(frame.columns) or not len(frame):
        return ""
    names = frame["name"].unique().sort().head(_CURVES).to_list()
    return "".join(
        page.figure(
            name, "Recorded by the strategy.", charts.record_chart(frame, name), tables.record_table(frame, name)
        ) for name in names
    )


def groups(run: "Run", page: Page) -> str:
    """Tables by venue, series, event, contract, tag and exit reason."""
    titles = {
        "event": "By event", "venue": "By venue", "series": "By series", "exit_reason": "By exit reason",
        "tag": "By tag", "contract": "By contract",
    }
    return "".join(tables.breakdown_table(run, key, title) for key, title in titles.items())


def metrics(run: "Run", page: Page) -> str:
    """All metrics with their definitions."""
    return tables.metrics_table(run)


def assumptions(run: "Run", page: Page) -> str:
    """List what the replay takes for granted."""
    lines = run.assumptions
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def data(run: "Run", page: Page) -> str:
    """Where the data is weak and what the strategy missed."""
    info, counters = run.context.data, run.shown.output.counters
    parts = [
        _definitions((
            ("Events", f"{info.events:,}"), ("Contracts", f"{info.contracts:,}"),
            ("Coverage", write_share(info.coverage)), ("Content", info.content_hash),
        )),
        _notes(run.warnings) or "<p>No warnings.</p>",
    ]
    for name, title in (
        ("absent", "Values that were absent when the strategy read them"),
    ):
        counts = counters.get(name) or {}
        if counts:
            rows = [[str(key), f"{counts[key]:,}"] for key in sorted(counts)]
            parts.append(html_table(title, ["Name", "Times"], rows, sortable=False))
    return "".join(parts)


def manifest(run: "Run", page: Page) -> str:
    """All that was hashed."""
    inputs = run.manifest.inputs
    rows = [
        [f"{part}.{key}", value if isinstance(value, str) else json.dumps(value, sort_keys=True)]
        for part, values in inputs.items() if isinstance(values, dict)
        for key, value in values.items()
    ]
    rows += [[f"fills_hash.{mode}", value] for mode, value in run.manifest.outputs["fills_hash"].items()]
    performance = run.context.performance
    speed = "" if performance.events_per_s is None else f"{performance.events_per_s:,.0f} events per second"
    wall = "" if performance.wall_s is None else f"{performance.wall_s:,.2f} s"
    note = ", ".join(part for part in (speed, wall) if part)
    return html_table(
        "Everything that went in and came out", ["Name", "Value"], rows, sortable=False,
        note=f"The run took {note}; speed is no part of the manifest." if note else "",
    )


def _definitions(pairs: Iterable[tuple[str, str]]) -> str:
    items = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in pairs)
    return f'<dl class="facts">{items}</dl>'


def _notes(warnings: Iterable[str], *, more: int = 0) -> str:
    items = "".join(f"<li>{escape(warning)}</li>" for warning in warnings)
    if more > 0:
        items += f'<li><a href="#data">{more} more below</a></li>'
    return f'<ul class="warnings" aria-label="Warnings">{items}</ul>' if items else ""


def _instant(ns: int) -> str:
    if ns % DAY == 0:
        return to_datetime(ns).strftime("%Y-%m-%d")
    return format_ns(ns)[:19].replace("T", " ")
