"""Official results of Kalshi's 15-minute markets, without any prices."""

from collections.abc import Iterator
from typing import Final

import polars as pl

from ntp.core import MINUTE
from ntp.data.recorded.frames import lifecycle, nanoseconds, nonempty, settlements
from ntp.data.recorded.kalshi_names import close_of_window, event_of, series_of
from ntp.data.recorded.part import Located, RecordedPart
from ntp.data.recorded.recorded_set import RecordedSet
from ntp.data.schema import Kind
from ntp.markets.instrument import Instrument

_WINDOW: Final = 15 * MINUTE


def read(located: Located) -> Iterator[RecordedPart]:
    """Yield one part per file of results."""
    for file in located.main("settlements"):
        rows = pl.read_parquet(file).with_columns(
            close=nanoseconds("close_time"), settled=nanoseconds("settlement_ts")
        )
        known = rows.filter(pl.col("result").is_in(["yes", "no"]))
        filled = known.with_columns(
            pl.col("close").fill_null(pl.col("market_ticker").map_elements(close_of_window, pl.Int64))
        )
        assumed = filled.filter(pl.col("settled").is_null())["market_ticker"].to_list()
        table = list(filled.select("market_ticker", "result", "close", "settled").iter_rows())
        warnings = [f"time of {len(assumed)} results not recorded: taken as the close"] if assumed else []
        yield RecordedPart(
            file=file,
            frames=nonempty(
                {
                    Kind.LIFECYCLE: lifecycle([(close, name, "closed", {}) for name, _, close, _ in table]),
                    Kind.SETTLEMENT: settlements(
                        [
                            (max(close, settled or close), name, result == "yes")
                            for name, result, close, settled in table
                        ]
                    ),
                }
            ),
            instruments=[
                Instrument(
                    symbol=name,
                    venue="kalshi",
                    series=series_of(name),
                    event=event_of(name),
                    category="crypto",
                    open_time=close - _WINDOW,
                    close_time=close,
                    strike_type="greater_or_equal",
                )
                for name, _, close, _ in table
            ],
            meta={"results_at_close_assumed": assumed},
            warnings=warnings,
            quarantined=rows.height - known.height,
        )


KALSHI_SETTLEMENTS: Final = RecordedSet(
    name="kalshi_settlements",
    required={
        "settlements": frozenset({"market_ticker", "result", "close_time", "settlement_ts", "date_et"})
    },
    reader=read,
)
