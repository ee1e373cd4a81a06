"""Candles of Kalshi markets: hourly temperature markets, mentions by the minute, trades by five minutes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import polars as pl

from ntp.core import HOUR, MINUTE, SECOND
from ntp.data.recorded.frames import (
    CENTS,
    PRICE,
    SIZE,
    State,
    empty_ask,
    empty_bid,
    exact,
    finish,
    lifecycle,
    nanoseconds,
    nonempty,
    settlements,
)
from ntp.data.recorded.kalshi_names import CENT_TICKS, WHOLE_CONTRACT, event_of, series_of
from ntp.data.recorded.part import Located, RecordedPart
from ntp.data.recorded.recorded_set import RecordedSet
from ntp.data.schema import Kind
from ntp.markets.instrument import Instrument

_POINTS: Final = ("open", "high", "low", "close")
_WINDOW: Final = 5 * MINUTE
_QUOTE_COLUMNS: Final = frozenset(
    {f"{side}_{point}" for side in ("price", "yes_bid", "yes_ask") for point in _POINTS}
)


def _candles(raw: pl.DataFrame, end: str, interval: int, scale: int) -> tuple[pl.DataFrame, int]:
    """Candle rows of a table in Kalshi's own columns; `end` holds epoch seconds of the candle's end."""
    scales = dict.fromkeys(sorted(_QUOTE_COLUMNS), scale) | {"volume": SIZE}
    rows, bad = exact(raw, scales)
    bids = {f"bid_{point}": empty_bid(f"yes_bid_{point}") for point in _POINTS}
    asks = {f"ask_{point}": empty_ask(f"yes_ask_{point}") for point in _POINTS}
    prices = {point: pl.col(f"price_{point}") for point in _POINTS}
    return finish(
        Kind.CANDLE,
        rows.select(
            ts_event=pl.col(end) * SECOND,
            symbol="ticker",
            interval=pl.lit(interval),
            volume="volume",
            **prices,
            **bids,
            **asks,
        ),
    ), bad


def read_temperature(located: Located) -> Iterator[RecordedPart]:
    """Yield one part per file of hourly candles."""
    markets = [row for file in located.tables["markets"] for row in pl.read_parquet(file).to_dicts()]
    by_name = {row["ticker"]: row for row in markets}
    for file in located.main("candles"):
        candles, bad = _candles(pl.read_parquet(file), "end_ts", HOUR, PRICE)
        shown = candles["symbol"].unique().sort().to_list()
        known = [by_name[name] for name in shown if name in by_name]
        orphans = [name for name in shown if name not in by_name]
        # Without a recorded time a result counts as known when Kalshi said that it expected it.
        ends = [
            (
                max(_ns(row["expected_expiration_time"]), _ns(row["close_time"])),
                row["ticker"],
                row["result"] == "yes",
            )
            for row in known
            if row["result"] in ("yes", "no")
        ]
        states: list[State] = []
        for row in known:
            states.append((_ns(row["open_time"]), row["ticker"], "open", {}))
            states.append((_ns(row["close_time"]), row["ticker"], "closed", {}))
        warnings = ["time of results not recorded: taken as the expected expiration"] if ends else []
        if orphans:
            warnings.append(
                f"{len(orphans)} markets with candles but without attributes: no close, no result"
            )
        yield RecordedPart(
            file=file,
            frames=nonempty(
                {
                    Kind.CANDLE: candles,
                    Kind.LIFECYCLE: lifecycle(states),
                    Kind.SETTLEMENT: settlements(ends),
                }
            ),
            instruments=[_temperature(row) for row in known] + [_bare(name, "weather") for name in orphans],
            meta={"markets_without_attributes": orphans},
            warnings=warnings,
            quarantined=bad,
        )


def _ns(moment: Any) -> int:
    return int(pl.Series([moment]).dt.epoch("ns").item())


def _text(value: float | None) -> str | None:
    return None if value is None else f"{value:g}"


def _temperature(row: dict[str, Any]) -> Instrument:
    return Instrument(
        symbol=row["ticker"],
        venue="kalshi",
        series=row["_series_ticker"],
        event=row["event_ticker"],
        group=row["event_ticker"],
        category="weather",
        title=row["yes_sub_title"],
        tick_bands=CENT_TICKS,
        size_step=WHOLE_CONTRACT,
        min_size=WHOLE_CONTRACT,
        open_time=_ns(row["open_time"]),
        close_time=_ns(row["close_time"]),
        strike_type=row["strike_type"],
        strike_low=_text(row["floor_strike"]),
        strike_high=_text(row["cap_strike"]),
        attributes={"rules": row["rules_primary"], "exclusive": True},
    )


def _bare(name: str, category: str) -> Instrument:
    return Instrument(
        symbol=name,
        venue="kalshi",
        series=series_of(name),
        event=event_of(name),
        group=event_of(name),
        category=category,
        tick_bands=CENT_TICKS,
        size_step=WHOLE_CONTRACT,
        min_size=WHOLE_CONTRACT,
    )


def read_mentions(located: Located) -> Iterator[RecordedPart]:
    """Yield one part per series of mention markets."""
    results = pl.read_parquet(located.need("results"))
    outcome = {row["ticker"]: row for row in results.to_dicts()}
    for file in located.main("candles"):
        series = pl.col("ticker").str.split("-").list.first()
        names = pl.scan_parquet(file).select(series.unique()).collect().to_series().sort()
        for name in names:
            raw = pl.scan_parquet(file).filter(series == name).collect()
            yield _mentions(file, name, raw, outcome)


def _mentions(file: Path, series: str, raw: pl.DataFrame, outcome: dict[str, dict[str, Any]]) -> RecordedPart:
    candles, bad = _candles(raw, "end_period_ts", MINUTE, CENTS)
    spans = (
        candles.group_by("symbol", maintain_order=True)
        .agg(pl.col("ts_event").min().alias("first"), pl.col("ts_event").max().alias("last"))
        .sort("symbol")
    )
    states: list[State] = []
    ends: list[tuple[int, str, bool]] = []
    instruments = []
    for name, first, last in spans.iter_rows():
        row = outcome.get(name)
        states.append((first - MINUTE, name, "open", {}))
        if row is not None and row["result"] in ("yes", "no"):
            states.append((last, name, "closed", {}))
            ends.append((last, name, row["result"] == "yes"))
        instruments.append(_mention(name, row))
    warnings = ["late candles may show prices from after the word was said"]
    if ends:
        warnings.append("close and time of results not recorded: taken as the end of the last candle")
    return RecordedPart(
        file=file / series,
        frames=nonempty(
            {
                Kind.CANDLE: candles,
                Kind.LIFECYCLE: lifecycle(states),
                Kind.SETTLEMENT: settlements(ends),
            }
        ),
        instruments=instruments,
        warnings=warnings,
        quarantined=bad,
        meta={"results_at_close_assumed": [name for _, name, _ in ends]},
    )


def _mention(name: str, row: dict[str, Any] | None) -> Instrument:
    title = "" if row is None else f"{row['event_title']} {row['word']}"
    attributes = {} if row is None else {"word": row["word"]}
    return Instrument(
        symbol=name,
        venue="kalshi",
        series=series_of(name),
        event=event_of(name),
        category="mentions",
        title=title,
        tick_bands=CENT_TICKS,
        size_step=WHOLE_CONTRACT,
        min_size=WHOLE_CONTRACT,
        strike_type="custom",
        attributes=attributes,
    )


def read_trades(located: Located) -> Iterator[RecordedPart]:
    """Yield one part per file of five-minute candles of trades, whose stamp is the start."""
    for file in located.main("candles"):
        rows, bad = exact(pl.read_parquet(file), dict.fromkeys(_POINTS, CENTS))
        start = pl.col("start").str.to_datetime(time_unit="us", time_zone="UTC")
        candles = finish(
            Kind.CANDLE,
            rows.with_columns(start).select(
                *_POINTS,
                ts_event=nanoseconds("start") + _WINDOW,
                symbol="ticker",
                interval=pl.lit(_WINDOW),
            ),
        )
        names = candles["symbol"].unique().sort().to_list()
        yield RecordedPart(
            file=file,
            frames=nonempty({Kind.CANDLE: candles}),
            instruments=[_bare(name, "weather") for name in names],
            warnings=[
                "candles of trades without their volume (the file counts trades, not contracts); no results"
            ],
            quarantined=bad,
        )


TEMPERATURE_CANDLES: Final = RecordedSet(
    name="kalshi_temperature_candles",
    required={
        "candles": _QUOTE_COLUMNS | {"ticker", "end_ts", "volume"},
        "markets": frozenset(
            {
                "ticker",
                "event_ticker",
                "open_time",
                "close_time",
                "result",
                "strike_type",
                "floor_strike",
                "cap_strike",
                "expected_expiration_time",
                "rules_primary",
            }
        ),
    },
    reader=read_temperature,
)
MENTION_CANDLES: Final = RecordedSet(
    name="kalshi_mention_candles",
    required={
        "candles": _QUOTE_COLUMNS | {"ticker", "end_period_ts", "volume"},
        "results": frozenset({"ticker", "word", "result", "event_ticker", "event_title"}),
    },
    reader=read_mentions,
)
TRADE_CANDLES: Final = RecordedSet(
    name="kalshi_trade_candles",
    required={"candles": frozenset({"market_id", "ticker", "start", "count", *_POINTS})},
    reader=read_trades,
)
