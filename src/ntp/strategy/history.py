"""Looking back: arrays of the last changes of a field."""

from array import array
from bisect import bisect_right
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ntp.core import Absent, StrategyError, parse_duration, suggest

FIELDS: Final = ("bid", "ask", "mid", "spread", "price")
_FIRST_ROOM: Final = 64


class Series:
    """Changes of one field: times and values that are only ever appended to."""

    __slots__ = ("_moments", "count", "noted", "times", "values")

    def __init__(self) -> None:
        self.count = self.noted = 0
        self.times: npt.NDArray[np.int64]
        self.values: npt.NDArray[np.float64]
        self._room(_FIRST_ROOM)

    def _room(self, size: int) -> None:
        """Move to larger arrays; slices given away keep the smaller ones."""
        times, values = np.zeros(size, np.int64), np.zeros(size)
        if self.count:
            times[: self.count], values[: self.count] = self.times[: self.count], self.values[: self.count]
        self.times, self.values = times, values
        self._moments: Any = times.data  # plain integers for the bisection

    def add(self, ts: int, value: float) -> None:
        """Add a value, if it is another one."""
        count = self.count
        if count and self.values[count - 1] == value:
            return
        if count == len(self.values):
            self._room(2 * count)
        self.times[count], self.values[count] = ts, value
        self.count = count + 1

    def look_back(self, last: int | str, now: int, name: str) -> npt.NDArray[np.float64]:
        """Return the last changes, or those of a duration, see :meth:`History.look_back`."""
        if isinstance(last, int):
            first = self.count - last if last >= 1 else -1
        else:
            first = self.place_at(now - parse_duration(last))
        if first < 0:
            raise Absent(f"{name}({last!r})" if name.endswith("history") else f"{name}, {last!r})")
        values = self.values[first : self.count]
        values.flags.writeable = False
        return values

    def place_at(self, ts: int) -> int:
        """Place of the value in force at a time; -1 before the first."""
        return bisect_right(self._moments, ts, 0, self.count) - 1


class Published:
    """All values that a source published, repeated ones too, for what a settlement makes of them."""

    __slots__ = ("times", "values")

    def __init__(self) -> None:
        self.times, self.values = array("q"), array("d")

    def add(self, ts: int, value: float) -> None:
        """Add a value."""
        self.times.append(ts)
        self.values.append(value)

    def within(self, start: int, end: int) -> npt.NDArray[np.float64]:
        """Values of a window that begins after `start` and includes `end`."""
        return np.array(self.values[bisect_right(self.times, start) : bisect_right(self.times, end)])


class History:
    """What one contract showed at its changes.

    Changes are noted as the engine's numbers; a field's own series is brought up to date when it is asked
    for, so that a look back costs what came since the last one, however long the run is.

    Parameters
    ----------
    one : float
        Price units in a dollar.
    """

    __slots__ = ("_changes", "_one", "_series")

    def __init__(self, one: float) -> None:
        self._one = one
        self._changes: list[tuple[int, int, int, int]] = []
        self._series: dict[str, Series] = {}

    def note(self, ts: int, bid: int, ask: int, price: int) -> None:
        """Add a change: time, best bid, best ask and last price in price units, -1 where absent."""
        self._changes.append((ts, bid, ask, price))

    def look_back(self, field: str, last: int | str, now: int) -> npt.NDArray[np.float64]:
        """Return the last changes of a field, oldest first, read-only.

        Parameters
        ----------
        field : str
            One of `FIELDS`.
        last : int or str
            Number of changes, or a duration; a duration begins with the value in force at its start.
        now : int
            Present moment, nanoseconds UTC.

        Raises
        ------
        Absent
            If there are fewer changes, or none yet at the start of the duration.
        StrategyError
            ``unknown_field``.
        """
        return self._up_to_date(field).look_back(last, now, f"history({field!r}")

    def _up_to_date(self, field: str) -> Series:
        series = self._series.get(field)
        if series is None:
            if field not in FIELDS:
                raise StrategyError(
                    f"expected a field with a history, was {field!r}", code="unknown_field",
                    hint=suggest(field, FIELDS),
                )
            series = self._series[field] = Series()
        changes, one = self._changes, self._one
        for place in range(series.noted, len(changes)):
            ts, bid, ask, price = changes[place]
            if field == "price":
                if price >= 0:
                    series.add(ts, price / one)
            elif field == "bid":
                if bid >= 0:
                    series.add(ts, bid / one)
            elif field == "ask":
                if ask >= 0:
                    series.add(ts, ask / one)
            elif bid >= 0 and ask >= 0:
                low, high = bid / one, ask / one
                series.add(ts, (low + high) / 2.0 if field == "mid" else high - low)
        series.noted = len(changes)
        return series
