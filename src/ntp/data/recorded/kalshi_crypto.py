"""Polled top of book of Kalshi's 15-minute crypto markets, with spot prices, trades and labels."""

from collections.abc import Iterator
from typing import Final

import polars as pl

from ntp.core import DAY, MINUTE, format_ns
from ntp.data.recorded.frames import (
    PRICE,
    SIZE,
    State,
    empty_ask,
    empty_bid,
    exact,
    finish,
    lifecycle,
    nonempty,
    settlements,
)
from ntp.data.recorded.kalshi_names import CENTI_CONTRACT, TAPERED_TICKS, close_of_window, event_of, series_of
from ntp.data.recorded.part import Located, RecordedPart
from ntp.data.recorded.recorded_set import RecordedSet
from ntp.data.schema import Kind
from ntp.markets.instrument import Instrument, InstrumentKind

_WINDOW: Final = 15 * MINUTE
_SERIES: Final = "15M"


def read(located: Located) -> Iterator[RecordedPart]:
    """Yield one part per UTC day of closing markets; labels of markets never quoted come along."""
    snapshots = pl.read_parquet(located.need("snapshots"))
    trades = pl.read_parquet(located.need("trades"))
    labels = pl.read_parquet(located.need("labels")).select("ticker", "outcome").unique()
    outcome = {name: result for name, result in labels.iter_rows() if result in ("yes", "no")}
    names = sorted({*snapshots["ticker"], *trades["ticker"], *outcome})
    closes = {name: close_of_window(name) for name in names}
    for day in sorted({close // DAY for close in closes.values()}):
        chosen = [name for name in names if closes[name] // DAY == day]
        within = pl.col("ticker").is_in(chosen)
        yield _part(
            located,
            day,
            {name: closes[name] for name in chosen},
            outcome,
            snapshots.filter(within),
            trades.filter(within),
        )


def _part(
    located: Located,
    day: int,
    closes: dict[str, int],
    outcome: dict[str, str],
    snapshots: pl.DataFrame,
    trades: pl.DataFrame,
) -> RecordedPart:
    quotes, bad_quotes = _quotes(snapshots)
    tape, bad_trades = _tape(trades)
    spot = _spot(snapshots)
    first = quotes.group_by("symbol", maintain_order=True).agg(pl.col("ts_event").min())
    states: list[State] = [(ts, name, "open", {}) for name, ts in first.iter_rows()]
    states += [(close, name, "closed", {}) for name, close in closes.items()]
    ends = [(close, name, outcome[name] == "yes") for name, close in closes.items() if name in outcome]
    missing = len(closes) - len(ends)
    warnings = ["time of results not recorded: taken as the close of the market"] if ends else []
    if missing:
        warnings.append(f"{missing} markets without a label: no settlement")
    references = [
        Instrument(
            symbol=name,
            venue="spot",
            kind=InstrumentKind.REFERENCE,
            category="crypto",
            title=f"Spot price {name}, source not recorded",
        )
        for name in sorted(set(spot["symbol"]))
    ]
    return RecordedPart(
        file=located.need("snapshots") / format_ns(day * DAY)[:10],
        frames=nonempty(
            {
                Kind.QUOTE: quotes,
                Kind.TRADE: tape,
                Kind.INDEX: spot,
                Kind.LIFECYCLE: lifecycle(states),
                Kind.SETTLEMENT: settlements(ends),
            }
        ),
        instruments=[_instrument(name, close) for name, close in closes.items()] + references,
        meta={"results_at_close_assumed": [name for _, name, _ in ends]},
        warnings=warnings,
        quarantined=bad_quotes + bad_trades,
    )


def _quotes(snapshots: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Quotes without sizes: the recorded depths are those of the whole book."""
    rows, bad = exact(snapshots, {"yb": PRICE, "ya": PRICE, "ts": 9})
    return finish(
        Kind.QUOTE,
        rows.select(
            ts_event="ts",
            ts_recv="ts",
            symbol="ticker",
            bid=empty_bid("yb"),
            ask=empty_ask("ya"),
        ),
    ), bad


def _spot(snapshots: pl.DataFrame) -> pl.DataFrame:
    """Spot prices that the recorder marked as good, once per time and series."""
    good = snapshots.filter((pl.col("spot_ok") == 1) & (pl.col("spot") > 0))
    name = pl.col("series").str.strip_prefix("KX").str.strip_suffix(_SERIES) + "-USD"
    stamp = (pl.col("ts") * 1e9).round().cast(pl.Int64)
    rows = good.select(ts_event=stamp, ts_recv=stamp, symbol=name, value="spot")
    return finish(Kind.INDEX, rows.unique(["ts_event", "symbol"], keep="first", maintain_order=True))


def _tape(trades: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    rows, bad = exact(trades, {"yes_price": PRICE, "count": SIZE})
    stamp = pl.col("created_time").str.to_datetime(time_unit="us", time_zone="UTC").dt.epoch("ns")
    return finish(
        Kind.TRADE,
        rows.select(
            ts_event=stamp,
            symbol="ticker",
            price="yes_price",
            size="count",
            taker=pl.col("taker_side").replace_strict({"yes": 1, "no": -1}, default=0),
        ),
    ), bad


def _instrument(name: str, close: int) -> Instrument:
    return Instrument(
        symbol=name,
        venue="kalshi",
        series=series_of(name),
        event=event_of(name),
        category="crypto",
        tick_bands=TAPERED_TICKS,
        size_step=CENTI_CONTRACT,
        min_size=CENTI_CONTRACT,
        open_time=close - _WINDOW,
        close_time=close,
        strike_type="greater_or_equal",
    )


KALSHI_CRYPTO: Final = RecordedSet(
    name="kalshi_crypto",
    required={
        "snapshots": frozenset({"yb", "ya", "spot", "spot_ok", "ticker", "series", "ts"}),
        "trades": frozenset({"yes_price", "count", "taker_side", "created_time", "ticker"}),
        "labels": frozenset({"ticker", "label", "outcome", "close_time"}),
    },
    reader=read,
)
