from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from ntp.core import DataError, to_ns
from ntp.data.recorded import RECORDED_SETS, RecordedPart, detect
from ntp.data.recorded.frames import exact
from ntp.data.recorded.kalshi_daily_high import climate_close
from ntp.data.recorded.kalshi_names import close_of_window, day_of, event_of, series_of
from ntp.data.schema import FLAG_GROUP_END, SCHEMAS, Kind

SETS = {
    "engine_fixtures": "asset_candles",
    "kalshi_btc15m_settlements": "kalshi_settlements",
    "kalshi_crypto15m_tob": "kalshi_crypto",
    "kalshi_highny_tob": "kalshi_daily_high",
    "kalshi_mentions": "kalshi_mention_candles",
    "kalshi_temp_markets_candles": "kalshi_temperature_candles",
    "kalshi_worldcup_inplay": "kalshi_worldcup",
    "polymarket_btc15m_l5": "polymarket_l5",
    "polymarket_btc5m_defective": "polymarket_updown_polled",
    "polymarket_btc5m_settlement": "polymarket_updown_settlement",
    "polymarket_us_quotes": "polymarket_us_quotes",
}


def read(path: Path) -> list[RecordedPart]:
    known = detect(path)
    assert known is not None
    return list(known.sources(path))


def joined(parts: list[RecordedPart], kind: Kind) -> pl.DataFrame:
    return pl.concat([part.frames[kind] for part in parts if kind in part.frames])


@pytest.mark.parametrize(("folder", "name"), sorted(SETS.items()))
def test_parts_are_unified_events_of_known_instruments(shared_data: Path, folder: str, name: str) -> None:
    known = detect(shared_data / folder)
    assert known is not None
    assert known.name == name
    files = []
    for part in known.parts(shared_data / folder):
        files.append(part.file)
        symbols: set[str] = set()
        for kind, frame in part.frames.items():
            assert dict(frame.schema) == SCHEMAS[kind]
            assert frame["ts_event"].null_count() == frame["symbol"].null_count() == 0
            assert frame.equals(frame.sort("ts_event", "sequence", maintain_order=True))
            symbols |= set(frame["symbol"])
        assert symbols <= {item.symbol for item in part.instruments}
        assert part.quarantined == 0
    assert len(set(files)) == len(files) > 0


@pytest.mark.parametrize(
    "folder", ["weather_obs", "weather_forecasts", "kalshi_btc15m_live_fills", "basketball_pbp"]
)
def test_what_is_not_a_recording_is_not_claimed(shared_data: Path, folder: str) -> None:
    assert detect(shared_data / folder) is None


