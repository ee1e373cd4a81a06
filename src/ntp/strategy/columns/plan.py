"""The plan: what `signals` wants at each wake, checked and laid out as plain arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from ntp.core import NtpError, StrategyError, format_ns, parse_duration, suggest
from ntp.strategy.columns.frames import Frame
from ntp.strategy.columns.recording import OUTPUTS, Recording
from ntp.strategy.signal import ACTIONS

SIGNALS, TARGETS, QUOTES = "signal", "target", "quote"
NOTHING: Final = 0
_CODES: Final = {name: place + 1 for place, name in enumerate(ACTIONS)}
_GOES_WITH: Final = {
    SIGNALS: ("size", "limit", "confidence", "fair", "match", "ttl", "tag"),
    TARGETS: ("limit", "fair", "match", "ttl", "tag"),
    QUOTES: ("size", "fair", "match", "tag"),
}
_NUMBERS: Final = ("target", "quote_bid", "quote_ask", "size", "limit", "confidence", "fair")

Floats = npt.NDArray[np.float64]


@dataclass
class Plan:
    """What is wanted at each wake, in the order of the recording.

    Attributes
    ----------
    kind : str
        ``signal``, ``target`` or ``quote``.
    act : ndarray of int8
        0 where nothing is wanted; of signals the action, 1 BUY, 2 SELL, 3 CLOSE, 4 HOLD; else 1.
    numbers : dict of str to ndarray
        The columns of numbers, NaN where absent.
    ttl : ndarray of int64
        Nanoseconds after which a wish ends, -1 for never.
    tag : ndarray of int32
        Place in `tags`, -1 for none.
    tags : list of str
        Texts of the tags.
    match : list
        Matched contract of each row; empty where none is named.
    """

    kind: str
    act: npt.NDArray[np.int8]
    numbers: dict[str, Floats] = field(default_factory=dict)
    ttl: npt.NDArray[np.int64] | None = None
    tag: npt.NDArray[np.int32] | None = None
    tags: list[str] = field(default_factory=list)
    match: list[Any] = field(default_factory=list)


class Planner:
    """Collects the frames that `signals` returned into one plan.

    Parameters
    ----------
    recording : Recording
        The wakes.
    place : tuple of str and int
        File and line of `signals`, for errors.
    warmup : int
        Wakes of a contract whose rows do not count.
    """

    def __init__(self, recording: Recording, place: tuple[str, int], warmup: int) -> None:
        self._count = len(recording)
        self._place = place
        self._counts: npt.NDArray[np.bool_] | None = recording.wake_of_contract >= warmup if warmup else None
        self.plan: Plan | None = None

    def add(self, frame: Frame, returned: Any) -> None:
        """Take over what was returned for one frame.

        Raises
        ------
        StrategyError
            ``bad_signals``, with file and line, if it is not the same rows with columns of the contract.
        """
        table = self._same_rows(frame, returned)
        kind = self._kind_of(table, frame)
        if self.plan is None:
            self.plan = Plan(kind, np.zeros(self._count, np.int8))
        elif self.plan.kind != kind:
            raise self._bad(f"every frame to state a {self.plan.kind}, {frame.name} states a {kind}")
        act = self._acts(table, kind, frame)
        if self._counts is not None:
            act[~self._counts[frame.rows]] = NOTHING
        self.plan.act[frame.rows] = act
        self._values(table, frame, act)

    def _values(self, table: pl.DataFrame, frame: Frame, act: npt.NDArray[np.int8]) -> None:
        plan = self.plan
        assert plan is not None
        wanted = act != NOTHING
        for name in _NUMBERS:
            if name in table.columns:
                into = plan.numbers.setdefault(name, np.full(self._count, np.nan))
                into[frame.rows] = self._number(table[name], name, frame, wanted)
        if "ttl" in table.columns:
            if plan.ttl is None:
                plan.ttl = np.full(self._count, -1, np.int64)
            plan.ttl[frame.rows] = self._ttls(table["ttl"])
        if "tag" in table.columns:
            if plan.tag is None:
                plan.tag = np.full(self._count, -1, np.int32)
            plan.tag[frame.rows] = self._tags(table["tag"], plan.tags)
        if "match" in table.columns:
            if not plan.match:
                plan.match = [None] * self._count
            for row, value in zip(frame.rows.tolist(), table["match"].to_list(), strict=True):
                plan.match[row] = value

    # rows

    def _same_rows(self, frame: Frame, returned: Any) -> pl.DataFrame:
        table = returned
        if isinstance(table, pl.LazyFrame):
            table = self._collected(table)
        if not isinstance(table, pl.DataFrame):
            raise self._bad(f"signals to return a Polars frame, was {type(returned).__name__}")
        if table.height != frame.table.height:
            raise self._bad(
                f"signals to return the {frame.table.height} rows of {frame.name}, was {table.height}",
                hint="one row per wake: fill what does not apply with null instead of filtering",
            )
        for name in ("ts", "contract"):
            if name in table.columns and not _equal(table[name], frame.table[name]):
                raise self._bad(
                    f"signals to return the rows of {frame.name} in their order, column {name!r} differs",
                    hint="sort or join back to the order of the frame before returning",
                )
        known = {*frame.table.columns, *OUTPUTS}
        for name in table.columns:
            if name not in known:
                raise self._bad(
                    f"columns of the frame and of the contract, was {name!r}",
                    hint=suggest(name, OUTPUTS) or f"leave helper columns out: .drop({name!r})",
                    column=name,
                )
        return table

    def _collected(self, lazy: pl.LazyFrame) -> pl.DataFrame:
        try:
            return lazy.collect()
        except pl.exceptions.PolarsError as error:
            raise self._bad(f"the lazy frame of signals to be computed, was {error}") from error

    def _kind_of(self, table: pl.DataFrame, frame: Frame) -> str:
        quoted = "quote_bid" in table.columns or "quote_ask" in table.columns
        kinds = [kind for kind in (SIGNALS, TARGETS) if kind in table.columns] + ([QUOTES] if quoted else [])
        if len(kinds) != 1:
            raise self._bad(
                "one of the columns signal, target, or quote_bid and quote_ask, was "
                + (" and ".join(kinds) if kinds else f"none of them for {frame.name}")
            )
        for name in table.columns:
            if name in OUTPUTS and not name.startswith(kinds[0]) and name not in _GOES_WITH[kinds[0]]:
                raise self._bad(
                    f"no column {name!r} beside {kinds[0]}", column=name,
                    hint=f"with {kinds[0]} go {', '.join(_GOES_WITH[kinds[0]])}",
                )
        return kinds[0]

    # values

    def _acts(self, table: pl.DataFrame, kind: str, frame: Frame) -> npt.NDArray[np.int8]:
        if kind == QUOTES:
            return np.ones(table.height, np.int8)
        column = table[kind]
        if kind == TARGETS:
            self._check_numeric(column)
            return column.is_not_null().to_numpy().astype(np.int8)
        if column.dtype in (pl.String, pl.Categorical, pl.Enum):
            return self._actions(column.cast(pl.String))
        self._check_numeric(column)
        values = column.cast(pl.Float64).to_numpy()
        given = column.is_not_null().to_numpy()
        self._refuse_where(given & np.isnan(values), "signal", "a number, an action's name or null, was NaN", frame)
        codes = np.where(values > 0.0, _CODES["BUY"], np.where(values < 0.0, _CODES["SELL"], _CODES["CLOSE"]))
        return np.where(given, codes, NOTHING).astype(np.int8)

    def _actions(self, column: pl.Series) -> npt.NDArray[np.int8]:
        codes = dict.fromkeys(column.drop_nulls().unique().to_list(), NOTHING)
        for text in codes:
            if text.upper() not in _CODES:
                raise self._bad(
                    f"action {' or '.join(ACTIONS)} in column 'signal', was {text!r}",
                    hint=suggest(text.upper(), ACTIONS), column="signal",
                )
            codes[text] = _CODES[text.upper()]
        return column.replace_strict(codes, default=NOTHING, return_dtype=pl.Int8).fill_null(NOTHING).to_numpy().copy()

    def _number(self, column: pl.Series, name: str, frame: Frame, wanted: npt.NDArray[np.bool_]) -> Floats:
        self._check_numeric(column)
        values = column.cast(pl.Float64)
        found = values.to_numpy()
        given = wanted & values.is_not_null().to_numpy()
        self._refuse_where(given & ~np.isfinite(found), name, "a number or null", frame, found)
        if name == "size":
            self._refuse_where(given & (found < 0.0), name, "a size of at least 0 contracts", frame, found)
        if name == "confidence":
            outside = given & ((found < 0.0) | (found > 1.0))
            self._refuse_where(outside, name, "a confidence from 0 to 1", frame, found)
        return found

    def _ttls(self, column: pl.Series) -> npt.NDArray[np.int64]:
        if column.dtype == pl.Duration:
            return column.cast(pl.Duration("ns")).to_physical().fill_null(-1).to_numpy()
        if column.dtype.is_integer():
            return column.cast(pl.Int64).fill_null(-1).to_numpy()
        if column.dtype not in (pl.String, pl.Categorical, pl.Enum, pl.Null):
            raise self._bad(f"column 'ttl' of durations, was {column.dtype}", column="ttl")
        spans: dict[str, int] = {}
        for text in column.cast(pl.String).drop_nulls().unique().to_list():
            try:
                spans[text] = parse_duration(text)
            except NtpError as error:
                raise self._bad(f"column 'ttl' of durations, was {text!r}", hint=error.hint, column="ttl") from error
        return (
            column.cast(pl.String).replace_strict(spans, default=-1, return_dtype=pl.Int64).fill_null(-1).to_numpy()
        )

    def _tags(self, column: pl.Series, tags: list[str]) -> npt.NDArray[np.int32]:
        if column.dtype not in (pl.String, pl.Categorical, pl.Enum, pl.Null):
            raise self._bad(f"column 'tag' of texts, was {column.dtype}", column="tag")
        column = column.cast(pl.String)
        tags.extend(text for text in column.drop_nulls().unique(maintain_order=True).to_list() if text not in tags)
        numbers = {text: number for number, text in enumerate(tags)}
        return column.replace_strict(numbers, default=-1, return_dtype=pl.Int32).fill_null(-1).to_numpy()

    def _check_numeric(self, column: pl.Series) -> None:
        if not (column.dtype.is_numeric() or column.dtype == pl.Null):
            raise self._bad(f"numbers in column {column.name!r}, was {column.dtype}", column=column.name)

    def _refuse_where(
        self, wrong: npt.NDArray[np.bool_], name: str, expected: str, frame: Frame, found: Floats | None = None
    ) -> None:
        if not wrong.any():
            return
        row = int(np.flatnonzero(wrong)[0])
        was = "" if found is None else f", was {found[row]}"
        ts = int(frame.table["ts"].to_physical()[row])
        raise self._bad(
            f"{expected} in column {name!r}{was} in row {row} of {frame.name} at {format_ns(ts)}", column=name, row=row,
            hint="missing values are null: fill_nan(None)" if found is None or np.isnan(found[row]) else "",
        )

    def _bad(self, expected: str, *, hint: str = "", **details: Any) -> StrategyError:
        file, line = self._place
        return StrategyError(
            f"expected {expected} (line {line} of {file})", code="bad_signals", hint=hint,
            details={"file": file, "line": line, **details},
        )


def _equal(one: pl.Series, other: pl.Series) -> bool:
    return one is other or (one.dtype == other.dtype and bool(one.equals(other)))


def place_of(function: Callable[..., Any]) -> tuple[str, int]:
    """File and first line of a method."""
    code = getattr(function, "__func__", function).__code__
    return code.co_filename, code.co_firstlineno


def plan_of(recording: Recording, frames: Sequence[Frame], call: Callable[[pl.DataFrame], Any], warmup: int) -> Plan:
    """Ask for the signals of every frame and lay them out.

    Parameters
    ----------
    recording : Recording
        The wakes.
    frames : sequence of Frame
        Its frames.
    call : callable
        The strategy's `signals`.
    warmup : int
        Wakes of a contract whose rows do not count.

    Raises
    ------
    StrategyError
        ``bad_signals`` if what it returns is not of the contract.
    """
    planner = Planner(recording, place_of(call), warmup)
    for frame in frames:
        planner.add(frame, call(frame.table.clone()))
    return planner.plan or Plan(SIGNALS, np.zeros(len(recording), np.int8))


__all__ = ["NOTHING", "QUOTES", "SIGNALS", "TARGETS", "Plan", "Planner", "plan_of"]
