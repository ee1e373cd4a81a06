"""One contract for all executors, and sweeps that do not care which of them carries them out."""

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import chores
import pytest
from chores import opener
from clusters import DaskCluster, RayCluster
from swept import Fader

from ntp import Backtest
from ntp.backtest import RunStore
from ntp.backtest.cluster import Auto, Inline, Local, Lost, Threads, Work, connect, do_batch, travels_by_value
from ntp.core import ConfigError, NtpError

pytestmark = pytest.mark.filterwarnings("ignore")  # of Dask, Ray and what they import, not ours
EVERYWHERE = ("inline", "auto", "threads", "local", "dask", "ray")
GRID = {"offset": [0.0, 0.01, 0.02, 0.03], "size": [5, 10]}


@pytest.fixture(scope="module")
def cluster(request, tmp_path_factory):
    """The cluster that an executor of this name needs; None where it needs none."""
    kinds = {"dask": DaskCluster, "ray": RayCluster}
    if request.param not in kinds:
        yield request.param, None
        return
    made = kinds[request.param](tmp_path_factory.mktemp("cluster"))
    yield request.param, made
    made.stop()


@pytest.fixture
def executor(cluster):
    """An executor of two workers, but for the one that is this process."""
    name, made = cluster
    if made is not None:
        found = connect(cluster=made.address)
    else:
        kinds = {"inline": Inline, "auto": lambda: Auto(2), "threads": lambda: Threads(2), "local": lambda: Local(2)}
        found = kinds[name]()
    yield found
    found.close()


def work(key, function, *arguments):
    return Work(key, opener(function, *arguments), by_value=travels_by_value("chores"))


def results(executor, made, batches):
    """Results of all items by item, each of which must come once."""
    found = {}
    for batch, values in executor.map(made, iter(batches)):
        assert len(batch) == len(values)
        assert not found.keys() & set(batch)
        found |= dict(zip(batch, values, strict=True))
    return found


def of(count, size=2):
    return [list(range(at, min(at + size, count))) for at in range(0, count, size)]


everywhere = pytest.mark.parametrize("cluster", EVERYWHERE, indirect=True)
slow = [pytest.param(name, marks=pytest.mark.slow) for name in ("dask", "ray")]
at_leisure = pytest.mark.parametrize("cluster", [*EVERYWHERE[:4], *slow], indirect=True)


@everywhere
def test_every_batch_comes_back_once_with_all_its_results(executor):
    found = results(executor, work("squares", chores.squares), of(25))
    assert {item: value for item, (value, _) in found.items()} == {item: item * item for item in range(25)}
    assert results(executor, work("squares", chores.squares), []) == {}


@at_leisure
def test_batches_are_asked_for_as_there_is_room(executor):
    asked = []

    def batches():
        for batch in of(60, 1):
            asked.append(batch)
            yield batch

    for count, _ in enumerate(executor.map(work("squares", chores.squares), batches()), 1):
        assert len(asked) <= count + 3 * max(2, executor.workers)


@at_leisure
def test_work_is_opened_once_in_a_process_and_follows_another(executor, tmp_path):
    first = work("slow", chores.slow_squares, str(tmp_path))
    found = results(executor, first, of(6, 1))
    results(executor, work("squares", chores.squares), of(4))
    results(executor, first, of(4, 1))
    processes = {process for _, process in found.values()}
    assert len(list(tmp_path.glob("opened-*"))) <= len(processes) + 1  # one may have been idle before


@at_leisure
def test_what_the_work_raises_ends_the_map_and_the_executor_lives_on(executor):
    with pytest.raises(ValueError, match="seven is not to be squared"):
        results(executor, work("faulty", chores.faulty), of(20))
    assert len(results(executor, work("squares", chores.squares), of(6))) == 6


@at_leisure
def test_a_map_that_is_left_early_leaves_nothing_behind(executor, tmp_path):
    for _ in executor.map(work("slow2", chores.slow_squares, str(tmp_path)), iter(of(30, 1))):
        break
    assert len(results(executor, work("squares", chores.squares), of(6))) == 6
    done = len(list(tmp_path.glob("done-*")))
    time.sleep(0.5)
    assert len(list(tmp_path.glob("done-*"))) <= done + 4  # only what was already under way


@pytest.mark.parametrize("cluster", ["local", "dask", slow[1]], indirect=True)
def test_a_worker_that_dies_changes_nothing(executor, tmp_path):
    found = results(executor, work("deadly-once", chores.deadly, str(tmp_path), {5, 11}, 1), of(16))
    assert {item: value for item, (value, _) in found.items()} == {item: item * item for item in range(16)}
    assert len(list(tmp_path.glob("death-*"))) == 2


