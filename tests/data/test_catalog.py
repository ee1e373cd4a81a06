import json
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ntp.core import ConfigError, DataError, NotFound
from ntp.data import Catalog
from ntp.data.schema import SCHEMAS, Kind
from ntp.markets.instrument import Instrument

from .builders import DAY, T0, catalog_at, quotes, rows, store


def test_what_is_stored_comes_back_in_order(tmp_path):
    catalog = catalog_at(tmp_path)
    shuffled = quotes(5).sample(fraction=1, shuffle=True, seed=3)
    store(catalog, "set", (Kind.QUOTE, shuffled))
    dataset = catalog.dataset("set")
    assert dataset.frame(Kind.QUOTE).equals(quotes(5))
    assert dataset.kinds() == {Kind.QUOTE}
    assert dataset.span == (T0, T0 + 4 * 10**9)
    assert dataset.symbols() == ["A"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stamps=st.lists(st.tuples(st.integers(0, 4), st.none() | st.integers(0, 3)), min_size=1, max_size=20),
    cuts=st.lists(st.integers(0, 20), max_size=3),
)
def test_rows_survive_any_cut_of_the_import(tmp_path_factory, stamps, cuts):
    count = len(stamps)
    frame = rows(
        Kind.TRADE,
        count,
        price=list(range(count)),
        size=1,
        ts_event=None,
        taker=0,
        sequence=[s for _, s in stamps],
    ).with_columns(ts_event=pl.Series([T0 + t * DAY // 3 for t, _ in stamps]))
    catalog = catalog_at(tmp_path_factory.mktemp("cut"))
    edges = [0, *sorted(min(cut, count) for cut in cuts), count]
    with catalog.writer("set", source="test") as writer:
        for low, high in pairwise(edges):
            writer.add(Kind.TRADE, frame[low:high])
    stored = catalog.dataset("set").frame(Kind.TRADE)
    assert stored.equals(frame.sort("ts_event", "sequence", maintain_order=True))
    days = list(catalog.dataset("set").batches(Kind.TRADE))
    assert pl.concat(days).equals(stored)
    small = list(catalog.dataset("set").batches(Kind.TRADE, rows=3))
    assert pl.concat(small).equals(stored)
    assert max(batch.height for batch in small) <= 3


def test_ranges_and_symbols_select(tmp_path):
    catalog = catalog_at(tmp_path)
    store(
        catalog,
        "set",
        (Kind.QUOTE, quotes(4, start=T0, step=DAY)),
        (Kind.QUOTE, quotes(4, start=T0, step=DAY, symbol="B")),
    )
    dataset = catalog.dataset("set")
    some = dataset.frame(Kind.QUOTE, start=T0 + DAY, end=T0 + 3 * DAY, symbols=["B"])
    assert some["ts_event"].to_list() == [T0 + DAY, T0 + 2 * DAY]
    assert set(some["symbol"]) == {"B"}
    assert dataset.frame(Kind.QUOTE, symbols=["nobody"]).schema == pl.Schema(SCHEMAS[Kind.QUOTE])
    assert dataset.frame(Kind.BOOK).is_empty()


def test_files_are_plain_parquet_by_source_kind_and_day(tmp_path):
    catalog = catalog_at(tmp_path)
    store(catalog, "set", (Kind.QUOTE, quotes(2)), source="kalshi")
    (file,) = catalog.root.rglob("*.parquet")
    assert file.relative_to(catalog.root).parts[:4] == ("set", "kalshi", "quote", "2023-11-14")
    assert pl.read_parquet(file).equals(quotes(2))


def test_the_content_hash_knows_content_only(tmp_path):
    one, two = (Kind.QUOTE, quotes(3)), (Kind.QUOTE, quotes(3, start=T0 + DAY, bid=1))
    first, second = catalog_at(tmp_path / "a"), catalog_at(tmp_path / "b")
    for catalog, parts in ((first, (one, two)), (second, (two, one))):
        for part in parts:
            store(catalog, "set", part)
    assert first.dataset("set").content_hash == second.dataset("set").content_hash
    store(second, "set", (Kind.QUOTE, quotes(1, start=T0 + 2 * DAY)))
    assert first.dataset("set").content_hash != second.dataset("set").content_hash


def test_parts_that_overlap_are_merged_on_reading(tmp_path):
    catalog = catalog_at(tmp_path)
    store(catalog, "set", (Kind.QUOTE, quotes(3, start=T0, step=10)), source="a")
    store(catalog, "set", (Kind.QUOTE, quotes(3, start=T0 + 5, step=10)), source="b")
    dataset = catalog.dataset("set")
    assert dataset.frame(Kind.QUOTE)["ts_event"].is_sorted()
    assert dataset.frame(Kind.QUOTE, source="b")["ts_event"][0] == T0 + 5
    assert dataset.sources() == ["a", "b"]


def test_the_same_rows_are_kept_once(tmp_path):
    catalog = catalog_at(tmp_path)
    store(catalog, "set", (Kind.QUOTE, quotes(3)))
    before = catalog.dataset("set").content_hash
    store(catalog, "set", (Kind.QUOTE, quotes(3)))
    assert catalog.dataset("set").rows() == 3
    assert catalog.dataset("set").content_hash == before
    assert "kept once" in catalog.info("set")["warnings"][0]


def test_info_tells_counts_span_and_warnings(tmp_path):
    catalog = catalog_at(tmp_path)
    with catalog.writer("set", source="test") as writer:
        writer.add(Kind.QUOTE, quotes(3))
        writer.add_meta({"clock_offset_ns": 5, "runs": [1]})
        writer.add_meta({"runs": [1, 2]})
        writer.add_warning("careful")
        writer.add_instruments([Instrument(symbol="A", venue="kalshi")])
    info = catalog.info("set")
    assert info["kinds"] == {"quote": 3}
    assert (info["rows"], info["symbols"], info["sources"]) == (3, ["A"], ["test"])
    assert (info["from"], info["to"]) == (T0, T0 + 2 * 10**9)
    assert info["meta"] == {"clock_offset_ns": 5, "runs": [1, 2]}
    assert info["warnings"] == ["careful"]
    assert catalog.dataset("set").instruments() == [Instrument(symbol="A", venue="kalshi")]
    json.dumps(info)


def test_an_unknown_name_gets_a_suggestion(tmp_path):
    catalog = catalog_at(tmp_path)
    store(catalog, "weather", (Kind.QUOTE, quotes(1)))
    with pytest.raises(NotFound) as caught:
        catalog.dataset("wether")
    assert "weather" in caught.value.hint
    for action in (catalog.info, catalog.remove):
        with pytest.raises(NotFound):
            action("nothing")


def test_a_removed_set_is_gone(tmp_path):
    catalog = catalog_at(tmp_path)
    store(catalog, "set", (Kind.QUOTE, quotes(1)))
    catalog.remove("set")
    assert catalog.names() == []
    assert not list(catalog.root.rglob("*.parquet"))


def test_export_writes_one_file_per_kind(tmp_path):
    catalog = catalog_at(tmp_path)
    store(catalog, "set", (Kind.QUOTE, quotes(2)), (Kind.INDEX, rows(Kind.INDEX, 2, value=1.5)))
    files = catalog.export("set", tmp_path / "out")
    assert [file.name for file in files] == ["index.parquet", "quote.parquet"]
    assert pl.read_parquet(tmp_path / "out" / "quote.parquet").equals(quotes(2))


@pytest.mark.parametrize("name", ["../up", "", "a/b", ".hidden", "white space"])
def test_names_that_are_no_folders_are_refused(tmp_path, name):
    with pytest.raises(ConfigError):
        catalog_at(tmp_path).writer(name, source="test")


def test_an_empty_catalog_opens(tmp_path):
    assert Catalog(Path(tmp_path) / "nowhere").names() == []


def test_a_damaged_manifest_is_named(tmp_path):
    catalog = catalog_at(tmp_path)
    store(catalog, "set", (Kind.QUOTE, quotes(1)))
    (catalog.root / "set" / "manifest.json").write_text("{")
    with pytest.raises(DataError, match="damaged"):
        catalog.dataset("set")


def test_a_damaged_file_is_named(tmp_path):
    catalog = catalog_at(tmp_path)
    store(catalog, "set", (Kind.QUOTE, quotes(1)))
    next(catalog.root.rglob("*.parquet")).write_bytes(b"no")
    with pytest.raises(DataError, match="readable"):
        catalog.dataset("set").frame(Kind.QUOTE)
