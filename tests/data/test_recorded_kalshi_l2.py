import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from ntp.data.inference import infer_prints
from ntp.data.quality import agreement, rebuild
from ntp.data.recorded import RecordedPart, detect
from ntp.data.recorded.kalshi_l2 import KALSHI_L2
from ntp.data.recorded.kalshi_l2_book import clock_offset, run_book
from ntp.data.schema import BOOK_CLEAR, BOOK_SET, FLAG_GROUP_END, FLAG_INFERRED, FLAG_SNAPSHOT, Kind

START = datetime(2026, 5, 11, 12, 0, tzinfo=UTC)
MARKET = "KXBTC15M-26MAY110815-15"


def delta(
    number: int, ms: int, side: str, price: float, size: float, *, recv_ms: float | None = None
) -> dict:
    at = START + timedelta(milliseconds=ms)
    arrived = int((at.timestamp() * 1_000 + 50 if recv_ms is None else recv_ms) * 1_000_000)
    return {
        "run": "r",
        "market_ticker": MARKET,
        "connection_id": "c",
        "sequence_number": number,
        "exchange_ts": at,
        "local_recv_ns": arrived,
        "side": side,
        "price_dollars": price,
        "delta_fp": size,
    }


def snapshot(number: int, ms: int, levels: list[tuple[str | None, float | None, float | None]]) -> list[dict]:
    arrived = int((START.timestamp() * 1_000 + ms + 50) * 1_000_000)
    return [
        {
            "run": "r",
            "market_ticker": MARKET,
            "connection_id": "c",
            "sequence_number": number,
            "local_recv_ns": arrived,
            "side": side,
            "price_dollars": price,
            "size_fp": size,
        }
        for side, price, size in levels
    ]


DELTAS = {"sequence_number": pl.Int64, "exchange_ts": pl.Datetime("us", "UTC")}
IMAGE = [("yes", 0.45, 10.0), ("yes", 0.44, 5.0), ("no", 0.5, 7.0)]


def build(deltas: list[dict], snapshots: list[dict]):
    changes = pl.DataFrame(deltas, schema_overrides=DELTAS)
    return run_book(changes, pl.DataFrame(snapshots), clock_offset(changes) or 0)


def test_no_bids_become_yes_asks_once() -> None:
    book = build([delta(2, 10, "no", 0.51, 3.25), delta(3, 20, "yes", 0.46, 1.0)], snapshot(1, 0, IMAGE))
    rows = book.rows.select("side", "action", "price", "size").rows()
    assert rows == [
        (0, BOOK_CLEAR, 0, 0),
        (1, BOOK_SET, 4_500, 10_000_000),
        (1, BOOK_SET, 4_400, 5_000_000),
        (-1, BOOK_SET, 5_000, 7_000_000),
        (-1, 1, 4_900, 3_250_000),
        (1, 1, 4_600, 1_000_000),
    ]
    top = rebuild(book.rows).top
    assert top.select("bid", "ask").rows() == [(4_500, 5_000), (4_500, 4_900), (4_600, 4_900)]


def test_groups_end_with_their_exchange_time_and_snapshots_come_first() -> None:
    late = START.timestamp() * 1_000 + 900
    changes = [
        delta(2, 10, "yes", 0.46, 1.0, recv_ms=late),
        delta(3, 10, "yes", 0.45, -1.0, recv_ms=late),
        delta(4, 11, "yes", 0.45, -1.0, recv_ms=late),
    ]
    # All of it arrived late: the snapshot is still not younger than the change that follows it.
    book = run_book(pl.DataFrame(changes, schema_overrides=DELTAS), pl.DataFrame(snapshot(1, 800, IMAGE)), 0)
    flags = book.rows["flags"].to_list()
    both = FLAG_GROUP_END | FLAG_SNAPSHOT
    assert flags == [FLAG_SNAPSHOT, FLAG_SNAPSHOT, FLAG_SNAPSHOT, both, 0, FLAG_GROUP_END, FLAG_GROUP_END]
    assert book.rows["ts_event"].is_sorted()
    assert book.rows["sequence"].to_list() == [1, 1, 1, 1, 2, 3, 4]


def test_changes_after_a_gap_are_lost_until_the_next_snapshot() -> None:
    deltas = [
        delta(2, 10, "yes", 0.45, 1.0),
        delta(4, 20, "yes", 0.45, 1.0),
        delta(5, 30, "yes", 0.45, 1.0),
        delta(2, 1_010, "yes", 0.4, 2.0),
    ]
    book = build(deltas, snapshot(1, 0, IMAGE) + snapshot(1, 1_000, IMAGE))
    assert (book.gaps, book.lost) == (1, 2)
    assert book.images["cut"].to_list() == [True, True]
    assert book.rows.filter(pl.col("action") == 1)["sequence"].to_list() == [2, 2]


