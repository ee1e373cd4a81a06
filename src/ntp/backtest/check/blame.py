"""Blame: the line at which the strategy's code first came to know something else in one of two replays."""

from __future__ import annotations

import sys
import time
from array import array
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

import numpy as np
import polars as pl

from ntp.backtest.check.code import Code
from ntp.backtest.check.finding import NOWHERE, Place

STEPS: Final = 600_000
"""Lines that are followed at most."""
PATIENCE: Final = 5.0
"""Seconds that following may take."""
_LOOK: Final = 256
"""Lines between two looks at the clock."""
_BEFORE: Final = 120_000_000_000
"""Nanoseconds before two decisions part from which lines are followed; what is not of a moment always is."""
_PLAIN: Final = (int, float, str, bool, bytes, type(None))
_SKIPPED: Final = frozenset(("self", "__builtins__", "__doc__", "__file__", "__name__", "__spec__", "__loader__"))


class _Enough(BaseException):
    """Ends a replay that was followed far enough."""


class Steps:
    """What lines ran, and a digest of what the code knew at each.

    Parameters
    ----------
    files : frozenset of str
        Files whose lines are followed.
    since : int
        Moment of the replay, nanoseconds UTC, from which they are.
    other : Steps, optional
        Steps of the replay to compare with; following ends where they part.
    """

    def __init__(self, files: frozenset[str], since: int = 0, other: Steps | None = None) -> None:
        self._files, self._since, self._asleep = files, since, False
        self._other = other
        self._until = time.perf_counter() + PATIENCE * (1 if other is None else 2)
        self.digests = array("q")
        self.parted: Place | None = None
        self._last: dict[int, int] = {}

    def enter(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        """Follow the frames of the files."""
        if frame.f_code.co_filename not in self._files:
            return None
        runtime = getattr(frame.f_locals.get("self"), "__dict__", {}).get("_runtime")
        if runtime is not None:
            self._asleep = runtime.ts < self._since
        if self._asleep:
            return None
        if event == "call":
            self._last[id(frame)] = frame.f_lineno
        return self._line

    def _line(self, frame: FrameType, event: str, value: Any) -> Callable[..., Any] | None:
        if event not in ("line", "return") or self.parted is not None:
            return self._line
        known = value if event == "return" else None
        digest = hash((frame.f_lineno, _digest_of(frame.f_locals), _digest(known, 1), _own_digest(frame)))
        place, line = len(self.digests), self._last.get(id(frame), frame.f_lineno)
        self.digests.append(digest)
        self._last[id(frame)] = frame.f_lineno
        if event == "return":
            self._last.pop(id(frame), None)
        if self._other is not None and (place >= len(self._other.digests) or self._other.digests[place] != digest):
            self.parted = Place(frame.f_code.co_filename, line, None)
            raise _Enough
        if place >= STEPS or (place % _LOOK == 0 and time.perf_counter() > self._until):
            raise _Enough
        return self._line


def _own_digest(frame: FrameType) -> int:
    owner = frame.f_locals.get("self")
    if owner is None:
        return 0
    attributes = getattr(owner, "__dict__", None)
    return 0 if attributes is None else _digest_of(attributes)


def _digest_of(values: Mapping[str, Any]) -> int:
    total = 0
    for name, value in values.items():
        if name not in _SKIPPED:
            total ^= hash((name, _digest(value, 2)))
    return total


def _digest(value: Any, depth: int) -> int:
    """Digest of what a value says; of objects only their type."""
    if isinstance(value, _PLAIN):
        return hash(value) if value == value else 1
    if isinstance(value, np.ndarray):
        return hash(value.tobytes()) if value.dtype != object else len(value)
    if isinstance(value, pl.DataFrame):
        return hash(value.hash_rows().sum()) if value.height else 0
    if isinstance(value, pl.Series):
        return hash(value.hash().sum()) if len(value) else 0
    if depth and isinstance(value, list | tuple) and len(value) < 10_000:
        return hash((len(value), *(_digest(each, depth - 1) for each in value[-200:])))
    if depth and isinstance(value, dict) and len(value) < 10_000:
        return hash((len(value), *(_digest(each, depth - 1) for each in list(value.values())[-200:])))
    return hash(type(value).__name__)


@contextmanager
def _followed(steps: Steps) -> Iterator[None]:
    before = sys.gettrace()
    sys.settrace(steps.enter)
    try:
        yield
    finally:
        sys.settrace(before)


def first_difference(code: Code, one: Callable[[], object], other: Callable[[], object], parted: int) -> Place:
    """Find the line after which two replays of the same code first knew different things.

    Parameters
    ----------
    code : Code
        Whose lines are followed.
    one, other : callable
        Make the replays.
    parted : int
        When their decisions do, nanoseconds UTC.

    Returns
    -------
    Place
        Nowhere if they do not part within `STEPS` lines.
    """
    for since in (parted - _BEFORE, 0):
        first = Steps(code.files, since)
        _run(first, one)
        second = Steps(code.files, since, first)
        _run(second, other)
        if second.parted is not None and (len(second.digests) > 1 or not since):
            return code.place_of(second.parted.file, second.parted.line)
    return NOWHERE


def _run(steps: Steps, replay: Callable[[], object]) -> None:
    try:
        with _followed(steps):
            replay()
    except _Enough:
        pass


__all__ = ["first_difference"]
