"""Polymarket's 5-minute BTC markets: results with the feed that decides them, and a polled recording."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import polars as pl

from ntp.core import MINUTE, SECOND, parse_time
from ntp.data.recorded.frames import (
    SIZE,
    State,
    empty_ask,
    empty_bid,
    exact,
    finish,
    lifecycle,
    nonempty,
    settlements,
)
from ntp.data.recorded.part import Located, RecordedPart
from ntp.data.recorded.polymarket_names import chainlink_reference, updown_instrument
from ntp.data.recorded.recorded_set import RecordedSet
from ntp.data.schema import Kind

_MILLI: Final = 1_000_000
_WINDOW: Final = 5 * MINUTE
_MICRO_TO_PRICE: Final = 100  # prices are stored in 0.000001 dollar
_FEED_SCALE: Final = 18


def read_settlement(located: Located) -> Iterator[RecordedPart]:
    """Yield one part per day: the feed's second bars and the markets' results."""
    feeds = {file.stem.rsplit("_", 1)[-1]: file for file in located.tables["feed"]}
    for file in located.main("markets"):
        yield _settled(file, feeds.get(file.stem.rsplit("_", 1)[-1]))


def _settled(file: Path, feed: Path | None) -> RecordedPart:
    markets = pl.read_parquet(file).to_dicts()
    resolved = [row for row in markets if row["resolved"] and row["outcome_up"] in ("0", "1")]
    states: list[State] = []
    for row in markets:
        states.append((row["start_sec"] * SECOND, row["slug"], "open", {}))
        states.append((row["end_sec"] * SECOND, row["slug"], "closed", {}))
    index, bad = (
        _feed(feed) if feed else (finish(Kind.INDEX, pl.DataFrame({"ts_event": [], "symbol": []})), 0)
    )
    unresolved = len(markets) - len(resolved)
    return RecordedPart(
        file=file,
        frames=nonempty(
            {
                Kind.INDEX: index,
                Kind.LIFECYCLE: lifecycle(states),
                Kind.SETTLEMENT: settlements(
                    [
                        (
                            max(_closed(row["closedTime"]), row["end_sec"] * SECOND),
                            row["slug"],
                            row["outcome_up"] == "1",
                        )
                        for row in resolved
                    ]
                ),
            }
        ),
        instruments=[*map(_market, markets), chainlink_reference()],
        warnings=[f"{unresolved} markets without a result"] if unresolved else [],
        quarantined=bad,
    )


def _closed(text: str) -> int:
    """Time of the form ``2026-06-08 00:00:16+00``."""
    return parse_time(text + ":00" if text[-3] in "+-" else text)


def _market(row: dict[str, Any]) -> Any:
    strike = row["strike_value_1e18"]
    return updown_instrument(
        row["slug"],
        row["start_sec"] * SECOND,
        row["end_sec"] * SECOND,
        strike=None if strike is None else format(Decimal(strike).scaleb(-_FEED_SCALE).normalize(), "f"),
        fee_schedule=json.loads(row["feeSchedule"]) if row["feeSchedule"] else {},
        attributes={"condition_id": row["condition_id"], "tokens": [row["token_up"], row["token_down"]]},
    )


def _feed(file: Path) -> tuple[pl.DataFrame, int]:
    rows = pl.read_parquet(file).unique("feed_ts_ms", keep="first", maintain_order=True)
    good = rows.filter(pl.col("value").is_finite() & (pl.col("value") > 0))
    return finish(
        Kind.INDEX,
        good.select(
            ts_event=pl.col("feed_ts_ms") * _MILLI,
            ts_recv=pl.col("recv_ms") * _MILLI,
            symbol=pl.lit("BTC/USD"),
            value="value",
        ),
    ), rows.height - good.height


def read_polled(located: Located) -> Iterator[RecordedPart]:
    """Yield one part per file of polled quotes."""
    assets = [row for file in located.tables["markets"] for row in pl.read_parquet(file).to_dicts()]
    slugs = {(row["asset"], row["timestamp"]): row["slug"] for row in assets}
    for file in located.main("updates"):
        yield _polled(file, slugs)


def _polled(file: Path, slugs: dict[tuple[str, int], str]) -> RecordedPart:
    raw = pl.read_parquet(file).sort("id", maintain_order=True)
    # The second token's quotes are the complement of the first's: they add nothing.
    yes = raw.filter(pl.col("side").str.to_lowercase().is_in(["up", "yes"]))
    rows, bad = exact(yes, {"bid_depth": SIZE, "ask_depth": SIZE})
    keys = rows.select("asset", "market_ts").unique().sort("market_ts").rows()
    names = {key: slugs.get(key, f"{key[0].lower()}-updown-5m-{key[1]}") for key in keys}
    symbol = pl.struct("asset", "market_ts").replace_strict(
        [dict(zip(("asset", "market_ts"), key, strict=True)) for key in names],
        list(names.values()),
        return_dtype=pl.String,
    )
    rows = rows.with_columns(
        symbol=symbol,
        ts_event=pl.col("timestamp_ms") * _MILLI,
        ts_recv=pl.col("timestamp_ms") * _MILLI,
        b=pl.col("bid") // _MICRO_TO_PRICE,
        a=pl.col("ask") // _MICRO_TO_PRICE,
    )
    quotes = finish(
        Kind.QUOTE,
        rows.select(
            "ts_event",
            "ts_recv",
            "symbol",
            sequence="id",
            bid=empty_bid("b"),
            ask=empty_ask("a"),
            bid_size="bid_depth",
            ask_size="ask_depth",
        ),
    )
    closes = {name: key[1] * SECOND + _WINDOW for key, name in names.items()}
    states: list[State] = [(close - _WINDOW, name, "open", {}) for name, close in closes.items()]
    states += [(close, name, "closed", {}) for name, close in closes.items()]
    return RecordedPart(
        file=file,
        frames=nonempty(
            {Kind.QUOTE: quotes, Kind.INDEX: _reference(rows), Kind.LIFECYCLE: lifecycle(states)}
        ),
        instruments=[updown_instrument(name, close - _WINDOW, close) for name, close in closes.items()]
        + ([chainlink_reference()] if "chainlink_btc_price" in rows.columns else []),
        meta={"complement_rows_left_out": raw.height - yes.height},
        warnings=["sizes are depths as the recorder stored them; no results recorded"],
        quarantined=bad,
    )


def _reference(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep recorded reference prices as they are, so that a check can find zeros."""
    if "chainlink_btc_price" not in rows.columns:
        return finish(Kind.INDEX, pl.DataFrame({"ts_event": [], "symbol": []}))
    return finish(
        Kind.INDEX,
        rows.filter(pl.col("chainlink_btc_price").is_not_null()).select(
            "ts_event",
            "ts_recv",
            symbol=pl.lit("BTC/USD"),
            sequence="id",
            value="chainlink_btc_price",
        ),
    )


POLYMARKET_SETTLEMENT: Final = RecordedSet(
    name="polymarket_updown_settlement",
    required={
        "markets": frozenset(
            {"slug", "start_sec", "end_sec", "outcome_up", "strike_value_1e18", "feeSchedule"}
        ),
        "feed": frozenset({"feed_ts_ms", "value", "recv_ms"}),
    },
    reader=read_settlement,
)
POLYMARKET_POLLED: Final = RecordedSet(
    name="polymarket_updown_polled",
    required={
        "updates": frozenset(
            {
                "id",
                "timestamp_ms",
                "market_ts",
                "asset",
                "side",
                "bid",
                "ask",
                "bid_depth",
                "ask_depth",
                "source",
            }
        ),
        "markets": frozenset({"timestamp", "asset", "slug", "up_token_id"}),
    },
    reader=read_polled,
)
