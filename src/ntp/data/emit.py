"""From one wide row per raw record to the rows of each kind."""

from typing import Any, Final

import polars as pl

from ntp.data.mapping import CANDLE_PRICES, Mapping
from ntp.data.schema import BOOK_CLEAR, BOOK_DELTA, BOOK_SET, FLAG_GROUP_END, FLAG_SNAPSHOT, SCHEMAS, Kind

Emitted = list[tuple[Kind, pl.DataFrame]]

USED: Final[dict[str, tuple[str, ...]]] = {
    "trade": ("price", "volume", "size", "side", "taker"),
    "quote": ("bid", "ask", "bid_size", "ask_size", "volume", "price"),
    "candle": (*CANDLE_PRICES, "volume", "interval"),
    "index": ("value", "price"),
    "book": ("side", "price", "size", "volume", "action"),
    "forecast": ("issued_at", "valid_at", "value", "sd", "station", "variable", "model"),
    "settlement": ("value", "result", "settlement_time"),
    "game": (),
    "custom": (),
}
"""Targets that the rows of each kind hold; the others become custom fields."""

REQUIRED: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "trade": (("price",), ("size", "volume")),
    "quote": (("bid", "ask"),),
    "candle": (("open",), ("high",), ("low",), ("close",)),
    "index": (("value", "price"),),
    "book": (("price",), ("size", "volume"), ("side",)),
    "forecast": (("value",), ("valid_at",)),
    "settlement": (("value", "result"),),
}
"""Targets without which a kind cannot be: one of each group."""


def infer_emits(mapping: Mapping) -> str:
    """Kind of a mapping's rows: what it says, or what its targets make it."""
    targets = mapping.mappings
    if mapping.emits == "quote" and not ({"bid", "ask"} & set(targets)) and "price" in targets:
        return "index"  # one price is no quote: there is neither bid nor ask to trade at
    if mapping.emits:
        return mapping.emits
    if mapping.kind in ("reference", "forecast"):
        return mapping.kind
    if mapping.book is not None:
        return "book"
    if {"open", "high", "low", "close"} <= set(targets):
        return "candle"
    if "bid" in targets or "ask" in targets:
        return "quote"
    if "valid_at" in targets:
        return "forecast"
    if "price" in targets or "value" in targets:
        return "index"
    return "settlement" if "result" in targets else "custom"


def emit(kind: str, wide: pl.DataFrame) -> Emitted:
    """Rows of a kind from converted columns (header, targets by name)."""
    if kind == "trade":
        return [(Kind.TRADE, _fill(Kind.TRADE, wide, _trade(wide)))]
    if kind == "quote":
        rows: Emitted = [(Kind.QUOTE, _fill(Kind.QUOTE, wide))]
        return rows + ([(Kind.INDEX, _index(wide))] if "price" in wide.columns else [])
    if kind == "candle":
        return [(Kind.CANDLE, _fill(Kind.CANDLE, wide))]
    if kind == "index":
        return [(Kind.INDEX, _index(wide))]
    if kind == "forecast":
        return [(Kind.FORECAST, _fill(Kind.FORECAST, wide))]
    if kind == "book":
        return [(Kind.BOOK, _increments(wide))]
    if kind == "settlement":
        return [(Kind.SETTLEMENT, _fill(Kind.SETTLEMENT, wide))]
    return []


def _fill(kind: Kind, wide: pl.DataFrame, extra: dict[str, Any] | None = None) -> pl.DataFrame:
    """Columns of a kind taken from the wide frame, null where there is none."""
    if extra:
        wide = wide.with_columns(**extra)
    return wide.select(
        (pl.col(name) if name in wide.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in SCHEMAS[kind].items()
    )


def _trade(wide: pl.DataFrame) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if "size" not in wide.columns:
        extra["size"] = pl.col("volume")
    if "taker" not in wide.columns:
        extra["taker"] = pl.col("side") if "side" in wide.columns else pl.lit(0)
    return extra


def _index(wide: pl.DataFrame) -> pl.DataFrame:
    """Observations: values, and prices where there are none."""
    names = [name for name in ("value", "price_value") if name in wide.columns]
    rows = wide.with_columns(value=pl.coalesce(names)).filter(pl.col("value").is_not_null())
    return _fill(Kind.INDEX, rows)


def _increments(wide: pl.DataFrame) -> pl.DataFrame:
    size = pl.col("size") if "size" in wide.columns else pl.col("volume")
    delta = pl.col("action") == "delta" if "action" in wide.columns else pl.lit(value=False)
    group = pl.struct("ts_event", "sequence", "symbol")
    last = (group != group.shift(-1)).fill_null(value=True) | pl.col("sequence").is_null()
    return _fill(
        Kind.BOOK,
        wide,
        {
            "size": size,
            "action": pl.when(delta).then(BOOK_DELTA).otherwise(BOOK_SET),
            "flags": pl.when(last).then(FLAG_GROUP_END).otherwise(0),
        },
    )


def book_images(wide: pl.DataFrame, levels: list[tuple[int, pl.Series, pl.Series]]) -> pl.DataFrame:
    """Full book images: a clear, then the levels of both sides; the last row ends the group.

    Parameters
    ----------
    wide : polars.DataFrame
        Header columns, one row per image.
    levels : list of (int, Series, Series)
        Side, prices and sizes of one level in every image; null where the level is empty.
    """
    header = wide.select("ts_event", "ts_recv", "symbol", "sequence").with_row_index("_image")
    parts = [
        header.with_columns(
            pl.lit(-1).alias("_level"),
            pl.lit(0, pl.Int8).alias("side"),
            pl.lit(BOOK_CLEAR, pl.UInt8).alias("action"),
            pl.lit(0, pl.Int32).alias("price"),
            pl.lit(0, pl.Int64).alias("size"),
        )
    ]
    for number, (side, prices, sizes) in enumerate(levels):
        part = header.with_columns(
            pl.lit(number).alias("_level"),
            pl.lit(side, pl.Int8).alias("side"),
            pl.lit(BOOK_SET, pl.UInt8).alias("action"),
            prices.alias("price"),
            sizes.alias("size"),
        )
        parts.append(part.filter(pl.col("price").is_not_null() & (pl.col("size") > 0)))
    rows = pl.concat(parts).sort("_image", "_level")
    last = (pl.col("_image") != pl.col("_image").shift(-1)).fill_null(value=True)
    rows = rows.with_columns(
        flags=pl.when(last).then(FLAG_SNAPSHOT | FLAG_GROUP_END).otherwise(FLAG_SNAPSHOT)
    )
    return _fill(Kind.BOOK, rows)
