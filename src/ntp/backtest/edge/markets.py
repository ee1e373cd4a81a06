"""The key metrics of each market: a series at a venue."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from ntp.backtest.facts import Facts
from ntp.backtest.formulas import MIN_EVENTS
from ntp.core import CASH_ONE
from ntp.statistics import clustered_proportion_interval

KEY_METRICS: Final = (
    "edge_per_trade_cents", "realised_edge_per_trade_cents", "maker_fill_rate", "cross_venue_spread_cents", "win_rate",
    "win_rate_ci90", "pnl_net_usd",
)
"""What is said of a run wherever it is shown: what was predicted, what came, how it filled, how often it won."""
_MARKET: Final = ["venue", "series"]


def market_rows(facts: Facts) -> list[dict[str, Any]]:
    """Rows ``{venue, series, trades, events, KEY_METRICS}``, the most trades first.

    Definitions are those of the metrics of the run; intervals are clustered by event and null below 30 events. Money
    and win rates are null where the fees are unknown, dollars and cents for play money.
    """
    dollars = set(facts.priced["venue"].unique())
    parts = [_edges(facts), _fills(facts), _wins(facts), _money(facts)]
    keys = pl.concat([part.select(_MARKET) for part in parts]).unique()
    joined = keys
    for part in parts:
        joined = joined.join(part, on=_MARKET, how="left", nulls_equal=True)
    traded = pl.col("n").list.sum().fill_null(0.0)
    ordered = joined.sort(traded, "venue", "series", descending=[True, False, False])
    return [
        _row(row, facts, money=facts.in_dollars and row["venue"] in dollars) for row in ordered.iter_rows(named=True)
    ]


def _edges(facts: Facts) -> pl.DataFrame:
    """Mean edges over contracts filled, each over the fills where it is known."""
    frame = facts.priced.select(_MARKET).with_columns(
        size=pl.Series(facts.size),
        **{
            name: pl.Series(100.0 * facts.side * (worth - facts.price)).fill_nan(None)
            for name, worth in (
                ("edge_per_trade_cents", facts.of_fills("fair")),
                ("realised_edge_per_trade_cents", facts.fill_results),
                ("cross_venue_spread_cents", facts.of_fills("match_mid")),
            )
        },
    )  # fmt: skip
    names = [name for name in KEY_METRICS if name in frame.columns]
    return frame.group_by(_MARKET).agg(
        (pl.col(name) * pl.col("size")).sum() / pl.col("size").filter(pl.col(name).is_not_null()).sum()
        for name in names
    ).with_columns(pl.col(names).fill_nan(None))  # fmt: skip


def _fills(facts: Facts) -> pl.DataFrame:
    return facts.passive.group_by(_MARKET).agg(maker_fill_rate=(pl.col("filled") > 0).mean())


def _wins(facts: Facts) -> pl.DataFrame:
    by_event = facts.trades.group_by([*_MARKET, "event"]).agg(
        n=pl.len().cast(pl.Float64), won=(pl.col("cash") > 0).sum().cast(pl.Float64)
    )
    return by_event.sort("event").group_by(_MARKET).agg("n", "won")


def _money(facts: Facts) -> pl.DataFrame:
    return facts.contract_flows.group_by(_MARKET).agg(cash=pl.col("cash").sum())


def _row(row: dict[str, Any], facts: Facts, *, money: bool) -> dict[str, Any]:
    counts, wins = row["n"] or [], row["won"] or []
    known = bool(counts) and facts.fees_known
    interval = None
    if known and len(counts) >= MIN_EVENTS:
        interval = list(clustered_proportion_interval(pl.Series(wins).to_numpy(), pl.Series(counts).to_numpy()))
    cents = {name: row[name] if money else None for name in KEY_METRICS if name.endswith("_cents")}
    found = {
        **cents, "maker_fill_rate": row["maker_fill_rate"], "win_rate": sum(wins) / sum(counts) if known else None,
        "win_rate_ci90": interval,
        "pnl_net_usd": (row["cash"] or 0) / CASH_ONE if money and facts.fees_known else None,
    }  # fmt: skip
    return {
        "venue": row["venue"], "series": row["series"], "trades": int(sum(counts)), "events": len(counts),
        **{name: found[name] for name in KEY_METRICS},
    }


__all__ = ["KEY_METRICS", "market_rows"]