def test_unknown_and_missing_paths_are_not_recorded_sets(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("timestamp,price\n")
    assert detect(tmp_path) is None
    assert detect(tmp_path / "a.csv") is None
    assert detect(tmp_path / "missing") is None
    with pytest.raises(DataError) as raised:
        list(RECORDED_SETS[0].parts(tmp_path))
    assert raised.value.code == "not_recorded"


def test_a_folder_is_known_by_columns_not_by_name(shared_data: Path, tmp_path: Path) -> None:
    table = pl.read_parquet(shared_data / "kalshi_worldcup_inplay" / "snapshots.parquet").head(20)
    table.write_parquet(tmp_path / "anything.parquet")
    assert [part.rows for part in read(tmp_path)] != []


def test_only_the_named_file_is_read(shared_data: Path) -> None:
    parts = read(shared_data / "engine_fixtures" / "backtesting_py_GOOG.parquet")
    assert [item.symbol for part in parts for item in part.instruments] == ["GOOG"]
    candles = read(shared_data / "kalshi_highny_tob" / "KXHIGHNY_candles_5m_jun_aug_2025.parquet")
    assert set(candles[0].frames) == {Kind.CANDLE}


def test_daily_high_asks_are_complements_of_no_bids(shared_data: Path) -> None:
    part = read(shared_data / "kalshi_highny_tob")[0]
    ticks = pl.read_parquet(shared_data / "kalshi_highny_tob" / "tob_ticks.parquet")
    first = ticks.filter(pl.col("event_file") == "25DEC05").row(0, named=True)
    row = part.frames[Kind.QUOTE].filter(pl.col("symbol") == first["market_ticker"]).row(0, named=True)
    assert row["bid"] == first["best_yes_bid"] * 100
    assert row["ask"] == (100 - first["best_no_bid"]) * 100
    # 12:27 on the Pacific coast in winter is 20:27 UTC.
    assert row["ts_event"] == to_ns(first["timestamp"].replace(tzinfo=ZoneInfo("America/Los_Angeles")))
    assert row["bid_size"] is None


def test_recorder_defaults_before_the_first_quote_are_left_out(tmp_path: Path) -> None:
    name = "KXHIGHNY-25DEC05-T37"
    rows = [(50, 50), (1, 50), (3, 90), (50, 50)]
    pl.DataFrame(
        {
            "timestamp": [datetime(2025, 12, 4, 7, 0, second) for second in range(4)],  # noqa: DTZ001
            "market_ticker": [name] * 4,
            "best_yes_bid": [bid for bid, _ in rows],
            "best_no_bid": [bid for _, bid in rows],
            "event_file": ["25DEC05"] * 4,
        }
    ).write_parquet(tmp_path / "ticks.parquet")
    part = read(tmp_path)[0]
    assert part.frames[Kind.QUOTE].select("bid", "ask").rows() == [(300, 1_000), (5_000, 5_000)]
    assert part.meta["recorder_defaults"] == 2


def test_daily_high_results_come_after_the_close_and_one_bracket_wins(shared_data: Path) -> None:
    parts = read(shared_data / "kalshi_highny_tob")
    for part in parts:
        settled = part.frames[Kind.SETTLEMENT].filter(pl.col("state") == "settled")
        assert settled.height == 6
        assert settled["value"].sum() == 1_000_000
        closes = [item.close_time for item in part.instruments]
        assert settled["ts_event"].min() > max(closes)
        assert part.frames[Kind.QUOTE]["ts_event"].max() <= max(closes)
    brackets = {item.symbol: item for item in parts[0].instruments}
    middle = brackets["KXHIGHNY-25DEC05-B32.5"]
    assert (middle.strike_type, middle.strike_low, middle.strike_high) == ("between", "32", "33")
    assert brackets["KXHIGHNY-25DEC05-T37"].strike_type == "greater"
    assert brackets["KXHIGHNY-25DEC05-T30"].strike_type == "less"


def test_climate_day_ends_in_standard_time() -> None:
    assert climate_close(datetime(2026, 3, 31, tzinfo=UTC).date()) == to_ns(
        datetime(2026, 4, 1, 4, 59, tzinfo=UTC)
    )


def test_crypto_labels_settle_at_the_close_of_the_ticker(shared_data: Path) -> None:
    parts = read(shared_data / "kalshi_crypto15m_tob")
    settled = joined(parts, Kind.SETTLEMENT).filter(pl.col("state") == "settled")
    assert settled.height == 82
    for symbol, ts in settled.select("symbol", "ts_event").iter_rows():
        assert ts == close_of_window(symbol)
    spot = joined(parts, Kind.INDEX)
    raw = pl.read_parquet(shared_data / "kalshi_crypto15m_tob" / "raw_snapshots.parquet")
    assert spot.height <= raw.filter(pl.col("spot_ok") == 1).height
    trades = joined(parts, Kind.TRADE)
    assert set(trades["taker"]) == {1, -1}
    assert joined(parts, Kind.QUOTE)["bid_size"].null_count() == raw.height


def test_polymarket_samples_are_atomic_images_and_repeat_no_print(shared_data: Path) -> None:
    part = read(shared_data / "polymarket_btc15m_l5")[0]
    book = part.frames[Kind.BOOK]
    raw = pl.read_parquet(shared_data / "polymarket_btc15m_l5" / part.file.name)
    ends = book.filter(pl.col("flags").cast(pl.Int64) % 2 == FLAG_GROUP_END)
    assert ends.height == raw.height == book["ts_event"].n_unique()
    assert Kind.SETTLEMENT not in part.frames
    trades = part.frames[Kind.TRADE]
    up = raw.select(
        "ts_ms", px="last_trade_px_up", sz="last_trade_sz_up", side="last_trade_side_up"
    ).with_columns(same=pl.struct("px", "sz", "side").eq_missing(pl.struct("px", "sz", "side").shift(1)))
    repeated = set((up.filter(pl.col("same"))["ts_ms"] * 1_000_000).to_list())
    down = raw.filter(pl.col("last_trade_px_down").is_not_null()).height
    assert trades.height < raw.height + down
    first_up = trades.filter((pl.col("price") == 5_100) & (pl.col("size") == 32_000_000)).row(0, named=True)
    assert first_up["taker"] == 1
    assert first_up["ts_event"] not in repeated
    # Buying the second outcome at 0.52 sells YES at 0.48.
    bought_down = trades.filter(pl.col("size") == 2_153_845).row(0, named=True)
    assert (bought_down["price"], bought_down["taker"]) == (4_800, -1)


def test_only_authoritative_labels_settle(shared_data: Path) -> None:
    parts = read(shared_data / "polymarket_us_quotes")
    labels = pl.read_parquet(shared_data / "polymarket_us_quotes" / "markets_labels.parquet")
    settled = joined(parts, Kind.SETTLEMENT).filter(pl.col("state") == "settled")
    api = set(labels.filter(pl.col("label_source") == "api")["slug"])
    assert set(settled["symbol"]) <= api
    assert settled["symbol"].n_unique() == settled.height > 400
    last = joined(parts, Kind.QUOTE).group_by("symbol").agg(pl.col("ts_event").max().alias("last"))
    assert settled.join(last, on="symbol").filter(pl.col("ts_event") < pl.col("last")).is_empty()


def test_temperature_results_wait_for_the_expected_expiration(shared_data: Path) -> None:
    part = read(shared_data / "kalshi_temp_markets_candles")[0]
    settled = part.frames[Kind.SETTLEMENT].filter(pl.col("state") == "settled")
    closes = {item.symbol: item.close_time for item in part.instruments}
    assert all(ts > closes[symbol] for symbol, ts in settled.select("symbol", "ts_event").iter_rows())
    candles = part.frames[Kind.CANDLE]
    assert candles.filter((pl.col("bid_close") == 0) | (pl.col("ask_close") == 10_000)).is_empty()
    assert candles["open"].null_count() > 0  # nothing traded in that hour: no price, not a zero


def test_mention_candles_carry_cents_and_results(shared_data: Path) -> None:
    parts = read(shared_data / "kalshi_mentions")
    candles = joined(parts, Kind.CANDLE)
    assert candles["ask_close"].max() <= 9_900
    assert joined(parts, Kind.SETTLEMENT).filter(pl.col("state") == "settled").height == 1_515


def test_settlements_follow_from_the_feed(shared_data: Path) -> None:
    part = read(shared_data / "polymarket_btc5m_settlement")[0]
    feed = dict(part.frames[Kind.INDEX].select("ts_event", "value").iter_rows())
    results = dict(part.frames[Kind.SETTLEMENT].select("symbol", "value").iter_rows())
    same = total = 0
    for item in part.instruments:
        if item.symbol in results and item.open_time in feed and item.close_time in feed:
            total += 1
            same += (feed[item.close_time] >= feed[item.open_time]) == (results[item.symbol] == 1_000_000)
    print(f"settlement from the feed: {same} of {total}")  # noqa: T201
    assert total > 250
    assert same == total
    assert part.instruments[0].fee_schedule["rate"] == 0.07


def test_assets_are_dated_at_the_end_of_their_candles(shared_data: Path) -> None:
    parts = {part.instruments[0].symbol: part for part in read(shared_data / "engine_fixtures")}
    hour = 3_600_000_000_000
    euro = parts["EURUSD"].frames[Kind.CANDLE].row(0, named=True)
    assert euro["ts_event"] == to_ns(datetime(2017, 4, 19, 10, tzinfo=UTC))
    assert euro["interval"] == hour
    assert parts["EURUSD"].instruments[0].price_scale == 5
    assert euro["open"] == 107_160
    goog = parts["GOOG"].frames[Kind.CANDLE].row(0, named=True)
    assert goog["ts_event"] == to_ns(datetime(2004, 8, 20, tzinfo=UTC))
    assert goog["close"] == 10_034
    assert {part.instruments[0].venue for part in parts.values()} == {"cash"}


def test_floats_become_exact_units_or_are_left_out() -> None:
    cents = pl.DataFrame({"p": [n / 100 for n in range(1, 100)]})
    assert exact(cents, {"p": 4})[0]["p"].to_list() == [n * 100 for n in range(1, 100)]
    tenths = pl.DataFrame({"p": [n / 1_000 for n in range(1, 1_000)]})
    assert exact(tenths, {"p": 4})[0]["p"].to_list() == [n * 10 for n in range(1, 1_000)]
    odd = pl.DataFrame({"p": [10.299999999999997, 10.12345, None, float("nan")]})
    kept, bad = exact(odd, {"p": 2})
    assert (kept["p"].to_list(), bad) == ([1_030, None], 2)


def test_tickers_tell_series_event_and_close() -> None:
    ticker = "KXBTC15M-26MAY110415-15"
    assert (series_of(ticker), event_of(ticker)) == ("KXBTC15M", "KXBTC15M-26MAY110415")
    assert close_of_window(ticker) == to_ns(datetime(2026, 5, 11, 8, 15, tzinfo=UTC))
    assert str(day_of("KXHIGHNY-25DEC05-B32.5")) == "2025-12-05"
    assert day_of("KXMENWORLDCUP-26-ES") is None
    with pytest.raises(DataError, match="close time"):
        close_of_window("KXHIGHNY-25DEC05-B32.5")