def test_the_empty_snapshot_at_the_close_ends_a_whole_recording() -> None:
    closing = snapshot(3, 500, [(None, None, None)])
    book = build([delta(2, 10, "yes", 0.45, 1.0)], snapshot(1, 0, IMAGE) + closing)
    assert book.images["cut"].to_list() == [False]
    assert rebuild(book.rows).top.select("bid", "ask").rows()[-1] == (None, None)


def test_a_snapshot_without_changes_is_a_ghost_and_left_out() -> None:
    changes = pl.DataFrame([delta(2, 10, "yes", 0.45, 1.0)], schema_overrides=DELTAS)
    other = [row | {"market_ticker": "KXBTC15M-26MAY110830-30"} for row in snapshot(1, 0, IMAGE)]
    book = run_book(changes, pl.DataFrame(snapshot(1, 0, IMAGE) + other), 0)
    assert book.ghosts == ("KXBTC15M-26MAY110830-30",)
    assert set(book.rows["symbol"]) == {MARKET}


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "kalshi_btc15m_l2"


@pytest.fixture(scope="module")
def parts(folder: Path) -> list[RecordedPart]:
    return list(KALSHI_L2.parts(folder))


def joined(parts: list[RecordedPart], kind: Kind) -> pl.DataFrame:
    frames = [part.frames[kind] for part in parts if kind in part.frames]
    return pl.concat(frames).sort("ts_event", "sequence", maintain_order=True)


def test_real_recording_is_recognised_and_only_usable_runs_are_read(
    folder: Path, parts: list[RecordedPart]
) -> None:
    assert detect(folder) is KALSHI_L2
    assert detect(folder / "ticker.parquet") is KALSHI_L2
    quality = pl.read_parquet(folder / "run_quality.parquet")
    usable = set(quality.filter("usable_from_first_snapshot")["run"])
    assert {part.file.name for part in parts} == usable
    records = parts[-1].meta["recordings"]
    assert {record["run"] for record in records} == set(quality["run"])
    assert sum(not record["usable"] for record in records) == 3
    assert sum(part.quarantined for part in parts) == 0


def test_rebuilt_books_agree_with_the_ticker_channel(parts: list[RecordedPart]) -> None:
    results = [agreement(part.frames[Kind.BOOK], part.frames[Kind.QUOTE]) for part in parts]
    compared, equal = sum(item.compared for item in results), sum(item.equal for item in results)
    print(f"agreement: {equal} of {compared} = {equal / compared:.4%}")  # noqa: T201
    assert compared > 15_000
    assert equal / compared >= 0.998


def test_no_group_ends_crossed_and_no_level_goes_negative(parts: list[RecordedPart]) -> None:
    for part in parts:
        rebuilt = rebuild(part.frames[Kind.BOOK])
        assert rebuilt.negative == {}
        assert rebuilt.top.filter(pl.col("bid") >= pl.col("ask")).is_empty()


def test_sequence_gaps_are_where_the_recording_has_them(folder: Path) -> None:
    quality = pl.read_parquet(folder / "run_quality.parquet")
    deltas = pl.read_parquet(folder / "orderbook_delta.parquet").partition_by("run", as_dict=True)
    snapshots = pl.read_parquet(folder / "orderbook_snapshot.parquet").partition_by("run", as_dict=True)
    found = {run: run_book(deltas[run,], snapshots[run,], 0).gaps for run in quality["run"]}
    assert found == dict(quality.select("run", "n_sequence_gaps").iter_rows())
    assert sum(found.values()) == 3


def test_the_next_strike_gives_the_official_result(folder: Path) -> None:
    markets = (
        pl.read_parquet(folder / "markets.parquet")
        .with_columns(pl.col("close_time").str.to_datetime(time_zone="UTC"))
        .sort("close_time")
    )
    pairs = markets.with_columns(
        after=pl.col("strike").shift(-1), step=pl.col("close_time").shift(-1) - pl.col("close_time")
    ).filter((pl.col("step") == timedelta(minutes=15)) & pl.col("result").is_not_null())
    derived = pairs.select(
        pl.when(pl.col("after") >= pl.col("strike")).then(pl.lit("yes")).otherwise(pl.lit("no"))
    )
    print(f"results from the next strike: {pairs.height} pairs")  # noqa: T201
    assert pairs.height >= 20
    assert derived.to_series().to_list() == pairs["result"].to_list()


