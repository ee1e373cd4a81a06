import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest

from ntp.core import ConfigError, DataError, NotFound
from ntp.data import UnifiedEvent, import_path, import_source
from ntp.data.schema import Kind
from ntp.data.sources import DataSource
from ntp.markets.instrument import Instrument, InstrumentKind

from .builders import DAY, QUOTES, T0, catalog_at, load, quotes, refused, write


def test_a_quote_file(tmp_path):
    report, dataset = load(tmp_path, QUOTES)
    frame = dataset.frame(Kind.QUOTE)
    assert frame["bid"].to_list() == [4_100, 4_200]
    assert frame["ask"].to_list() == [4_300, None]
    assert frame["symbol"].unique().to_list() == ["set"]
    assert report.to_dict() == {
        "name": "set",
        "rows": 2,
        "events": 2,
        "contracts": 1,
        "from": "2024-01-01T00:00:00Z",
        "to": "2024-01-01T00:00:01Z",
        "kinds": {"quote": 2},
        "quarantined": 0,
        "warnings": [],
    }


def test_a_price_file_is_no_tape_unless_it_says_so(tmp_path):
    text = "timestamp,symbol,price,volume,x\n1700000000,A,0.29,2.5,7\n1700000001,B,0.57,1,\n"
    _, observed = load(tmp_path, text, name="observed")
    assert observed.kinds() == {Kind.INDEX, Kind.CUSTOM}
    assert observed.frame(Kind.CUSTOM)["payload"].to_list() == ['{"volume":2.5,"x":7}', '{"volume":1}']
    _, tape = load(tmp_path, text, name="tape", emits="trade", venue="kalshi")
    trades = tape.frame(Kind.TRADE)
    assert trades["price"].to_list() == [2_900, 5_700]
    assert trades["size"].to_list() == [2_500_000, 1_000_000]
    assert [item.id for item in tape.instruments()] == ["kalshi:A", "kalshi:B"]


def test_candles_of_bare_dates_end_with_their_day(tmp_path):
    text = (
        "Timestamp,Open,High,Low,Close\n2004-08-19,100.0,104.06,95.96,100.34\n"
        "2004-08-20,101.01,109.08,100.5,108\n"
    )
    report, dataset = load(tmp_path, text, kind="asset", venue="cash", symbol="GOOG")
    frame = dataset.frame(Kind.CANDLE)
    assert report.to_dict()["from"] == "2004-08-20T00:00:00Z"
    assert frame["interval"].to_list() == [86_400 * 10**9] * 2
    assert frame["close"].to_list() == [10_034, 10_800]
    (instrument,) = dataset.instruments()
    assert (instrument.kind, instrument.price_scale) == (InstrumentKind.ASSET, 2)


def test_candles_of_instants_are_stamped_with_their_end_and_warned_of(tmp_path):
    text = "timestamp,open,high,low,close\n1700000000,.4,.5,.3,.4\n1700000060,.4,.5,.3,.4\n"
    report, dataset = load(tmp_path, text)
    assert dataset.span[0] == 1_700_000_000 * 10**9
    assert "ends of candles" in report.warnings[0]
    mapping = {"mappings": {k: k for k in ("timestamp", "open", "high", "low", "close")}, "stamp": "start"}
    _, shifted = load(tmp_path, text, name="shifted", mapping=mapping)
    assert shifted.span[0] == 1_700_000_060 * 10**9


def test_assets_of_one_file_have_their_own_scales(tmp_path):
    text = (
        "timestamp,symbol,price\n1700000000,BTC,67000.25\n1700000000,DOGE,0.0812345\n1700000001,BTC,67000.5\n"
    )
    _, dataset = load(tmp_path, text, kind="asset")
    assert {item.symbol: item.price_scale for item in dataset.instruments()} == {"BTC": 2, "DOGE": 7}
    assert dataset.frame(Kind.INDEX, symbols=["DOGE"])["value"].to_list() == [0.0812345]


