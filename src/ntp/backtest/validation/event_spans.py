"""When each event could be traded, and when it was over: what folds are cut by."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ntp.backtest.loader import LoadedData
from ntp.backtest.stored import LATE
from ntp.core import ConfigError

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class EventSpans:
    """Events in order of their beginning.

    Attributes
    ----------
    names : tuple of str
        The events.
    starts, ends : array of int64
        First market row, and last row of any kind, their results included, in ns UTC.
    """

    names: tuple[str, ...]
    starts: Numbers
    ends: Numbers

    def named(self, numbers: Numbers) -> frozenset[str]:
        """Names of events by their places."""
        return frozenset(self.names[number] for number in numbers.tolist())

    def window(self, numbers: Numbers) -> tuple[int, int]:
        """Range that holds events from the first to the last instant, end excluded."""
        return int(self.starts[numbers].min()), int(self.ends[numbers].max()) + 1


def event_spans(loaded: LoadedData, wanted: Collection[str]) -> EventSpans:
    """Find the events of contracts and their times.

    Parameters
    ----------
    loaded : LoadedData
        The data.
    wanted : collection of str
        Contracts that count, by id.

    Raises
    ------
    ConfigError
        ``no_events_named`` if the contracts do not say which events they belong to.
    """
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for source in loaded.sources:
        events = {each.symbol: each.event for each in source.instruments if each.id in wanted}
        for kind in source.kinds():
            for symbol, told in source.facts(kind).items():
                event = events.get(symbol)
                if event is None:
                    continue
                if kind not in LATE:
                    first[event] = min(first.get(event, told.first), told.first)
                last[event] = max(last.get(event, told.last), told.last)
    if "" in first and len(first) == 1:
        raise ConfigError(
            "expected contracts that say which event they belong to, was none", code="no_events_named",
            hint="import the data with a reference file or a mapping of event",
        )
    names = tuple(sorted(first, key=lambda name: (first[name], last[name], name)))
    return EventSpans(
        names, np.array([first[name] for name in names], dtype=np.int64),
        np.array([last[name] for name in names], dtype=np.int64),
    )
