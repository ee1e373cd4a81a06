"""Kalshi's order-book stream: snapshots, deltas, the ticker channel and a spot feed, run by run."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from ntp.core import format_ns, parse_time
from ntp.data.inference import infer_prints
from ntp.data.recorded.frames import (
    PRICE,
    SIZE,
    State,
    empty_ask,
    empty_bid,
    exact,
    finish,
    lifecycle,
    nanoseconds,
    nonempty,
    settlements,
)
from ntp.data.recorded.kalshi_l2_book import RunBook, clock_offset, run_book
from ntp.data.recorded.kalshi_l2_markets import Market, contract, read_markets
from ntp.data.recorded.part import Located, RecordedPart
from ntp.data.recorded.recorded_set import RecordedSet
from ntp.data.schema import Kind
from ntp.markets.instrument import Instrument, InstrumentKind

_BOTH_SIDES: Final = 2  # the ticker channel of this recording counts a contract for each of its sides
_SPOT: Final = "BTC-USD"
_TRADE_ID: Final = "trade_id"


@dataclass(slots=True)
class _Session:
    """What holds for all runs of one import."""

    located: Located
    markets: dict[str, Market]
    quality: dict[str, dict[str, Any]]
    covered: set[str]
    last_run: dict[str, str]
    claimed: dict[str, list[tuple[int, int, str]]] = field(default_factory=dict)


def read(located: Located) -> Iterator[RecordedPart]:
    """Yield one part per usable run, in order of time."""
    quality = {row["run"]: row for row in pl.read_parquet(located.need("quality")).to_dicts()}
    usable = sorted(
        (name for name, row in quality.items() if row["usable_from_first_snapshot"]),
        key=lambda name: quality[name]["first_delta_ts"],
    )
    session = _Session(located, read_markets(located), quality, *_appearances(located, usable))
    for number, run in enumerate(usable):
        part = _part(session, run)
        if number == 0:
            skipped = sorted(set(quality) - set(usable))
            part.warnings.extend(
                f"run {name} left out: {quality[name]['n_sequence_gaps']} sequence gap(s)" for name in skipped
            )
            part.meta["recordings"].extend(_left_out(quality[name]) for name in skipped)
        yield part


def _left_out(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "run": row["run"],
        "usable": False,
        "sequence_gaps": row["n_sequence_gaps"],
        "offset_ns": None,
        "from": _stamp(row["first_delta_ts"]),
        "to": _stamp(row["last_delta_ts"]),
    }


def _stamp(moment: Any) -> str:
    return format_ns(parse_time(moment))


def _appearances(located: Located, usable: list[str]) -> tuple[set[str], dict[str, str]]:
    """Markets with deltas in a usable run, and the last run that shows each market."""
    deltas = pl.scan_parquet(located.need("deltas")).select("run", "market_ticker").unique().collect()
    ticker = pl.scan_parquet(located.need("ticker")).select("run", "market_ticker").unique().collect()
    covered = set(deltas.filter(pl.col("run").is_in(usable))["market_ticker"])
    order = {run: number for number, run in enumerate(usable)}
    last: dict[str, str] = {}
    pairs = [(run, market) for run, market in pl.concat([deltas, ticker]).iter_rows() if run in order]
    for run, market in sorted(pairs, key=lambda pair: order[pair[0]]):
        last[market] = run
    return covered, last


def _of_run(located: Located, role: str, run: str) -> pl.DataFrame:
    return pl.scan_parquet(located.need(role)).filter(pl.col("run") == run).collect()


def _part(session: _Session, run: str) -> RecordedPart:
    located = session.located
    deltas, ticker = _of_run(located, "deltas", run), _of_run(located, "ticker", run)
    offset = clock_offset(deltas) or 0
    book = run_book(deltas, _of_run(located, "snapshots", run), offset)
    book, warnings = _without_overlap(session, run, book)
    quotes, bad_quotes = _quotes(ticker, offset)
    spot, spot_offset, bad_spot = _spot(located, run)
    inferred = infer_prints(book.rows, quotes)
    shown = sorted(set(quotes["symbol"]) | set(book.rows["symbol"]))
    ends, assumed = _ends(session, run, shown)
    states = _states(session, book, quotes) + [
        (session.markets[m].close, m, "closed", {}) for m, _, _ in ends
    ]
    if book.ghosts:
        warnings.append(f"run {run}: snapshots of {len(book.ghosts)} markets without any change left out")
    if assumed:
        warnings.append("time of results not recorded: taken as the close of the market")
    frames = {
        Kind.BOOK: book.rows,
        Kind.QUOTE: quotes,
        Kind.TRADE: inferred.trades,
        Kind.INDEX: spot,
        Kind.LIFECYCLE: lifecycle(states),
        Kind.SETTLEMENT: settlements([(ts, market, yes) for market, ts, yes in ends if yes is not None]),
    }
    recording = _recording(session, run, book, offset, spot_offset)
    recording["prints"] = {
        "traded": inferred.traded,
        "assigned": inferred.assigned,
        "unassigned": inferred.unassigned,
    }
    return RecordedPart(
        file=located.need("deltas") / run,
        frames=nonempty(frames),
        instruments=[contract(name, session.markets[name], offset) for name in shown] + _references(spot),
        meta={"recordings": [recording], "tape": "inferred", "results_at_close_assumed": assumed},
        warnings=warnings,
        quarantined=book.quarantined + bad_quotes + bad_spot,
    )


def _recording(
    session: _Session, run: str, book: RunBook, offset: int, spot_offset: int | None
) -> dict[str, Any]:
    row = session.quality[run]
    return {
        "run": run,
        "usable": True,
        "from": _stamp(row["first_delta_ts"]),
        "to": _stamp(row["last_delta_ts"]),
        "offset_ns": offset,
        "spot_offset_ns": spot_offset,
        "offset_applied": True,
        "sequence_gaps": book.gaps,
        "deltas_lost": book.lost,
        "cuts": book.images.filter(pl.col("cut")).height,
    }


def _without_overlap(session: _Session, run: str, book: RunBook) -> tuple[RunBook, list[str]]:
    """Keep one recording of a market where two runs overlap: the one that began first."""
    dropped: list[str] = []
    for market, start, end in (
        book.images.group_by("market_ticker", maintain_order=True)
        .agg(pl.col("start").min(), pl.col("end").max())
        .iter_rows()
    ):
        others = session.claimed.setdefault(market, [])
        if any(start <= other_end and other_start <= end for other_start, other_end, _ in others):
            dropped.append(market)
        else:
            others.append((start, end, run))
    if not dropped:
        return book, []
    kept = RunBook(
        book.rows.filter(~pl.col("symbol").is_in(dropped)),
        book.images.filter(~pl.col("market_ticker").is_in(dropped)),
        book.gaps,
        book.lost,
        book.quarantined,
        book.ghosts,
    )
    return kept, [f"run {run}: {market} left out, an earlier run recorded it too" for market in dropped]


def _quotes(ticker: pl.DataFrame, offset: int) -> tuple[pl.DataFrame, int]:
    """Quote rows of the ticker channel; cumulative volume is halved because both sides are counted."""
    rows, bad = exact(
        ticker,
        {
            "yes_bid_dollars": PRICE,
            "yes_ask_dollars": PRICE,
            "yes_bid_size_fp": SIZE,
            "yes_ask_size_fp": SIZE,
            "volume_fp": SIZE,
        },
    )
    bid, ask = empty_bid("yes_bid_dollars"), empty_ask("yes_ask_dollars")
    return finish(
        Kind.QUOTE,
        rows.select(
            ts_event=nanoseconds("exchange_ts"),
            ts_recv=pl.col("local_recv_ns") - offset,
            symbol="market_ticker",
            bid=bid,
            ask=ask,
            bid_size=pl.when(bid.is_not_null()).then(pl.col("yes_bid_size_fp")),
            ask_size=pl.when(ask.is_not_null()).then(pl.col("yes_ask_size_fp")),
            volume=pl.col("volume_fp") // _BOTH_SIDES,
        ),
    ), bad


def _spot(located: Located, run: str) -> tuple[pl.DataFrame, int | None, int]:
    """Index rows of the spot feed, whose own clock offset is taken off, and that offset."""
    if located.table("spot") is None:
        return finish(Kind.INDEX, pl.DataFrame({"ts_event": [], "symbol": []})), None, 0
    trades = _of_run(located, "spot", run).rename({"exchange_ts_utc": "exchange_ts"})
    offset = clock_offset(trades)
    good = trades.filter(pl.col("price").is_finite() & (pl.col("price") > 0))
    return (
        finish(
            Kind.INDEX,
            good.select(
                ts_event=nanoseconds("exchange_ts"),
                ts_recv=pl.col("local_recv_ns") - (offset or 0),
                symbol="symbol",
                sequence=pl.col(_TRADE_ID).cast(pl.Int64),
                value="price",
            ),
        ),
        offset,
        trades.height - good.height,
    )


def _references(spot: pl.DataFrame) -> list[Instrument]:
    return [
        Instrument(
            symbol=symbol,
            venue="coinbase",
            kind=InstrumentKind.REFERENCE,
            title=f"Coinbase {symbol}",
            category="crypto",
        )
        for symbol in sorted(set(spot["symbol"]))
    ]


def _states(session: _Session, book: RunBook, quotes: pl.DataFrame) -> list[State]:
    """Open where a recording starts, halted where it breaks off before the close."""
    states: list[State] = []
    for market, start, end, cut in book.images.select("market_ticker", "start", "end", "cut").iter_rows():
        states.append((start, market, "open", {}))
        if cut and end < session.markets[market].close:
            states.append((end, market, "halted", {"reason": "recording gap"}))
    seen = quotes.group_by("symbol", maintain_order=True).agg(
        pl.col("ts_event").min().alias("start"), pl.col("ts_event").max().alias("end")
    )
    for market, start, end in seen.iter_rows():
        if market in session.covered:
            continue  # its book counts; outside the book's recording it stays halted
        states.append((start, market, "open", {}))
        if end < session.markets[market].close:
            states.append((end, market, "halted", {"reason": "recording gap"}))
    return states


def _ends(
    session: _Session, run: str, shown: list[str]
) -> tuple[list[tuple[str, int, bool | None]], list[str]]:
    """Close and result of the markets that no later run shows, and those whose time is assumed."""
    ends: list[tuple[str, int, bool | None]] = []
    assumed: list[str] = []
    for name in shown:
        if session.last_run.get(name) != run:
            continue
        market = session.markets[name]
        if market.result not in ("yes", "no"):
            ends.append((name, market.close, None))
            continue
        if market.settled is None:
            assumed.append(name)
        ends.append((name, max(market.close, market.settled or market.close), market.result == "yes"))
    return ends, assumed


KALSHI_L2: Final = RecordedSet(
    name="kalshi_l2",
    required={
        "deltas": frozenset(
            {
                "run",
                "market_ticker",
                "sequence_number",
                "exchange_ts",
                "local_recv_ns",
                "side",
                "price_dollars",
                "delta_fp",
            }
        ),
        "snapshots": frozenset(
            {"run", "market_ticker", "sequence_number", "local_recv_ns", "side", "price_dollars", "size_fp"}
        ),
        "ticker": frozenset(
            {
                "run",
                "market_ticker",
                "exchange_ts",
                "local_recv_ns",
                "yes_bid_dollars",
                "yes_ask_dollars",
                "volume_fp",
            }
        ),
        "control": frozenset({"run", "event_type", "market_ticker", "payload_json"}),
        "markets": frozenset({"market_ticker", "strike", "close_time", "result"}),
        "quality": frozenset({"run", "n_sequence_gaps", "usable_from_first_snapshot", "first_delta_ts"}),
    },
    optional={"spot": frozenset({"exchange_ts_utc", "local_recv_ns", "price", "trade_id", "symbol", "run"})},
    reader=read,
)
