"""Ways to divide trades: by price, category, series, hour, weekday, side, size, time left and year."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ntp.core import DAY, HOUR, SECOND, SIZE_ONE, ConfigError, suggest
from ntp.research.cell_means import MAKER, YES
from ntp.research.trade_table import QUARTER, TradeTable

Codes = NDArray[np.uint16]

CENTS: Final = (*range(50, 10_000, 100), 10_000)
"""Bounds of the prices: whole cents, finer prices to the nearest (a half to the lower)."""
_SIZES: Final = (1, 10, 100, 1_000, 10_000)
_LEFT: Final = (
    ("under 1 hour", HOUR), ("under 6 hours", 6 * HOUR), ("under 1 day", DAY), ("under 1 week", 7 * DAY),
    ("under 30 days", 30 * DAY),
)  # fmt: skip
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, eq=False)
class Breakdown:
    """One division of the trades.

    Attributes
    ----------
    codes : ndarray of uint16
        A number for each trade.
    labels : list of str
        What the numbers mean.
    edges : tuple of int
        Price bounds that divide them further; see :func:`ntp.research.cell_means.cell_means`.
    """

    codes: Codes
    labels: list[str]
    edges: tuple[int, ...] = ()


def breakdown(table: TradeTable, by: str, role: int, zone: tzinfo) -> Breakdown:
    """Divide trades.

    Parameters
    ----------
    table : TradeTable
        The trades.
    by : str
        One of :data:`DIVISIONS`.
    role : int
        Whose side and price count.
    zone : tzinfo
        Whose clock tells hours and weekdays.

    Raises
    ------
    ConfigError
        ``unknown_division``.
    """
    known = _BY.get(by)
    if known is None:
        raise ConfigError(
            f"expected a division of trades, was {by!r}", code="unknown_division", hint=suggest(by, DIVISIONS),
            details={"known": list(DIVISIONS)},
        )
    return known(table, role, zone)


def _all(table: TradeTable, role: int, zone: tzinfo) -> Breakdown:
    return Breakdown(np.zeros(len(table.quarter), np.uint16), ["all"])


def _price(table: TradeTable, role: int, zone: tzinfo) -> Breakdown:
    labels = [str(cent) for cent in range(len(CENTS))]
    return Breakdown(np.zeros(len(table.quarter), np.uint16), labels, CENTS)


def _category(table: TradeTable, role: int, zone: tzinfo) -> Breakdown:
    return Breakdown(table.category[table.seen.contract], table.categories)


def _series(table: TradeTable, role: int, zone: tzinfo) -> Breakdown:
    return Breakdown(table.series[table.seen.contract], table.series_names)


def _hour(table: TradeTable, role: int, zone: tzinfo) -> Breakdown:
    return Breakdown(_clock(table, zone, lambda moment: moment.hour), [f"{hour:02d}" for hour in range(24)])


def _weekday(table: TradeTable, role: int, zone: tzinfo) -> Breakdown:
    return Breakdown(_clock(table, zone, lambda moment: moment.weekday()), list(_DAYS))


def _year(table: TradeTable, role: int, zone: tzinfo) -> Breakdown:
    first, last = (_moment(int(edge), zone).year for edge in (table.quarter.min(), table.quarter.max()))
    return Breakdown(
        _clock(table, zone, lambda moment: moment.year - first), [str(year) for year in range(first, last + 1)]
    )


def _clock(table: TradeTable, zone: tzinfo, read: Callable[[datetime], int]) -> Codes:
    """Read the clock of a zone once per quarter hour, not per trade."""
    first, last = int(table.quarter.min()), int(table.quarter.max())
    read_once = np.array([read(_moment(each, zone)) for each in range(first, last + 1)], np.uint16)
    return read_once[table.quarter - first]


def _moment(quarter: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(quarter * (QUARTER // SECOND), UTC).astimezone(zone)


def _side(table: TradeTable, role: int, zone: tzinfo) -> Breakdown:
    if role == YES:
        return Breakdown(np.zeros(len(table.quarter), np.uint16), ["YES"])
    yes = table.seen.taker < 0 if role == MAKER else table.seen.taker > 0
    return Breakdown(yes.astype(np.uint16), ["NO", "YES"])


def _size(table: TradeTable, role: int, zone: tzinfo) -> Breakdown:
    bounds = np.array(_SIZES, np.int64) * SIZE_ONE
    labels = ["under 1", *(f"{low:,} to {high:,}" for low, high in pairwise(_SIZES))]
    return Breakdown(
        np.searchsorted(bounds, table.seen.size, "right").astype(np.uint16), [*labels, f"{_SIZES[-1]:,} and more"]
    )


def _left(table: TradeTable, role: int, zone: tzinfo) -> Breakdown:
    close = table.close // QUARTER
    left = close[table.seen.contract] - table.quarter
    bounds = np.array([span // QUARTER for _, span in _LEFT])
    codes = np.searchsorted(bounds, left, "right").astype(np.uint16)
    labels = [*(name for name, _ in _LEFT), "30 days and more", "unknown"]
    codes[close[table.seen.contract] == 0] = len(labels) - 1
    return Breakdown(codes, labels)


_BY: Final[dict[str, Callable[[TradeTable, int, tzinfo], Breakdown]]] = {
    "all": _all,
    "price": _price,
    "category": _category,
    "series": _series,
    "hour": _hour,
    "weekday": _weekday,
    "side": _side,
    "size": _size,
    "time_left": _left,
    "year": _year,
}
DIVISIONS: Final = tuple(_BY)
"""Names of all divisions."""
BY_ROLE: Final = frozenset({"side"})
"""Divisions whose codes depend on whose position is asked for."""
