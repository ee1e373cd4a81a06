"""Frames of whole columns: a recording as the Polars frames that `signals` is given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from ntp.strategy.columns.indicators import Key, bulk_column, keys_of
from ntp.strategy.columns.recording import COLUMNS, Recording
from ntp.strategy.declaration import declaration_of

_MILLION: Final = 1_000_000.0
_MOST_HELD: Final = 100_000_000
"""Values of indicators to keep."""


@dataclass(frozen=True)
class Frame:
    """One frame and the rows of the recording that it shows."""

    table: pl.DataFrame
    rows: npt.NDArray[np.int64]
    name: str
    single: bool
    """Whether all rows are of one contract."""


class Frames:
    """The frames of a recording by contract, by event, or one of all.

    A row shows what had arrived by its `ts`, as `data` does at that wake: prices in dollars of YES, sizes in
    contracts, null where absent. Own orders are not in it, and what own takers took from the book is not
    missing in it, since no data says what would have been shown without it.

    Parameters
    ----------
    recording : Recording
        All wakes.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._cut: dict[str, list[Frame]] = {}
        self._columns: dict[tuple[str, Key], list[pl.Series]] = {}
        self._held = 0

    def by(self, frame_by: str, strategy: Any) -> list[Frame]:
        """Frames by ``contract``, ``event`` or ``all`` with a strategy's indicators, in the order of their first row.

        Columns of indicators are kept: strategies that differ in other parameters share them.
        """
        if frame_by not in self._cut:
            self._cut[frame_by] = list(self._frames(frame_by))
        frames = self._cut[frame_by]
        keys = keys_of(strategy, bulk=True)
        if not keys:
            return frames
        columns = {name: self._indicator(name, key, frame_by, strategy) for name, key in keys.items()}
        return [
            Frame(
                frame.table.hstack([_named(column[place], name) for name, column in columns.items()]), frame.rows,
                frame.name, frame.single,
            )
            for place, frame in enumerate(frames)
        ]  # fmt: skip

    def _indicator(self, name: str, key: Key, frame_by: str, strategy: Any) -> list[pl.Series]:
        known = self._columns.get((frame_by, key))
        if known is None:
            each = declaration_of(strategy).indicators[name]
            values = bulk_column(each, strategy, self._recording, self._numbers)
            whole = pl.Series(name, values, nan_to_null=True)
            frames = self._cut[frame_by]
            known = [whole] if len(frames) == 1 else [whole[frame.rows] for frame in frames]
            if self._held > _MOST_HELD:
                self._columns.clear()
                self._held = 0
            self._held += len(values)
            self._columns[frame_by, key] = known
        return known

    def _frames(self, frame_by: str) -> Iterator[Frame]:
        whole, several = self.whole, len(self._recording.contracts) > 1
        if not len(whole):
            return
        if frame_by == "all":
            yield Frame(whole, np.arange(len(whole)), "all", single=not several)
            return
        event = pl.when(pl.col("event") == "").then("contract").otherwise("event")
        keyed = whole.select(key=event if frame_by == "event" else pl.col("contract")).with_row_index("row")
        groups = keyed.group_by("key", maintain_order=True).agg(pl.col("row"))
        if len(groups) == 1:
            single = whole["contract"].n_unique() == 1
            yield Frame(whole, np.arange(len(whole)), groups["key"][0], single=single)
            return
        for name, rows in groups.iter_rows():
            places = np.asarray(rows, dtype=np.int64)
            yield Frame(whole[places], places, name, single=frame_by == "contract")

    @cached_property
    def _numbers(self) -> dict[str, npt.NDArray[np.float64]]:
        """The columns of numbers, NaN where absent."""
        recording = self._recording
        contracts = recording.contracts
        one = np.ones(max(contracts, default=0) + 1)
        for number, contract in contracts.items():
            one[number] = float(10**contract.price_scale)
        unit = one[recording.column("contract")]
        words = {name: recording.column(name) for name in ("ts", "bid", "ask", "bid_size", "ask_size")}
        bid, ask = _units(words["bid"], unit), _units(words["ask"], unit)
        last, close = recording.column("price"), recording.column("close_time")
        return {
            "bid": bid, "ask": ask,
            "bid_size": _amounts(words["bid_size"], words["bid"]),
            "ask_size": _amounts(words["ask_size"], words["ask"]),
            "mid": (bid + ask) / 2.0, "spread": ask - bid,
            "price": _units(last, unit), "volume": _amounts(recording.column("volume"), last),
            "seconds_to_close": np.where(close >= 0, (close - words["ts"]) / 1e9, np.nan),
            **recording.extras,
        }  # fmt: skip

    @cached_property
    def whole(self) -> pl.DataFrame:
        """All rows."""
        recording = self._recording
        numbers, contracts = recording.column("contract"), recording.contracts
        size = max(contracts, default=0) + 1
        table = pl.DataFrame({
            "ts": pl.Series(recording.column("ts")).cast(pl.Datetime("ns", "UTC")),
            "contract": _texts(numbers, {number: each.id for number, each in contracts.items()}, size),
            "event": _texts(numbers, {number: each.event for number, each in contracts.items()}, size),
            **{name: pl.Series(name, values, nan_to_null=True) for name, values in self._numbers.items()},
        })  # fmt: skip
        return table.select([*COLUMNS, *(name for name in table.columns if name not in COLUMNS)])


def _named(column: pl.Series, name: str) -> pl.Series:
    return column if column.name == name else column.rename(name)


def _units(units: npt.NDArray[np.int64], one: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(units >= 0, units / one, np.nan)


def _amounts(millionths: npt.NDArray[np.int64], price: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return np.where((millionths >= 0) & (price >= 0), millionths / _MILLION, np.nan)


def _texts(numbers: npt.NDArray[np.int64], known: dict[int, str], size: int) -> pl.Series:
    texts = pl.Series([known.get(number, "") for number in range(size)], dtype=pl.String)
    return texts.gather(pl.Series(numbers))


__all__ = ["Frame", "Frames"]
