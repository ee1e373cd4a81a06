import multiprocessing
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from factory import Replay, context, run, season
from recording import Recording, dataset

from ntp.backtest import Backtest, Run, RunStore
from ntp.backtest.keeping import keep
from ntp.backtest.validation import Trial, TrialLedger, Trials, trial_of


@pytest.fixture
def ledger(tmp_path):
    return TrialLedger(tmp_path)


def trial(key, content="sha256:data", family="maker", event_sharpe=0.1):
    return Trial(key, content, family, event_sharpe)


def test_a_repeat_is_no_trial_and_families_are_counted_apart(ledger):
    ledger.record([trial("a", event_sharpe=0.1), trial("b", event_sharpe=0.3), trial("c", family="v10")])
    ledger.record([trial("a")])
    assert ledger.trials("sha256:data", "maker") == Trials(3, 2, pytest.approx(0.04 / 3))
    assert ledger.trials("sha256:data").family == 0
    assert ledger.trials("sha256:other") == Trials(0, 0, None)


def test_a_trial_without_a_ratio_counts_and_keeps_one_it_has(ledger):
    ledger.record([trial("a", event_sharpe=0.2), trial("b", event_sharpe=None)])
    ledger.record([trial("a", event_sharpe=None)])
    assert ledger.trials("sha256:data").count == 2
    assert ledger.trials("sha256:data").variance is None
    ledger.record([trial("b", event_sharpe=0.4)])
    assert ledger.trials("sha256:data").variance == pytest.approx(0.02)


def test_data_that_shares_rows_shares_its_trials(ledger):
    ledger.describe("one", ["monday", "tuesday"])
    ledger.describe("longer", ["monday", "tuesday", "wednesday"])
    ledger.describe("later", ["wednesday", "thursday"])
    ledger.describe("other", ["friday"])
    ledger.record([trial("a", "one"), trial("b", "later"), trial("c", "other"), trial("a", "longer")])
    assert ledger.trials("one").count == 1
    assert ledger.trials("longer").count == 2
    assert ledger.trials("later").count == 2
    assert ledger.trials("other").count == 1


def test_luck_never_falls_below_that_of_worthless_trials():
    assert Trials(1_000, 0, 1e-9).luck(100) == 0.01
    assert Trials(2, 0, None).luck(50) == 0.02
    assert Trials(3, 0, 0.5).luck(50) == 0.5


def test_what_leaves_the_result_as_it_is_makes_no_new_trial():
    made = run()
    data, engine = made.context.data, made.context.engine

    def key(**changes):
        outputs = {mode: each.output for mode, each in made.fill_modes.items()}
        return Run(replace(made.context, **changes), outputs).manifest.trial

    assert key(fill_mode="pessimistic") == key()
    assert key(run_id="other", created=1, environment={"numpy": "9"}) == key()
    assert key(data=replace(data, sources=["renamed"])) == key()
    assert key(engine=replace(engine, version="9.9", compiled=True)) == key()
    strategy = made.context.strategy
    for changed in (
        {"strategy": replace(strategy, parameters={"edge": 0.04})}, {"strategy": replace(strategy, code_hash="x")},
        {"capital": 1}, {"engine": replace(engine, seed=8)}, {"engine": replace(engine, queue="proportional")},
        {"data": replace(data, start=data.start + 1)}, {"data": replace(data, content_hash="sha256:x")},
        {"waived": ("maker_only",)},
    ):
        assert key(**changed) != key(), changed


def test_the_ratio_of_a_trial_is_that_of_the_base_mode():
    made = run()
    outputs = {mode: each.output for mode, each in made.fill_modes.items()}
    careful = Run(replace(made.context, fill_mode="pessimistic"), outputs)
    assert trial_of(careful) == trial_of(made)
    assert trial_of(made).event_sharpe == made.shown.event_sharpe
    del outputs["base"]
    assert trial_of(Run(careful.context, outputs)).event_sharpe == careful.shown.event_sharpe != made.shown.event_sharpe


def test_the_ledger_survives_the_deletion_of_runs(tmp_path):
    store = RunStore(tmp_path)
    assert keep(store, run(run_id="a")).context.trials == 1
    assert keep(store, run(run_id="b", capital=20_000_000_000)).context.trials == 2
    shutil.rmtree(store.folder)
    again = RunStore(tmp_path)
    assert again.list() == []
    kept = keep(again, run(run_id="c", capital=30_000_000_000))
    assert (kept.context.trials, kept.context.family_trials) == (3, 3)
    assert kept.context.trial_variance >= 0.0
    assert keep(again, run(run_id="d")).context.trials == 3


def test_saving_counts_what_was_seen_of_a_run_that_ended_early(tmp_path):
    store = RunStore(tmp_path)
    store.save(Run(context(status="failed"), {"base": Replay().output()}))
    assert store.ledger.trials("sha256:data").count == 0
    store.save(Run(context(status="failed"), {"base": season(3).output()}))
    assert store.ledger.trials("sha256:data").count == 1


def test_another_name_or_a_day_more_is_no_new_data(tmp_path):
    """Through a backtest: the digests of the rows decide, not what the data is called."""
    def days(folder, name, count):
        one = Recording("E")
        for day in range(count):
            one.quote(day * 86_400, 0.40, 0.42)
        return dataset(folder, one, name=name)

    store = RunStore(tmp_path / ".ntp")

    def trials(data, **parameters):
        return Backtest("maker", data, parameters=parameters, store=store).run().context.trials

    assert trials(days(tmp_path / "a", "january", 2)) == 1
    assert trials(days(tmp_path / "b", "renamed", 2)) == 1
    assert trials(days(tmp_path / "b", "renamed", 2), size=7) == 2
    assert trials(days(tmp_path / "c", "january", 4)) == 3
    other = dataset(tmp_path / "d", Recording("F").quote(0, 0.40, 0.42))
    assert trials(other) == 1


def _record_many(root: str, name: str) -> None:
    ledger = TrialLedger(Path(root))
    for at in range(20):
        ledger.describe("sha256:data", ["monday"])
        ledger.record([trial(f"{name}{at}"), trial("shared")])


def test_several_processes_record_at_once(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_record_many, args=(str(tmp_path), name)) for name in "xyz"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert TrialLedger(tmp_path).trials("sha256:data", "maker").count == 61
