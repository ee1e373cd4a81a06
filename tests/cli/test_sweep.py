"""Sweeps from the command line, on the embedded sample."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from ntp.backtest.sweep import SweepStore

GRID = ("--grid", "half_spread=0.02:0.03:0.01", "--grid", "size=5,10")


@pytest.fixture
def sweep(ntp):
    """Sweep the shipped maker, compiled, over the sample."""

    def run(*words):
        return ntp("sweep", "--strategy", "maker", "--data", "sample", "--compiled", "--workers", "1", *words)

    return run


def test_a_sweep_is_shown_stored_and_repeatable(sweep, workspace):
    first = sweep(*GRID, "--objective", "pnl_net_usd", "--json").document
    assert first.keys() >= {"sweep_id", "objective", "trials", "points", "best"}
    assert [point["parameters"] for point in first["points"]] == [
        {"half_spread": half, "size": size} for half in (0.02, 0.03) for size in (5.0, 10.0)
    ]
    assert first["best"]["metrics"]["pnl_net_usd"] == max(p["metrics"]["pnl_net_usd"] for p in first["points"])
    assert first["performance"]["computed"] == first["trials"] == 4
    assert "<svg" in (workspace.state / "sweeps" / f"{first['sweep_id']}.html").read_text()

    second = sweep(*GRID, "--objective", "pnl_net_usd", "--json").document
    assert second["performance"]["computed"] == 0
    assert {key: second[key] for key in ("sweep_id", "points", "best")} == {
        key: first[key] for key in ("sweep_id", "points", "best")
    }


def test_a_sweep_is_told_to_people(sweep, tmp_path):
    shown = sweep(*GRID, "--objective", "pnl_net_usd", "--report", str(tmp_path / "page.html"))
    assert shown.code == 0
    assert "4 points by pnl_net_usd, base fills" in shown.out
    assert "4 points computed in" in shown.out
    assert "no point made money" in shown.out
    assert "without --grid" not in shown.err
    assert "< 0.01 %" in shown.out  # metrics are written as everywhere else
    assert "-$" in shown.out
    assert "next: ntp backtest maker --data sample --set half_spread=0.03" in shown.out
    assert (tmp_path / "page.html").is_file()


def test_without_a_grid_the_number_of_points_is_said_first_and_what_is_set_does_not_vary(sweep):
    refused = sweep("--max-points", "3")
    assert "vary (half_spread 10, size 20, skew 11): 2,200 points" in refused.err
    assert "expected at most 3 points" in refused.err
    found = sweep("--set", "size=7", "--set", "skew=0", "--objective", "fills")
    assert "vary (half_spread 10): 10 points" in found.err
    assert "10 points by fills" in found.out
    nothing = sweep("--set", "size=7", "--set", "skew=0", "--set", "half_spread=0.01", "--json")
    assert (nothing.code, nothing.error["code"]) == (2, "usage")


def test_a_search_and_the_declared_range(sweep):
    found = sweep("--grid", "half_spread", "--grid", "size=1:20", "--search", "random:3", "--json").document
    assert found["search"] == "random:3"
    assert len(found["points"]) == 3


@pytest.mark.parametrize(("words", "code", "exit_code"), [
    (("--grid", "halfspread=0.01:0.02:0.01"), "unknown_parameter", 4),
    (("--grid", "half_spread=0.01:0.02:0"), "bad_grid", 4),
    (("--grid", "half_spread=0.01:0.9:0.01"), "bad_parameter", 4),
    (("--grid", "half_spread="), "usage", 2),
    (("--grid", "half_spread=1", "--grid", "half_spread=2"), "usage", 2),
    (("--grid", "half_spread=0.01:0.4:0.00001"), "too_many_points", 4),
    (("--grid", "size=1,2", "--objective", "profit"), "unknown_metric", 4),
    (("--grid", "size=1,2", "--search", "none"), "bad_search", 4),
    (("--grid", "size=1,2", "--from", "2001-01-01", "--to", "2001-01-02"), "no_events", 4),
    (("--grid", "size=1,2", "--from", "2026-01-05", "--to", "2026-01-04"), "bad_range", 4),
    (("--grid", "size=1,2", "--cluster", "tcp://127.0.0.1:1"), "workers_or_cluster", 4),
])  # fmt: skip
def test_bad_input_is_refused(sweep, words, code, exit_code):
    failed = sweep(*words, "--json")
    assert (failed.code, failed.error["code"]) == (exit_code, code)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_sweep_that_is_stopped_goes_on_where_it_was(ntp, workspace, how):
    def words(last):
        return ["sweep", "maker", "--data", "sample", "--compiled", "--grid", f"half_spread=0.01:{last}:0.0002",
                "--objective", "pnl_net_usd", "--workers", "2", "--json"]  # fmt: skip

    process = subprocess.Popen(  # many more points than can be done before it is stopped, however busy the machine
        [sys.executable, "-m", "ntp", *words(0.2)], cwd=workspace.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    store = SweepStore(workspace.state)
    until = time.monotonic() + 240
    while store.count() < 3 and process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(how)
    out, _ = process.communicate(timeout=120)
    with closing(sqlite3.connect(workspace.state / "sweeps.sqlite")) as index:
        kept = [json.loads(row)["half_spread"] for (row,) in index.execute("SELECT parameters FROM points")]
    assert 3 <= len(kept) < 951
    if how is signal.SIGINT:
        assert process.returncode == 130
        error = json.loads(out)["error"]
        assert error["code"] == "interrupted"
        assert 3 <= error["details"]["done"] <= len(kept)
    found = ntp(*words(0.014)).document
    stored = sum(value <= 0.014 for value in kept)
    assert stored > 0
    assert found["performance"]["stored"] == stored
    assert found["performance"]["computed"] == 21 - stored
    assert not list((workspace.state / "cache").iterdir())  # also what the killed one left there


def test_walking_forward_gives_one_run_of_all_tests(sweep, ntp):
    words = ("--grid", "half_spread=0.02,0.05", "--walk-forward", "2", "--objective", "pnl_net_usd")
    found = sweep(*words, "--json").document
    assert found.keys() >= {"run_id", "objective", "trials", "efficiency", "folds", "best", "out_of_sample", "absent"}
    assert [fold["test"]["events"] for fold in found["folds"]] == [11, 10]
    assert found["folds"][0]["train"]["to"] <= found["folds"][0]["test"]["from"]
    assert found["best"]["parameters"] == found["folds"][-1]["parameters"]
    assert (found["efficiency"] is None) == ("efficiency" in found["absent"])
    assert ntp("report", found["run_id"], "--json").document["run_id"] == found["run_id"]
    assert "walk_forward" in found["out_of_sample"]["stamps"]
    assert found["sweep_id"]
    assert [point["run_id"] for point in found["points"]] == [fold["run_id"] for fold in found["folds"]]
    told = sweep(*words, "--rolling", "--embargo", "10m")
    assert told.code == 0
    assert "efficiency:" in told.out
    assert "all tests together: Not shown to be profitable" in told.out
    refused = sweep(*words[:2], "--walk-forward", "900", "--objective", "pnl_net_usd", "--json")
    assert (refused.code, refused.error["code"]) == (4, "bad_folds")
    assert sweep(*words[:2], "--walk-forward", "0", "--json").code == 2


def test_a_parameter_is_tried_or_set(sweep):
    refused = sweep("--grid", "half_spread=0.02,0.05", "--set", "half_spread=0.03", "--json")
    assert (refused.code, "both" in refused.document["error"]["message"]) == (2, True)
