"""Markets of the Kalshi order-book recording: strikes, closes and results from three tables."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from ntp.core import MINUTE, format_ns, parse_time
from ntp.data.recorded.kalshi_names import CENTI_CONTRACT, TAPERED_TICKS, close_of_window, event_of, series_of
from ntp.data.recorded.part import Located
from ntp.markets.instrument import Instrument

_WINDOW: Final = 15 * MINUTE


@dataclass(frozen=True, slots=True)
class Market:
    """Facts of one market that the recorder or the settlements tell."""

    close: int
    strike: str | None = None
    result: str | None = None
    settled: int | None = None
    known_at: int | None = None


def read_markets(located: Located) -> dict[str, Market]:
    """Attributes of every market that the markets table, the control events or the settlements name."""
    found: dict[str, dict[str, Any]] = {}
    for row in pl.read_parquet(located.need("markets")).to_dicts():
        found[row["market_ticker"]] = {
            "strike": row["strike"],
            "result": row["result"],
            "close": row["close_time"],
        }
    watched = pl.read_parquet(located.need("control")).filter(pl.col("event_type") == "watch_market")
    for row in watched.sort("local_recv_ns").to_dicts():
        said = json.loads(row["payload_json"])
        entry = found.setdefault(row["market_ticker"], {})
        entry.setdefault("known_at", row["local_recv_ns"])
        entry.setdefault("close", said.get("close_time"))
        if entry.get("strike") is None:
            entry["strike"] = said.get("strike")
    for file in _settlement_files(located):
        for row in pl.read_parquet(file).to_dicts():
            entry = found.setdefault(row["market_ticker"], {"close": row["close_time"]})
            entry["result"] = entry.get("result") or row["result"]
            entry["settled"] = row["settlement_ts"] and parse_time(row["settlement_ts"])
    return {
        name: Market(
            parse_time(entry["close"]) if entry.get("close") else close_of_window(name),
            _decimal(entry.get("strike")),
            entry.get("result"),
            entry.get("settled"),
            entry.get("known_at"),
        )
        for name, entry in found.items()
    }


def _settlement_files(located: Located) -> list[Path]:
    """Official results lie in a folder beside the recording."""
    wanted = {"market_ticker", "result", "close_time", "settlement_ts"}
    files = sorted(located.folder.parent.glob("*/settlements.parquet"))
    return [file for file in files if wanted <= set(pl.read_parquet_schema(file))]


def _decimal(value: float | None) -> str | None:
    return None if value is None else repr(value)


def contract(name: str, market: Market, offset: int) -> Instrument:
    """Instrument of a market; `offset` is taken off the time from which it was known."""
    return Instrument(
        symbol=name,
        venue="kalshi",
        series=series_of(name),
        event=event_of(name),
        category="crypto",
        title=f"BTC up or down in the 15 minutes to {format_ns(market.close)}",
        tick_bands=TAPERED_TICKS,
        size_step=CENTI_CONTRACT,
        min_size=CENTI_CONTRACT,
        open_time=market.close - _WINDOW,
        close_time=market.close,
        strike_type="greater_or_equal",
        strike_low=market.strike,
        known_at=None if market.known_at is None else market.known_at - offset,
        attributes={"underlying": "BRTI"},
    )
