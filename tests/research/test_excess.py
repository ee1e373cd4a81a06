"""Excess returns on data sets: what is counted, what is left out, and what a planted bias looks like."""

from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from ntp.core import DAY, HOUR, ConfigError, DataError
from ntp.data import Catalog, Kind, conform
from ntp.markets import Instrument, category_of
from ntp.research import excess_returns, load_trades

START = 1_700_000_000_000_000_000 // DAY * DAY


def stored(root, trades, results, *, events=None, **attributes):
    """Store trades (symbol, time, cents, contracts, taker) and results by symbol; None is a void."""
    catalog = Catalog(root)
    symbols = sorted({trade[0] for trade in trades})
    with catalog.writer("archive", source="kalshi") as writer:
        writer.add(Kind.TRADE, conform(Kind.TRADE, pl.DataFrame({
            "ts_event": [START + trade[1] for trade in trades], "symbol": [trade[0] for trade in trades],
            "price": [trade[2] * 100 for trade in trades], "size": [trade[3] * 10**6 for trade in trades],
            "taker": [trade[4] for trade in trades], "flags": [1] * len(trades),
            "ts_recv": [None] * len(trades), "sequence": [None] * len(trades),
        }, schema_overrides={"taker": pl.Int8, "flags": pl.UInt8, "ts_recv": pl.Int64, "sequence": pl.Int64,
                             "price": pl.Int32})))  # fmt: skip
        if results:
            writer.add(Kind.SETTLEMENT, conform(Kind.SETTLEMENT, pl.DataFrame({
                "ts_event": [START + DAY] * len(results), "symbol": list(results),
                "value": [None if value is None else round(value * 1e6) for value in results.values()],
                "state": ["voided" if value is None else "settled" for value in results.values()],
                "flags": [1] * len(results), "ts_recv": [None] * len(results), "sequence": [None] * len(results),
            }, schema_overrides={"flags": pl.UInt8, "ts_recv": pl.Int64, "sequence": pl.Int64,
                                 "value": pl.Int64})))  # fmt: skip
        writer.add_instruments(
            Instrument(symbol=symbol, venue="kalshi", event=(events or {}).get(symbol, symbol), **attributes)
            for symbol in symbols
        )
    return catalog.dataset("archive")


def test_one_trade_is_a_position_of_each_side(tmp_path):
    dataset = stored(tmp_path, [("A", 0, 30, 10, 1), ("A", 1, 30, 10, 0), ("B", 2, 80, 5, -1)], {"A": 0, "B": 1})
    found = excess_returns(load_trades(dataset), ["all", "side"])
    taker, maker = found.rows("all", "taker").row(0, named=True), found.rows("all", "maker").row(0, named=True)
    assert (taker["trades"], taker["excess"]) == (2, pytest.approx((-0.30 - 0.20) / 2))
    assert (maker["trades"], maker["excess"]) == (2, pytest.approx(0.25))
    assert maker["pnl_usd"] == pytest.approx(0.30 * 10 + 0.20 * 5)
    assert (found.unknown_side, found.rows("all", "yes")["trades"].item()) == (1, 3)
    assert found.rows("side", "taker").select("key", "trades").rows() == [("NO", 1), ("YES", 1)]
    assert taker["ci_low"] is None, "two events are no ground for an interval"


def test_what_has_no_result_is_left_out_and_counted(tmp_path):
    dataset = stored(tmp_path, [("A", 0, 30, 1, 1), ("B", 1, 40, 1, 1), ("C", 2, 50, 1, 1)], {"A": 1, "B": None})
    found = excess_returns(load_trades(dataset), ["all"])
    assert (found.trades, found.voided, found.unresolved) == (1, 1, 1)


def test_hours_are_those_of_the_zone(tmp_path):
    dataset = stored(tmp_path, [("A", 2 * HOUR, 30, 1, 1), ("A", 16 * HOUR, 30, 1, 1)], {"A": 1})
    found = excess_returns(load_trades(dataset), ["hour"], zone=ZoneInfo("America/New_York"))
    assert found.rows("hour", "taker")["key"].to_list() == ["11", "21"]


def test_time_left_needs_a_close(tmp_path):
    trades = [("A", 0, 30, 1, 1), ("A", 23 * HOUR, 30, 1, 1)]
    known = stored(tmp_path / "known", trades, {"A": 1}, close_time=START + DAY)
    unknown = stored(tmp_path / "unknown", trades, {"A": 1})
    keys = [
        excess_returns(load_trades(dataset), ["time_left"]).rows("time_left", "taker")["key"].to_list()
        for dataset in (known, unknown)
    ]
    assert keys == [["under 6 hours", "under 1 week"], ["unknown"]]


@pytest.mark.parametrize("threads", [1, 3])
def test_a_planted_bias_is_found_whatever_the_threads(tmp_path, threads):
    """Longshots win less than they cost, by a known amount."""
    random = np.random.default_rng(5)
    trades, results = [], {}
    for number in range(800):
        symbol = f"M{number}"
        cents = int(random.choice([5, 50]))
        trades += [(symbol, number, cents, 1, 1)] * 2
        results[symbol] = int(random.random() < cents / 100 - 0.04)
    found = excess_returns(load_trades(stored(tmp_path, trades, results)), ["price"], threads=threads)
    low = found.rows("price", "taker").filter(pl.col("key") == "5").row(0, named=True)
    assert low["ci_low"] < -0.04 < low["ci_high"] < 0
    assert low["mispricing"] == pytest.approx(low["excess"] / 0.05)


def test_events_share_their_luck(tmp_path):
    """A thousand trades of one outcome tell as little as one: the error counts events."""
    trades, results, events = [], {}, {}
    for number in range(40):
        symbol = f"M{number}"
        trades += [(symbol, number, 50, 1, 1)] * 1_000
        results[symbol], events[symbol] = number % 2, f"E{number}"
    found = excess_returns(load_trades(stored(tmp_path, trades, results, events=events)), ["all"])
    error = found.rows("all", "taker")["error"].item()
    assert error == pytest.approx(0.5 / np.sqrt(39), rel=1e-6)


def test_nothing_to_compare_is_an_error(tmp_path):
    with pytest.raises(DataError) as error:
        load_trades(stored(tmp_path, [("A", 0, 30, 1, 1)], {}))
    assert error.value.code == "no_settlements"
    dataset = stored(tmp_path / "more", [("A", 0, 30, 1, 1)], {"A": 1})
    with pytest.raises(DataError) as none:
        load_trades(dataset, start=4_000_000_000_000_000_000)
    assert none.value.code == "no_trades"
    with pytest.raises(ConfigError) as unknown:
        excess_returns(load_trades(dataset), ["prise"])
    assert (unknown.value.code, "price" in unknown.value.hint) == ("unknown_division", True)


@pytest.mark.parametrize(
    ("series", "category", "expected"),
    [
        ("KXBTCD", "", "crypto"), ("HIGHNY", "", "weather"), ("KXNBAGAME", "", "sports"), ("KXFED", "", "economics"),
        ("KXTRUMPMENTION", "", "mentions"),
        ("INXD", "", "finance"), ("ZZZ", "", "unknown"),
        ("ZZZ", "Crypto", "crypto"),
    ],
)  # fmt: skip
def test_categories(series, category, expected):
    assert category_of(Instrument(symbol=f"{series}-1", venue="kalshi", series=series, category=category)) == expected
