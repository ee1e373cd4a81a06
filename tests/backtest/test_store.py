import multiprocessing
import sqlite3
from dataclasses import asdict
from pathlib import Path

import polars as pl
import pytest
from factory import Replay, context, run, season

from ntp.backtest import Run, RunStore
from ntp.core import DataError, NotFound, canonical_json


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / ".ntp")


def test_a_run_comes_back_as_it_was(store):
    made = run()
    store.save(made)
    again = store.load("abc123")
    assert again.to_dict() == made.to_dict()
    assert canonical_json(asdict(again.context)) == canonical_json(asdict(made.context))
    assert again.fills.equals(made.fills)
    assert again.verify().verified


def test_optional_frames_come_back(store):
    records = pl.DataFrame({"ts": [1], "name": ["a"], "value": [1.0]})
    prices = pl.DataFrame({"ts": [1], "contract": ["k:a"], "bid": [0.4], "ask": [0.5]})
    output = Replay().output()
    whole = type(output)(output.fills, output.orders, output.settlements, output.equity, records=records)
    store.save(Run(context(), {"base": whole}, prices=prices))
    again = store.load("last")
    assert again.shown.output.records.equals(records)
    assert again.prices.equals(prices)
    assert again.records["value"].to_list() == [1.0]


def test_names_are_ids_prefixes_and_last(store):
    for at, name in enumerate(("aaa1", "aaa2", "bbb1")):
        store.save(run(run_id=name, created=at))
    assert store.resolve("last") == "bbb1"
    assert (store.resolve("last~0"), store.resolve("last~2")) == ("bbb1", "aaa1")
    with pytest.raises(NotFound, match="one of the 3 stored runs"):
        store.resolve("last~3")
    assert store.resolve("b") == "bbb1"
    assert store.resolve("aaa2") == "aaa2"
    with pytest.raises(NotFound, match="begins 2") as ambiguous:
        store.resolve("aaa")
    assert "aaa1" in ambiguous.value.hint
    with pytest.raises(NotFound) as missing:
        store.resolve("bbb2")
    assert missing.value.hint == "did you mean 'bbb1'?"
    with pytest.raises(NotFound) as missing:
        store.resolve("nope")
    assert missing.value.hint == "known: bbb1, aaa2, aaa1", "the newest first, as they are listed"
    assert [summary.run_id for summary in store.list()] == ["bbb1", "aaa2", "aaa1"]


def test_an_empty_store_says_how_to_fill_it(store):
    with pytest.raises(NotFound) as missing:
        store.load("last")
    assert "ntp backtest" in missing.value.hint
    assert store.list() == []


def test_saving_again_replaces(store):
    store.save(run())
    store.save(Run(context(), {"base": season(3).output()}))
    assert len(store.list()) == 1
    assert store.load("abc123").metrics.trades == 3
    assert sorted(path.name for path in store.folder.iterdir() if path.is_dir()) == ["abc123"]


def test_a_finished_run_is_found_by_its_inputs(store):
    store.save(run(run_id="a"))
    other = Run(context(run_id="c", capital=20_000_000_000), {"base": season(lucky=0.5).output()})
    store.save(other)
    assert store.ledger.trials("sha256:data").count == 2
    assert store.find(other.manifest.hash) == "c"
    assert store.find("sha256:none") is None


def test_an_interrupted_save_leaves_nothing_listed(store, monkeypatch):
    def broken(run, folder):
        folder.mkdir()
        (folder / "half").write_text("x")
        raise KeyboardInterrupt

    monkeypatch.setattr("ntp.backtest.store.write_run", broken)
    with pytest.raises(KeyboardInterrupt):
        store.save(run())
    assert store.list() == []
    assert [path.name for path in store.folder.iterdir() if path.is_dir()] == []


def test_a_damaged_run_is_named(store):
    place = store.save(run())
    (place / "base.fills.parquet").write_bytes(b"nonsense")
    with pytest.raises(DataError, match="abc123") as damaged:
        store.load("last")
    assert damaged.value.code == "run_damaged"


def test_changed_fills_fail_verification(store):
    place = store.save(run())
    fills = pl.read_parquet(place / "base.fills.parquet")
    fills.with_columns(pl.col("fee") - 1).write_parquet(place / "base.fills.parquet")
    verification = store.load("last").verify()
    assert not verification.verified
    assert [check.name for check in verification.checks if not check.passed] == ["fills base"]


def _save_many(root: str, prefix: str) -> None:
    store = RunStore(Path(root))
    for at in range(4):
        store.save(Run(context(run_id=f"{prefix}{at}"), {"base": Replay().output()}))


def test_two_processes_share_a_store(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_save_many, args=(str(tmp_path), name)) for name in "xyz"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    store = RunStore(tmp_path)
    assert len(store.list()) == 12
    with sqlite3.connect(store.folder / "runs.sqlite") as index:
        assert index.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    index.close()
