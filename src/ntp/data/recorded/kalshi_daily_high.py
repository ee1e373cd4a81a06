"""Best bids of the brackets of New York's daily high, as a recorder on the Pacific coast logged them.

Prices are the best YES bid and the best NO bid; the YES ask is their complement. The recorder wrote
local times without a zone and, before its first update of a market, made-up quotes.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import polars as pl

from ntp.core import PRICE_ONE, to_ns
from ntp.data.recorded.frames import (
    CENTS,
    State,
    exact,
    finish,
    lifecycle,
    nanoseconds,
    nonempty,
    settlements,
)
from ntp.data.recorded.kalshi_candles import TRADE_CANDLES
from ntp.data.recorded.kalshi_names import CENT_TICKS, EASTERN, WHOLE_CONTRACT, day_of, event_of, series_of
from ntp.data.recorded.part import Located, RecordedPart
from ntp.data.recorded.recorded_set import RecordedSet
from ntp.data.schema import Kind
from ntp.markets.instrument import Instrument

_PACIFIC: Final = "America/Los_Angeles"
_DEFAULTS: Final = ((50, 50), (1, 50))
_STANDARD_TIME: Final = 5  # hours behind UTC, all the year: the climate day knows no summer time
_TEN: Final = time(10)


def read(located: Located) -> Iterator[RecordedPart]:
    """Yield one part per event."""
    results = located.table("results")
    outcome = (
        pl.read_parquet(results) if results else pl.DataFrame({"market_ticker": [], "result_derived": []})
    )
    yes = dict(outcome.select("market_ticker", "result_derived").iter_rows())
    note = [
        f"{file.name}: candles of other events are left out; import the file by its own name"
        for file in located.tables.get("candles", ())
    ]
    for file in located.main("ticks"):
        events = pl.scan_parquet(file).select("event_file").unique().collect()["event_file"].sort()
        for event in events:
            ticks = pl.scan_parquet(file).filter(pl.col("event_file") == event).collect()
            part = _part(file, event, ticks, yes)
            part.warnings.extend(note)
            note = []
            yield part


def _part(file: Path, event: str, ticks: pl.DataFrame, yes: dict[str, str]) -> RecordedPart:
    names = ticks["market_ticker"].unique().sort().to_list()
    instruments = [_instrument(name, names) for name in names]
    closes = {item.symbol: item.close_time or 0 for item in instruments}
    real, defaults = _without_defaults(ticks)
    quotes, bad = _quotes(real)
    late = quotes.filter(pl.col("ts_event") > max(closes.values())).height
    quotes = quotes.filter(pl.col("ts_event") <= max(closes.values()))
    ended = _ends(names, closes, yes)
    warnings = (
        [f"event {event}: results follow from the observed maximum; their time is assumed"] if ended else []
    )
    if late:
        warnings.append(f"event {event}: {late} quotes after the close left out")
    last = quotes["ts_event"].max()
    states: list[State] = [(item.open_time or 0, item.symbol, "open", {}) for item in instruments]
    states += [(close, name, "closed", {}) for name, close in closes.items()]
    return RecordedPart(
        file=file / event,
        frames=nonempty(
            {
                Kind.QUOTE: quotes,
                Kind.LIFECYCLE: lifecycle(states),
                Kind.SETTLEMENT: settlements(ended),
            }
        ),
        instruments=instruments,
        meta={
            "recordings": [{"run": event, "usable": True, "offset_ns": 0, "last": last}],
            "recorder_defaults": defaults,
            "late_quotes": late,
        },
        warnings=warnings,
        quarantined=bad,
    )


def _without_defaults(ticks: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Leave out the made-up quotes before the first real one of each market."""
    made_up = pl.lit(value=False)
    for bid, no_bid in _DEFAULTS:
        made_up |= (pl.col("best_yes_bid") == bid) & (pl.col("best_no_bid") == no_bid)
    real = (~made_up).cast(pl.Int64).cum_sum().over("market_ticker") > 0
    kept = ticks.sort("timestamp", maintain_order=True).filter(real)
    return kept, ticks.height - kept.height


