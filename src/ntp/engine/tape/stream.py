"""Stream: the rows of a tape in pieces, as they are read; together they are the same rows as in one piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from ntp.data import windows
from ntp.data.frames import stacked
from ntp.data.schema import Kind
from ntp.engine import records as r
from ntp.engine.tape.convert import Symbols, rows_of
from ntp.engine.tape.merge import Arrays, Arrivals, merged
from ntp.engine.tape.sources import TapeSource

_TYPES: Final = {"meta": np.int16, "contract": np.int32, "price": np.int32}


@dataclass(slots=True)
class Chunk:
    """A stretch of a tape.

    Attributes
    ----------
    columns : dict
        Columns of the kernel's rows; ``seen`` and ``ids`` only where they are needed.
    candles : ndarray
        Candles that its rows point into.
    payloads : list of str
        JSON texts that its rows point into.
    """

    columns: dict[str, npt.NDArray[Any]]
    candles: npt.NDArray[Any] = field(default_factory=lambda: np.zeros(0, r.CANDLE_ROW))
    payloads: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Lane:
    """Rows of one kind of one source, the numbers of the contracts wanted of them, and whether these are all."""

    source: TapeSource
    kind: Kind
    numbers: Mapping[str, int]
    alone: bool

    def batches(self) -> Iterator[pl.DataFrame]:
        """Its rows, in order."""
        return self.source.batches(self.kind, self.numbers)


def no_rows(names: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """Return columns without rows."""
    return {name: np.zeros(0, _TYPES.get(name, np.int64)) for name in names}


class Chunks:
    """Converts the rows of lanes and merges them with those that the rules add.

    Parameters
    ----------
    lanes : sequence of Lane
        In an order that never changes: it decides ties.
    extra : mapping
        Rows that the rules add, with ``seen``, ``rank`` and ``sequence``, sorted by time.
    contracts : int
        How many contracts there are.
    names : sequence of str
        Columns of the rows: ``seen`` if they have arrival times of their own, ``ids`` if they name orders.
    """

    def __init__(self, lanes: Sequence[Lane], extra: Arrays, contracts: int, names: Sequence[str]) -> None:
        self._lanes, self._extra, self._names = lanes, extra, names
        self._given = 0
        self._symbols = [Symbols(lane.numbers, alone=lane.alone) for lane in lanes]
        self._arrivals = [
            Arrivals(contracts, lane.source.feed_latency, in_sequence=lane.kind in (Kind.BOOK, Kind.QUOTE))
            for lane in lanes
        ]

    def __iter__(self) -> Iterator[Chunk]:
        """Go through the rows in pieces, which are as large as what the sources give at once."""
        for horizon, frames in windows([lane.batches() for lane in self._lanes]):
            chunk = self._chunk(horizon, frames)
            if chunk is not None:
                yield chunk

    def whole(self) -> Chunk:
        """Return all rows in one piece."""
        chunk = self._chunk(None, [stacked(list(lane.batches())) for lane in self._lanes])
        return chunk or Chunk(no_rows(self._names))

    def _chunk(self, horizon: int | None, frames: Sequence[pl.DataFrame | None]) -> Chunk | None:
        candles: list[npt.NDArray[Any]] = []
        payloads: list[str] = []
        parts: list[Arrays] = []
        for lane, symbols, arrivals, frame in zip(self._lanes, self._symbols, self._arrivals, frames, strict=True):
            part = None if frame is None else rows_of(lane.kind, frame, symbols, candles, payloads)
            if part is not None and len(part["ts"]):
                parts.append({**part, "seen": arrivals.seen(part)} if "seen" in self._names else part)
        ends = self._extra["ts"]
        until = len(ends) if horizon is None else int(np.searchsorted(ends, horizon, "left"))
        if until > self._given:
            parts.append({name: column[self._given : until] for name, column in self._extra.items()})
            self._given = until
        if not parts:
            return None
        table = np.concatenate(candles) if candles else np.zeros(0, r.CANDLE_ROW)
        return Chunk(merged(parts, self._names), table, payloads)


__all__ = ["Chunk", "Chunks", "Lane", "no_rows"]
