"""Sweeps through the public class: their points are runs, and none is computed twice."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from swept import Fader, Forgetful, Fragile

from ntp import Backtest
from ntp.backtest import RunStore
from ntp.backtest.sweep.tape_files import TapeFiles
from ntp.core import ConfigError, DataError, NotFound, StrategyError
from ntp.statistics import deflated_sharpe

GRID = {"offset": [0.0, 0.02], "size": [5, 10]}


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / ".ntp")


@pytest.fixture(scope="module")
def swept(recorded):
    return Backtest(Fader, recorded, store=False).sweep(GRID, workers=1)


def test_points_are_what_runs_of_their_own_are(recorded, swept):
    assert [dict(point.parameters) for point in swept] == [
        {"offset": offset, "size": size} for offset in (0.0, 0.02) for size in (5, 10)
    ]
    assert swept[0].metrics.fills > 0
    assert len({point.fills_hash for point in swept}) == 4
    for point in swept:
        run = Backtest(Fader, recorded, store=False, parameters=point.parameters).run()
        assert run.shown.fills_hash == point.fills_hash
        assert run.manifest.hash == point.key
        differing = {key for key, value in run.metrics.items() if value != point.metrics[key]}
        assert differing <= {
            "deflated_sharpe", "p_value_corrected",  # which know how many were tried
            "pnl_net_ci90_usd", "random_entry_p_value", "sharpe_ci90",  # which take many draws
        }  # fmt: skip


def test_the_deflated_ratio_counts_all_points(recorded, swept):
    returns = []
    for point in swept:
        run = Backtest(Fader, recorded, store=False, parameters=point.parameters).run(modes=["base"])
        returns.append(run.shown.facts.event_returns)
    ratios = [np.mean(each) / np.std(each, ddof=1) for each in returns]
    for point, each in zip(swept, returns, strict=True):
        variance = max(np.var(ratios, ddof=1), 1 / len(each))
        assert point.metrics.deflated_sharpe == pytest.approx(deflated_sharpe(each, 4, variance), rel=1e-12)
    assert swept.trials == 4


def test_processes_give_what_one_process_gives(recorded, swept):
    several = Backtest(Fader, recorded, store=False).sweep(GRID, workers=2)
    assert several.effort.executor == "processes"
    assert [point.to_dict() for point in several] == [point.to_dict() for point in swept]
    assert several.sweep_id == swept.sweep_id


def test_what_is_kept_on_a_class_stays_apart(recorded):
    found = Backtest(Forgetful, recorded, store=False).sweep({"size": [1, 2, 3]}, workers=1)
    alone = Backtest(Forgetful, recorded, store=False).sweep({"size": [3]}, workers=1)
    assert found[2].fills_hash == alone[0].fills_hash
    assert Forgetful.seen == []


def test_nothing_is_computed_twice(recorded, store):
    backtest = Backtest(Fader, recorded, store=store)
    assert backtest.sweep({"offset": [0.0, 0.02]}, workers=1).effort.computed == 2
    more = Backtest(Fader(), recorded, store=store).sweep({"offset": [0.0, 0.01, 0.02]}, workers=1)
    assert (more.effort.computed, more.effort.stored) == (1, 2)
    again = backtest.sweep({"offset": [0.0, 0.01, 0.02]}, workers=2, objective="pnl_net_usd")
    assert (again.effort.computed, again.effort.stored, again.effort.workers) == (0, 3, 0)
    assert [point.metrics.pnl_net_usd for point in again] == [point.metrics.pnl_net_usd for point in more]
    assert not list((store.root / "cache").iterdir())  # the decoded tape is gone


def test_other_inputs_are_other_points(recorded, store):
    def computed(**options):
        return Backtest(Fader, recorded, store=store, **options).sweep({"offset": [0.01]}, workers=1).effort.computed

    assert computed() == 1
    assert computed() == 0
    assert computed(parameters={"size": 7}) == 1
    assert computed(capital=5_000) == 1
    assert computed(engine={"seed": 3}) == 1
    assert computed(fills="pessimistic") == 1


def test_a_search_that_is_repeated_finds_all_its_points(recorded, store):
    once = Backtest(Fader, recorded, store=store).sweep(search=12, objective="pnl_net_usd", workers=1)
    again = Backtest(Fader, recorded, store=store).sweep(search=12, objective="pnl_net_usd", workers=2)
    assert once.effort.computed == len(once) == 12
    assert again.effort.computed == 0
    assert [point.to_dict() for point in again] == [point.to_dict() for point in once]


def test_a_sweep_that_is_interrupted_goes_on(recorded, store):
    def stop(done, total):
        if done == 2:
            raise KeyboardInterrupt

    backtest = Backtest(Fader, recorded, store=store)
    with pytest.raises(KeyboardInterrupt):
        backtest.sweep(GRID, workers=1, progress=stop)
    told = []
    rest = backtest.sweep(GRID, workers=1, progress=lambda done, total: told.append((done, total)))
    assert (rest.effort.computed, rest.effort.stored) == (2, 2)
    assert told[0] == (2, 4)
    assert told[-1] == (4, 4)


def test_points_at_which_the_strategy_fails_rank_last(recorded, store):
    backtest = Backtest(Fragile, recorded, store=store)
    found = backtest.sweep({"limit": [5, 2, 4, 1]}, objective="pnl_net_usd", workers=1)
    assert [point.parameters["limit"] for point in found.ranked()][2:] == [5, 4]
    assert [bool(point.error) for point in found] == [True, False, True, False]
    assert "limit 5 is too much" in found[0].error
    assert found[0].metrics.pnl_net_usd is None
    assert "failed at 2 of 4 points" in found.warnings[0]
    assert found.to_dict()["points"][0]["error"] == found[0].error
    assert backtest.sweep({"limit": [5]} | {"limit": [5, 1]}, workers=1).effort.computed == 0


def test_a_strategy_that_always_fails_ends_the_sweep(recorded):
    with pytest.raises(StrategyError, match=r"all 2 tried failed.*limit 4") as failed:
        Backtest(Fragile, recorded, store=False).sweep({"limit": [4, 5]}, workers=1)
    assert failed.value.code == "all_points_failed"


def test_metrics_that_are_unknown_rank_last_and_say_why(recorded):
    found = Backtest(Fader, recorded, store=False).sweep({"offset": [0.0]}, objective="sharpe_ratio", workers=1)
    assert found.best() is None
    assert "needs 30 days" in found.warnings[0]
    assert found.to_dict()["best"] is None
    short = Backtest(Fader, recorded, store=False, contracts="C00,C01").sweep({"offset": [0.0]}, workers=1)
    assert short.best() is None
    assert "needs 30 events" in short.warnings[0]


def test_the_best_depends_on_the_metric(swept):
    by_fills = swept.best("fills")
    assert by_fills.metrics.fills == max(point.metrics.fills for point in swept)
    assert swept.best("-fills").metrics.fills == min(point.metrics.fills for point in swept)
    assert swept.best("fees_usd").metrics.fees_usd == min(point.metrics.fees_usd for point in swept)
    assert swept.best() == swept.best("deflated_sharpe") == swept.ranked()[0]
    with pytest.raises(ConfigError, match="expected a metric") as refused:
        swept.best("pnl_net")
    assert "pnl_net_usd" in refused.value.hint
    with pytest.raises(ConfigError):
        swept.best("sharpe_ci90")


def test_points_are_a_frame(swept):
    frame = swept.frame
    assert frame.select("offset", "size").rows() == [(0.0, 5), (0.0, 10), (0.02, 5), (0.02, 10)]
    assert frame.schema["size"] == pl.Int64
    assert frame.schema["trades"] == pl.Int64
    assert frame["pnl_net_usd"].to_list() == [point.metrics.pnl_net_usd for point in swept]
    assert frame["run_id"].n_unique() == 4


def test_the_document_is_json(swept):
    document = json.loads(json.dumps(swept.to_dict(), allow_nan=False))
    assert document.keys() >= {"sweep_id", "objective", "trials", "points", "best"}
    assert document["points"][0].keys() == {"parameters", "metrics", "run_id"}
    assert document["best"] == swept.best().to_dict()
    assert document["best"]["metrics"]["deflated_sharpe"] == max(
        point["metrics"]["deflated_sharpe"] for point in document["points"]
    )


def test_a_window_of_time_is_a_sweep_of_its_own(recorded, store):
    def of(start, end):
        return Backtest(Fader, recorded, store=store).sweep({"offset": [0.01]}, workers=1, start=start, end=end)

    first, second = of(None, 1_784_001_000_000_000_000), of(1_784_001_000_000_000_000, None)
    assert first.sweep_id != second.sweep_id
    assert first[0].metrics.fills + second[0].metrics.fills > 0
    assert first[0].key != second[0].key
    with pytest.raises(DataError) as empty:
        of("2001-01-01", "2001-02-01")
    assert empty.value.code == "no_events"


def test_a_file_is_swept_as_it_was(recorded, tmp_path):
    file = tmp_path / "fader.py"
    file.write_text((Path(__file__).parents[1] / "swept.py").read_text())
    found = Backtest(f"{file}:Fader", recorded, store=False).sweep({"offset": [0.0, 0.02]}, workers=2)
    apart = Backtest(Fader, recorded, store=False).sweep({"offset": [0.0, 0.02]}, workers=1)
    assert [point.fills_hash for point in found] == [point.fills_hash for point in apart]


def test_a_script_without_a_guard_may_sweep(recorded, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(f"""
from pathlib import Path
from ntp import Backtest, Param, Strategy
from ntp.data import Catalog


