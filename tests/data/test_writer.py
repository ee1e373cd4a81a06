import os
import signal
import subprocess
import sys
import time

import polars as pl
import pytest

from ntp.core import DataError
from ntp.data import Catalog
from ntp.data.schema import Kind

from .builders import DAY, T0, catalog_at, quotes, rows, store


def settlements(
    value: int | None, *, state: str = "settled", count: int = 1, start: int = T0
) -> pl.DataFrame:
    return rows(Kind.SETTLEMENT, count, value=value, state=state, start=start)


def parquet(catalog: Catalog) -> list[str]:
    return [path.name for path in catalog.root.rglob("*.parquet")]


def fail_after_rows(writer) -> None:
    writer.add(Kind.QUOTE, quotes(3))
    raise DataError("expected the end, was an error")


def test_an_error_leaves_nothing(tmp_path):
    catalog = catalog_at(tmp_path)
    with pytest.raises(DataError), catalog.writer("set", source="test") as writer:
        fail_after_rows(writer)
    assert catalog.names() == []
    assert parquet(catalog) == []
    assert not list((catalog.root / ".work").rglob("*.*"))


def test_nothing_is_seen_before_the_end(tmp_path):
    catalog = catalog_at(tmp_path)
    with catalog.writer("set", source="test", resume="x") as writer:
        writer.add(Kind.QUOTE, quotes(3))
        writer.done("file")
        assert catalog.names() == []
    assert catalog.names() == ["set"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda f: f.drop("bid"), "missing_column"),
        (lambda f: f.with_columns(extra=1), "unknown_column"),
        (lambda f: f.with_columns(bid=pl.lit("x")), "column_type"),
        (lambda f: f.with_columns(bid=pl.lit(2**40)), "column_type"),
        (lambda f: f.with_columns(symbol=pl.lit(None, pl.String)), "missing_value"),
    ],
)
def test_rows_must_follow_their_schema(tmp_path, change, code):
    catalog = catalog_at(tmp_path)
    with pytest.raises(DataError) as caught, catalog.writer("set", source="test") as writer:
        writer.add(Kind.QUOTE, change(quotes(2)), file="a.csv")
    assert caught.value.code == code
    assert caught.value.details["file"] == "a.csv"


def test_two_final_settlements_are_refused_with_file_and_row(tmp_path):
    catalog = catalog_at(tmp_path)
    with catalog.writer("set", source="test") as writer:
        writer.add(Kind.SETTLEMENT, settlements(1_000_000), file="a.csv")
        with pytest.raises(DataError) as caught:
            writer.add(Kind.SETTLEMENT, settlements(0), file="b.csv", rows=[17])
    assert caught.value.code == "two_settlements"
    assert caught.value.details["file"] == "b.csv"
    assert caught.value.details["row"] == 17
    assert "a.csv row 1" in caught.value.message


def test_a_second_final_settlement_is_refused_against_what_is_stored(tmp_path):
    catalog = catalog_at(tmp_path)
    store(catalog, "set", (Kind.SETTLEMENT, settlements(1_000_000)))
    with pytest.raises(DataError, match="one final settlement"):
        store(catalog, "set", (Kind.SETTLEMENT, settlements(None, state="voided", start=T0 + 1)))
    store(catalog, "set", (Kind.SETTLEMENT, settlements(1_000_000, start=T0 + 1)))
    assert catalog.dataset("set").rows() == 2


def test_a_result_that_is_not_final_may_change(tmp_path):
    catalog = catalog_at(tmp_path)
    store(
        catalog,
        "set",
        (Kind.SETTLEMENT, settlements(1_000_000, state="determined")),
        (Kind.SETTLEMENT, settlements(0, state="amended", start=T0 + 1)),
        (Kind.SETTLEMENT, settlements(0, start=T0 + 2)),
    )
    assert catalog.dataset("set").rows() == 3


