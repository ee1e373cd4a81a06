"""Read what Kalshi's tickers say: series, event, close time, strike code."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ntp.core import DataError, to_ns

EASTERN = ZoneInfo("America/New_York")
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_QUARTER = re.compile(r"-(\d{2})([A-Z]{3})(\d{2})(\d{2})(\d{2})(?:-|$)")
_DAY = re.compile(r"-(\d{2})([A-Z]{3})(\d{2})(?:[^0-9]|$)")

CENT_TICKS = ((100, 9_900, 100),)
"""Grid of a market priced in whole cents."""
TAPERED_TICKS = ((10, 1_000, 10), (1_000, 9_000, 100), (9_000, 9_990, 10))
"""Grid in 0.001 dollar below 0.10 and above 0.90, in cents between."""
CENTI_CONTRACT = 10_000
"""Smallest size where Kalshi trades fractions: 0.01 contract."""
WHOLE_CONTRACT = 1_000_000


def series_of(ticker: str) -> str:
    """Series of a market or event ticker."""
    return ticker.split("-", 1)[0]


def event_of(ticker: str) -> str:
    """Event of a market ticker: all but its last part."""
    return ticker.rsplit("-", 1)[0]


def close_of_window(ticker: str) -> int:
    """Close time of a 15-minute market from its ticker, which states it in New York time.

    Parameters
    ----------
    ticker : str
        For example ``KXBTC15M-26MAY110415-15``: closes on 11 May 2026 at 04:15 in New York.

    Returns
    -------
    int
        Nanoseconds UTC.

    Raises
    ------
    DataError
        If the ticker has no such stamp.
    """
    match = _QUARTER.search(ticker)
    if match is None or match[2] not in _MONTHS:
        raise DataError(f"expected a ticker with its close time, was {ticker!r}", code="bad_ticker")
    year, month, day, hour, minute = (
        2000 + int(match[1]),
        _MONTHS.index(match[2]) + 1,
        *map(int, match.groups()[2:]),
    )
    return to_ns(datetime(year, month, day, hour, minute, tzinfo=EASTERN))


def day_of(ticker: str) -> date | None:
    """Day that a daily event is about, None where the ticker names none."""
    match = _DAY.search(ticker)
    if match is None or match[2] not in _MONTHS:
        return None
    return date(2000 + int(match[1]), _MONTHS.index(match[2]) + 1, int(match[3]))
