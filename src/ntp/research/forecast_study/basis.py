"""The basis of a feed to the index that settles: what a strike says about the feed a minute earlier."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ntp.core import SECOND
from ntp.markets import Aggregation
from ntp.research.forecast_study.events import RecordedEvent


@dataclass(frozen=True)
class Basis:
    """Settlement index minus feed, measured where a strike is the mean of a window that the feed covers.

    Attributes
    ----------
    count : int
        Windows measured.
    mean, sd : float
        In dollars, over all windows.
    drift_sd : float
        Deviation of the change from one window to the next that was measured, within an hour.
    """

    count: int
    mean: float
    sd: float
    drift_sd: float


def opening_basis(event: RecordedEvent) -> float:
    """Strike minus the feed's mean over the opening window; NaN where the feed misses a second of it."""
    observable = event.spec.observable
    averaged = observable.aggregation is Aggregation.MEAN_AGAINST_MEAN
    if not averaged or event.spec.low is None or not event.own_strike:
        return float("nan")
    return float(event.spec.low) - event.spot.mean_before(event.open_time, observable.window_ns // SECOND)


def measured_basis(events: Sequence[RecordedEvent]) -> Basis | None:
    """Measure the basis of the feed of some events; None where fewer than three strikes tell it."""
    rows = [(event.open_time, opening_basis(event)) for event in events]
    found = [(when, value) for when, value in rows if np.isfinite(value)]
    if len(found) < 3:
        return None
    times, values = np.array([when for when, _ in found]), np.array([value for _, value in found])
    near = np.diff(times) <= 3_600 * SECOND
    changes = np.diff(values)[near]
    drift = float(np.sqrt(np.mean(changes**2))) if len(changes) else float(values.std(ddof=1))
    return Basis(len(values), float(values.mean()), float(values.std(ddof=1)), drift)
