"""Sources of a tape: unified events by kind, as a whole table to look over and in pieces to go through."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

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

    def scan(self, kind: Kind) -> pl.LazyFrame:
        """All rows of a kind, not read yet."""

    def batches(self, kind: Kind, symbols: Collection[str]) -> Iterator[pl.DataFrame]:
        """Rows of a kind by (``ts_event``, ``sequence``), at least those of some symbols."""


@dataclass(frozen=True, slots=True)
class SourceFrames:
    """A source in memory: instruments and a frame per kind."""

    name: str
    instruments: Sequence[Instrument]
    frames: Mapping[Kind, pl.DataFrame]
    feed_latency: int = 0

    def kinds(self) -> list[Kind]:
        """Kinds it has rows of."""
        return [kind for kind, frame in self.frames.items() if frame.height]

    def scan(self, kind: Kind) -> pl.LazyFrame:
        """All rows of a kind."""
        return self.frames[kind].lazy()

    def batches(self, kind: Kind, symbols: Collection[str]) -> Iterator[pl.DataFrame]:
        """Rows of a kind, in one piece."""
        yield self.frames[kind]


__all__ = ["SourceFrames", "TapeSource"]
