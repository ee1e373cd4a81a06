"""Results by event, series, contract, venue, tag and exit reason."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from ntp.backtest.facts import Facts
from ntp.core import CASH_ONE, Named

PLACES: Final = ("event", "series", "contract", "venue")
GROUPS: Final = (*PLACES, "tag", "exit_reason")


def breakdown(facts: Facts) -> dict[str, list[dict[str, Any]]]:
    """Rows ``{key, trades, win_rate, pnl_net_usd, fees_usd, maker_fill_rate}`` for each grouping.

    By place the P&L is that of all cash and marks, so that each table adds up to the whole; by tag
    and exit reason it is that of closed trades. What cannot be computed is None, and so is the key of
    what has no tag, and the money of what was traded in play money.
    """
    return Named("a grouping", {key: _rows(facts, key) for key in GROUPS})


def _rows(facts: Facts, key: str) -> list[dict[str, Any]]:
    money = facts.contract_flows if key in PLACES else facts.counted(facts.trades)
    parts = [
        money.group_by(key).agg(pnl=pl.col("cash").sum(), fees=pl.col("fee").sum()),
        facts.trades.group_by(key).agg(trades=pl.len(), wins=(pl.col("cash") > 0).sum()),
    ]
    trades = parts[1]
    if key != "exit_reason":
        parts.append(facts.passive.group_by(key).agg(rate=(pl.col("filled") > 0).mean()))
    else:
        parts.append(trades.select(key, rate=pl.lit(None, dtype=pl.Float64)))
    if key != "exit_reason":
        parts.append(facts.output.fills.select(key).unique())
    keys = pl.concat([part.select(key) for part in parts]).unique()
    apart = _apart(facts, key)
    joined = keys
    for part in parts:
        joined = joined.join(part, on=key, how="left", nulls_equal=True)
    ordered = joined.sort(key, nulls_last=True)
    known, dollars = facts.fees_known, facts.fees_known and facts.in_dollars
    return [
        _row(row, key, net=known, dollars=dollars and row[key] not in apart)
        for row in ordered.iter_rows(named=True)
    ]


def _apart(facts: Facts, key: str) -> set[str | None]:
    """Keys under which nothing but play money was traded."""
    apart = facts.output.apart
    if not apart:
        return set()
    orders = facts.output.orders if key != "exit_reason" else facts.trades
    return set(orders[key].unique()) - set(facts.counted(orders)[key].unique())


def _row(row: Mapping[str, Any], key: str, *, net: bool, dollars: bool) -> dict[str, Any]:
    trades = int(row["trades"] or 0)
    return {
        "key": row[key],
        "trades": trades,
        "win_rate": row["wins"] / trades if trades and net else None,
        "pnl_net_usd": (row["pnl"] or 0) / CASH_ONE if dollars else None,
        "fees_usd": (row["fees"] or 0) / CASH_ONE if dollars else None,
        "maker_fill_rate": row["rate"],
    }