def test_an_asset_file_may_not_be_finer_than_what_is_stored(tmp_path):
    catalog = catalog_at(tmp_path)
    first = write(tmp_path, "a.csv", "timestamp,bid,ask\n1700000000,10.25,10.5\n")
    finer = write(tmp_path, "b.csv", "timestamp,bid,ask\n1700000001,10.251,10.5\n")
    coarser = write(tmp_path, "c.csv", "timestamp,bid,ask\n1700000001,11,12\n")
    import_path(catalog, first, name="set", kind="asset")
    with pytest.raises(DataError, match="as they are stored"):
        import_path(catalog, finer, name="set", kind="asset")
    import_path(catalog, coarser, name="set", kind="asset")
    assert catalog.dataset("set").frame(Kind.QUOTE)["bid"].to_list() == [1_025, 1_100]


def test_a_reference_file_gives_instruments_and_settlements(tmp_path):
    text = (
        "symbol,venue,event,series,open_time,close_time,strike_type,strike_low,strike_high,settlement_time,value\n"
        "A,kalshi,E,S,2024-01-01,2024-01-02,greater,3.50,,2024-01-02T01:00:00Z,0.25\n"
        "B,kalshi,E,S,2024-01-01,2024-01-02,between,3.5,4,,\n"
    )
    report, dataset = load(tmp_path, text, kind="reference")
    assert (report.rows, report.events, report.contracts) == (2, 1, 2)
    assert dataset.frame(Kind.SETTLEMENT).select("symbol", "value", "state").row(0) == (
        "A",
        250_000,
        "settled",
    )
    first, second = dataset.instruments()
    assert (first.strike_low, first.known_at, second.strike_high) == ("3.50", None, "4")


def test_a_reference_file_may_be_mapped(tmp_path):
    text = "ticker,result,at,floor,kind\nA,yes,1704157200,3.5,x\nB,no,1704157200,4.5,x\nC,,,4.5,y\n"
    mapping = {
        "kind": "reference",
        "venue": "kalshi",
        "mappings": {"symbol": "ticker", "result": "result", "settlement_time": "at", "strike_low": "floor"},
        "where": {"kind": "x"},
        "drop": ["kind"],
    }
    _, dataset = load(tmp_path, text, mapping=mapping)
    assert dataset.frame(Kind.SETTLEMENT).select("symbol", "value").rows() == [("A", 1_000_000), ("B", 0)]
    assert [item.id for item in dataset.instruments()] == ["kalshi:A", "kalshi:B"]


def test_a_reference_file_completes_prices_without_a_venue(tmp_path):
    catalog = catalog_at(tmp_path)
    import_path(catalog, write(tmp_path, "q.csv", QUOTES), name="set", symbol="A")
    reference = write(tmp_path, "r.csv", "symbol,venue,close_time\nA,kalshi,2024-01-02\n")
    import_path(catalog, reference, name="set", kind="reference")
    (instrument,) = catalog.dataset("set").instruments()
    assert instrument.id == "kalshi:A"
    assert instrument.close_time is not None


def test_bad_rows_are_quarantined_by_a_mapping_and_refused_above_one_in_a_thousand(tmp_path):
    mapping = {"mappings": {"timestamp": "t", "price": "p"}, "sort": True}
    lines = [f"{1_700_000_000 + n},0.5" for n in range(2_000)]
    lines[10] = "1700000010,nan"
    report, dataset = load(tmp_path, "\n".join(["t,p", *lines]), mapping=mapping)
    assert (report.rows, report.events, report.quarantined) == (2_000, 1_999, 1)
    assert "rows 11" in report.warnings[0]
    (listed,) = dataset.meta["quarantine data.csv"]
    assert (listed["row"], listed["column"], listed["code"]) == (11, "p", "not_a_number")
    lines[20] = lines[30] = "soon,0.5"
    error = refused(tmp_path / "more", "\n".join(["t,p", *lines]), mapping=mapping)
    assert error.details["row"] == 11
    assert error.details["quarantined"] == 3


def test_times_may_go_backwards_where_the_mapping_says_so(tmp_path):
    text = "t,p\n1700000001,0.5\n1700000000,0.4\n"
    assert (
        refused(tmp_path / "a", text, mapping={"mappings": {"timestamp": "t", "price": "p"}}).code
        == "time_backwards"
    )
    _, dataset = load(tmp_path, text, mapping={"mappings": {"timestamp": "t", "price": "p"}, "sort": True})
    assert dataset.frame(Kind.INDEX)["value"].to_list() == [0.4, 0.5]


