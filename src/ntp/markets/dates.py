"""Dates of dated rules, as nanoseconds."""

from datetime import UTC, datetime

from ntp.core import to_ns


def day_ns(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    """Nanoseconds since 1970 of a moment given in UTC."""
    return to_ns(datetime(year, month, day, hour, minute, tzinfo=UTC))
