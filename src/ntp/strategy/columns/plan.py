"""The plan: what `signals` wants at each wake, checked and laid out as plain arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from ntp.core import NtpError, StrategyError, format_ns, parse_duration, suggest
from ntp.engine.memory import address_of
from ntp.strategy.columns.frames import Frame
from ntp.strategy.columns.given import Numbers, Rows
from ntp.strategy.columns.recording import OUTPUTS, Recording
from ntp.strategy.signal import ACTIONS

SIGNALS, TARGETS, QUOTES = "signal", "target", "quote"
_CODES: Final = {name: place + 1 for place, name in enumerate(ACTIONS)}
_GOES_WITH: Final = {
    SIGNALS: ("size", "limit", "confidence", "fair", "match", "ttl", "tag"),
    TARGETS: ("limit", "fair", "match", "ttl", "tag"),
    QUOTES: ("size", "fair", "match", "tag"),
}
_NUMBERS: Final = ("target", "quote_bid", "quote_ask", "size", "limit", "confidence", "fair")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """What is wanted at the wakes at which anything is, in the order of the recording.

    Attributes
    ----------
    kind : str
        ``signal``, ``target`` or ``quote``.
    rows : ndarray of int64
        Rows of the recording, ascending.
    codes : ndarray of int8
        Of signals the action, 1 BUY, 2 SELL, 3 CLOSE, 4 HOLD; else 1.
    numbers : dict of str to ndarray
        The columns of numbers at those rows, NaN where absent.
    ttl : ndarray of int64 or None
        Nanoseconds after which a wish ends, -1 for never.
    tag : ndarray of int32 or None
        Place in `tags`, -1 for none.
    tags : list of str
        Texts of the tags.
    match : list or None
        Matched contract of each row.
    """

    kind: str
    rows: npt.NDArray[np.int64]
    codes: npt.NDArray[np.int8]
    numbers: Mapping[str, Floats] = field(default_factory=dict)
    ttl: npt.NDArray[np.int64] | None = None
    tag: npt.NDArray[np.int32] | None = None
    tags: Sequence[str] = ()
    match: Sequence[Any] | None = None


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
        self._place = place
        self._counts: npt.NDArray[np.bool_] | None = recording.wake_of_contract >= warmup if warmup else None
        self._parts: list[Plan] = []
        self._tags: list[str] = []

    def add(self, frame: Frame, returned: Any) -> None:
        """Take over what was returned for one frame.

        Raises
        ------
        StrategyError
            ``bad_signals``, with file and line, if it is not the same rows with columns of the contract.
        """
        table = self._same_rows(frame, returned)
        names = [name for name in table.columns if name in OUTPUTS]
        kind = self._kind_of(names, frame)
        if self._parts and self._parts[0].kind != kind:
            raise self._bad(f"every frame to state a {self._parts[0].kind}, {frame.name} states a {kind}")
        stated = {name: table.get_column(name) for name in names}
        numeric = Numbers(stated[kind]) if kind != QUOTES and stated[kind].dtype.is_numeric() else None
        places = self._places(table, kind) if numeric is None else numeric.rows()
        if self._counts is not None:
            places = places[self._counts[frame.rows[places]]]
        shown = _Shown(frame, places)
        numbers: dict[str, Floats] = {
            name: self._number(stated[name], name, shown, numeric if name == kind else None)
            for name in _NUMBERS if name in stated
        }  # fmt: skip
        texts = {name: stated[name][pl.Series(places)] for name in ("ttl", "tag", "match") if name in stated}
        self._parts.append(Plan(
            kind, frame.rows[places], self._codes(stated, kind, shown, numeric), numbers,
            self._ttls(texts["ttl"]) if "ttl" in texts else None,
            self._numbered(texts["tag"]) if "tag" in texts else None,
            self._tags, texts["match"].to_list() if "match" in texts else None,
        ))  # fmt: skip

    @property
    def plan(self) -> Plan:
        """What all frames want together."""
        parts = self._parts
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return Plan(SIGNALS, np.zeros(0, np.int64), np.zeros(0, np.int8))
        rows = np.concatenate([part.rows for part in parts])
        order = np.argsort(rows)
        names = {name for part in parts for name in part.numbers}
        matched = any(part.match is not None for part in parts)
        matches = [each for part in parts for each in part.match or [None] * len(part.rows)]

        def joined(columns: Sequence[Any], absent: float) -> Any:
            if all(column is None for column in columns):
                return None
            filled = [
                np.full(len(part.rows), absent) if column is None else column
                for part, column in zip(parts, columns, strict=True)
            ]
            return np.concatenate(filled)[order]

        return Plan(
            parts[0].kind, rows[order], np.concatenate([part.codes for part in parts])[order],
            {name: joined([part.numbers.get(name) for part in parts], np.nan) for name in sorted(names)},
            joined([part.ttl for part in parts], -1), joined([part.tag for part in parts], -1), self._tags,
            [matches[place] for place in order] if matched else None,
        )  # fmt: skip

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
        names, shown = table.columns, frame.table.columns
        for name in ("ts",) if frame.single else ("ts", "contract"):
            if name in names and not _equal(table[name], frame.table[name]):
                raise self._bad(
                    f"signals to return the rows of {frame.name} in their order, column {name!r} differs",
                    hint="sort or join back to the order of the frame before returning",
                )
        for name in names:
            if name not in shown and name not in OUTPUTS:
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

    def _kind_of(self, names: Sequence[str], frame: Frame) -> str:
        quoted = "quote_bid" in names or "quote_ask" in names
        kinds = [kind for kind in (SIGNALS, TARGETS) if kind in names] + ([QUOTES] if quoted else [])
        if len(kinds) != 1:
            raise self._bad(
                "one of the columns signal, target, or quote_bid and quote_ask, was "
                + (" and ".join(kinds) if kinds else f"none of them for {frame.name}")
            )
        for name in names:
            if not name.startswith(kinds[0]) and name not in _GOES_WITH[kinds[0]]:
                raise self._bad(
                    f"no column {name!r} beside {kinds[0]}", column=name,
                    hint=f"with {kinds[0]} go {', '.join(_GOES_WITH[kinds[0]])}",
                )
        return kinds[0]

    # values

    def _places(self, table: pl.DataFrame, kind: str) -> Rows:
        """Rows of the frame at which anything is wanted."""
        if kind == QUOTES:
            return np.arange(table.height)
        return np.flatnonzero(table[kind].is_not_null().to_numpy())

    def _codes(
        self, stated: Mapping[str, pl.Series], kind: str, shown: _Shown, numeric: Numbers | None
    ) -> npt.NDArray[np.int8]:
        if kind != SIGNALS:
            return np.ones(len(shown.places), np.int8)
        column = stated[kind]
        if column.dtype in (pl.String, pl.Categorical, pl.Enum):
            return self._actions(column[pl.Series(shown.places)].cast(pl.String))
        if numeric is None:
            self._check_numeric(column)
        values, _ = (numeric or Numbers(column)).at(shown.places)
        self._refuse_where(np.isnan(values), "signal", "a number, an action's name or null", shown, values)
        codes = np.where(values > 0.0, _CODES["BUY"], np.where(values < 0.0, _CODES["SELL"], _CODES["CLOSE"]))
        return codes.astype(np.int8)

    def _actions(self, column: pl.Series) -> npt.NDArray[np.int8]:
        codes: dict[str, int] = {}
        for text in column.unique().to_list():
            if text.upper() not in _CODES:
                raise self._bad(
                    f"action {' or '.join(ACTIONS)} in column 'signal', was {text!r}",
                    hint=suggest(text.upper(), ACTIONS), column="signal",
                )
            codes[text] = _CODES[text.upper()]
        return column.replace_strict(codes, return_dtype=pl.Int8).to_numpy()

    def _number(self, column: pl.Series, name: str, shown: _Shown, read: Numbers | None) -> Floats:
        if read is None:
            self._check_numeric(column)
        found, given = (read or Numbers(column)).at(shown.places)
        finite = np.isfinite(found)
        if given is None:
            if finite.all() and name not in ("size", "confidence"):
                return found
            given = np.ones(len(found), np.bool_)
        self._refuse_where(given & ~finite, name, "a number or null", shown, found)
        if name == "size":
            self._refuse_where(given & (found < 0.0), name, "a size of at least 0 contracts", shown, found)
        if name == "confidence":
            outside = given & ((found < 0.0) | (found > 1.0))
            self._refuse_where(outside, name, "a confidence from 0 to 1", shown, found)
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

    def _numbered(self, column: pl.Series) -> npt.NDArray[np.int32]:
        if column.dtype not in (pl.String, pl.Categorical, pl.Enum, pl.Null):
            raise self._bad(f"column 'tag' of texts, was {column.dtype}", column="tag")
        column, tags = column.cast(pl.String), self._tags
        tags.extend(text for text in column.drop_nulls().unique(maintain_order=True).to_list() if text not in tags)
        numbers = {text: number for number, text in enumerate(tags)}
        return column.replace_strict(numbers, default=-1, return_dtype=pl.Int32).fill_null(-1).to_numpy()

    def _check_numeric(self, column: pl.Series) -> None:
        if not (column.dtype.is_numeric() or column.dtype == pl.Null):
            raise self._bad(f"numbers in column {column.name!r}, was {column.dtype}", column=column.name)

    def _refuse_where(
        self, wrong: npt.NDArray[np.bool_], name: str, expected: str, shown: _Shown, found: Floats
    ) -> None:
        if not wrong.any():
            return
        place = int(np.flatnonzero(wrong)[0])
        row, frame, was = int(shown.places[place]), shown.frame, found[place]
        ts = int(frame.table["ts"].to_physical()[row])
        raise self._bad(
            f"{expected} in column {name!r}, was {was} in row {row} of {frame.name} at {format_ns(ts)}", column=name,
            hint="missing values are null: fill_nan(None)" if np.isnan(was) else "", row=row,
        )

    def _bad(self, expected: str, *, hint: str = "", **details: Any) -> StrategyError:
        file, line = self._place
        return StrategyError(
            f"expected {expected} (line {line} of {file})", code="bad_signals", hint=hint,
            details={"file": file, "line": line, **details},
        )


@dataclass(frozen=True)
class _Shown:
    """Rows of a frame at which something is wanted."""

    frame: Frame
    places: npt.NDArray[np.int64]


def _equal(one: pl.Series, other: pl.Series) -> bool:
    kind = one.dtype
    if kind != other.dtype or one.null_count():
        return False
    if kind == pl.String:
        return one.equals(other)
    here, there = one.to_numpy(), other.to_numpy()
    return address_of(here) == address_of(there) or np.array_equal(here, there)


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
    return planner.plan


__all__ = ["QUOTES", "SIGNALS", "TARGETS", "Plan", "Planner", "place_of", "plan_of"]
