"""Experiments: strategies side by side on the same events, by a question that was asked before."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ntp.backtest.experiment.comparison import BETTER, HARM
from ntp.backtest.experiment.event_results import EventResult, event_results
from ntp.backtest.experiment.events import DataEvents, data_events, draw
from ntp.backtest.experiment.experiment_store import ExperimentStore
from ntp.backtest.experiment.metric import read_metric
from ntp.backtest.experiment.plan import Plan, Variant, check_frozen, name_variants, settings_document
from ntp.backtest.experiment.report import ExperimentReport, report_of
from ntp.core import Clock, ConfigError, DataError, NotFound, SystemClock, VerificationFailed, suggest

if TYPE_CHECKING:
    from ntp.backtest.backtest import Backtest
    from ntp.backtest.loader import LoadedData
    from ntp.backtest.run import Run
    from ntp.backtest.store import RunStore

Progress = Callable[[int, int | None], None]
Bar = Callable[[str], AbstractContextManager[Progress | None]]
"""Shows the progress of one backtest under a label."""


@dataclass(frozen=True)
class Question:
    """What an experiment asks: everything of its plan that a person chooses, strategies and settings apart.

    Attributes
    ----------
    metric, paired, seed, minimum
        As in :class:`Plan`.
    """

    metric: str
    paired: bool
    seed: int
    minimum: int


class Experiments:
    """Experiments of a workspace.

    Parameters
    ----------
    runs : RunStore
        Where the workspace keeps runs, and everything that was tried.
    clock : Clock, optional
        Source of the present time.
    """

    def __init__(self, runs: RunStore, clock: Clock | None = None) -> None:
        self._runs = runs
        self._clock = clock or SystemClock()
        self.store = ExperimentStore(runs.root)

    def start(
        self, name: str, backtests: Sequence[Backtest], question: Question, *, start: int | None = None,
        end: int | None = None, bar: Bar | None = None,
    ) -> ExperimentReport:
        """Begin an experiment, or go on with it on more data, and look at it.

        Parameters
        ----------
        name : str
            Of the experiment.
        backtests : sequence of Backtest
            One for each variant, on the same data with the same settings; the first is the control.
        question : Question
            What is asked.
        start, end : int, optional
            Range in ns UTC, end excluded.
        bar : callable, optional
            Shows the progress of a backtest.

        Raises
        ------
        ConfigError
            If there are fewer than two variants, the metric is unknown, or the experiment was begun in another way.
        DataError
            If the data has no event that is settled, or fewer than variants.
        """
        plan = self._planned(name, backtests, question)
        known = self._begun(name, plan)
        loaded, found = _common_events(backtests, start, end)
        if known is None:
            if len(found.settled) < len(plan.variants):
                raise DataError(
                    f"expected an event or more for each of {len(plan.variants)} variants, was {len(found.settled)} "
                    "settled", code="too_few_events", hint="bring more data",
                )
            self.store.enter(replace(plan, planned=len(found.settled)), self._clock.now())
            known = self.store.plan(name)
            check_frozen(known, plan)  # another process may have begun it at this moment
        plan = known
        self._assign(plan, found)
        added = self._replay(plan, backtests, loaded, found, (start, end), bar or (lambda _: nullcontext()))
        report = self.status(name)
        report.document["added_events"] = added
        return report

    def status(self, name: str) -> ExperimentReport:
        """Look at an experiment; every look is kept, and variants that did harm are stopped.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        report = self._report(name)
        now = self._clock.now()
        rows = []
        for each in report.comparisons:
            if each.stopped is not None:
                self.store.stop_variant(name, each.variant.name, each.stopped.event, each.stopped.settled)
            for mode, compared in each.modes.items():
                seen = {key: value for key, value in compared.to_dict().items() if key in _SEEN}
                rows.append({"variant": each.variant.name, "mode": mode, "verdict": each.verdict, **seen})
        self.store.look(name, now, rows)
        return self._report(name)

    def stop(self, name: str) -> ExperimentReport:
        """End an experiment: it takes no more data; what it found stays.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        self.store.plan(name)
        self.store.stop(name, self._clock.now())
        return self.status(name)

    def promote(self, name: str, variant: str | None = None) -> ExperimentReport:
        """Promote a variant that is shown to be better than the control; nothing forces it.

        Parameters
        ----------
        name : str
            Of the experiment.
        variant : str, optional
            Which; by default the one that is better.

        Raises
        ------
        NotFound
            If there is no such experiment or variant.
        ConfigError
            ``ambiguous_variant`` if several are better and none was named.
        VerificationFailed
            ``not_promoted`` with the reason, where the interval of the pessimistic fill mode is not above 0.
        """
        report = self.status(name)
        chosen = _chosen(report, variant)
        self.store.promote(name, chosen, self._clock.now())
        return self._report(name)

    def _report(self, name: str) -> ExperimentReport:
        batches = self.store.batches(name)
        content = batches[-1]["content_hash"] if batches else ""
        return report_of(self.store, name, self._runs.ledger.trials(content).count if content else 0)

    def _planned(self, name: str, backtests: Sequence[Backtest], question: Question) -> Plan:
        subjects = [each.subject for each in backtests]
        names = name_variants([strategy.name for strategy, _ in subjects])
        variants = tuple(Variant(each, strategy) for each, (strategy, _) in zip(names, subjects, strict=True))
        plan = Plan(
            name, variants, read_metric(question.metric).id, question.paired, question.seed,
            settings_document(subjects[0][1]) if subjects else None, question.minimum,
        )
        return Plan.from_dict(json.loads(json.dumps(plan.to_dict())))  # as it will be read again

    def _begun(self, name: str, asked: Plan) -> Plan | None:
        """Find an experiment to go on with; one of another plan that nobody has seen anything of is forgotten."""
        known = self.store.find(name)
        if known is None:
            return None
        if not self.store.batches(name) and replace(asked, planned=known.planned) != known:
            self.store.forget(name)
            return None
        check_frozen(known, asked)
        self._refuse_ended(name)
        return known

    def _refuse_ended(self, name: str) -> None:
        report = self._report(name)
        ended = report.document["status"]
        if ended != "running":
            why = "was stopped by a person" if ended == "stopped" else "has no variant left that did no harm"
            raise ConfigError(
                f"expected an experiment that goes on, {name!r} {why}", code="experiment_ended",
                hint=f"ntp ab status {name} shows it; begin another one", details={"experiment": name},
            )

    def _assign(self, plan: Plan, found: DataEvents) -> None:
        """Give new events to the variants that take part."""
        out = self.store.stopped_variants(plan.name)
        active = [each.name for each in plan.variants if each.name not in out]
        self.store.assign(plan.name, [
            (event, None if plan.paired else draw(plan.name, plan.seed, event, active), settled)
            for event, settled in found.settled.items()
        ])  # fmt: skip

    def _replay(
        self, plan: Plan, backtests: Sequence[Backtest], loaded: LoadedData, found: DataEvents,
        span: tuple[int | None, int | None], bar: Bar,
    ) -> int:
        """Let each variant trade its events that lack results; returns how many lack none any more."""
        out = self.store.stopped_variants(plan.name)
        here = [each for each in self.store.events(plan.name) if each.event in found.settled and each.batch is None]
        for variant, backtest in zip(plan.variants, backtests, strict=True):
            if variant.name in out:
                continue
            kept = self.store.results(plan.name).get((variant.name, "base"), {})
            mine = [
                each.event for each in here if each.variant in (None, variant.name) and each.event not in kept
            ]
            if not mine:
                continue
            with bar(f"{variant.name}: {len(mine)} events") as progress:
                run = backtest.varied(events=mine, data=loaded.opened, store=self._runs).run(
                    *span, reuse=True, progress=progress
                )
            self.store.keep(plan.name, variant.name, run.run_id, _results(run, mine, plan))
        if here:
            self.store.complete(
                plan.name, [each.event for each in here], created=self._clock.now(), sources=loaded.names,
                content=loaded.content_hash, waiting=len(found.open),
            )
        return len(here)


_SEEN = frozenset({"events", "difference", "low", "high", "e_value", "p_value"})


def _common_events(
    backtests: Sequence[Backtest], start: int | None, end: int | None
) -> tuple[LoadedData, DataEvents]:
    """Events of the data that every variant may trade."""
    loaded, wanted = backtests[0].opened(start, end)
    shared = set(wanted)
    for each in backtests[1:]:
        shared &= each.varied(data=loaded.opened).opened(start, end)[1]
    found = data_events(loaded, shared, end)
    if not found.settled and not found.open:
        raise DataError(
            "expected events that every variant trades, was none", code="no_contracts",
            hint="see --contracts, and the universe of the strategies",
        )
    if not found.settled:
        raise DataError(
            f"expected events that are settled, was none of {len(found.open)}", code="no_settlements",
            hint="bring data with results: a reference file completes recorded quotes",
        )
    return loaded, found


def _results(run: Run, events: Sequence[str], plan: Plan) -> dict[str, dict[str, EventResult]]:
    """Results of the events of a run in each fill mode; an event without orders is a result as well."""
    found = {}
    for mode, result in run.fill_modes.items():
        if read_metric(plan.metric).net and not result.facts.fees_known:
            raise DataError(
                "expected venues whose fees are known, was one without", code="fees_unknown",
                hint="import the data with --venue, or decide by --metric markout",
            )
        known = event_results(result.facts)
        found[mode] = {event: known.get(event, EventResult()) for event in events}
    return found


def _chosen(report: ExperimentReport, wanted: str | None) -> Variant:
    """Find the variant to promote.

    Raises
    ------
    NotFound
        ``no_such_variant`` with a suggestion.
    ConfigError
        ``ambiguous_variant``.
    VerificationFailed
        ``not_promoted``.
    """
    name = report.plan.name
    reasons: Mapping[str, Any] = {each["variant"]: each["reason"] for each in report.document["comparisons"]}
    if wanted is None:
        better = [each for each in report.comparisons if each.verdict == BETTER and not each.same]
        if len(better) > 1:
            raise ConfigError(
                "expected the variant to promote, as several are better than the control", code="ambiguous_variant",
                hint=f"one of: {', '.join(each.variant.name for each in better)}",
            )
        if better:
            return better[0].variant
        raise _refused(name, "; ".join(f"{key}: {text}" for key, text in reasons.items()))
    if wanted == report.plan.control.name:
        raise _refused(name, f"{wanted} is the control: it is what the others are measured by")
    found = next((each for each in report.comparisons if each.variant.name == wanted), None)
    if found is None:
        names = [each.name for each in report.plan.variants]
        raise NotFound(
            f"expected a variant of {name!r}, was {wanted!r}", code="no_such_variant",
            hint=suggest(wanted, names) or f"one of: {', '.join(names)}",
        )
    if found.same:
        raise _refused(name, f"{wanted} is the control once more: this is an A/A test")
    if found.verdict != BETTER:
        raise _refused(name, f"{wanted} is {reasons[wanted]}" if found.verdict == HARM else reasons[wanted])
    return found.variant


def _refused(name: str, why: str) -> VerificationFailed:
    return VerificationFailed(
        f"expected a variant shown to be better than the control, was none: {why}", code="not_promoted",
        hint="more events tell more; nothing forces a promotion", details={"experiment": name},
    )
