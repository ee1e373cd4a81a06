"""Curve: the equity of a quick replay, as compiled code follows it."""

from __future__ import annotations

from typing import Final

import numpy as np

from ntp.core import DAY
from ntp.engine import records as r
from ntp.engine.curve import CURVE, finish_curve
from ntp.engine.memory import address_of

_VALUE, _GROSS, _LOCKED, _TS, _COUNT = (
    r.field(CURVE, name) for name in ("value", "gross", "locked", "ts", "count")
)
_FALL: Final = r.field(CURVE, "fall")


class Curve:
    """Equity from the first row of a tape to the end of a replay; used for one replay after another.

    Parameters
    ----------
    first, last : int
        Times of the first and the last sample that may be taken while rows are replayed.
    capital : int
        What it begins with in 0.000001 of the currency.

    Attributes
    ----------
    address : int
        Of its record.
    first_day : int
        Day of the first row.
    closes : ndarray of int64
        Of each day from then on that ended the last value, or the last one before it.
    """

    def __init__(self, first: int, last: int, capital: int) -> None:
        self.first_day = first // DAY
        self.closes = np.zeros(last // DAY - self.first_day + 1, np.int64)
        record = np.zeros(1, CURVE)
        begun = self.first_day * DAY
        values = {
            "closes": address_of(self.closes), "days": len(self.closes), "first": begun, "length": DAY,
            "close": begun + DAY, "value": capital, "before": capital, "peak": capital, "least": capital,
            "gross": capital,
        }  # fmt: skip
        for name, value in values.items():
            record[name] = value
        self._record, self.address = record, address_of(record)
        self._words, self._floats = record.view(np.int64), record.view(np.float64)
        self._begun = self._words.copy()

    def begin(self) -> None:
        """Forget the replay before."""
        self._words[:] = self._begun

    def finish(self, context: int) -> None:
        """Take the last sample of the replay whose context is at an address."""
        finish_curve(context, self.address)

    @property
    def end(self) -> int:
        """Equity as it ended."""
        return int(self._words[_VALUE])

    @property
    def gross_end(self) -> int:
        """Equity before fees as it ended."""
        return int(self._words[_GROSS])

    @property
    def locked(self) -> int:
        """The most that was locked at once."""
        return int(self._words[_LOCKED])

    @property
    def last(self) -> int:
        """Time of the last sample."""
        return int(self._words[_TS])

    @property
    def count(self) -> int:
        """How many samples were taken."""
        return int(self._words[_COUNT])

    @property
    def fall(self) -> float:
        """Deepest fall below the running peak, over that peak; not above 0."""
        return float(self._floats[_FALL])


__all__ = ["Curve"]
