"""Bars: prices of a period, complete periods only, aligned to UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ntp.core import Absent, StrategyError, format_duration

ROW: Final = ("ts", "open", "high", "low", "close", "volume")
"""What a complete bar holds, in order."""
_SAVED: Final = 1_000


@dataclass(slots=True)
class GrowingBar:
    """The bar that is growing, and those that are complete."""

    open: float | None = None
    high: float = 0.0
    low: float = 0.0
    close: float | None = None
    volume: float = 0.0
    touched: bool = False
    done: list[tuple[int, float, float, float, float, float]] = field(default_factory=list)

    def add(self, price: float, volume: float) -> None:
        """Add a price and what was traded at it."""
        if not self.touched:
            self.open = self.high = self.low = price
            self.touched = True
        self.high, self.low, self.close = max(self.high, price), min(self.low, price), price
        self.volume += volume

    def complete(self, ts: int) -> None:
        """End the bar; one without prices repeats the close."""
        if self.close is None:
            return
        if self.touched and self.open is not None:
            self.done.append((ts, self.open, self.high, self.low, self.close, self.volume))
        else:
            self.done.append((ts, self.close, self.close, self.close, self.close, 0.0))
        self.touched, self.volume = False, 0.0

    def save(self) -> dict[str, Any]:
        """State in JSON types; of the complete bars the last thousand."""
        names = ("open", "high", "low", "close", "volume", "touched")
        return {name: getattr(self, name) for name in names} | {"done": [list(row) for row in self.done[-_SAVED:]]}

    def load(self, saved: Mapping[str, Any]) -> None:
        """Take up what :meth:`save` gave."""
        for name, value in saved.items():
            setattr(self, name, [tuple(row) for row in value] if name == "done" else value)


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
    """Bars of every contract and input for the durations named in `wake` and by indicators.

    They are made of prints; of mids where the data has no tape; of an input's values.

    Parameters
    ----------
    spans : tuple of int
        Durations in nanoseconds.
    """

    def __init__(self, spans: tuple[int, ...]) -> None:
        self.spans = spans
        self._bars: dict[tuple[int, int], GrowingBar] = {}
        self._completed: dict[int, int] = {}

    def printed(self, index: int, price: float, size: float) -> None:
        """Add a print, or a value of an input."""
        for span in self.spans:
            self._of(index, span).add(price, size)

    def quoted(self, view: Any, *, has_tape: bool) -> None:
        """Add a mid, where there is no tape."""
        if not self.spans or has_tape:
            return
        mid = view.get("mid")
        if mid is None:
            mid = view.get("price")
        if mid is not None:
            self.printed(view.index, mid, 0.0)

    def complete(self, ts: int) -> list[int]:
        """End the bars of all durations that are over at `ts`; returns those durations, once each."""
        over = [span for span in self.spans if ts % span == 0 and self._completed.get(span) != ts]
        for span in over:
            self._completed[span] = ts
        for (_, length), growing in self._bars.items() if over else ():
            if length in over:
                growing.complete(ts)
        return over

    def has(self, index: int, span: int) -> bool:
        """Whether a contract has a complete bar."""
        growing = self._bars.get((index, span))
        return growing is not None and bool(growing.done)

    def newest(self, index: int, span: int, ts: int) -> tuple[int, float, float, float, float, float] | None:
        """Bar that ended at `ts`, None if there is none."""
        growing = self._bars.get((index, span))
        return growing.done[-1] if growing is not None and growing.done and growing.done[-1][0] == ts else None

    def forget(self, index: int) -> None:
        """Drop the bars of a contract that is settled."""
        for span in self.spans:
            self._bars.pop((index, span), None)

    def last(self, index: int, span: int, n: int) -> Bars:
        """Return the last `n` complete bars.

        Raises
        ------
        Absent
            If there are fewer.
        StrategyError
            ``bar_not_kept`` if neither `wake` nor an indicator names the duration.
        """
        name = format_duration(span)
        if span not in self.spans:
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

    def save(self, index: int) -> list[list[Any]]:
        """Bars of a contract in JSON types."""
        return [[span, self._bars[index, span].save()] for span in self.spans if (index, span) in self._bars]

    def load(self, index: int, saved: list[list[Any]]) -> None:
        """Take up what :meth:`save` gave."""
        for span, state in saved:
            if span in self.spans:
                self._of(index, span).load(state)

    def _of(self, index: int, span: int) -> GrowingBar:
        return self._bars.setdefault((index, span), GrowingBar())
