"""Run a sweep: from a strategy, its data and a grid to ranked points."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ntp.backtest.cluster import check_workers
from ntp.backtest.loader import LoadedData
from ntp.backtest.metrics import METRICS, Metrics
from ntp.backtest.plan import plan_replay, wanted_contracts
from ntp.backtest.replays import Replays
from ntp.backtest.results import RunContext
from ntp.backtest.settings import RunSettings
from ntp.backtest.sweep.axes import Axis, read_axes
from ntp.backtest.sweep.bench import Bench
from ntp.backtest.sweep.counting import Counting, corrected
from ntp.backtest.sweep.identity import Identity
from ntp.backtest.sweep.objective import Objective, read_objective
from ntp.backtest.sweep.outcome import Outcome
from ntp.backtest.sweep.points import RUN_ID, Points, all_failed
from ntp.backtest.sweep.search import MOST_POINTS, Search, Values, read_search
from ntp.backtest.sweep.subject import Subject
from ntp.backtest.sweep.sweep import Effort, Point, Sweep
from ntp.backtest.sweep.sweep_store import SweepStore
from ntp.backtest.sweep.tape_files import TapeFiles, scratch_folder
from ntp.backtest.validation import TrialLedger, Trials
from ntp.backtest.validation.event_blocks import BLOCKS, event_blocks, overfitting_of
from ntp.core import CASH_ONE, Clock, format_ns, sha256_json
from ntp.engine.tape import Tape
from ntp.statistics import Overfitting
from ntp.strategy import LoadedStrategy, Strategy

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A backtest that waits for its parameters.

    Attributes
    ----------
    strategy : Strategy
        With the values of the parameters that do not vary.
    declared : LoadedStrategy
        Its class.
    settings : RunSettings
        How it is replayed.
    loaded : LoadedData
        On what.
    start, end : int, optional
        Range of the data in nanoseconds, end excluded.
    root : Path, optional
        The workspace's ``.ntp`` folder; without one nothing is kept.
    ledger : TrialLedger, optional
        Where trials are counted.
    clock : Clock
        The present time.
    """

    strategy: Strategy
    declared: LoadedStrategy
    settings: RunSettings
    loaded: LoadedData
    start: int | None
    end: int | None
    root: Path | None
    ledger: TrialLedger | None
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How a sweep is to be run.

    Attributes
    ----------
    grid : Mapping, optional
        Parameter to its values, see :func:`~ntp.backtest.sweep.axes.read_axes`.
    search : int or str, optional
        None for the whole grid, a number of points or ``random:N`` for a search.
    objective : str
        Metric by which points are ranked.
    workers, cluster
        Who computes, see :func:`~ntp.backtest.cluster.connect`.
    max_points : int
        More are refused.
    """

    grid: Mapping[str, Any] | None = None
    search: int | str | None = None
    objective: str = "deflated_sharpe"
    workers: int | None = None
    cluster: str | None = None
    max_points: int = MOST_POINTS


def run_sweep(setting: Setting, wish: Wish, progress: Progress | None = None) -> Sweep:
    """Try the points of a grid or a search, and keep each.

    Raises
    ------
    ConfigError
        If the grid, the search, the objective or the cluster is impossible.
    DataError
        If there is nothing to replay.
    StrategyError
        If the strategy fails at every point.
    """
    since = time.perf_counter()
    check_workers(wish.workers, wish.cluster)
    axes, objective = read_axes(setting.strategy, wish.grid), read_objective(wish.objective)
    searched, search = read_search(
        wish.search, axes, seed=setting.settings.engine.seed, max_points=wish.max_points
    )
    tape, context = _plan(setting)
    identity = Identity(context, setting.strategy.parameters())
    question = {"axes": {axis.name: axis.document() for axis in axes}, "search": searched}
    if searched.startswith("bayes"):
        question["objective"] = wish.objective
    sweep_id = identity.of_sweep(question)[RUN_ID]
    store = SweepStore(setting.root)
    with scratch_folder(setting.root) as scratch:
        bench = _bench(setting, context, tape, scratch)
        counting = _counting(setting, identity)
        points = Points(bench, tape, identity, counting, store, setting.clock, wish.workers, wish.cluster)
        try:
            order = _explore(points, search, objective, progress)
        finally:
            points.close()
    about = _about(setting, context, searched)
    store.enter(sweep_id, setting.clock.now(), setting.declared.name, {**about, **question})
    return _sweep(sweep_id, wish.objective, axes, order, points, about, time.perf_counter() - since)


def _plan(setting: Setting) -> tuple[Tape, RunContext]:
    """Plan the tape, and describe a run on it, whose parameters every point replaces."""
    tape, universe = plan_replay(setting.strategy, setting.declared, setting.settings, setting.loaded)
    replays = Replays(setting.strategy, setting.declared, setting.settings, setting.loaded, tape, universe)
    return tape, replays.context("", setting.clock.now(), setting.start, setting.end)


def _bench(setting: Setting, context: RunContext, tape: Tape, scratch: Path) -> Bench:
    wanted = wanted_contracts(setting.declared, setting.settings, setting.loaded)
    latencies = tuple(source.feed_latency for source in setting.loaded.sources)
    key = sha256_json({
        "content": setting.loaded.content_hash, "start": setting.start, "end": setting.end,
        "wanted": sorted(wanted), "watch": list(setting.declared.declaration.watch), "latencies": list(latencies),
        "precision": dict(setting.settings.precision), "code": context.environment.get("code"),
    })  # fmt: skip
    return Bench(
        Subject.of(setting.strategy, setting.declared), setting.settings, replace(context, warnings=()),
        TapeFiles(scratch / "tape", key), frozenset(wanted), latencies,
        setting.loaded.stored, setting.start, setting.end, event_blocks(tape, wanted),
    )  # fmt: skip


def _explore(
    points: Points, search: Search, objective: Objective, progress: Progress | None
) -> list[tuple[str, Values]]:
    """Let the search propose points, and answer with their scores; returns the points in order."""
    def told(done: int) -> None:
        if progress is not None:
            progress(done, search.total)

    order: dict[str, Values] = {}
    generations = search.points()
    proposed = next(generations)
    while True:
        keys = points.solve(proposed, search.total, told)
        order |= dict(zip(keys, proposed, strict=True))
        values = [points.outcomes[key].metrics.get(objective.metric) for key in keys]
        try:
            proposed = generations.send([_score(objective, value) for value in values])
        except StopIteration:
            break
    failures = [points.outcomes[key].error for key in order if points.outcomes[key].error]
    if len(failures) == len(order):
        raise all_failed(failures)
    return list(order.items())


def _score(objective: Objective, value: Any) -> float | None:
    return None if value is None else objective.score(float(value))


def _about(setting: Setting, context: RunContext, searched: str) -> dict[str, Any]:
    data = context.data
    return {
        "strategy": {
            "name": setting.declared.name, "code_hash": setting.declared.code_hash,
            "parameters": setting.strategy.parameters(),
        },
        "search": searched, "fill_mode": context.fill_mode, "capital_usd": context.capital / CASH_ONE,
        "data": {
            "sources": list(data.sources), "from": format_ns(data.start), "to": format_ns(data.end),
            "events": data.events, "contracts": data.contracts, "content_hash": data.content_hash,
        },
    }  # fmt: skip


def _sweep(
    sweep_id: str, objective: str, axes: Sequence[Axis], order: Sequence[tuple[str, Values]], points: Points,
    about: Mapping[str, Any], seconds: float,
) -> Sweep:
    outcomes = [points.outcomes[key] for key, _ in order]
    trials = points.counting.trials()
    made = [
        Point(
            dict(values), _metrics(outcome, trials), key[RUN_ID], key, outcome.fills_hash, outcome.error,
        )
        for (key, values), outcome in zip(order, outcomes, strict=True)
    ]
    effort = Effort(points.computed, points.stored, seconds, *points.executor)
    overfitting, absent = _overfitting(outcomes, points.bench.blocks)
    return Sweep(
        sweep_id, objective, axes, made, trials.count, about, _warnings(made, objective), effort, overfitting, absent
    )


def _overfitting(
    outcomes: Sequence[Outcome], blocks: Mapping[str, int]
) -> tuple[Overfitting | None, dict[str, str]]:
    """Judge the choice of the best point; with it why that cannot be done."""
    known = [outcome.blocks for outcome in outcomes if outcome.blocks is not None]
    if blocks and len(known) > 1:
        return overfitting_of(known, blocks), {}
    few = f"needs {2 * BLOCKS} events, there are fewer" if not blocks else "needs two points with known fees"
    return None, {"overfitting_probability": few}


def _metrics(outcome: Outcome, trials: Trials) -> Metrics:
    if outcome.error:
        return Metrics(dict.fromkeys(metric.id for metric in METRICS), {"*": outcome.error})
    return corrected(outcome, trials)


def _counting(setting: Setting, identity: Identity) -> Counting:
    loaded = setting.loaded
    if setting.ledger is not None:
        setting.ledger.describe(loaded.content_hash, loaded.parts)
    return Counting(identity, loaded.content_hash, setting.declared.name, setting.ledger)


def _warnings(points: Sequence[Point], objective: str) -> list[str]:
    found = []
    failed = [point for point in points if point.error]
    if failed:
        found.append(f"the strategy failed at {len(failed)} of {len(points)} points, first so: {failed[0].error}")
    metric = read_objective(objective).metric
    absent = [point for point in points if not point.error and point.metrics[metric] is None]
    if absent:
        reason = absent[0].metrics.reasons.get(metric, "it cannot be computed")
        found.append(f"{metric} is unknown at {len(absent)} of {len(points)} points: {reason}")
    values = [value for point in points if (value := point.metrics.number(metric)) is not None]
    if len(values) > 1 and len(set(values)) == 1:
        found.append(f"{metric} is the same at all {len(values)} points that have it, so that it ranks none of them")
    return found
