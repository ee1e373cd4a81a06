"""The study: every data set scored, rules played on second prices, results worked out again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ntp.data import Dataset
from ntp.research.basis import Basis
from ntp.research.forecast_study.events import RecordedEvent, Recording, recorded_events, replayed_events
from ntp.research.forecast_study.forecasts import forecasts
from ntp.research.forecast_study.pooling import Pooling, pooled
from ntp.research.forecast_study.recomputed import Recomputed, recomputed_results
from ntp.research.forecast_study.scores import Row, scored

_PLAYED: Final = ((300, "5 minutes"), (900, "15 minutes"))
_DENSE: Final = 10_000
"""Seconds of a feed from which rules are played on it."""


@dataclass(frozen=True, eq=False)
class Part:
    """What was found on one data set, or on one rule played on a recorded price.

    Attributes
    ----------
    name : str
        Of the data set or the rule.
    events : int
        Scored.
    result_by : dict of str to int
        Who told the results.
    left_out : dict of str to int
        Contracts not scored, by reason.
    basis : Basis or None
        Of the feed to the index that settles.
    alone : list of Row
        Fair value and plain digital, wherever both exist.
    against : list of Row
        The same beside market and blends, wherever the market has a price; empty without a market.
    pooling : Pooling or None
        Weights of the market.
    recomputed : Recomputed or None
        Official results worked out again; None for a rule that was played.
    """

    name: str
    events: int
    result_by: Mapping[str, int]
    left_out: Mapping[str, int]
    basis: Basis | None
    alone: list[Row]
    against: list[Row]
    pooling: Pooling | None
    recomputed: Recomputed | None


@dataclass(frozen=True, eq=False)
class Study:
    """Everything found.

    Attributes
    ----------
    recorded : tuple of Part
        Data sets.
    played : tuple of Part
        The rule of means, played on recorded second prices.
    """

    recorded: tuple[Part, ...]
    played: tuple[Part, ...]


def run_study(datasets: Sequence[Dataset]) -> Study:
    """Score every data set, and play the rule of means on every feed of second prices among them."""
    recorded, played = [], []
    for dataset in datasets:
        recording = recorded_events(dataset)
        recorded.append(_part(recording, recomputed_results(dataset)))
        feed = _seconds(recording.events)
        if feed is not None:
            played += [
                _part(replayed_events(f"{title} on {dataset.name}", feed.spot, period), None)
                for period, title in _PLAYED
            ]
    return Study(tuple(recorded), tuple(played))


def _seconds(events: Sequence[RecordedEvent]) -> RecordedEvent | None:
    """Event of a set without a market whose feed has a price for almost every second."""
    for event in events:
        times = event.spot.times
        if not len(event.mid.times) and len(times) >= _DENSE and (times[-1] - times[0]) / len(times) < 1.5e9:
            return event
    return None


def _part(recording: Recording, recomputed: Recomputed | None) -> Part:
    frame = forecasts(recording)
    by = Counter(event.result_by for event in recording.events)
    pooling = None if by["market"] else pooled(frame)  # results by the market would draw the weights to it
    with_market = frame if pooling is None else pooling.frame
    columns = ["fair", "digital", "mid", *(() if pooling is None else ("half", "blend"))]
    pairs = [("fair", "digital"), ("fair", "mid"), *(() if pooling is None else (("half", "mid"), ("blend", "mid")))]
    return Part(
        recording.name, frame["event"].n_unique(), {name: count for name, count in by.items() if count},
        recording.left_out, recording.basis,
        scored(frame, ["fair", "digital"], [("fair", "digital")]), scored(with_market, columns, pairs), pooling,
        recomputed,
    )
