"""Sources of a tape: what is known of all their events, and the events themselves, piece by piece."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from ntp.data import Facts, facts_of
from ntp.data.schema import Kind
from ntp.markets.instrument import Instrument


class TapeSource(Protocol):
    """What one data set holds of a range of time."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def instruments(self) -> Sequence[Instrument]:
        """Instruments it tells of."""

    @property
    def feed_latency(self) -> int:
        """Nanoseconds from the time of a row to the strategy."""

    def kinds(self) -> list[Kind]:
        """Kinds it has rows of, in an order that never changes: it decides ties."""

    def facts(self, kind: Kind) -> Mapping[str, Facts]:
        """Tell what its rows of a kind have in common, by symbol."""

    def whole(self, kind: Kind) -> pl.DataFrame:
        """All rows of a kind by (``ts_event``, ``sequence``), at once."""

    def batches(self, kind: Kind, symbols: Collection[str]) -> Iterator[pl.DataFrame]:
        """Rows of a kind by (``ts_event``, ``sequence``), at least those of some symbols."""


@dataclass(frozen=True, slots=True)
class SourceFrames:
    """A source in memory: instruments, a frame per kind, and what is known of them already."""

    name: str
    instruments: Sequence[Instrument]
    frames: Mapping[Kind, pl.DataFrame]
    feed_latency: int = 0
    known: Mapping[Kind, Mapping[str, Facts]] = field(default_factory=dict)

    def kinds(self) -> list[Kind]:
        """Kinds it has rows of."""
        return [kind for kind, frame in self.frames.items() if frame.height]

    def facts(self, kind: Kind) -> Mapping[str, Facts]:
        """Tell what its rows of a kind have in common, by symbol."""
        return self.known[kind] if kind in self.known else facts_of(kind, self.frames[kind])

    def whole(self, kind: Kind) -> pl.DataFrame:
        """All rows of a kind, at once."""
        return self.frames[kind]

    def batches(self, kind: Kind, symbols: Collection[str]) -> Iterator[pl.DataFrame]:
        """Rows of a kind, in one piece."""
        yield self.frames[kind]


__all__ = ["SourceFrames", "TapeSource"]
