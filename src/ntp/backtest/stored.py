"""Stored data as a source of a tape: read in pieces, so that memory does not grow with the recording."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from ntp.data import Dataset, Facts, facts_of
from ntp.data.schema import ROW_GROUP, Kind
from ntp.markets.instrument import Instrument

LATE: Final = (Kind.LIFECYCLE, Kind.SETTLEMENT)
"""What becomes of a market is replayed after the range too."""


@dataclass(frozen=True, slots=True)
class StoredSource:
    """Rows of one source of a stored data set in a range of time.

    Attributes
    ----------
    dataset : Dataset
        Where they are.
    source : str
        Name of the source in the data set.
    instruments : sequence of Instrument
        Those it tells of.
    feed_latency : int
        Nanoseconds from the time of a row to the strategy.
    start, end : int or None
        Range in nanoseconds UTC, end excluded.
    piece : int
        Rows read at once; results do not depend on it.
    """

    dataset: Dataset
    source: str
    instruments: Sequence[Instrument]
    feed_latency: int = 0
    start: int | None = None
    end: int | None = None
    piece: int = ROW_GROUP

    @property
    def name(self) -> str:
        """Name of the data set."""
        return self.dataset.name

    def kinds(self) -> list[Kind]:
        """Kinds that may have rows in the range."""
        return [
            kind for kind in Kind
            if self.dataset.paths(kind, start=self._start(kind), end=self._end(kind), source=self.source)
        ]  # fmt: skip

    def facts(self, kind: Kind) -> Mapping[str, Facts]:
        """Tell what its rows of a kind have in common, by symbol."""
        if self._told(kind) is not None:
            return facts_of(kind, self.whole(kind))
        return self.dataset.facts(kind, start=self._start(kind), end=self._end(kind), source=self.source)

    def whole(self, kind: Kind) -> pl.DataFrame:
        """All rows of a kind by (``ts_event``, ``sequence``)."""
        frame = self.dataset.frame(kind, start=self._start(kind), end=self._end(kind), source=self.source)
        told = self._told(kind)
        return frame if told is None else frame.filter(told)

    def batches(self, kind: Kind, symbols: Collection[str]) -> Iterator[pl.DataFrame]:
        """Rows of a kind from the files that have any of some symbols."""
        told = self._told(kind)
        for frame in self.dataset.batches(
            kind, start=self._start(kind), end=self._end(kind), source=self.source, symbols=list(symbols),
            rows=self.piece,
        ):  # fmt: skip
            yield frame if told is None else frame.filter(told)

    def _start(self, kind: Kind) -> int | None:
        return None if kind is Kind.LIFECYCLE else self.start

    def _end(self, kind: Kind) -> int | None:
        return None if kind in LATE else self.end

    def _told(self, kind: Kind) -> pl.Expr | None:
        """Lifecycle rows that count: what changed before the range still holds in it."""
        if kind is not Kind.LIFECYCLE or self.start is None:
            return None
        return (pl.col("ts_event") >= self.start) | (pl.col("state") == "attributes")


__all__ = ["LATE", "StoredSource"]