def test_large_transactions_spill_and_come_back(tmp_path, monkeypatch):
    monkeypatch.setattr("ntp.data.writer._SPILL_BYTES", 1_000)
    catalog = catalog_at(tmp_path)
    with catalog.writer("set", source="test") as writer:
        for number in (3, 1, 2, 0):
            writer.add(Kind.QUOTE, quotes(50, start=T0 + number * DAY // 2))
    stamps = catalog.dataset("set").frame(Kind.QUOTE)["ts_event"]
    assert len(stamps) == 200
    assert stamps.is_sorted()
    assert not [name for name in parquet(catalog) if name.startswith("spill")]


CHILD = """
import sys, time
from pathlib import Path
from ntp.data import Catalog
from ntp.data.schema import Kind
import polars as pl
root, mode, mark = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
frame = pl.read_parquet(root / "frame.parquet").with_columns(pl.col("ts_event") + mark)
catalog = Catalog(root / "catalog")
if mode == "die":
    with catalog.writer("set", source="test", resume="folder") as writer:
        writer.add(Kind.QUOTE, frame)
        writer.done("first")
        writer.add(Kind.QUOTE, frame.with_columns(pl.col("ts_event") + 1))
        writer._spill()
        print("ready", flush=True)
        time.sleep(60)
for number in range(5):
    with catalog.writer("set", source="test") as writer:
        writer.add(Kind.QUOTE, frame.with_columns(pl.col("ts_event") + 1_000 * number))
"""


def child(root, mode: str, mark: int = 0) -> subprocess.Popen:
    quotes(3).write_parquet(root / "frame.parquet")
    command = [sys.executable, "-c", CHILD, str(root), mode, str(mark)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_killed_import_opens_and_resumes(tmp_path):
    catalog = catalog_at(tmp_path)
    store(catalog, "set", (Kind.QUOTE, quotes(2, symbol="old")))
    with child(tmp_path, "die") as process:
        assert process.stdout.readline().strip() == "ready"
        os.kill(process.pid, signal.SIGKILL)
    assert catalog.dataset("set").rows() == 2
    with catalog.writer("set", source="test", resume="folder") as writer:
        assert writer.skip("first")
        assert not writer.skip("second")
        writer.add(Kind.QUOTE, quotes(3, symbol="B"))
        writer.done("second")
    assert catalog.dataset("set").rows() == 8
    with catalog.writer("set", source="test") as writer:
        assert writer.skip("first")
        assert writer.skip("second")


def test_files_that_no_manifest_lists_are_removed(tmp_path):
    catalog = catalog_at(tmp_path)
    store(catalog, "set", (Kind.QUOTE, quotes(2)))
    stray = catalog.root / "set" / "test" / "quote" / "2023-11-14" / "dead.parquet"
    quotes(1).write_parquet(stray)
    orphan = catalog.root / ".work" / "set" / "once-dead"
    orphan.mkdir(parents=True)
    store(catalog, "set", (Kind.QUOTE, quotes(2, symbol="B")))
    assert not stray.exists()
    assert not orphan.exists()
    assert catalog.dataset("set").rows() == 4


def test_two_writers_both_survive(tmp_path):
    start = time.monotonic()
    children = [child(tmp_path, "append", mark) for mark in (1, 2)]
    for process in children:
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert time.monotonic() - start < 60
    dataset = catalog_at(tmp_path).dataset("set")
    assert dataset.rows() == 2 * 5 * 3
    assert dataset.frame(Kind.QUOTE).height == 30


def test_two_open_writers_do_not_wait_for_each_other(tmp_path):
    catalog = catalog_at(tmp_path)
    with catalog.writer("set", source="a") as first, catalog.writer("set", source="b") as second:
        first.add(Kind.QUOTE, quotes(2))
        second.add(Kind.QUOTE, quotes(2, symbol="B"))
    assert catalog.dataset("set").rows() == 4


def test_speed_of_five_million_rows(tmp_path, capsys):
    count = 5_000_000
    frame = pl.select(
        ts_event=pl.int_range(T0, T0 + count * 1_000, 1_000), sequence=pl.int_range(count)
    ).select(
        "ts_event",
        pl.lit(None, pl.Int64).alias("ts_recv"),
        pl.lit("A").alias("symbol"),
        "sequence",
        pl.lit(1, pl.UInt8).alias("flags"),
        pl.lit(1, pl.Int8).alias("side"),
        pl.lit(0, pl.UInt8).alias("action"),
        (pl.col("sequence") % 9_999).cast(pl.Int32).alias("price"),
        (pl.col("sequence") % 977 * 1_000_000).alias("size"),
    )
    catalog = catalog_at(tmp_path)
    start = time.perf_counter()
    store(catalog, "set", (Kind.BOOK, frame))
    stored = time.perf_counter()
    back = catalog.dataset("set").frame(Kind.BOOK)
    with capsys.disabled():
        sys.stdout.write(
            f"\n5 M rows: write {stored - start:.2f} s, read {time.perf_counter() - stored:.2f} s\n"
        )
    assert back.equals(frame)
