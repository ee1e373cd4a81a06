"""Where an experiment stands, for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ntp.backtest.experiment.comparison import BETTER, HARM, Comparison, Results, compare
from ntp.backtest.experiment.experiment_store import ExperimentStore, StoredEvent
from ntp.backtest.experiment.metric import ExperimentMetric, read_metric
from ntp.backtest.experiment.plan import Plan
from ntp.backtest.results import MODES
from ntp.backtest.wording import write_money
from ntp.core import format_ns
from ntp.statistics.sequential import balance_e_value

_SUSPICIOUS: Final = 100.0
"""E-value of the lot from which it is said to be unfair."""


@dataclass(frozen=True, eq=False)
class ExperimentReport:
    """Where an experiment stands.

    Attributes
    ----------
    plan : Plan
        What was fixed before.
    comparisons : tuple of Comparison
        Each challenger against the control.
    events : tuple of StoredEvent
        In the order in which their results became known.
    results : Mapping
        Results by variant and mode, then by event.
    looks : list of dict
        What was seen, in order.
    document : dict
        The document of ``ntp ab status --json``.
    """

    plan: Plan
    comparisons: tuple[Comparison, ...]
    events: tuple[StoredEvent, ...]
    results: Results
    looks: list[dict[str, Any]]
    document: dict[str, Any]

    @property
    def metric(self) -> ExperimentMetric:
        """What it is decided by."""
        return read_metric(self.plan.metric)

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return self.document


def report_of(store: ExperimentStore, name: str, trials: int = 0) -> ExperimentReport:
    """Compute where an experiment stands from what is stored of it.

    Parameters
    ----------
    store : ExperimentStore
        Where it is kept.
    name : str
        Of the experiment.
    trials : int
        Everything that was tried on its data.

    Raises
    ------
    NotFound
        If there is no such experiment.
    """
    plan = store.plan(name)
    events, results = store.events(name), store.results(name)
    comparisons = tuple(compare(plan, variant, events, results) for variant in plan.challengers)
    created, ended = store.state(name)
    known = [each for each in events if each.batch is not None]
    batches, looks = store.batches(name), store.looks(name)
    document: dict[str, Any] = {
        "schema": 1, "experiment": name, "created": format_ns(created), "status": _status(comparisons, ended),
        "metric": plan.metric, "formula": read_metric(plan.metric).formula,
        "analysis": "paired" if plan.paired else "randomised", "seed": plan.seed, "alpha": plan.alpha,
        "minimum_events": plan.minimum, "settings": dict(plan.settings or {}), "deciding_mode": MODES[0],
        "events": {
            "settled": len(known), "unfinished": len(events) - len(known),
            "open": batches[-1]["open_events"] if batches else 0, **_balance(plan, known),
        },
        "variants": [_variant(plan, index, known, results, comparisons) for index in range(len(plan.variants))],
        "comparisons": [_comparison(each, plan.minimum) for each in comparisons],
        "looks": len({look["created"] for look in looks}), "trials": trials,
        "data": [{**batch, "created": format_ns(batch["created"])} for batch in batches],
        "promotions": [{**each, "created": format_ns(each["created"])} for each in store.promotions(name)],
    }  # fmt: skip
    document["notes"] = _notes(plan, document)
    return ExperimentReport(plan, comparisons, tuple(events), results, looks, document)


def _status(comparisons: tuple[Comparison, ...], ended: int | None) -> str:
    if ended is not None:
        return "stopped"
    return "stopped_for_harm" if all(each.verdict == HARM for each in comparisons) else "running"


def _balance(plan: Plan, known: list[StoredEvent]) -> dict[str, Any]:
    """How many events each variant got by lot, and whether the lot can be believed."""
    if plan.paired:
        return {}
    counts = {each.name: sum(event.variant == each.name for event in known) for each in plan.variants}
    return {"by_variant": counts, "balance_e_value": balance_e_value(np.array(list(counts.values())))}


def _variant(
    plan: Plan, index: int, known: list[StoredEvent], results: Results, comparisons: tuple[Comparison, ...]
) -> dict[str, Any]:
    variant = plan.variants[index]
    stopped = comparisons[index - 1].stopped if index else None
    names = {each.event for each in known}
    modes = {}
    for mode in MODES:
        own = [each for event, each in results.get((variant.name, mode), {}).items() if event in names]
        values = [value for value in map(read_metric(plan.metric).value, own) if value is not None]
        modes[mode] = {
            "events": len(own), "mean": float(np.mean(values)) if values else None,
            "pnl_net_usd": float(sum(each.pnl_usd for each in own)), "fills": sum(each.fills for each in own),
        }
    strategy = variant.strategy
    return {
        "name": variant.name, "control": index == 0, "strategy": strategy.name, "version": strategy.version,
        "code_hash": strategy.code_hash, "parameters": dict(strategy.parameters), "fill_modes": modes,
        "stopped": None if stopped is None else {"event": stopped.event, "at": format_ns(stopped.settled)},
    }


def _comparison(comparison: Comparison, minimum: int) -> dict[str, Any]:
    return {
        "variant": comparison.variant.name, "verdict": comparison.verdict, "a_a_test": comparison.same,
        "reason": reason(comparison, minimum),
        "fill_modes": {mode: each.to_dict() for mode, each in comparison.modes.items()},
    }


def reason(comparison: Comparison, minimum: int) -> str:
    """Say in a sentence why the verdict is what it is."""
    deciding = comparison.deciding
    count = len(deciding.events)
    if comparison.stopped is not None:
        when = format_ns(comparison.stopped.settled)
        return (
            f"worse than the control, stopped after event {count}, {comparison.stopped.event}, settled {when}: the "
            f"interval was below 0 in the {deciding.mode} fill mode"
        )
    if comparison.verdict == BETTER:
        return f"better than the control: after {count} events the interval is above 0 in the {deciding.mode} fill mode"
    if deciding.moved < minimum:
        return (
            f"not enough evidence: {deciding.moved} of {count} events tell a difference, and {minimum} that do are "
            "needed to look"
        )
    return f"not enough evidence: after {count} events the interval of the {deciding.mode} fill mode holds 0"


def _notes(plan: Plan, document: Mapping[str, Any]) -> list[str]:
    """Say what a reader must know before believing it."""
    found = []
    same = [each.name for each in plan.challengers if plan.same(each)]
    if same:
        found.append(
            f"A/A test: {', '.join(same)} is the control once more, so that any difference is chance; promotes nothing"
        )
    if document["events"].get("balance_e_value", 0.0) > _SUSPICIOUS:
        found.append("the lot gave the variants numbers of events that chance hardly gives: some results are missing")
    if document["events"]["unfinished"]:
        found.append(
            f"{document['events']['unfinished']} events lack results: the same ntp ab start goes on where it ended"
        )
    if document["events"]["open"]:
        found.append(f"{document['events']['open']} events of the last data are not settled and do not count yet")
    for row, each in zip(document["comparisons"], document["variants"][1:], strict=True):
        lost = each["fill_modes"][MODES[0]]["pnl_net_usd"]
        if row["verdict"] == BETTER and not lost > 0.0:
            found.append(f"{each['name']} is better than the control and earns nothing: {write_money(lost)} after fees")
    if len(plan.challengers) > 1:
        found.append(f"{len(plan.challengers)} comparisons share the error probability of {plan.alpha:g}")
    return found
