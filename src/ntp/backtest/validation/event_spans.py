"""When each event could be traded, and when it was over: what folds are cut by."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ntp.backtest.loader import LoadedData
from ntp.backtest.stored import LATE
from ntp.core import ConfigError
from ntp.data import Facts
from ntp.data.schema import Kind
from ntp.markets.instrument import Instrument

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
    for instrument, kind, told in _rows(loaded, wanted):
        event = instrument.event
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


def market_spans(loaded: LoadedData, wanted: Collection[str]) -> dict[str, tuple[int, int]]:
    """Find the first and the last market row of each wanted contract that has any, in ns UTC."""
    found: dict[str, tuple[int, int]] = {}
    for instrument, kind, told in _rows(loaded, wanted):
        if kind not in LATE:
            first, last = found.get(instrument.id, (told.first, told.last))
            found[instrument.id] = min(first, told.first), max(last, told.last)
    return found


def _rows(loaded: LoadedData, wanted: Collection[str]) -> Iterator[tuple[Instrument, Kind, Facts]]:
    """Tell of the rows of wanted contracts, by kind."""
    for source in loaded.sources:
        instruments = {each.symbol: each for each in source.instruments if each.id in wanted}
        for kind in source.kinds():
            for symbol, told in source.facts(kind).items():
                if symbol in instruments:
                    yield instruments[symbol], kind, told
