"""Walk-forward test: parameters chosen on the past, judged on the events that follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from ntp.backtest.keeping import keep
from ntp.backtest.results import MODES, Performance, RunContext
from ntp.backtest.run import Run
from ntp.backtest.validation.event_spans import EventSpans
from ntp.backtest.validation.stitching import stitch
from ntp.core import DataError, canonical_json, format_duration, format_ns, parse_duration, sha256_json
from ntp.statistics import Fold, check_apart, walk_forward_folds

if TYPE_CHECKING:
    from rich.table import Table

    from ntp.backtest.backtest import Backtest
    from ntp.backtest.store import RunStore
    from ntp.backtest.sweep import Point, Sweep

Progress = Callable[[int, int | None], None]
WALK_FILE: Final = "walk_forward.json"
"""Document of the whole test, in the folder of the run that puts its tests together."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a walk-forward test is cut and what is searched in each training window.

    Attributes
    ----------
    folds : int
        Tests.
    anchored : bool
        Train on everything before a test; otherwise on one block of events, the latest.
    embargo : str
        Duration between the last event trained on and the test, ``"1h"``.
    objective : str
        Metric by which parameters are chosen.
    sweep : Mapping
        Other arguments of :meth:`Backtest.sweep`.
    """

    folds: int
    anchored: bool = True
    embargo: str = "0s"
    objective: str = "deflated_sharpe"
    sweep: Mapping[str, Any]


@dataclass(frozen=True)
class Keeping:
    """What the tests put together are kept as.

    Attributes
    ----------
    store : RunStore, optional
        Where; None keeps nothing.
    run_id : str
        Under which name, if it is new.
    parameters : Mapping
        Of the strategy; those that were searched become the list of what the folds chose.
    """

    store: RunStore | None
    run_id: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class FoldResult:
    """One window: what was chosen in it, and what that gave on the events that follow.

    Attributes
    ----------
    number : int
        From 1.
    train, test : frozenset of str
        Events.
    train_window, test_window : tuple of int
        Ranges in ns UTC, end excluded.
    left_out : int
        Events before the test that were not over, embargo included, when it began.
    sweep_id : str
        The search in the training window.
    chosen : Point
        The best point of it.
    run : Run
        What it gave on the test's events.
    """

    number: int
    train: frozenset[str]
    test: frozenset[str]
    train_window: tuple[int, int]
    test_window: tuple[int, int]
    left_out: int
    sweep_id: str
    chosen: Point
    run: Run

    @property
    def gains(self) -> tuple[float | None, float | None]:
        """Net P&L per event in and out of sample."""
        inside, outside = self.chosen.metrics.number("pnl_net_usd"), self.run.metrics.number("pnl_net_usd")
        return (
            None if inside is None else inside / len(self.train),
            None if outside is None else outside / len(self.test),
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        inside, outside = self.gains
        return {
            "number": self.number,
            "train": _window(self.train_window, len(self.train)) | {"left_out": self.left_out},
            "test": _window(self.test_window, len(self.test)),
            "parameters": dict(self.chosen.parameters), "sweep_id": self.sweep_id, "run_id": self.run.run_id,
            "in_sample": {"metrics": dict(self.chosen.metrics), "pnl_per_event_usd": inside},
            "out_of_sample": {"metrics": dict(self.run.metrics), "pnl_per_event_usd": outside},
        }


@dataclass(frozen=True, eq=False)
class WalkForward:
    """Outcome of a walk-forward test.

    Attributes
    ----------
    plan : Plan
        How it was cut.
    folds : sequence of FoldResult
        In order of time.
    run : Run
        All tests put together: every event of it was traded with parameters chosen before it.
    """

    plan: Plan
    folds: Sequence[FoldResult]
    run: Run

    @property
    def efficiency(self) -> float | None:
        """Net P&L per event out of sample over that in sample; None where nothing was gained in sample."""
        inside, outside = self._per_event(0), self._per_event(1)
        return None if inside is None or outside is None or inside <= 0.0 else outside / inside

    @property
    def reasons(self) -> dict[str, str]:
        """Why a figure is None."""
        if self.efficiency is not None:
            return {}
        known = self._per_event(0) is not None
        return {"efficiency": "nothing was gained in sample" if known else "the fees of this venue are unknown"}

    def _per_event(self, side: int) -> float | None:
        """Mean over all events of the folds, in (0) or out of sample (1)."""
        sizes = [len((fold.train, fold.test)[side]) for fold in self.folds]
        gains = [fold.gains[side] for fold in self.folds]
        known = [gain * size for gain, size in zip(gains, sizes, strict=True) if gain is not None]
        return sum(known) / sum(sizes) if len(known) == len(gains) else None

    def to_dict(self) -> dict[str, Any]:
        """Build the document of ``ntp sweep --walk-forward --json``: that of a sweep, whose points are the tests."""
        latest = self.folds[-1]
        points = [
            {"parameters": dict(fold.chosen.parameters), "metrics": dict(fold.run.metrics), "run_id": fold.run.run_id}
            for fold in self.folds
        ]
        return {
            "schema": 1, "status": "done", "sweep_id": latest.sweep_id, "points": points,
            "run_id": self.run.run_id, "objective": self.plan.objective,
            "trials": self.run.context.trials, "anchored": self.plan.anchored,
            "embargo_s": parse_duration(self.plan.embargo) / 1e9, "efficiency": self.efficiency,
            "folds": [fold.to_dict() for fold in self.folds], "best": latest.chosen.to_dict(),
            "out_of_sample": self.run.to_dict(), "absent": self.reasons,
        }  # fmt: skip

    def __repr__(self) -> str:
        efficiency = "unknown" if self.efficiency is None else f"{self.efficiency:.2f}"
        return f"<WalkForward of {len(self.folds)} folds: efficiency {efficiency}, out of sample {self.run!r}>"


def walk_forward(
    backtest: Backtest, spans: EventSpans, plan: Plan, keeping: Keeping, progress: Progress | None = None
) -> WalkForward:
    """Choose parameters in each training window, and judge them on the events that follow it.

    Parameters
    ----------
    backtest : Backtest
        Strategy, data and settings.
    spans : EventSpans
        The events and their times.
    plan : Plan
        How to cut them.
    keeping : Keeping
        What the whole is kept as.
    progress : callable, optional
        Called with thousandths of folds done and in total.

    Raises
    ------
    ConfigError
        If there are more folds than events, or the plan is impossible.
    DataError
        If nothing is over before a test begins, or nothing in a training window has the objective.
    """
    cut = walk_forward_folds(
        spans.starts, spans.ends, plan.folds, anchored=plan.anchored, embargo=parse_duration(plan.embargo)
    )
    check_apart(cut)
    done = [_fold(backtest, spans, plan, fold, number, progress) for number, fold in enumerate(cut, start=1)]
    walk = WalkForward(plan, done, _stitched(keeping, plan, done))
    if keeping.store is not None:
        file = keeping.store.path(walk.run.run_id) / WALK_FILE
        file.write_text(canonical_json(walk.to_dict()) + "\n", encoding="utf-8")
    return walk


def _fold(
    backtest: Backtest, spans: EventSpans, plan: Plan, fold: Fold, number: int, progress: Progress | None
) -> FoldResult:
    def told(part: int) -> Progress | None:
        if progress is None:
            return None
        before = (number - 1) * 1_000 + part * 500

        def tell(done: int, total: int | None) -> None:
            progress(before + (500 * done // total if total else 0), plan.folds * 1_000)

        return tell

    train, test = spans.named(fold.train), spans.named(fold.test)
    inside, outside = spans.window(fold.train), spans.window(fold.test)
    sweep: Sweep = backtest.varied(events=train).sweep(
        start=inside[0], end=inside[1], objective=plan.objective, progress=told(0), **plan.sweep
    )
    chosen = sweep.best()
    if chosen is None:
        raise _nothing_chosen(plan, sweep, number, len(train))
    run = backtest.varied(events=test, parameters=chosen.parameters).run(
        start=outside[0], end=outside[1], reuse=True, progress=told(1)
    )
    return FoldResult(number, train, test, inside, outside, fold.left_out, sweep.sweep_id, chosen, run)


def _nothing_chosen(plan: Plan, sweep: Sweep, number: int, events: int) -> DataError:
    reason = next((point.metrics.reasons.get(plan.objective.lstrip("-")) for point in sweep if not point.error), None)
    return DataError(
        f"expected {plan.objective} in the training window of fold {number}, was none in its {events} events"
        + (f": {reason}" if reason else ""), code="no_objective",
        hint="fewer folds, more data, or an objective that needs fewer events: --objective pnl_net_usd",
        details={"fold": number, "sweep_id": sweep.sweep_id},
    )


def _stitched(keeping: Keeping, plan: Plan, folds: Sequence[FoldResult]) -> Run:
    """Put the tests together to one run, and keep it where runs are kept."""
    runs = [fold.run for fold in folds]
    context = _context(keeping, plan, folds)
    modes = [mode for mode in MODES if all(mode in run.fill_modes for run in runs)]
    outputs = {mode: stitch([run.fill_modes[mode].output for run in runs], context.capital) for mode in modes}
    made = Run(context, outputs)
    store = keeping.store
    if store is None:
        return made
    known = store.find(made.manifest.hash)
    return keep(store, made) if known is None else store.load(known)


def _context(keeping: Keeping, plan: Plan, folds: Sequence[FoldResult]) -> RunContext:
    contexts = [fold.run.context for fold in folds]
    last = contexts[-1]
    first_instant = min(each.data.start for each in contexts)
    last_instant = max(each.data.end for each in contexts)
    lengths = [each.data.end - each.data.start for each in contexts]
    covered = [each.data.coverage for each in contexts if each.data.coverage is not None]
    warnings = [warning for each in contexts for warning in each.warnings]
    told = [warning for each in contexts for warning in each.data.warnings]
    data = replace(
        last.data, start=first_instant, end=last_instant,
        events=sum(each.data.events for each in contexts), contracts=sum(each.data.contracts for each in contexts),
        coverage=sum(share * length for share, length in zip(covered, lengths, strict=True)) / sum(lengths)
        if len(covered) == len(lengths) else None,
        warnings=tuple(dict.fromkeys(told)),
    )
    search = {
        "folds": plan.folds, "anchored": plan.anchored, "embargo": format_duration(parse_duration(plan.embargo)),
        "objective": plan.objective,
        "tests": [
            {"train": sha256_json(sorted(fold.train)), "test": sha256_json(sorted(fold.test)),
             "parameters": dict(fold.chosen.parameters), "run": fold.run.manifest.hash} for fold in folds
        ],
    }
    chosen = {name: [fold.chosen.parameters[name] for fold in folds] for name in folds[0].chosen.parameters}
    configuration = {name: value for name, value in last.configuration.items() if name != "events"}
    return replace(
        last, run_id=keeping.run_id, strategy=replace(last.strategy, parameters={**keeping.parameters, **chosen}),
        data=data, configuration={**configuration, "start": None, "end": None, "walk_forward": search},
        warnings=tuple(dict.fromkeys(warnings)), performance=Performance(),
        stamps=tuple(dict.fromkeys([*last.stamps, "walk_forward"])), trials=0, family_trials=0, trial_variance=None,
    )


def _window(window: tuple[int, int], events: int) -> dict[str, Any]:
    return {"from": format_ns(window[0]), "to": format_ns(window[1]), "events": events}


def walk_forward_table(walk: WalkForward) -> Table:
    """Make the table of the folds, and of all tests together in its last row."""
    from ntp.backtest.table import plain_table
    from ntp.backtest.wording import ABSENT, write_money, write_value

    table = plain_table("fold", "test from", "to")
    for name in ("trained on", "left out", "tested", "chosen", "per event in", "out", "P&L out", "pessimistic"):
        table.add_column(name, justify="left" if name == "chosen" else "right")

    def gained(run: Run, mode: str) -> str:
        result = run.fill_modes.get(mode)
        return ABSENT if result is None else write_money(result.metrics.number("pnl_net_usd"))

    for fold in walk.folds:
        inside, outside = fold.gains
        table.add_row(
            str(fold.number), *(format_ns(instant)[:16] for instant in fold.test_window), f"{len(fold.train):,}",
            f"{fold.left_out:,}", f"{len(fold.test):,}",
            ", ".join(f"{name}={value}" for name, value in fold.chosen.parameters.items()),
            write_money(inside), write_money(outside), gained(fold.run, fold.run.context.fill_mode),
            gained(fold.run, "pessimistic"),
        )
    whole = walk.run
    table.add_row(
        "all", "", "", "", "", f"{sum(len(fold.test) for fold in walk.folds):,}",
        f"deflated {write_value('deflated_sharpe', whole.metrics['deflated_sharpe'])}", "",
        "" if walk.efficiency is None else f"{walk.efficiency:.2f} of in", gained(whole, whole.context.fill_mode),
        gained(whole, "pessimistic"), style="bold",
    )
    return table
