"""Best prices of the markets of Polymarket's US venue, polled about every two minutes."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import polars as pl

from ntp.core import format_ns
from ntp.data.recorded.frames import (
    PRICE,
    empty_ask,
    empty_bid,
    exact,
    finish,
    lifecycle,
    nanoseconds,
    nonempty,
)
from ntp.data.recorded.frames import settlements as settlement_rows
from ntp.data.recorded.part import Located, RecordedPart
from ntp.data.recorded.recorded_set import RecordedSet
from ntp.data.schema import Kind
from ntp.markets.instrument import Instrument

_AUTHORITATIVE: Final = "api"  # other labels were guessed from the price itself
_CHUNK: Final = timedelta(hours=3)
_HALF_CENT_TICKS: Final = ((50, 9_950, 50),)
_WHOLE_DAY: Final = frozenset({"ts", "slug", "category", "bid", "ask", "mid", "spread"})


def read(located: Located) -> Iterator[RecordedPart]:
    """Yield one part per day of quote changes, or per three hours of a whole day's file if it is named."""
    table = located.table("labels")
    labels = {} if table is None else {row["slug"]: row for row in pl.read_parquet(table).to_dicts()}
    whole_days = located.tables.get("whole_days", ())
    if located.only in whole_days and located.only is not None:
        yield from _whole_day(located.only, labels)
        return
    note = [
        f"{file.name} repeats a day in full and is left out; import it by its own name" for file in whole_days
    ]
    for number, part in enumerate(_changes(located.need("changes"), labels)):
        part.warnings.extend(note if number == 0 else [])
        yield part


def _changes(file: Path, labels: dict[str, dict[str, Any]]) -> Iterator[RecordedPart]:
    day = pl.col("ts").dt.date()
    days = pl.scan_parquet(file).select(day.unique()).collect().to_series().sort()
    last_day = dict(pl.scan_parquet(file).group_by("slug").agg(day.max()).collect().iter_rows())
    for date in days:
        rows = pl.scan_parquet(file).filter(day == date).collect()
        ended = {slug for slug in rows["slug"].unique() if last_day[slug] == date}
        yield _part(file / str(date), rows, labels, ended)


def _whole_day(file: Path, labels: dict[str, dict[str, Any]]) -> Iterator[RecordedPart]:
    window = pl.col("ts").dt.truncate(_CHUNK)
    for start in pl.scan_parquet(file).select(window.unique()).collect().to_series().sort():
        rows = pl.scan_parquet(file).filter(window == start).collect()
        yield _part(file / f"{start:%H}h", rows, labels, set())


def _part(
    identity: Path, rows: pl.DataFrame, labels: dict[str, dict[str, Any]], ended: set[str]
) -> RecordedPart:
    good, bad = exact(rows, {"bid": PRICE, "ask": PRICE})
    quotes = finish(
        Kind.QUOTE,
        good.select(
            ts_event=nanoseconds("ts"),
            ts_recv=nanoseconds("ts"),
            symbol="slug",
            bid=empty_bid("bid"),
            ask=empty_ask("ask"),
        ),
    )
    names = quotes["symbol"].unique().sort().to_list()
    official = {
        name: labels[name]
        for name in names
        if name in ended and name in labels and labels[name]["label_source"] == _AUTHORITATIVE
    }
    latest = dict(quotes.group_by("symbol").agg(pl.col("ts_event").max()).iter_rows())
    ends = [(max(_ns(row["last_ts"]), latest[name]), name, row["y"] == 1) for name, row in official.items()]
    warnings = ["results at the time a market was last seen: their own time is not recorded"] if ends else []
    return RecordedPart(
        file=identity,
        frames=nonempty(
            {
                Kind.QUOTE: quotes,
                Kind.LIFECYCLE: lifecycle([(ts, name, "closed", {}) for ts, name, _ in ends]),
                Kind.SETTLEMENT: settlement_rows(ends),
            }
        ),
        instruments=[_instrument(name, labels.get(name)) for name in names],
        meta={"from": format_ns(min(latest.values()))} if latest else {},
        warnings=warnings,
        quarantined=bad,
    )


def _ns(moment: Any) -> int:
    return int(pl.Series([moment]).dt.epoch("ns").item())


def _instrument(slug: str, row: dict[str, Any] | None) -> Instrument:
    return Instrument(
        symbol=slug,
        venue="polymarket_us",
        series=slug.split("-", 1)[0],
        event=slug.rsplit("-", 1)[0],
        title="" if row is None else row["question"],
        category="" if row is None else row["category"],
        tick_bands=_HALF_CENT_TICKS,
    )


POLYMARKET_US: Final = RecordedSet(
    name="polymarket_us_quotes",
    required={"changes": frozenset({"ts", "slug", "bid", "ask", "segment", "is_last"})},
    optional={
        "labels": frozenset({"slug", "category", "question", "last_ts", "y", "label_source"}),
        "whole_days": _WHOLE_DAY,
    },
    reader=read,
)
