"""Elsewhere: files, network, clock, randomness and values that are no data of the run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, Final

import numpy as np
import polars as pl

from ntp.backtest.check.bench import Bench
from ntp.backtest.check.code import Source
from ntp.backtest.check.finding import Examined, Place
from ntp.backtest.check.outside import (
    CLOCK,
    ENVIRONMENT,
    FILES,
    INSIDE,
    NETWORK,
    RANDOM,
    RECORDINGS,
    Use,
    said,
)
from ntp.core import format_ns

_MANY: Final = 50
"""Numbers in one object that are no table of constants any more."""
_FUTURE: Final = {
    RECORDINGS: "reads recordings by itself ({name}): the whole recording is there at the first wake, its future too",
    FILES: "reads a file ({name}) that is no data of the run: whatever is in it was there at the first wake, "
    "however late it became known; import it as data, or list it in assets",
    INSIDE: "reaches behind what a strategy may see ({name}), where the whole recording lies",
}  # fmt: skip
_OUTSIDE: Final = {
    NETWORK: "asks the network ({name}): a replay asks today's world about the past",
    CLOCK: "reads the clock of this computer ({name}): the time of a replay is self.ts or data.time",
    RANDOM: "draws random numbers that are not the run's ({name}): use self.rng, which has the run's seed",
    ENVIRONMENT: "depends on this computer's environment ({name}): make it a Param",
}  # fmt: skip
_OPENED_TO_WRITE: Final = re.compile("[wax][bt+]{0,2}")
_TIMERS: Final = ("perf_counter", "process_time", "monotonic")


def check_elsewhere(bench: Bench) -> Examined:
    """Look for what a strategy takes from elsewhere, in its code and as it ran."""
    result = Examined("outside", "files, network, clock, randomness, environment: by its code and as it runs")
    spoken = said(bench.code)
    known = {(use.place.file, use.place.line) for use in spoken}
    silent = [use for use in bench.watched.uses if (use.place.file, use.place.line) not in known]
    for use in [*spoken, *silent]:
        certain = use in silent or use.sort in (RANDOM, ENVIRONMENT, INSIDE, RECORDINGS)
        _judge(bench, result, use, reached=certain or (use.place.file, use.place.line) in bench.watched.lines)
    for message, severity, place in _carried(bench):
        result.add(severity, message, place, check="look_ahead")
    for name in bench.code.missing:
        result.unchecked.append(f"the code of {name} cannot be read")
    return result


def _judge(bench: Bench, result: Examined, use: Use, *, reached: bool) -> None:
    if use.seeded:
        return
    unreached = "" if reached else "; the replay did not get there"
    severity = "error" if reached else "warning"
    if use.sort in _FUTURE:
        if use.sort == FILES and _is_asset(bench, use):
            return
        if use.sort == FILES and _writes(bench, use.place):
            message = f"writes a file ({use.name}): what one replay leaves behind, the next can read"
            result.add("warning", message + unreached, use.place, check="state")
            return
        result.add(severity, _FUTURE[use.sort].format(name=use.name) + unreached, use.place, check="look_ahead")
        return
    if use.sort == CLOCK and any(name in use.name for name in _TIMERS):
        severity = "warning"
    result.add(severity, _OUTSIDE[use.sort].format(name=use.name) + unreached, use.place)


def _is_asset(bench: Bench, use: Use) -> bool:
    """Whether a file is listed in `assets`, whose content is part of the manifest."""
    node = _node_at(bench, use.place)
    asked = node is not None and any(
        isinstance(each, ast.Attribute) and each.attr == "asset" for each in ast.walk(node)
    )
    names = bench.subject.declared.declaration.assets
    return asked or any(PurePath(use.argument).name == PurePath(name).name for name in names if use.argument)


def _writes(bench: Bench, place: Place) -> bool:
    """Whether the call at a place opens a file to write."""
    node = _node_at(bench, place)
    if node is None:
        return False
    called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    modes = [each.value for each in [*node.args[:2], *(word.value for word in node.keywords if word.arg == "mode")]
             if isinstance(each, ast.Constant) and isinstance(each.value, str)]  # fmt: skip
    return called.startswith("write_") or any(_OPENED_TO_WRITE.fullmatch(mode) for mode in modes)


def _node_at(bench: Bench, place: Place) -> ast.Call | None:
    for source, node in bench.code.nodes():
        if isinstance(node, ast.Call) and source.place(node) == place:
            return node
    return None


# values carried along


def _carried(bench: Bench) -> Iterator[tuple[str, str, Place]]:
    """Find tables that the code carries along: they were there before the run began."""
    prices: set[float] | None = None
    seen: set[int] = set()
    for source, node, value in _values(bench):
        if id(value) in seen:
            continue
        seen.add(id(value))
        columns = [column for column in _columns(value) if len(column) >= _MANY]
        if not columns:
            continue
        prices = _prices(bench) if prices is None else prices
        share = max(_share(column, prices) for column in columns)
        last = max((_time_in(bench, column) for column in columns), default=0)
        name = ast.unparse(node)
        if last:
            yield (f"{name} holds rows up to {format_ns(last)}, while the replay begins at "
                   f"{format_ns(bench.lab.tape.first)}: give it as data, then each row is seen at its time",
                   "error", source.place(node))  # fmt: skip
        elif share > 0.8:
            yield (f"{name} holds {max(map(len, columns)):,} numbers, {share:.0%} of which are prices of this very "
                   "recording: they were there before the first wake", "error", source.place(node))  # fmt: skip
        else:
            yield (f"{name} holds {max(map(len, columns)):,} numbers that were there before the run began; nobody "
                   "can tell when they became known", "warning", source.place(node))  # fmt: skip


def _values(bench: Bench) -> Iterator[tuple[Source, ast.expr, Any]]:
    """Values behind the names that the strategy's code reads: of its module, its closures and its class."""
    cls = bench.code.cls
    functions = [value for owner in cls.__mro__ for value in vars(owner).values() if hasattr(value, "__code__")]
    known: dict[str, Any] = {}
    for function in functions:
        if function.__code__.co_filename in bench.code.files:
            known |= function.__globals__
            cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=False)
            known |= {name: cell.cell_contents for name, cell in cells if _filled(cell)}
    for source, node in bench.code.nodes():
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in known:
            yield source, node, known[node.id]
        elif (
            isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in vars(cls)
            and node.value.id in ("self", "cls", cls.__name__)
        ):
            yield source, node, vars(cls)[node.attr]


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _columns(value: Any) -> list[np.ndarray[Any, Any]]:
    """Columns of numbers or times in a table, an array, or a list or dict of numbers."""
    if isinstance(value, pl.DataFrame):
        return [column for each in value.get_columns() for column in _columns(each)]
    if isinstance(value, pl.Series):
        return [value.drop_nulls().to_numpy()] if value.dtype.is_numeric() or value.dtype.is_temporal() else []
    if isinstance(value, np.ndarray):
        return [value.ravel()] if value.dtype.kind in "iufM" else []
    if hasattr(value, "to_numpy") and hasattr(value, "columns"):  # a table of another library
        return [column for name in value.columns for column in _columns(np.asarray(value[name]))]
    if isinstance(value, dict):
        return [*_columns(list(value)), *_columns(list(value.values()))]
    if isinstance(value, list | tuple) and len(value) >= _MANY:
        if all(isinstance(each, int | float) and not isinstance(each, bool) for each in value):
            return [np.array(value, dtype=np.float64)]
        if all(isinstance(each, list | tuple) and each for each in value):
            return [column for row in zip(*value, strict=False) for column in _columns(list(row))]
    return []


