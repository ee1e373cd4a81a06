"""Polymarket's 15-minute BTC markets sampled once a second: five levels a side, last trades, Chainlink.

Samples, not an event log: each one is a full image of five levels. The book of the second token mirrors
that of the first and is left out; its last trades are other trades and are kept as sales of YES.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import polars as pl

from ntp.core import PRICE_ONE, SECOND
from ntp.data.recorded.frames import PRICE, SIZE, State, exact, finish, lifecycle, nonempty, stack
from ntp.data.recorded.part import Located, RecordedPart
from ntp.data.recorded.polymarket_names import CENT_TICKS, chainlink_reference, updown_instrument
from ntp.data.recorded.recorded_set import RecordedSet
from ntp.data.schema import BOOK_CLEAR, BOOK_SET, FLAG_GROUP_END, FLAG_SNAPSHOT, Kind
from ntp.markets.instrument import Instrument

_LEVELS: Final = 5
_MILLI: Final = 1_000_000
_LAST_SAMPLE: Final = 5 * SECOND  # a recording that ends this close to the end of the window is whole
_TRADE: Final = {"px": PRICE, "sz": SIZE}


def read(located: Located) -> Iterator[RecordedPart]:
    """Yield one part per file, which is one market."""
    for file in located.main("samples"):
        yield _part(file)


def _part(file: Path) -> RecordedPart:
    raw = pl.read_parquet(file).unique(maintain_order=True).sort("ts_ms", maintain_order=True)
    columns = range(1, _LEVELS + 1)
    scales = {f"{side}_px_up_{level}": PRICE for side in ("bid", "ask") for level in columns}
    scales |= {f"{side}_sz_up_{level}": SIZE for side in ("bid", "ask") for level in columns}
    scales |= {f"last_trade_{what}_{token}": _TRADE[what] for token in ("up", "down") for what in _TRADE}
    rows, bad = exact(raw, scales)
    stamp = pl.col("ts_ms") * _MILLI
    rows = rows.with_columns(ts_event=stamp, ts_recv=stamp, symbol="market_slug")
    rows = rows.with_columns(sample=pl.int_range(pl.len(), dtype=pl.Int64))
    first = rows.row(0, named=True)
    slug = first["market_slug"]
    return RecordedPart(
        file=file,
        frames=nonempty(
            {
                Kind.BOOK: _book(rows),
                Kind.TRADE: stack(Kind.TRADE, [_prints(rows, "up", 1), _prints(rows, "down", -1)]),
                Kind.INDEX: _chainlink(rows),
                Kind.LIFECYCLE: lifecycle(_states(rows, first)),
            }
        ),
        instruments=[_instrument(first), chainlink_reference()],
        meta={
            "recordings": [{"run": slug, "usable": True, "offset_ns": 0, "sampled": True}],
            "tape": "sampled",
        },
        warnings=[
            "sampled once a second: prints between two samples are lost, and queue changes are not seen",
            f"{slug}: no official result recorded, so no settlement",
        ],
        quarantined=bad,
    )


def _states(rows: pl.DataFrame, first: dict[str, Any]) -> list[State]:
    close, slug = first["window_end_ms"] * _MILLI, first["market_slug"]
    last = rows["ts_event"][-1]
    states: list[State] = [(first["ts_event"], slug, "open", {})]
    if last < close - _LAST_SAMPLE:
        states.append((last, slug, "halted", {"reason": "recording gap"}))
    return [*states, (close, slug, "closed", {})]


def _instrument(first: dict[str, Any]) -> Instrument:
    tokens = [first["token_id_up"], first["token_id_down"]]
    return updown_instrument(
        first["market_slug"],
        first["window_start_ms"] * _MILLI,
        first["window_end_ms"] * _MILLI,
        tick_bands=CENT_TICKS,
        attributes={"condition_id": first["condition_id"], "tokens": tokens},
    )


def _chainlink(rows: pl.DataFrame) -> pl.DataFrame:
    known = rows.filter(pl.col("chainlink_btc") > 0)
    return finish(
        Kind.INDEX, known.select("ts_event", "ts_recv", symbol=pl.lit("BTC/USD"), value="chainlink_btc")
    )


def _book(rows: pl.DataFrame) -> pl.DataFrame:
    """Write a clear and up to ten sets per sample, one atomic group."""
    common = ["ts_event", "ts_recv", "symbol", "sample"]
    images = [
        rows.select(
            *common,
            pl.lit(0).alias("rank"),
            pl.lit(0).alias("side"),
            pl.lit(BOOK_CLEAR).alias("action"),
            pl.lit(0, pl.Int64).alias("price"),
            pl.lit(0, pl.Int64).alias("size"),
        )
    ]
    for sign, side in ((1, "bid"), (-1, "ask")):
        for level in range(1, _LEVELS + 1):
            price, size = pl.col(f"{side}_px_up_{level}"), pl.col(f"{side}_sz_up_{level}")
            images.append(
                rows.filter(price.is_not_null() & size.is_not_null()).select(
                    *common,
                    pl.lit(len(images)).alias("rank"),
                    pl.lit(sign).alias("side"),
                    pl.lit(BOOK_SET).alias("action"),
                    price.alias("price"),
                    size.alias("size"),
                )
            )
    book = pl.concat(images).sort("sample", "rank", maintain_order=True)
    last = (pl.col("sample") != pl.col("sample").shift(-1)).fill_null(value=True)
    return finish(
        Kind.BOOK,
        book.with_columns(
            flags=FLAG_SNAPSHOT + last.cast(pl.Int64) * FLAG_GROUP_END,
            sequence=2 * pl.col("sample") + 1,
        ).drop("sample", "rank"),
    )


def _prints(rows: pl.DataFrame, token: str, sign: int) -> pl.DataFrame:
    """Last trades that differ from the sample before, so that they are known to be new.

    Equal trades in a row cannot be told apart and are left out; so is the first, of unknown age.
    """
    fields = [f"last_trade_{what}_{token}" for what in ("px", "sz", "side")]
    now = pl.struct(fields)
    new = now.ne_missing(now.shift(1)) & (pl.col("sample") > 0) & pl.col(fields[0]).is_not_null()
    price, side = pl.col(fields[0]), pl.col(fields[2]).replace_strict({"BUY": 1, "SELL": -1}, default=0)
    return finish(
        Kind.TRADE,
        rows.filter(new & (pl.col(fields[1]) > 0)).select(
            "ts_event",
            "ts_recv",
            "symbol",
            sequence=2 * pl.col("sample"),
            price=price if sign > 0 else PRICE_ONE - price,
            size=fields[1],
            taker=side * sign,
        ),
    )


POLYMARKET_L5: Final = RecordedSet(
    name="polymarket_l5",
    required={
        "samples": frozenset(
            {
                "ts_ms",
                "market_slug",
                "window_start_ms",
                "window_end_ms",
                "chainlink_btc",
                "bid_px_up_1",
                "bid_sz_up_1",
                "ask_px_up_5",
                "ask_sz_up_5",
                "last_trade_px_up",
                "last_trade_side_down",
            }
        )
    },
    reader=read,
)