def test_results_of_markets_are_settled_once(parts: list[RecordedPart], folder: Path) -> None:
    settled = joined(parts, Kind.SETTLEMENT)
    official = dict(pl.read_parquet(folder / "markets.parquet").select("market_ticker", "result").iter_rows())
    assert settled.group_by("symbol", "state").len()["len"].max() == 1
    closes = {item.symbol: item.close_time for part in parts for item in part.instruments}
    for row in settled.to_dicts():
        assert row["value"] == (1_000_000 if official[row["symbol"]] == "yes" else 0)
        assert row["ts_event"] >= closes[row["symbol"]]


def test_volume_is_halved_because_both_sides_were_counted(folder: Path, parts: list[RecordedPart]) -> None:
    ticker = pl.read_parquet(folder / "ticker.parquet")
    # The notional of a contract is a dollar, so the venue's own dollar volume counts each one once.
    halves = ticker.select((pl.col("volume_fp") / 2).floor().alias("half"), "dollar_volume")
    assert (halves["half"] == halves["dollar_volume"]).all()
    quotes = joined(parts, Kind.QUOTE)
    first = ticker.filter(pl.col("run") == parts[0].file.name).row(0, named=True)
    assert quotes["volume"][0] == round(first["volume_fp"] * 1_000_000) // 2


def test_doubled_volume_cannot_be_explained_by_the_book(parts: list[RecordedPart]) -> None:
    part = max(parts, key=lambda item: item.frames[Kind.TRADE].height)
    book, quotes = part.frames[Kind.BOOK], part.frames[Kind.QUOTE]
    halved, doubled = (
        infer_prints(book, quotes),
        infer_prints(book, quotes.with_columns(pl.col("volume") * 2)),
    )
    assert halved.share == 1.0
    assert doubled.share is not None
    assert doubled.share < 0.9


def test_prints_are_inferred_fast_and_marked(parts: list[RecordedPart]) -> None:
    book, quotes = joined(parts, Kind.BOOK), joined(parts, Kind.QUOTE)
    infer_prints(book.head(10), quotes.head(10))  # compiled before it is timed
    started = time.perf_counter()
    result = infer_prints(book, quotes)
    took = time.perf_counter() - started
    print(  # noqa: T201 - measured numbers are for people
        f"inferred: {result.assigned / 1e6:.0f} of {result.traded / 1e6:.0f} contracts, unassigned "
        f"{result.unassigned / 1e6:.0f}, outside the books {result.uncovered / 1e6:.0f}; "
        f"{book.height} rows in {took:.2f} s"
    )
    assert took < 3.0
    assert result.share is not None
    assert result.share > 0.95
    assert (result.trades["flags"] == (FLAG_INFERRED | FLAG_GROUP_END)).all()
    stored = joined(parts, Kind.TRADE)
    assert (stored["flags"] == (FLAG_INFERRED | FLAG_GROUP_END)).all()


def test_a_recording_that_breaks_off_halts_its_market(parts: list[RecordedPart]) -> None:
    for part in parts:
        states, book = part.frames[Kind.LIFECYCLE], part.frames[Kind.BOOK]
        closes = {item.symbol: item.close_time for item in part.instruments}
        for symbol in book["symbol"].unique():
            rows = book.filter(pl.col("symbol") == symbol)
            own = states.filter(pl.col("symbol") == symbol)
            opened = own.filter(pl.col("state") == "open")
            assert opened["ts_event"][0] == rows["ts_event"][0]
            if rows["ts_event"][-1] < closes[symbol]:
                halted = own.filter(pl.col("state") == "halted")
                assert halted["ts_event"][-1] == rows["ts_event"][-1]
                assert json.loads(halted["payload"][-1]) == {"reason": "recording gap"}


def test_clock_offsets_are_taken_off(parts: list[RecordedPart]) -> None:
    for part in parts:
        record = next(item for item in part.meta["recordings"] if item["run"] == part.file.name)
        assert abs(record["offset_ns"]) < 1_000_000_000
        deltas = part.frames[Kind.BOOK].filter(pl.col("action") == 1)
        early = deltas.select((pl.col("ts_recv") < pl.col("ts_event")).mean()).item()
        assert early <= 0.0011


def test_spot_is_a_reference_of_its_own(parts: list[RecordedPart]) -> None:
    spot = joined(parts, Kind.INDEX)
    assert spot.height == 101_284
    assert spot["sequence"].n_unique() == spot.height
    venues = {(item.symbol, item.venue, item.kind.value) for part in parts for item in part.instruments}
    assert ("BTC-USD", "coinbase", "reference") in venues
