"""Columns of unified events: one Parquet schema per kind, one header for all.

Prices are integers of ``10**-price_scale`` of the instrument (0.0001 dollar of YES for contracts),
sizes integers of 0.000001 contract, times int64 nanoseconds UTC. An absent value is null, never a
number. Rows are sorted by (``ts_event``, ``sequence``); rows that tie keep their order in the file.
"""

from enum import StrEnum
from typing import Final

import polars as pl


class Kind(StrEnum):
    """What a row tells."""

    BOOK = "book"
    TRADE = "trade"
    QUOTE = "quote"
    CANDLE = "candle"
    INDEX = "index"
    GAME = "game"
    FORECAST = "forecast"
    LIFECYCLE = "lifecycle"
    SETTLEMENT = "settlement"
    CUSTOM = "custom"


FLAG_GROUP_END: Final = 1
"""Last row of an atomic group; a row that stands alone carries it too."""
FLAG_SNAPSHOT: Final = 2
"""Row of a full book image."""
FLAG_BLOCK: Final = 4
"""Block trade: printed, but never through the queue."""
FLAG_INFERRED: Final = 8
"""Print inferred from volume steps, not recorded."""

BOOK_SET: Final = 0
"""`size` is the new total at the price (0 removes the level)."""
BOOK_DELTA: Final = 1
"""`size` is added to the level (negative removes)."""
BOOK_CLEAR: Final = 2
"""The side (0: both sides) becomes empty; a full image follows. `price` and `size` are 0."""

HEADER: Final[dict[str, pl.DataType]] = {
    "ts_event": pl.Int64(),  # exchange time
    "ts_recv": pl.Int64(),  # recorder's clock, null where not recorded
    "symbol": pl.String(),
    "sequence": pl.Int64(),  # order within the source, null where there is none
    "flags": pl.UInt8(),
}

SCHEMAS: Final[dict[Kind, dict[str, pl.DataType]]] = {
    Kind.BOOK: HEADER
    | {
        "side": pl.Int8(),  # +1 bid, -1 ask, in terms of YES; 0 with BOOK_CLEAR only
        "action": pl.UInt8(),
        "price": pl.Int32(),
        "size": pl.Int64(),
    },
    Kind.TRADE: HEADER
    | {
        "price": pl.Int32(),
        "size": pl.Int64(),
        "taker": pl.Int8(),  # +1 the taker bought YES, -1 sold YES (bought NO), 0 unknown
    },
    Kind.QUOTE: HEADER
    | {
        "bid": pl.Int32(),  # null: the side is empty
        "ask": pl.Int32(),
        "bid_size": pl.Int64(),  # null: the size was not recorded
        "ask_size": pl.Int64(),
        "volume": pl.Int64(),  # contracts traded since the market opened, null where not told
    },
    Kind.CANDLE: HEADER  # ts_event is the end of the candle
    | {
        "interval": pl.Int64(),  # ns
        "open": pl.Int32(),  # prices of trades, null where nothing traded
        "high": pl.Int32(),
        "low": pl.Int32(),
        "close": pl.Int32(),
        "volume": pl.Int64(),
        "bid_open": pl.Int32(),  # quotes, null where the venue gives none
        "bid_high": pl.Int32(),
        "bid_low": pl.Int32(),
        "bid_close": pl.Int32(),
        "ask_open": pl.Int32(),
        "ask_high": pl.Int32(),
        "ask_low": pl.Int32(),
        "ask_close": pl.Int32(),
    },
    Kind.INDEX: HEADER | {"value": pl.Float64()},
    Kind.GAME: HEADER | {"payload": pl.String()},  # JSON object
    Kind.FORECAST: HEADER
    | {"issued_at": pl.Int64(), "valid_at": pl.Int64(), "value": pl.Float64(), "sd": pl.Float64()},
    Kind.LIFECYCLE: HEADER
    | {
        "state": pl.String(),  # open halted closed determined amended settled voided, or "attributes"
        "payload": pl.String(),  # JSON object: the attributes that change from now on
    },
    Kind.SETTLEMENT: HEADER
    | {
        "value": pl.Int64(),  # dollars per YES in 0.000001, 0 to 1_000_000; null for a void
        "state": pl.String(),  # determined, amended, settled or voided
    },
    Kind.CUSTOM: HEADER | {"payload": pl.String()},  # JSON object
}

OPTIONAL: Final[dict[Kind, dict[str, pl.DataType]]] = {
    Kind.BOOK: {
        # whose size the row changes, null where nobody tells; rows that name an order are changes of a
        # level, and an image is a clear followed by one change for each order, first in the queue first
        "order_id": pl.Int64(),
    },
}
"""Columns that rows of a kind may have after those of :data:`SCHEMAS`."""


ROW_GROUP: Final = 1 << 17
"""Rows that files of the catalog hold in one group: what is read at once where a file is gone through."""


def empty_frame(kind: Kind) -> pl.DataFrame:
    """Frame of a kind without rows."""
    return pl.DataFrame(schema=SCHEMAS[kind])