def test_symbols_one_after_the_other_are_in_order(tmp_path):
    text = "timestamp,symbol,price\n1700000000,A,.4\n1700000009,A,.4\n1700000000,B,.4\n"
    assert load(tmp_path, text)[0].events == 3


def test_a_repeated_file_is_a_no_op_with_a_warning(tmp_path):
    load(tmp_path, QUOTES)
    report, dataset = load(tmp_path, QUOTES)
    assert (report.events, dataset.rows()) == (0, 2)
    assert "imported before" in report.warnings[0]


def test_a_file_read_again_by_other_rules_says_what_became_of_the_first_rows(tmp_path):
    catalog = catalog_at(tmp_path)
    for name in ("a.csv", "b.csv"):
        write(tmp_path / "folder", name, f"timestamp,symbol,price,volume\n2024-01-0{1 + (name > 'b')},A,.4,5\n")
    import_path(catalog, tmp_path / "folder", name="set")
    report = import_path(catalog, tmp_path / "folder", name="set", emits="trade")
    told = [warning for warning in report.warnings if "by other rules" in warning]
    assert [warning[:5] for warning in told] == ["a.csv", "b.csv"], "one option holds for the whole folder"
    assert all("ntp data remove set" in warning for warning in told)
    assert {Kind.INDEX, Kind.TRADE} <= catalog.dataset("set").kinds()
    catalog.remove("set")
    again = import_path(catalog, tmp_path / "folder", name="set", emits="trade")
    assert catalog.dataset("set").kinds() == {Kind.TRADE}
    assert again.warnings == []


def test_a_repeated_name_appends(tmp_path):
    load(tmp_path, QUOTES)
    _, dataset = load(tmp_path, QUOTES.replace("0.41", "0.40"), file="more.csv", symbol="B")
    assert dataset.symbols() == ["B", "set"]


def test_a_folder_is_stored_whole_or_not_at_all(tmp_path):
    catalog = catalog_at(tmp_path)
    write(tmp_path / "folder", "a.csv", QUOTES)
    bad = write(tmp_path / "folder", "sub/b.csv", "timestamp,bid\n2024-01-02,7\n")
    with pytest.raises(DataError):
        import_path(catalog, tmp_path / "folder", name="set")
    assert catalog.names() == []
    bad.write_text("timestamp,bid\n2024-01-02,0.7\n")
    assert import_path(catalog, tmp_path / "folder", name="set").events == 3
    with pytest.raises(DataError, match="there are none"):
        import_path(catalog, (tmp_path / "empty").resolve().parent / "catalog" / ".locks", name="other")


RESUME = """
import sys, time
from pathlib import Path
import ntp.data.file_import as room
from ntp.data import Catalog, import_path
run, count = room.FileImport.run, 0
def slow(self):
    global count
    count += 1
    if count == 3:
        print("ready", flush=True)
        time.sleep(60)
    run(self)
room.FileImport.run = slow
import_path(Catalog(Path(sys.argv[1]) / "catalog"), Path(sys.argv[1]) / "folder", name="set")
"""


def test_a_killed_folder_import_goes_on_after_its_last_file(tmp_path):
    for number in range(4):
        write(tmp_path / "folder", f"{number}.csv", QUOTES.replace("2024", f"200{number}"))
    command = [sys.executable, "-c", RESUME, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline().strip() == "ready"
        os.kill(process.pid, signal.SIGKILL)
    catalog = catalog_at(tmp_path)
    assert catalog.names() == []
    report = import_path(catalog, tmp_path / "folder", name="set")
    assert report.events == 4
    assert catalog.dataset("set").rows() == 8


def test_files_of_all_formats_give_the_same_rows(tmp_path):
    records = [
        {"timestamp": 1_700_000_000, "symbol": "A", "bid": 0.29, "ask": 0.57, "volume": 12.5, "note": "x"},
        {"timestamp": 1_700_000_001, "symbol": "A", "bid": 0.3, "ask": 0.58, "volume": 13.0, "note": None},
    ]
    pl.DataFrame(records).write_csv(tmp_path / "a.csv")
    pl.DataFrame(records).write_parquet(tmp_path / "a.parquet")
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(record) for record in records))
    (tmp_path / "list.json").write_text(json.dumps(records))
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute(
            "create table quotes (timestamp int, symbol text, bid real, ask real, volume real, note text)"
        )
        connection.executemany(
            "insert into quotes values (?, ?, ?, ?, ?, ?)", [tuple(r.values()) for r in records]
        )
    connection.close()
    catalog = catalog_at(tmp_path)
    hashes = set()
    for file in ("a.csv", "a.parquet", "a.jsonl", "list.json", "a.db"):
        import_path(catalog, tmp_path / file, name=file)
        hashes.add(catalog.dataset(file).content_hash)
    assert len(hashes) == 1
    assert catalog.dataset("a.csv").frame(Kind.CUSTOM)["payload"].to_list() == ['{"note":"x"}']


