"""Looking back: arrays of the last changes of a field."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ntp.core import Absent, StrategyError, parse_duration, suggest

Change = tuple[int, int, int, int]
"""Time, best bid, best ask and last price in price units; -1 where absent."""
FIELDS = ("bid", "ask", "mid", "spread", "price")


def look_back(
    changes: Sequence[Change], one: float, field: str, last: int | str, now: int
) -> npt.NDArray[np.float64]:
    """Return the last changes of a field, oldest first, read-only.

    Parameters
    ----------
    changes : sequence of Change
        All changes so far, oldest first.
    one : float
        Price units in a dollar.
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
    if field not in FIELDS:
        raise StrategyError(
            f"expected a field with a history, was {field!r}", code="unknown_field", hint=suggest(field, FIELDS)
        )
    table = np.array(changes, dtype=np.int64).reshape(-1, 4)
    bid, ask, price = (table[:, place] / one for place in (1, 2, 3))
    have = {
        "bid": table[:, 1] >= 0, "ask": table[:, 2] >= 0, "price": table[:, 3] >= 0,
        "mid": (table[:, 1] >= 0) & (table[:, 2] >= 0), "spread": (table[:, 1] >= 0) & (table[:, 2] >= 0),
    }[field]  # fmt: skip
    value = {"bid": bid, "ask": ask, "price": price, "mid": (bid + ask) / 2.0, "spread": ask - bid}[field][have]
    times = table[have, 0]
    if len(value):
        changed = np.r_[True, value[1:] != value[:-1]]
        value, times = value[changed], times[changed]
    if isinstance(last, int):
        if last < 1 or len(value) < last:
            raise Absent(f"history({field!r}, {last})")
        value = value[-last:]
    else:
        first = int(np.searchsorted(times, now - parse_duration(last), side="right")) - 1
        if first < 0:
            raise Absent(f"history({field!r}, {last!r})")
        value = value[first:]
    value.flags.writeable = False
    return value
