"""Bars: prices of a period, complete periods only, aligned to UTC."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ntp.core import Absent, StrategyError, format_duration


@dataclass(slots=True)
class _Growing:
    open: float | None = None
    high: float = 0.0
    low: float = 0.0
    close: float | None = None
    volume: float = 0.0
    touched: bool = False
    done: list[tuple[int, float, float, float, float, float]] = field(default_factory=list)

    def add(self, price: float, volume: float) -> None:
        if not self.touched:
            self.open = self.high = self.low = price
            self.touched = True
        self.high, self.low, self.close = max(self.high, price), min(self.low, price), price
        self.volume += volume

    def complete(self, ts: int) -> None:
        if self.close is None:
            return
        if self.touched and self.open is not None:
            self.done.append((ts, self.open, self.high, self.low, self.close, self.volume))
        else:
            self.done.append((ts, self.close, self.close, self.close, self.close, 0.0))
        self.touched, self.volume = False, 0.0


@dataclass(frozen=True, slots=True)
class Bars:
    """Arrays of complete bars, oldest first; `ts` is the end of each bar in nanoseconds UTC."""

    ts: npt.NDArray[np.int64]
    open: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    close: npt.NDArray[np.float64]
    volume: npt.NDArray[np.float64]


class BarBook:
    """Bars of every contract for the durations named in `wake`.

    They are made of prints; of mids where the data has no tape.
    """

    def __init__(self, spans: tuple[int, ...]) -> None:
        self._spans = spans
        self._bars: dict[tuple[int, int], _Growing] = {}

    def printed(self, view: Any, price: float, size: float) -> None:
        """Add a print."""
        for span in self._spans:
            self._of(view.index, span).add(price, size)

    def quoted(self, view: Any, *, has_tape: bool) -> None:
        """Add a mid, where there is no tape."""
        if not self._spans or has_tape:
            return
        mid = view.get("mid")
        if mid is None:
            mid = view.get("price")
        if mid is not None:
            for span in self._spans:
                self._of(view.index, span).add(mid, 0.0)

    def complete(self, span: int, ts: int) -> None:
        """End the bars of a duration at `ts`."""
        for (_, length), growing in self._bars.items():
            if length == span:
                growing.complete(ts)

    def has(self, index: int, span: int) -> bool:
        """Whether a contract has a complete bar."""
        growing = self._bars.get((index, span))
        return growing is not None and bool(growing.done)

    def last(self, index: int, span: int, n: int) -> Bars:
        """Return the last `n` complete bars.

        Raises
        ------
        Absent
            If there are fewer.
        StrategyError
            ``bar_not_kept`` if `wake` does not name the duration.
        """
        name = format_duration(span)
        if span not in self._spans:
            raise StrategyError(
                f"expected wake to name 'bar:{name}', was without", code="bar_not_kept",
                hint=f"wake = (..., 'bar:{name}')",
            )
        growing = self._bars.get((index, span))
        if growing is None or n < 1 or len(growing.done) < n:
            raise Absent(f"bars({name!r}, {n})")
        rows = growing.done[-n:]
        ts, opened, high, low, close, volume = zip(*rows, strict=True)
        made = [np.array(column, dtype=np.float64) for column in (opened, high, low, close, volume)]
        for column in made:
            column.flags.writeable = False
        return Bars(np.array(ts, dtype=np.int64), *made)

    def _of(self, index: int, span: int) -> _Growing:
        return self._bars.setdefault((index, span), _Growing())
