"""Candles of ordinary assets as data frames with a nameless index store them, traded for cash."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

import polars as pl

from ntp.data.recorded.frames import SIZE, exact, finish, nonempty
from ntp.data.recorded.part import Located, RecordedPart
from ntp.data.recorded.recorded_set import RecordedSet
from ntp.data.schema import Kind
from ntp.markets.instrument import Instrument, InstrumentKind

_INDEX: Final = ""
_PRICES: Final = ("Open", "High", "Low", "Close")
_MAX_SCALE: Final = 8


def read(located: Located) -> Iterator[RecordedPart]:
    """Yield one part per file; the asset's name is the last word of the file's name."""
    for file in located.main("candles"):
        yield _part(file)


def _part(file: Path) -> RecordedPart:
    raw = pl.read_parquet(file).rename({_INDEX: "start"})
    symbol = file.stem.rsplit("_", 1)[-1]
    scale = _scale(raw)
    rows, bad = exact(raw, dict.fromkeys(_PRICES, scale) | {"Volume": SIZE})
    start = pl.col("start").str.to_datetime(time_unit="us", time_zone="UTC", strict=True).dt.epoch("ns")
    rows = rows.with_columns(start=start).sort("start", maintain_order=True)
    step = _step(rows["start"])
    # A candle counts as known at the end of its interval, or when the next one begins if that is earlier.
    end = pl.min_horizontal(pl.col("start") + step, pl.col("start").shift(-1))
    candles = finish(
        Kind.CANDLE,
        rows.select(
            ts_event=end,
            symbol=pl.lit(symbol),
            interval=pl.lit(step),
            open="Open",
            high="High",
            low="Low",
            close="Close",
            volume="Volume",
        ),
    )
    return RecordedPart(
        file=file,
        frames=nonempty({Kind.CANDLE: candles}),
        instruments=[
            Instrument(
                symbol=symbol, venue="cash", kind=InstrumentKind.ASSET, price_scale=scale, title=symbol
            )
        ],
        warnings=["time zone of the candles not recorded: taken as UTC"],
        quarantined=bad,
    )


def _step(starts: pl.Series) -> int:
    """Most frequent distance of two candles."""
    steps = starts.diff().drop_nulls()
    counts = steps.value_counts().sort("count", "start", descending=[True, False])
    return int(counts["start"][0]) if counts.height else 0


def _scale(raw: pl.DataFrame) -> int:
    """Least power of ten that holds every price exactly, at most 8."""
    texts = (repr(value) for name in _PRICES for value in raw[name].drop_nulls().to_list())
    exponents = (Decimal(text).normalize().as_tuple().exponent for text in texts)
    return min(
        _MAX_SCALE, max((-value for value in exponents if isinstance(value, int) and value < 0), default=0)
    )


ASSET_CANDLES: Final = RecordedSet(
    name="asset_candles",
    required={"candles": frozenset({_INDEX, *_PRICES, "Volume"})},
    reader=read,
)