def _prices(bench: Bench) -> set[float]:
    """Prices of the recording in dollars and in units, and values of its feeds."""
    found: set[float] = set()
    for source in bench.subject.sources:
        for frame in source.frames.values():
            for name in ("price", "bid", "ask", "close"):
                if name in frame.columns:
                    units = frame[name].drop_nulls().unique().to_list()
                    found |= {float(each) for each in units} | {round(each / 1e4, 6) for each in units}
            if "value" in frame.columns and frame.schema["value"] == pl.Float64:
                found |= set(frame["value"].drop_nulls().unique().to_list())
    return found


def _share(column: np.ndarray[Any, Any], prices: set[float]) -> float:
    if column.dtype.kind == "M" or len(np.unique(column)) < 5:
        return 0.0
    return float(np.mean([round(float(each), 6) in prices for each in column[:5_000]]))


def _time_in(bench: Bench, column: np.ndarray[Any, Any]) -> int:
    """Last time in a column of times, if it lies within the replay; else 0."""
    first, last = bench.lab.tape.first, bench.lab.tape.last
    if column.dtype.kind == "M":
        column = column.astype("datetime64[ns]").astype(np.int64)
    elif column.dtype.kind not in "iuf":
        return 0
    for unit in (1, 1_000, 1_000_000, 1_000_000_000):
        times = column.astype(np.float64) * unit
        if np.mean((times > first) & (times <= last)) > 0.5:
            return int(times.max())
    return 0


__all__ = ["check_elsewhere"]
