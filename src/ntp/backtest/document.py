"""The JSON document of a run, as programs read it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from ntp.backtest.edge import edge_document
from ntp.core import CASH_ONE, format_ns
from ntp.markets import DOLLARS, currency_of

if TYPE_CHECKING:
    from ntp.backtest.run import ModeResult, Run

SCHEMA: Final = 1
_STATUSES: Final = ("filled", "cancelled", "rejected", "expired", "refused")
_IN_BRIEF: Final = ("pnl_net_usd", "pnl_net_ci90_usd", "sharpe_ratio", "deflated_sharpe", "fills", "maker_fill_rate")


def run_document(run: "Run") -> dict[str, Any]:
    """Build the document that ``ntp backtest --json`` prints."""
    context, shown = run.context, run.shown
    strategy, engine, data = context.strategy, context.engine, context.data
    performance = context.performance
    return {
        "schema": SCHEMA,
        "status": context.status,
        "run_id": run.run_id,
        "manifest_hash": run.manifest.hash,
        "fills_hash": run.manifest.fills_hash(context.fill_mode),
        "strategy": {
            "name": strategy.name, "version": strategy.version, "code_hash": strategy.code_hash,
            "parameters": dict(strategy.parameters),
        },
        "capital_usd": context.capital / CASH_ONE if shown.facts.in_dollars else None,
        "fidelity": data.fidelity,
        "tape": data.tape,
        "fill_mode": context.fill_mode,
        "stamps": run.stamps,
        "trials": context.trials,
        "family_trials": context.family_trials,
        "engine": {
            "version": engine.version, "queue": engine.queue, "feed_latency": engine.feed_latency,
            "order_latency": engine.order_latency, "seed": engine.seed, "compiled": engine.compiled,
        },
        "data": {
            "sources": list(data.sources), "from": format_ns(data.start), "to": format_ns(data.end),
            "events": data.events, "contracts": data.contracts, "coverage": data.coverage,
            "warnings": list(data.warnings),
        },
        "metrics": dict(shown.metrics),
        "edge": edge_document(
            shown.edge, fees_known=shown.facts.fees_known, scaled=shown.output.counters.get("size_factors") or (),
        ),
        "profitable": run.profitable,
        "fill_modes": {mode: _brief(result) for mode, result in run.fill_modes.items()},
        "orders": order_counts(shown.output.orders),
        "rules": {
            "waived": list(context.waived),
            "refused": _counts(shown, "refused"),
            "breaches": _counts(shown, "breaches"),
        },
        "stops": dict(shown.output.counters.get("stops") or {}),
        "absent": absences(shown),
        "by": run.by,
        "markets": shown.markets,
        "accounts": account_rows(shown),
        "open_positions": [_position(row) for row in shown.output.open_positions],
        "assumptions": run.assumptions,
        "warnings": run.warnings,
        "performance": {
            "wall_s": performance.wall_s, "events_per_s": performance.events_per_s,
            "peak_rss_mb": performance.peak_rss_mb,
        },
        "report": run.report_path,
    }


def absences(result: "ModeResult") -> dict[str, int | str]:
    """Tell what was not there: values that the strategy read (how often), and null metrics (why)."""
    found: dict[str, int | str] = {**_counts(result, "absent"), **result.metrics.reasons}
    if not result.facts.in_dollars:
        found["capital_usd"] = f"the capital is {result.facts.context.currency}"
    return found


def account_rows(result: "ModeResult") -> list[dict[str, Any]]:
    """Build a row per account in its own currency; net figures are null where fees are unknown."""
    net = result.facts.fees_known
    return [
        {
            "venue": row["venue"], "subaccount": row["subaccount"], "shard": row["shard"],
            "currency": row["currency"], "in_equity": row["counted"],
            "start": row["start"] / CASH_ONE, "cash": row["cash"] / CASH_ONE,
            "reserved": row["reserved"] / CASH_ONE, "positions": row["positions"] / CASH_ONE,
            "fees": row["fees"] / CASH_ONE if net else None,
            "rebates_estimated": row["rebates"] / CASH_ONE if net else None,
            "pnl_net": row["pnl"] / CASH_ONE if net else None,
            "pnl_gross": (row["pnl"] + row["fees"]) / CASH_ONE,
        }
        for row in result.output.accounts
    ]


def order_counts(orders: pl.DataFrame) -> dict[str, int]:
    """Orders placed, and how many of them ended in each way."""
    found = dict(orders["status"].value_counts().iter_rows())
    return {"placed": len(orders), **{status: int(found.get(status, 0)) for status in _STATUSES}}


def _brief(result: "ModeResult") -> dict[str, Any]:
    return {**{key: result.metrics[key] for key in _IN_BRIEF}, "fills_hash": result.fills_hash}


def _counts(result: "ModeResult", name: str) -> dict[str, int]:
    counts: Mapping[str, int] = result.output.counters.get(name) or {}
    return {key: int(counts[key]) for key in sorted(counts)}


def _position(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "contract": row["contract"],
        "position": row["position"] / CASH_ONE,
        "value_usd": row["value"] / CASH_ONE if currency_of(row["venue"]) in DOLLARS else None,
        "marked": row["marked"],
    }
