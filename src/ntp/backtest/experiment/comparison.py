"""A challenger against the control: the sequence of their events, and what follows from it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ntp.backtest.experiment.event_results import EventResult
from ntp.backtest.experiment.experiment_store import StoredEvent
from ntp.backtest.experiment.metric import read_metric
from ntp.backtest.experiment.plan import Plan, Variant
from ntp.backtest.results import MODES
from ntp.statistics.sequential import ConfidenceSequence, confidence_sequence, randomised_effects

DECIDING: Final = MODES[0]
"""Fill mode by which promotions and stops are decided."""
BETTER: Final = "better"
HARM: Final = "stopped_for_harm"
UNDECIDED: Final = "not_enough_evidence"
_LARGEST: Final = 700.0

Results = Mapping[tuple[str, str], Mapping[str, EventResult]]


@dataclass(frozen=True, eq=False)
class ModeComparison:
    """A challenger against the control in one fill mode.

    Attributes
    ----------
    mode : str
        The fill mode.
    events : tuple of StoredEvent
        Those that count, in the order in which their results became known.
    control, challenger : tuple of float
        Values of the metric in the events of each.
    moved : int
        Events that tell any difference at all.
    sequence : ConfidenceSequence
        Of the difference, challenger less control, after each event.
    """

    mode: str
    events: tuple[StoredEvent, ...]
    control: tuple[float, ...]
    challenger: tuple[float, ...]
    moved: int
    sequence: ConfidenceSequence

    @property
    def difference(self) -> float | None:
        """Estimate so far; None before the first look."""
        return _last(self.sequence.estimates)

    @property
    def low(self) -> float | None:
        """Lower end of the interval; None where there is none yet."""
        return _last(self.sequence.lows)

    @property
    def high(self) -> float | None:
        """Upper end of the interval; None where there is none yet."""
        return _last(self.sequence.highs)

    @property
    def harmed(self) -> int | None:
        """Place of the first event after which the whole interval was below 0; None if it never was."""
        places = np.flatnonzero(self.sequence.highs < 0.0)
        return int(places[0]) if len(places) else None

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval after the last event is above 0."""
        return self.low is not None and self.low > 0.0

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        log_e = _last(self.sequence.log_e)
        return {
            "events": len(self.events), "control_events": len(self.control), "variant_events": len(self.challenger),
            "control_mean": _mean(self.control), "variant_mean": _mean(self.challenger), "difference": self.difference,
            "low": self.low, "high": self.high, "e_value": None if log_e is None else math.exp(min(log_e, _LARGEST)),
            "p_value": self.sequence.p_value,
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Comparison:
    """A challenger against the control.

    Attributes
    ----------
    variant : Variant
        The challenger.
    same : bool
        Whether it is the control once more: an A/A test, which promotes nothing.
    modes : dict of str to ModeComparison
        By fill mode.
    stopped : StoredEvent, optional
        The event after which it was stopped for harm; later ones do not count.
    """

    variant: Variant
    same: bool
    modes: Mapping[str, ModeComparison]
    stopped: StoredEvent | None = None

    @property
    def deciding(self) -> ModeComparison:
        """The fill mode by which it is decided."""
        return self.modes[DECIDING]

    @property
    def verdict(self) -> str:
        """``better``, ``stopped_for_harm`` or ``not_enough_evidence``."""
        if self.stopped is not None:
            return HARM
        return BETTER if self.deciding.excludes_zero else UNDECIDED


def compare(plan: Plan, variant: Variant, events: Sequence[StoredEvent], results: Results) -> Comparison:
    """Compare a challenger with the control on all events whose results are there.

    The intervals of the pessimistic fill mode decide. From the first event on after which all of one is below 0 the
    challenger counts as stopped, in every mode.

    Parameters
    ----------
    plan : Plan
        Of the experiment.
    variant : Variant
        The challenger.
    events : sequence of StoredEvent
        In the order in which their results became known.
    results : Mapping
        Results by variant and mode, then by event.
    """
    known = [each for each in events if each.batch is not None]
    deciding = _in_mode(plan, variant, DECIDING, known, results)
    stopped = None if deciding.harmed is None else deciding.events[deciding.harmed]
    if stopped is not None:
        known = known[: known.index(stopped) + 1]
    modes = {mode: _in_mode(plan, variant, mode, known, results) for mode in MODES}
    return Comparison(variant, plan.same(variant), modes, stopped)


def _in_mode(
    plan: Plan, variant: Variant, mode: str, events: Sequence[StoredEvent], results: Results
) -> ModeComparison:
    value = read_metric(plan.metric).value
    both = [
        {event: value(each) for event, each in results.get((name, mode), {}).items()}
        for name in (plan.control.name, variant.name)
    ]
    used: list[StoredEvent] = []
    rows: list[tuple[float | None, float | None]] = []
    for each in events:
        control, challenger = (side.get(each.event) for side in both)
        if control is None and challenger is None:
            continue
        if plan.paired and (control is None or challenger is None):
            continue
        used.append(each)
        rows.append((control, challenger))
    controls = tuple(control for control, _ in rows if control is not None)
    challengers = tuple(challenger for _, challenger in rows if challenger is not None)
    if plan.paired:
        differences = np.array(challengers, dtype=np.float64) - np.array(controls, dtype=np.float64)
    else:
        treated = np.array([challenger is not None for _, challenger in rows], dtype=np.bool_)
        values = [control if challenger is None else challenger for control, challenger in rows]
        differences = randomised_effects(np.array(values, dtype=np.float64), treated)
    sequence = confidence_sequence(differences, plan.weight, alpha=plan.level, first=plan.minimum)
    moved = int(np.count_nonzero(differences))
    return ModeComparison(mode, tuple(used), controls, challengers, moved, sequence)


def _last(values: np.ndarray[Any, np.dtype[np.float64]]) -> float | None:
    return float(values[-1]) if len(values) and math.isfinite(values[-1]) else None


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
