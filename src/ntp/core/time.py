"""Time: int64 nanoseconds UTC inside, aware datetimes at the edge."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from ntp.core.errors import ConfigError

SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ns|us|ms|s|m|h|d)")
_BARE_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_EPOCH_TEXT = re.compile(r"\d+(?:\.\d+)?")


def to_ns(moment: datetime) -> int:
    """Nanoseconds since 1970 of an aware datetime, exact to its microsecond.

    Raises
    ------
    ConfigError
        If the datetime has no zone.
    """
    if moment.tzinfo is None:
        raise ConfigError(f"expected a time with a zone, was {moment.isoformat()}", code="naive_time")
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds * 1_000


def to_datetime(ns: int) -> datetime:
    """Aware UTC datetime of a nanosecond stamp, rounded down to the microsecond."""
    return _EPOCH + timedelta(microseconds=ns // 1_000)


def format_ns(ns: int) -> str:
    """ISO 8601 text of a nanosecond stamp in UTC."""
    return to_datetime(ns).isoformat().replace("+00:00", "Z")


def parse_duration(text: str | int) -> int:
    """Nanoseconds of a duration such as ``"250ms"``, ``"5s"``, ``"1m"``, ``"1h"`` or ``"1d"``.

    An integer is taken as nanoseconds.

    Raises
    ------
    ConfigError
        If the text is not a duration.
    """
    if isinstance(text, int):
        return text
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ConfigError(
            f"expected a duration such as '250ms' or '5m', was {text!r}", code="bad_duration",
            hint="units: ns us ms s m h d",
        )
    whole, _, part = match[1].partition(".")
    unit = _UNITS[match[2]]
    return int(whole) * unit + (int(part) * unit // 10 ** len(part) if part else 0)


def format_duration(ns: int) -> str:
    """Shortest text of a duration that :func:`parse_duration` reads back."""
    for name in ("d", "h", "m", "s", "ms", "us"):
        if ns and ns % _UNITS[name] == 0:
            return f"{ns // _UNITS[name]}{name}"
    return f"{ns}ns"


def parse_time(text: str | int | float | date | datetime, zone: tzinfo = UTC, *, end: bool = False) -> int:
    """Nanoseconds of a date, an ISO 8601 instant or an epoch number.

    Parameters
    ----------
    text : str, int, float, date or datetime
        A bare date is its midnight, or the next one if `end` is set, so that ``--to`` includes the
        whole day. Epoch numbers are read as seconds, milliseconds, microseconds or nanoseconds by
        their size.
    zone : tzinfo
        Zone of texts and datetimes without one.
    end : bool
        Whether the value closes a range.

    Raises
    ------
    ConfigError
        If the text is none of these.
    """
    if isinstance(text, datetime):
        return to_ns(text if text.tzinfo else text.replace(tzinfo=zone))
    if isinstance(text, date):
        text = text.isoformat()
    if isinstance(text, int | float):
        return _epoch_ns(str(text))
    text = text.strip()
    try:
        if _BARE_DATE.fullmatch(text):
            day = datetime.fromisoformat(text).replace(tzinfo=zone)
            return to_ns(day + timedelta(days=1) if end else day)
        if _EPOCH_TEXT.fullmatch(text):
            return _epoch_ns(text)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise ConfigError(
            f"expected a date, an ISO 8601 time or an epoch number, was {text!r}", code="bad_time"
        ) from error
    return to_ns(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def _epoch_ns(text: str) -> int:
    whole, _, part = text.partition(".")
    digits = len(whole.lstrip("-"))
    scale = 9 if digits <= 11 else 6 if digits <= 14 else 3 if digits <= 17 else 0
    fraction = int((part + "0" * scale)[:scale] or 0)
    return int(whole) * int(10**scale) + fraction
