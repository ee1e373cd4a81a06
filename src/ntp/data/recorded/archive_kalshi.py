"""Kalshi half of the public trade archive: markets with results, and every trade in whole cents."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import polars as pl

from ntp.data.recorded.archive import FETCHED, keep_newest, newest, utc_ns
from ntp.data.recorded.frames import CENTS, SIZE, State, exact, finish, lifecycle, nonempty, settlements
from ntp.data.recorded.kalshi_names import CENT_TICKS, WHOLE_CONTRACT, series_of
from ntp.data.recorded.part import Located, RecordedPart
from ntp.data.recorded.recorded_set import RecordedSet
from ntp.data.schema import Kind
from ntp.markets.instrument import Instrument

_TRUNCATED: Final = (29, 57, 58)  # int(0.29 * 100) is 28 in binary floats, and so for these
_NEIGHBOURS: Final = (27, 30, 55, 59, 60)
_ENOUGH: Final = 50
_CUT_OFF: Final = "archive in whole cents and whole contracts: finer prices and counts are cut off"


def read(located: Located) -> Iterator[RecordedPart]:
    """Yield one part per file of trades, then one per file of markets with their results."""
    trades, markets = located.tables["trades"], located.tables["markets"]
    copies = newest(trades, "ticker", ["trade_id"])
    latest = newest(markets, "ticker", [])
    chosen = located.main("trades") if located.only not in markets else ()
    for number, file in enumerate(chosen):
        yield _trades(file, markets, copies, first=number == 0)
    last_trade = pl.concat([_times(file) for file in trades]).group_by("ticker").agg(pl.col("last").max())
    for file in located.main("markets") if located.only not in trades else ():
        yield _markets(file, latest, last_trade)


def _times(file: Path) -> pl.DataFrame:
    """Last trade of each market in a file."""
    last = pl.scan_parquet(file).group_by("ticker").agg(pl.col("created_time").max()).collect()
    return last.select("ticker", utc_ns(last, "created_time").alias("last"))


def cent_fault(trades: pl.DataFrame) -> dict[str, Any]:
    """Look for the parser fault that stored 29, 57 and 58 cents one cent low.

    Parameters
    ----------
    trades : DataFrame
        Rows with ``yes_price`` in cents.

    Returns
    -------
    dict
        ``state``: ``found`` where none of these prices occurs though their neighbours often do,
        ``absent`` where they occur, ``unknown`` where there are too few trades; and ``suspect``, the
        number of trades at 28, 56 and 57 cents, of which nobody can tell which ones are wrong.
    """
    counts = dict(trades.group_by("yes_price").len().iter_rows())
    hit = sum(counts.get(price, 0) for price in _TRUNCATED[:1] + _TRUNCATED[2:])
    around = sum(counts.get(price, 0) for price in _NEIGHBOURS)
    suspect = sum(counts.get(price - 1, 0) for price in _TRUNCATED)
    if hit:
        return {"state": "absent", "suspect": 0}
    return {"state": "found" if around >= _ENOUGH else "unknown", "suspect": suspect}


def _trades(file: Path, markets: tuple[Path, ...], copies: pl.DataFrame, *, first: bool) -> RecordedPart:
    raw = pl.read_parquet(file)
    rows = keep_newest(raw, file, "ticker", ["trade_id"], copies)
    fault = cent_fault(rows)
    good, bad = exact(rows, {"yes_price": CENTS, "count": SIZE})
    timed = good.with_columns(utc_ns(good, "created_time").alias("ts_event"))
    sane = timed.filter(pl.col("ts_event").is_not_null() & pl.col("yes_price").is_between(100, 9_900))
    tape = finish(
        Kind.TRADE,
        sane.sort("ts_event", "trade_id", maintain_order=True).select(
            "ts_event",
            symbol="ticker",
            price="yes_price",
            size="count",
            taker=pl.col("taker_side").replace_strict({"yes": 1, "no": -1}, default=0),
        ),
    )
    warnings = [_CUT_OFF] if first else []
    if fault["state"] == "found":
        warnings.append(
            f"{file.name}: no trade at 29 or 58 cents; {fault['suspect']} trades at 28, 56 and 57 cents "
            "may be one cent low, which cannot be told from the right ones"
        )
    names = tape["symbol"].unique().sort()
    found = _lookup(markets, names)
    return RecordedPart(
        file=file,
        frames=nonempty({Kind.TRADE: tape}),
        instruments=[_instrument(name, found.get(name)) for name in names],
        meta={"cent_fault": {file.name: fault}, "copies_left_out": raw.height - rows.height},
        warnings=warnings,
        quarantined=bad + good.height - sane.height,
    )


def _lookup(markets: tuple[Path, ...], names: pl.Series) -> dict[str, dict[str, Any]]:
    """Newest row of each market that is asked for."""
    wanted = pl.LazyFrame({"ticker": names})
    rows = pl.concat(
        [pl.scan_parquet(file).join(wanted, on="ticker", how="semi") for file in markets],
        how="diagonal_relaxed",
    ).collect()
    rows = rows.sort(FETCHED, maintain_order=True).unique("ticker", keep="last", maintain_order=True)
    return {row["ticker"]: row for row in _in_ns(rows).to_dicts()}


def _in_ns(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(utc_ns(rows, name) for name in ("open_time", "close_time"))


def _instrument(name: str, row: dict[str, Any] | None) -> Instrument:
    event = name.rsplit("-", 1)[0] if row is None else row["event_ticker"]
    title = "" if row is None else " ".join(filter(None, (row["title"], row["yes_sub_title"])))
    return Instrument(
        symbol=name,
        venue="kalshi",
        series=series_of(event),
        event=event,
        title=title,
        tick_bands=CENT_TICKS,
        size_step=WHOLE_CONTRACT,
        min_size=WHOLE_CONTRACT,
        open_time=None if row is None else row["open_time"],
        close_time=None if row is None else row["close_time"],
    )


def _markets(file: Path, latest: pl.DataFrame, last_trade: pl.DataFrame) -> RecordedPart:
    """Life and results of the markets that traded; a result counts as known after close and last trade."""
    rows = keep_newest(pl.read_parquet(file), file, "ticker", [], latest)
    rows = _in_ns(rows).join(last_trade, on="ticker", maintain_order="left").sort("ticker")
    states: list[State] = []
    ends: list[tuple[int, str, bool]] = []
    for row in rows.to_dicts():
        name, close = row["ticker"], row["close_time"]
        if row["open_time"] is not None:
            states.append((row["open_time"], name, "open", {}))
        if close is not None:
            states.append((close, name, "closed", {}))
        if row["result"] in ("yes", "no") and close is not None:
            ends.append((max(close, row["last"]), name, row["result"] == "yes"))
    return RecordedPart(
        file=file,
        frames=nonempty({Kind.LIFECYCLE: lifecycle(states), Kind.SETTLEMENT: settlements(ends)}),
        instruments=[_instrument(row["ticker"], row) for row in rows.to_dicts()],
        meta={"results_at_close_assumed": len(ends)},
        warnings=["time of results not recorded: taken as the close, or the last trade if later"]
        if ends
        else [],
    )


ARCHIVE_KALSHI: Final = RecordedSet(
    name="trade_archive_kalshi",
    required={
        "trades": frozenset(
            {"trade_id", "ticker", "count", "yes_price", "no_price", "taker_side", "created_time", FETCHED}
        ),
        "markets": frozenset(
            {"ticker", "event_ticker", "title", "result", "open_time", "close_time", FETCHED}
        ),
    },
    reader=read,
)