def _quotes(ticks: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    rows, bad = exact(ticks, {"best_yes_bid": CENTS, "best_no_bid": CENTS})
    zoned = pl.col("timestamp").dt.replace_time_zone(_PACIFIC, ambiguous="earliest", non_existent="null")
    rows = rows.with_columns(zoned.dt.convert_time_zone("UTC").alias("time"))
    timed = rows.filter(pl.col("time").is_not_null())
    stamp = nanoseconds("time")
    return finish(
        Kind.QUOTE,
        timed.select(
            ts_event=stamp,
            ts_recv=stamp,
            symbol="market_ticker",
            bid=pl.when(pl.col("best_yes_bid") > 0).then(pl.col("best_yes_bid")),
            ask=pl.when(pl.col("best_no_bid") > 0).then(PRICE_ONE - pl.col("best_no_bid")),
        ),
    ), bad + rows.height - timed.height


def climate_close(day: date) -> int:
    """Close of a daily temperature market: the last minute of the day in standard time."""
    midnight = datetime.combine(day + timedelta(days=1), time(_STANDARD_TIME), UTC)
    return to_ns(midnight - timedelta(minutes=1))


def _eastern_ten(day: date) -> int:
    return to_ns(datetime.combine(day, _TEN, EASTERN))


def _ends(names: list[str], closes: dict[str, int], yes: dict[str, str]) -> list[tuple[int, str, bool]]:
    """Results, visible at ten in the morning after the day, when the station's report is out."""
    ends = []
    for name in names:
        day = day_of(name)
        if day is not None and yes.get(name) in ("yes", "no"):
            ends.append((max(_eastern_ten(day + timedelta(days=1)), closes[name]), name, yes[name] == "yes"))
    return ends


def _instrument(name: str, names: list[str]) -> Instrument:
    day = day_of(name)
    kind, low, high = _strike(name, names)
    return Instrument(
        symbol=name,
        venue="kalshi",
        series=series_of(name),
        event=event_of(name),
        group=event_of(name),
        category="weather",
        title=f"Highest temperature in New York: {name.rsplit('-', 1)[1]}",
        tick_bands=CENT_TICKS,
        size_step=WHOLE_CONTRACT,
        min_size=WHOLE_CONTRACT,
        open_time=None if day is None else _eastern_ten(day - timedelta(days=1)),
        close_time=None if day is None else climate_close(day),
        strike_type=kind,
        strike_low=low,
        strike_high=high,
        attributes={"station": "KNYC", "exclusive": True},
    )


def _strike(name: str, names: list[str]) -> tuple[str, str | None, str | None]:
    """Strike of a bracket from its code: B is the middle of two degrees, T the open ends."""
    code = name.rsplit("-", 1)[1]
    value = Decimal(code[1:])
    if code.startswith("B"):
        half = Decimal("0.5")
        return "between", str((value - half).normalize()), str((value + half).normalize())
    ends = [
        Decimal(other.rsplit("-", 1)[1][1:]) for other in names if other.rsplit("-", 1)[1].startswith("T")
    ]
    if value == max(ends) and len(ends) > 1:
        return "greater", code[1:], None
    return ("less", None, code[1:]) if len(ends) > 1 else ("custom", None, None)


KALSHI_DAILY_HIGH: Final = RecordedSet(
    name="kalshi_daily_high",
    required={
        "ticks": frozenset({"timestamp", "market_ticker", "best_yes_bid", "best_no_bid", "event_file"})
    },
    optional={"results": frozenset({"market_ticker", "event", "observed_daily_max_f", "result_derived"})},
    beside={"candles": TRADE_CANDLES.required["candles"]},
    reader=read,
)
