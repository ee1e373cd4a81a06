"""Counting: every point is a trial, and what is claimed of the best must know how many there were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ntp.backtest.metrics import Metrics, Value
from ntp.backtest.sweep.identity import Identity
from ntp.backtest.sweep.outcome import Outcome
from ntp.backtest.sweep.search import Values
from ntp.backtest.validation import Trial, TrialLedger, Trials


@dataclass
class Counting:
    """Counts points as trials, in the workspace's ledger or, without one, for this sweep alone.

    Attributes
    ----------
    identity : Identity
        Names trials.
    content : str
        Content hash of the data.
    family : str
        Name of the strategy.
    ledger : TrialLedger, optional
        Where they are entered.
    """

    identity: Identity
    content: str
    family: str
    ledger: TrialLedger | None
    _ratios: dict[str, float | None] = field(default_factory=dict)

    def enter(self, points: Sequence[tuple[str, Values, Outcome]]) -> None:
        """Enter points that were computed or found."""
        for key, _, outcome in points:
            self._ratios[key] = None if outcome.moments is None else outcome.moments.ratio
        if self.ledger is not None:
            self.ledger.record([
                Trial(self.identity.trial(values), self.content, self.family, self._ratios[key])
                for key, values, _ in points
            ])

    def trials(self) -> Trials:
        """Count what was tried on this data."""
        if self.ledger is not None:
            return self.ledger.trials(self.content, self.family)
        ratios = [self._ratios[key] for key in sorted(self._ratios)]  # sums depend on their order
        known = [ratio for ratio in ratios if ratio is not None]
        count = len(ratios)
        return Trials(count, count, float(np.var(known, ddof=1)) if len(known) > 1 else None)


def corrected(outcome: Outcome, trials: Trials) -> Metrics:
    """Return the metrics of a point, those that depend on the number of trials for the number there is now."""
    values: dict[str, Value] = dict(outcome.metrics)
    reasons: Mapping[str, str] = outcome.reasons
    moments, p_value = outcome.moments, values.get("p_value")
    if moments is not None and values["deflated_sharpe"] is not None:
        values["deflated_sharpe"] = moments.deflated(max(1, trials.count), trials.luck(moments.count))
    if isinstance(p_value, float):
        values["p_value_corrected"] = min(1.0, p_value * max(1, trials.count))
    return Metrics(values, reasons)
