"""Columns: `signals(frame)` must say the same of a row, whatever rows follow it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

import numpy as np
import polars as pl

from ntp.backtest.check.bench import Bench
from ntp.backtest.check.column_patterns import suspicious
from ntp.backtest.check.finding import Examined, Place
from ntp.core import format_ns
from ntp.strategy import Strategy

Signals = Callable[[pl.DataFrame], Any]
PLANNED: Final = 1
_FRAMES: Final = 8
_CUTS: Final = 12
_FEW: Final = 64
_SHORTEST: Final = 10
"""Rows that a frame has more of."""
_CLOSE: Final = 1e-9
"""Relative difference that is the rounding of sums taken in another order."""
_PRICES: Final = frozenset(("bid", "ask", "mid", "price", "open", "high", "low", "close", "fair_value"))


def check_columns(bench: Bench) -> Examined:
    """Cut the frames of whole-column strategies and change what follows; earlier rows must stay."""
    result = Examined("look_ahead", "frames of signals(frame) cut off and changed; earlier rows must stay")
    seen: list[int] = []

    def make() -> Strategy:
        strategy = bench.lab.fresh()
        signals = strategy.signals

        def tried(frame: pl.DataFrame) -> Any:
            if len(seen) < _FRAMES and frame.height > _SHORTEST and not result.findings:
                seen.append(frame.height)
                _try_frame(bench, result, signals, frame)
            return signals(frame)

        strategy.__dict__["signals"] = tried
        return strategy

    bench.lab.replay(make=make)
    if not seen:
        result.unchecked.append(f"signals(frame) was never given more than {_SHORTEST} rows")
    return result


def defines_signals(bench: Bench) -> bool:
    """Whether the strategy works on whole columns."""
    return "signals" in bench.subject.declared.declaration.callbacks


def _try_frame(bench: Bench, result: Examined, signals: Signals, frame: pl.DataFrame) -> None:
    """Cut one frame at several rows, and change what follows them."""
    whole = _collected(signals(frame))
    for cut in _cuts(frame):
        other = _changed(frame, cut)
        for word, variant in (("is cut off", frame.head(cut)), ("is changed", other)):
            try:
                found = _first(whole, _collected(signals(variant)), cut)
            except Exception as error:  # any code of the strategy's author runs here
                result.unchecked.append(f"a frame of {variant.height} rows: signals raised {type(error).__name__}")
                return
            if found is not None:
                _tell(bench, result, signals, frame, other, cut, word, found)
                return


def _tell(
    bench: Bench, result: Examined, signals: Signals, frame: pl.DataFrame, other: pl.DataFrame, cut: int, word: str,
    found: tuple[int, str, Any, Any],
) -> None:
    """Say which row changed, and find the line that let the future in."""
    row, column, mine, its = found
    name, place = suspicious(bench.code, _line(bench, signals, frame, other, cut))
    because = f": {name}" if name else ""
    result.add(
        "error", f"what signals says at {format_ns(_moment(frame, row))} changes when the future from "
        f"{format_ns(_moment(frame, cut))} on {word}: {column} {mine} became {its}{because}", place,
    )  # fmt: skip


def _cuts(frame: pl.DataFrame) -> list[int]:
    """Row numbers at which futures begin, never between rows of one moment."""
    places = np.unique(np.linspace(2, frame.height - 1, _CUTS).astype(int))
    times = frame["ts"].to_numpy()
    return [int(place) for place in places if times[place] != times[place - 1]]


def _moment(frame: pl.DataFrame, row: int) -> int:
    return int(frame["ts"][row : row + 1].cast(pl.Int64)[0])


def _collected(made: Any) -> pl.DataFrame:
    return made.collect() if isinstance(made, pl.LazyFrame) else made


def _changed(frame: pl.DataFrame, cut: int) -> pl.DataFrame:
    """Return a frame with other rows from a number on: prices mirrored, other numbers turned about and spread."""
    later = pl.int_range(pl.len()) >= cut
    changed = []
    for name, kind in frame.schema.items():
        if kind == pl.Float64:
            other = 1.0 - pl.col(name) if name in _PRICES else 3.0 * pl.col(name).abs() + 7.0
            changed.append(pl.when(later).then(other).otherwise(pl.col(name)).alias(name))
    return frame.with_columns(changed)


def _first(whole: pl.DataFrame, other: pl.DataFrame, cut: int) -> tuple[int, str, Any, Any] | None:
    """First row before a cut of which two outputs say different things: row, column and both values."""
    found: tuple[int, str, Any, Any] | None = None
    for name in whole.columns:
        if name not in other.columns:
            continue
        row = _unequal(whole[name].head(cut), other[name].head(cut))
        if row is not None and (found is None or row < found[0]):
            found = (row, name, whole[name][row], other[name][row] if row < other.height else None)
    return found


def _unequal(one: pl.Series, other: pl.Series) -> int | None:
    """Find the number of the first row in which two columns differ by more than rounding."""
    if len(one) != len(other):
        return min(len(one), len(other))
    if one.dtype.is_numeric() and other.dtype.is_numeric():
        a, b = (each.cast(pl.Float64).fill_null(np.nan).to_numpy() for each in (one, other))
        same = np.isclose(a, b, rtol=_CLOSE, atol=_CLOSE, equal_nan=True)
    else:
        same = one.eq_missing(other).to_numpy() if one.dtype == other.dtype else np.zeros(len(one), bool)
    places = np.flatnonzero(~same)
    return int(places[0]) if len(places) else None


# the line


class _Lines:
    """What `signals` knew at each line, cut to the rows before the cut."""

    def __init__(self, files: frozenset[str], cut: int, height: int) -> None:
        self._files, self._cut, self._height = files, cut, height
        self.known: list[tuple[str, int, dict[str, Any]]] = []
        self._last: dict[int, int] = {}

    def enter(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        """Follow the frames of the strategy's files."""
        if frame.f_code.co_filename not in self._files:
            return None
        self._last[id(frame)] = frame.f_lineno
        return self._line

    def _line(self, frame: FrameType, event: str, value: Any) -> Callable[..., Any]:
        if event in ("line", "return"):
            known = {name: self._kept(each) for name, each in frame.f_locals.items() if name not in ("self", "frame")}
            if event == "return":
                known["return"] = self._kept(value)
            self.known.append((frame.f_code.co_filename, self._last.get(id(frame), frame.f_lineno), known))
            self._last[id(frame)] = frame.f_lineno
        return self._line

    def _kept(self, value: Any) -> Any:
        if isinstance(value, pl.LazyFrame):
            value = value.collect()
        if isinstance(value, pl.DataFrame | pl.Series) and len(value) == self._height:
            return value.head(self._cut)
        if isinstance(value, np.ndarray) and value.shape[:1] == (self._height,):
            return value[: self._cut].copy()
        few = isinstance(value, np.ndarray) and value.size <= _FEW
        return value if few or isinstance(value, float | int | str) else None  # what a longer one means is seen later


def _line(bench: Bench, signals: Signals, frame: pl.DataFrame, other: pl.DataFrame, cut: int) -> Place:
    """Find the line after which earlier rows differ."""
    told = []
    for given in (frame, other):
        lines = _Lines(bench.code.files, cut, frame.height)
        before = sys.gettrace()
        sys.settrace(lines.enter)
        try:
            _collected(signals(given))
        finally:
            sys.settrace(before)
        told.append(lines.known)
    for (file, line, one), (_, _, its) in zip(*told, strict=False):
        if any(not _alike(value, its.get(name)) for name, value in one.items()):
            return bench.code.place_of(file, line)
    return bench.code.method_place("signals")


def _alike(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, pl.DataFrame):
        return one.columns == other.columns and all(
            _unequal(mine, its) is None for mine, its in zip(one.get_columns(), other.get_columns(), strict=True)
        )
    if isinstance(one, pl.Series):
        return _unequal(one, other) is None
    if isinstance(one, np.ndarray):
        return one.shape == other.shape and _unequal(pl.Series(one.ravel()), pl.Series(other.ravel())) is None
    return bool(one == other or one != one)


__all__ = ["PLANNED", "check_columns", "defines_signals"]
