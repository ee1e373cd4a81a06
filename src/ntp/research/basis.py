"""Basis: how far the feed that a strategy watches is from the index that settles, where settlements tell the index."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ntp.core import SECOND, DataError, parse_duration
from ntp.data import Dataset, Kind
from ntp.markets import Aggregation, Instrument, asset_of_source, opening_of, settlement_of

_LEAST: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """Index that settles less the feed that is watched, at moments at which the index is known.

    Attributes
    ----------
    mean, sd : float
        Of the differences, in dollars: `sd` around their mean, with one degree of freedom less.
    opening : ndarray of int64, (n,)
        Moments, nanoseconds UTC.
    difference : ndarray of float64, (n,)
        Dollars at each.
    """

    mean: float
    sd: float
    opening: NDArray[np.int64]
    difference: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.difference)

    def change_sd(self, within: str = "1h") -> float | None:
        """Root mean square of the change from one opening to the next within a duration; None below two.

        A basis drifts: this is how far it may be off where it was measured at one opening and is used for the next.
        """
        near = np.diff(self.opening) <= parse_duration(within)
        changes = np.diff(self.difference)[near]
        return float(np.sqrt(np.mean(changes**2))) if len(changes) >= _LEAST else None


def measure_basis(dataset: Dataset, feed: str, *, max_age: str = "5s") -> Basis:
    """Measure the basis of a feed on the strikes of contracts on a change.

    The strike of such a contract is the settling index's own mean of the minute before its opening, published by the
    venue: the same mean of the feed stands beside it. ``Pricing(basis=...)`` takes its standard deviation.

    Parameters
    ----------
    dataset : Dataset
        With the contracts and the feed.
    feed : str
        Symbol of the index in it.
    max_age : str
        Duration after which a value of the feed no longer stands for a second.

    Raises
    ------
    DataError
        ``no_basis`` where fewer than two openings can be compared.
    """
    rows = dataset.frame(Kind.INDEX, symbols=[feed]).select("ts_event", "value").sort("ts_event", maintain_order=True)
    times, values = rows["ts_event"].to_numpy(), rows["value"].to_numpy()
    oldest = parse_duration(max_age)
    found: dict[int, float] = {}
    for instrument in dataset.instruments():
        known = _opening(instrument, feed)
        if known is None:
            continue
        opening, window, strike = known
        watched = _mean(times, values, opening, window, oldest)
        if watched is not None:
            found[opening] = strike - watched
    if len(found) < _LEAST:
        raise DataError(
            f"expected at least {_LEAST} openings at which both {feed} and the index that settles are known, was "
            f"{len(found)}", code="no_basis", hint="contracts on a change with their strikes, beside the feed",
            details={"feed": feed, "openings": len(found)},
        )
    moments = np.array(sorted(found), np.int64)
    differences = np.array([found[moment] for moment in moments.tolist()])
    return Basis(float(differences.mean()), float(differences.std(ddof=1)), moments, differences)


def _opening(instrument: Instrument, feed: str) -> tuple[int, int, float] | None:
    """Moment, seconds and value of an opening mean of the feed's asset that a strike tells."""
    opening = opening_of(instrument)
    if opening is None or not instrument.strike_low:
        return None
    observable = settlement_of(instrument).observable
    asset = asset_of_source(observable.source)
    if asset is None or asset not in feed.upper():
        return None
    window = observable.window_ns // SECOND if observable.aggregation is Aggregation.MEAN_AGAINST_MEAN else 1
    return opening, window, float(instrument.strike_low)


def _mean(
    times: NDArray[np.int64], values: NDArray[np.float64], end: int, window: int, oldest: int
) -> float | None:
    """Mean of the values in force at the last full seconds; None where one of them is not known."""
    marks = end - SECOND * np.arange(window - 1, -1, -1, dtype=np.int64)
    places = np.searchsorted(times, marks, side="right") - 1
    if places[0] < 0 or (marks - times[places] > oldest).any():
        return None
    return float(values[places].mean())


__all__ = ["Basis", "measure_basis"]
