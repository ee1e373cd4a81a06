"""Selection: data under a name, and the range of it that is meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ntp.core import ConfigError, parse_time, suggest


@dataclass(frozen=True, slots=True)
class DataSelection:
    """Data to replay.

    Attributes
    ----------
    name : str
        What it was asked for as.
    sources : tuple
        Data sets and sources that the name means.
    start, end : int or None
        Range in nanoseconds UTC, the end excluded; None where it is open.
    """

    name: str
    sources: tuple[Any, ...]
    start: int | None = None
    end: int | None = None


def read_range(date_range: Mapping[str, Any] | Sequence[Any] | None) -> tuple[int | None, int | None]:
    """Read a range, ``{"start", "end"}`` or a pair; an end that is a bare date includes that day.

    Raises
    ------
    ConfigError
        ``bad_range`` if it is neither, or ends before it begins.
    """
    if date_range is None:
        return None, None
    if isinstance(date_range, Mapping):
        unknown = [str(key) for key in date_range if key not in ("start", "end")]
        if unknown:
            raise ConfigError(
                f"expected start and end in date_range, was {unknown[0]!r}", code="bad_range",
                hint=suggest(unknown[0], ("start", "end")),
            )
        given = (date_range.get("start"), date_range.get("end"))
    elif isinstance(date_range, tuple | list) and len(date_range) == 2:
        given = (date_range[0], date_range[1])
    else:
        raise ConfigError(
            f"expected a date_range with start and end, was {date_range!r}", code="bad_range",
            hint='for example {"start": "2026-01-05", "end": "2026-01-06"}',
        )
    first = None if given[0] is None else parse_time(given[0])
    last = None if given[1] is None else parse_time(given[1], end=True)
    if first is not None and last is not None and first >= last:
        raise ConfigError(
            f"expected a range that ends after it begins, was {given[0]} to {given[1]}", code="bad_range"
        )
    return first, last
