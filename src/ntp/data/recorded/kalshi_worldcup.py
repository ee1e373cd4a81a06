"""Polled top of book of Kalshi's World Cup winner contracts during matches."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl

from ntp.core import DAY, format_ns
from ntp.data.recorded.frames import CENTS, SIZE, empty_ask, empty_bid, exact, finish, lifecycle, nonempty
from ntp.data.recorded.kalshi_names import CENTI_CONTRACT, TAPERED_TICKS, event_of, series_of
from ntp.data.recorded.part import Located, RecordedPart
from ntp.data.recorded.recorded_set import RecordedSet
from ntp.data.schema import Kind
from ntp.markets.instrument import Instrument

_MILLI: Final = 1_000_000


def read(located: Located) -> Iterator[RecordedPart]:
    """Yield one part per file and UTC day."""
    for file in located.main("snapshots"):
        raw = pl.read_parquet(file)
        scales = {"yes_bid": CENTS, "yes_ask": CENTS, "yes_bid_sz": SIZE, "yes_ask_sz": SIZE}
        rows, bad = exact(raw, scales)
        quotes = finish(
            Kind.QUOTE,
            rows.select(
                ts_event=pl.col("ts") * _MILLI,
                ts_recv=pl.col("ts") * _MILLI,
                symbol="ticker",
                bid=empty_bid("yes_bid"),
                ask=empty_ask("yes_ask"),
                bid_size="yes_bid_sz",
                ask_size="yes_ask_sz",
            ),
        )
        days = quotes.with_columns(day=pl.col("ts_event") // DAY)
        for number, day in enumerate(days["day"].unique().sort()):
            chosen = days.filter(pl.col("day") == day).drop("day")
            yield _part(file, day, chosen, bad if number == 0 else 0)


def _part(file: Path, day: int, quotes: pl.DataFrame, bad: int) -> RecordedPart:
    names = quotes["symbol"].unique().sort().to_list()
    first = quotes.group_by("symbol", maintain_order=True).agg(pl.col("ts_event").min())
    return RecordedPart(
        file=file / format_ns(day * DAY)[:10],
        frames=nonempty(
            {
                Kind.QUOTE: quotes,
                Kind.LIFECYCLE: lifecycle([(ts, name, "open", {}) for name, ts in first.iter_rows()]),
            }
        ),
        instruments=[
            Instrument(
                symbol=name,
                venue="kalshi",
                series=series_of(name),
                event=event_of(name),
                group=event_of(name),
                category="sports",
                tick_bands=TAPERED_TICKS,
                size_step=CENTI_CONTRACT,
                min_size=CENTI_CONTRACT,
                attributes={"exclusive": True},
            )
            for name in names
        ],
        warnings=["recorded during matches only; no results, no scores"],
        quarantined=bad,
    )


KALSHI_WORLDCUP: Final = RecordedSet(
    name="kalshi_worldcup",
    required={
        "snapshots": frozenset({"ts", "ticker", "yes_bid", "yes_ask", "yes_bid_sz", "yes_ask_sz", "match"})
    },
    reader=read,
)