class Typed(Strategy):
    size: int = Param(1, ge=1, sweep=(1, 4, 1))

    def on_quote(self, data):
        self.quote(bid=data.bid, size=self.size)


found = Backtest(Typed, Catalog(Path({str(recorded.folder.parent)!r})).dataset("made"), store=False).sweep(workers=2)
print(len(found), found.effort.executor, found[0].metrics.fills > 0)
""")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, env=environment, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.stdout == "4 processes True\n", done.stderr


def quotes():
    start = 1_767_571_200_000_000_000
    return pl.DataFrame({
        "timestamp": [start + 1_000_000_000 * at for at in range(50)], "symbol": ["A"] * 50,
        "bid": [0.40 + 0.01 * (at % 3) for at in range(50)], "ask": [0.5] * 50,
        "bid_size": [100.0] * 50, "ask_size": [100.0] * 50,
    })  # fmt: skip


def test_frames_are_swept_too():
    found = Backtest(Fader, quotes(), store=False).sweep({"size": [1, 2]}, workers=2)
    assert len(found) == 2
    assert not found[0].error


def test_own_queue_models_stay_in_this_process(recorded):
    from queue_models import PowerTwo

    backtest = Backtest(Fader, recorded, store=False, engine={"queue": PowerTwo()})
    assert len(backtest.sweep({"size": [1, 2]}, workers=1)) == 2
    with pytest.raises(ConfigError) as refused:
        backtest.sweep({"size": [1, 2]}, workers=2)
    assert refused.value.code == "queue_does_not_travel"


def test_a_worker_without_the_decoded_files_decodes_the_data_itself(recorded, swept, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    write = TapeFiles.write

    def elsewhere(files, tape):
        if files.folder.name != "tape":
            write(files, tape)

    monkeypatch.setattr(TapeFiles, "write", elsewhere)
    found = Backtest(Fader, recorded, store=False).sweep(GRID, workers=1)
    assert [point.to_dict() for point in found] == [point.to_dict() for point in swept]
    assert len(list(tmp_path.glob("ntp-tape-*"))) == 1  # decoded once, for all points


def test_data_that_no_worker_can_find_is_missed(monkeypatch):
    monkeypatch.setattr(TapeFiles, "write", lambda files, tape: None)
    with pytest.raises(DataError, match="neither") as missed:
        Backtest(Fader, quotes(), store=False).sweep({"size": [1, 2]}, workers=1)
    assert missed.value.code == "data_not_on_worker"


def test_what_cannot_travel_stays_in_this_process(recorded):
    strategy = Fader()
    strategy.lock = NotCarried()
    assert len(Backtest(strategy, recorded, store=False).sweep({"size": [1, 2]}, workers=1)) == 2
    with pytest.raises(ConfigError, match="carried to other processes") as refused:
        Backtest(strategy, recorded, store=False).sweep({"size": [1, 2]}, workers=2)
    assert refused.value.code == "does_not_travel"


class NotCarried:
    def __reduce__(self):
        raise TypeError("stays here")

    def __deepcopy__(self, memo):
        return self


def test_the_name_of_a_point_says_how_to_make_it_a_run(recorded, store):
    point = Backtest(Fader, recorded, store=store).sweep({"size": [7]}, workers=1)[0]
    with pytest.raises(NotFound) as missed:
        store.load(point.run_id)
    assert "--set size=7 makes it a run" in missed.value.hint


def test_impossible_workers_are_refused_before_anything_is_read():
    with pytest.raises(ConfigError) as refused:
        Backtest(Fader, quotes(), store=False).sweep({"size": [1]}, cluster="http://here")
    assert refused.value.code == "bad_cluster"