@pytest.mark.parametrize("cluster", ["local", *slow], indirect=True)
def test_an_item_that_always_kills_is_given_up_alone(executor, tmp_path):
    found = results(executor, work("deadly", chores.deadly, str(tmp_path), {5}, 99), of(12, 3))
    assert isinstance(found[5], Lost)
    assert "its worker" in found[5].reason
    assert sorted(found) == list(range(12))
    assert not any(isinstance(value, Lost) for item, value in found.items() if item != 5)


@pytest.mark.parametrize("cluster", ["inline", "auto", *EVERYWHERE[3:]], indirect=True)  # threads: see quick columns
def test_a_sweep_is_the_same_wherever_it_runs(cluster, recorded, tmp_path):
    name, made = cluster
    how = {"workers": {"inline": 1, "local": 2, "auto": None}[name]} if made is None else {"cluster": made.address}
    here = Backtest(Fader, recorded, store=False).sweep(GRID, workers=1)
    there = Backtest(Fader, recorded, store=RunStore(tmp_path / ".ntp")).sweep(GRID, **how)
    assert there.effort.computed == 8
    assert there[0].metrics.fills > 0
    assert [point.to_dict() for point in there] == [point.to_dict() for point in here]
    assert [point.fills_hash for point in there] == [point.fills_hash for point in here]


@pytest.mark.parametrize("cluster", ["dask", "ray"], indirect=True)
def test_a_node_that_dies_changes_nothing(cluster, executor, tmp_path):
    found, killed = {}, False
    for batch, values in executor.map(work("slow3", chores.slow_squares, str(tmp_path)), iter(of(40, 1))):
        found |= dict(zip(batch, values, strict=True))
        if len(found) >= 6 and not killed:
            cluster[1].kill_node(executor)
            killed = True
    assert {item: value for item, (value, _) in found.items()} == {item: item * item for item in range(40)}
    assert len(results(executor, work("squares", chores.squares), of(6))) == 6


def test_a_killed_process_of_a_sweep_changes_nothing(recorded, monkeypatch):
    here = Backtest(Fader, recorded, store=False).sweep(GRID, workers=1)
    begun, started = [], Local._started
    monkeypatch.setattr(Local, "_started", lambda self: begun.append(started(self)) or begun[-1])

    def kill(done, total):
        if done == 2:
            os.kill(begun[0].process.pid, signal.SIGKILL)

    there = Backtest(Fader, recorded, store=False).sweep(GRID, workers=2, progress=kill)
    assert len(begun) == 3
    assert [point.to_dict() for point in there] == [point.to_dict() for point in here]


def test_workers_that_never_answer_are_given_up(monkeypatch):
    monkeypatch.setattr("ntp.backtest.cluster.local._HOPELESS", 1)
    local = Local(2)
    with pytest.raises(NtpError, match="expected workers that answer") as failed:
        list(local.map(work("dying", chores.dying), iter(of(400, 1))))
    assert failed.value.code == "workers_die"
    assert "--workers 1" in failed.value.hint


def test_processes_end_with_their_executor():
    local = Local(2)
    results(local, work("squares", chores.squares), of(8))
    processes = [worker.process for worker in local._pool]
    assert len(processes) == 2
    local.close()
    assert all(process.poll() is not None for process in processes)


def test_threads_of_a_worker_take_turns(tmp_path):
    made, at_once, most = work("turns", chores.squares), [0], [0]

    def doer(batch):
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        time.sleep(0.01)
        at_once[0] -= 1
        return batch

    made.open = lambda: doer
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda item: do_batch(made, [item]), range(12))) == [[item] for item in range(12)]
    assert most == [1]


def test_addresses_are_read():
    assert connect(1).name == "this process"
    assert connect(3).workers == 3
    for arguments, code in (
        ((0, None), "bad_workers"), ((5_000, None), "bad_workers"), ((2, "ray://auto"), "workers_or_cluster"),
        ((None, "http://x"), "bad_cluster"), ((None, "nonsense"), "bad_cluster"),
    ):  # fmt: skip
        with pytest.raises(ConfigError) as refused:
            connect(*arguments)
        assert refused.value.code == code


@pytest.mark.parametrize(("address", "module", "extra"), [
    ("tcp://127.0.0.1:1", "distributed", "ntp[dask]"), ("ray://auto", "ray", "ntp[ray]"),
])  # fmt: skip
def test_a_missing_extra_is_named(monkeypatch, address, module, extra):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigError) as refused:
        connect(cluster=address)
    assert refused.value.code == "missing_extra"
    assert extra in refused.value.hint


def test_a_cluster_that_is_not_there_says_how_to_start_one(monkeypatch):
    monkeypatch.setattr("ntp.backtest.cluster.on_dask._CONNECT_S", 1)
    with pytest.raises(ConfigError) as refused:
        connect(cluster="tcp://127.0.0.1:1")
    assert refused.value.code == "no_cluster"
    assert "dask scheduler" in refused.value.hint