def test_unknown_paths_options_and_formats(tmp_path):
    catalog = catalog_at(tmp_path)
    with pytest.raises(NotFound):
        import_path(catalog, tmp_path / "nowhere.csv", name="set")
    file = write(tmp_path, "a.csv", QUOTES)
    with pytest.raises(ConfigError) as caught:
        import_path(catalog, file, name="set", emits="trades")
    assert "did you mean 'trade'" in caught.value.hint
    with pytest.raises(ConfigError):
        import_path(catalog, file, name="a/b")
    with pytest.raises(ConfigError):
        import_path(catalog, write(tmp_path, "a.xyz", QUOTES), name="set")


@dataclass
class Part:
    """Part of a recorded set, as the importer sees one."""

    file: Path
    frames: dict
    instruments: list = field(default_factory=list)
    meta: dict = field(default_factory=dict)
    warnings: list = field(default_factory=list)
    quarantined: int = 0


class Recorded:
    """A recorded set of two days in one file."""

    name = "fake_set"

    def sources(self, path):
        for day in (0, 1):
            yield Part(
                path / f"day {day}",
                {Kind.QUOTE: quotes(2, start=T0 + day * DAY)},
                [Instrument(symbol="A", venue="kalshi")],
                {"left_out": 2, "offset": {str(day): 5}, "runs": [day]},
                ["careful"],
                1,
            )


def test_a_recorded_set_is_stored_by_parts(tmp_path, monkeypatch):
    monkeypatch.setattr("ntp.data.importer._detect", lambda path: Recorded())
    catalog, file = catalog_at(tmp_path), write(tmp_path, "a.bin", "x")
    report = import_path(catalog, file, name="set", venue="manifold")
    assert (report.rows, report.events, report.contracts, report.quarantined) == (6, 4, 1, 2)
    assert report.warnings == ["recognised as fake_set: --venue manifold is not applied", "careful"]
    dataset = catalog.dataset("set")
    assert dataset.sources() == ["fake_set"]
    assert dataset.meta == {"left_out": 4, "offset": {"0": 5, "1": 5}, "runs": [0, 1]}
    again = import_path(catalog, file, name="set")
    assert again.events == 0
    assert "2 part(s)" in again.warnings[0]


class Told(DataSource):
    """A user's source: raw tuples of the past."""

    name = "told"

    def read(self, start=None, end=None):
        yield from [(1_700_000_000, 0.4), (1_700_000_001, 0.45), (1_700_000_009, None)]

    def transform(self, raw):
        return (
            UnifiedEvent(raw[0], self.name, "A", {"bid": raw[1], "ask": 0.5, "mood": 3}) if raw[1] else None
        )


def test_a_source_of_the_user_is_imported(tmp_path):
    catalog = catalog_at(tmp_path)
    report = import_source(catalog, Told(), name="set", start=1_700_000_001 * 10**9)
    assert (report.rows, report.events) == (1, 2)
    assert catalog.dataset("set").frame(Kind.QUOTE)["bid"].to_list() == [4_500]


def test_a_large_file_stays_fast(tmp_path, capsys):
    count = 300_000
    pl.select(
        timestamp=pl.int_range(1_700_000_000_000, 1_700_000_000_000 + count),
        bid=pl.int_range(count) % 50 / 100,
        ask=(pl.int_range(count) % 50 + 1) / 100,
    ).write_csv(tmp_path / "big.csv")
    start = time.perf_counter()
    report = import_path(catalog_at(tmp_path), tmp_path / "big.csv", name="set")
    with capsys.disabled():
        sys.stdout.write(f"\nimport of {count} CSV rows: {time.perf_counter() - start:.2f} s\n")
    assert report.events == count
