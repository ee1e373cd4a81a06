"""Runs that are interrupted or killed, as processes of their own: what was whole before stays whole."""

import json
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from ntp.backtest import RunStore
from ntp.data import Catalog

SLOW = """
import pathlib
import time

from ntp import Strategy


class Slow(Strategy):
    def on_start(self):
        self.quotes = 0

    def on_quote(self, data):
        self.quotes += 1
        self.buy(price=data.bid, size=1)
        if self.quotes == 5:
            pathlib.Path("begun").touch()
        time.sleep(0.02)
"""
STORING = """
import sys
import time
from pathlib import Path

from factory import run

from ntp.backtest import RunStore, store

write = store.write_run


def slowly(made, folder):
    write(made, folder)
    (folder / "fills.parquet").write_bytes(b"half")
    Path("begun").touch()
    time.sleep(60)


store.write_run = slowly
RunStore(Path(".ntp")).save(run())
"""


@pytest.fixture
def started(workspace, request):
    """Start a process in the workspace and wait until it has begun."""
    processes = []

    def start(*words, **options):
        process = subprocess.Popen(
            [sys.executable, *words], cwd=workspace.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
        )
        processes.append(process)
        deadline = time.monotonic() + 60
        while not (workspace.root / "begun").exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def slow(workspace):
    """Words of a backtest that takes long."""
    (workspace.root / "strategies" / "slow.py").write_text(SLOW)
    rows = "".join(f"{1_767_571_200 + at},A,{0.4 + at % 2 / 100:.2f},0.45,100,100\n" for at in range(2_000))
    (workspace.root / "quotes.csv").write_text("timestamp,symbol,bid,ask,bid_size,ask_size\n" + rows)
    return ("-m", "ntp", "backtest", "slow", "--data", "quotes.csv", "--json")


def opens(workspace, ntp):
    """Whatever happened: catalog, index and list of runs still open, and nothing half-written is listed."""
    assert ntp("data", "list", "--json").code == 0
    Catalog(workspace.catalog).names()
    with sqlite3.connect(workspace.state / "runs" / "runs.sqlite") as index:
        assert index.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    listed = ntp("runs", "--json").document["runs"]
    for row in listed:
        assert RunStore(workspace.state).load(row["run_id"]).run_id == row["run_id"]
    return listed


def test_a_person_stops_a_run(started, slow, workspace, ntp):
    process = started(*slow)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    error = json.loads(out)["error"]
    (listed,) = opens(workspace, ntp)
    assert (listed["run_id"], listed["status"]) == (error["details"]["run_id"], "interrupted")
    run = RunStore(workspace.state).load("last")
    assert 0 < len(run.orders) < 2_000
    assert ntp("report", "last").code == 0


def test_a_run_that_is_killed_leaves_no_trace(started, slow, workspace, ntp):
    process = started(*slow)
    process.kill()
    process.communicate()
    assert ntp("runs", "--json").document["runs"] == []
    assert ntp("backtest", "maker", "--data", "quotes.csv", "--json").code == 0
    assert len(opens(workspace, ntp)) == 1


def test_a_process_that_is_killed_while_it_stores_a_run(started, workspace, ntp, request, monkeypatch):
    factory = request.config.rootpath / "tests" / "backtest"
    monkeypatch.setenv("PYTHONPATH", str(factory), prepend=":")
    process = started("-c", STORING)
    process.kill()
    process.communicate()
    runs = workspace.state / "runs"
    assert [path.name for path in runs.iterdir() if path.is_dir() and not path.name.startswith(".")] == []
    assert opens(workspace, ntp) == []
    assert ntp("backtest", "maker", "--data", "sample", "--to", "2026-01-05T00:30", "--compiled", "--json").code == 0
    assert len(opens(workspace, ntp)) == 1
    left = [path.name for path in runs.iterdir() if path.is_dir() and path.name.startswith(".")]
    assert left == [], "what the killed process left is cleared"
