"""Matches: which contracts of two venues are the same claim, as the workspace's ``matches.yaml`` says it.

A row names two patterns and the attributes that must be equal; every pair of contracts that fits is a match.
What cannot be meant is an error that names file and row: a claim that is taken for another one costs more than
one that is not matched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import yaml

from ntp.core import ConfigError, DataError, format_ns, suggest
from ntp.markets import Comparison, Instrument, SettlementSpec, settlement_of
from ntp.markets.instrument import InstrumentKind

IDENTITY: Final = "identity"
COMPLEMENT: Final = "complement"
OVERLAP: Final = "overlap"
RELATIONS: Final = (IDENTITY, COMPLEMENT, OVERLAP)
"""The same claim; its opposite; claims that are alike and can differ, which validate nothing."""
ATTRIBUTES: Final = (
    "open_time", "close_time", "strike_type", "strike_low", "strike_high", "event", "series", "group", "category",
)  # fmt: skip
"""Attributes that `on` may name."""
FILE_NAME: Final = "matches.yaml"
_KEYS: Final = ("a", "b", "on", "relation", "adjudicated")
_GLOB: Final = "?[]"
"""What would be read as part of a pattern beside ``*``."""
_ABOVE: Final = (Comparison.GREATER, Comparison.GREATER_OR_EQUAL)
_BELOW: Final = (Comparison.LESS, Comparison.LESS_OR_EQUAL)


@dataclass(frozen=True, slots=True)
class MatchRow:
    """A row of the file.

    Attributes
    ----------
    a, b : str
        Patterns ``venue:symbol`` with ``*`` in the symbol.
    on : tuple of str
        Attributes that two contracts must share.
    relation : str
        ``identity``, ``complement`` or ``overlap``.
    equal : bool
        Whether somebody compared the rules of both and found them equal.
    place : str
        File and number of the row, for errors.
    """

    a: str
    b: str
    on: tuple[str, ...]
    relation: str
    equal: bool
    place: str


@dataclass(frozen=True, slots=True)
class Match:
    """Two contracts of one claim, by their numbers among the instruments."""

    a: int
    b: int
    row: MatchRow


def read_matches(path: Path) -> tuple[MatchRow, ...]:
    """Read a file of matches; there are none where there is no file.

    Raises
    ------
    ConfigError
        ``bad_matches``, ``unknown_key`` or ``bad_pattern``, with file and row.
    """
    if not path.is_file():
        return ()
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"expected YAML in {path}, was {error}", code="bad_matches") from error
    return parse_matches(rows, str(path))


def parse_matches(rows: Any, origin: str) -> tuple[MatchRow, ...]:
    """Check rows of matches that were read from somewhere; see :func:`read_matches`."""
    if rows is None:
        return ()
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise ConfigError(
            f"expected a list of matches in {origin}, was {type(rows).__name__}", code="bad_matches",
            hint='- {a: "kalshi:KXBTC15M-*", b: "polymarket:btc-updown-15m-*", on: [close_time], relation: identity}',
        )
    return tuple(_row(row, f"row {number} of {origin}") for number, row in enumerate(rows, start=1))


def _row(row: Any, place: str) -> MatchRow:
    if not isinstance(row, Mapping):
        raise _wrong(place, "keys and values", row)
    row = {"on" if key is True else key: value for key, value in row.items()}  # YAML reads a bare on as true
    for key in row:
        if key not in _KEYS:
            raise ConfigError(
                f"expected {', '.join(_KEYS)} in {place}, was {key!r}", code="unknown_key",
                hint=suggest(str(key), _KEYS), details={"key": key, "place": place},
            )
    a, b = _pattern(row.get("a"), "a", place), _pattern(row.get("b"), "b", place)
    if a.partition(":")[0] == b.partition(":")[0]:
        raise _wrong(place, "two venues", f"{a} and {b}")
    relation = row.get("relation", IDENTITY)
    if relation not in RELATIONS:
        raise _wrong(place, f"relation {', '.join(RELATIONS)}", relation, suggest(str(relation), RELATIONS))
    on = row.get("on", ())
    if not isinstance(on, list | tuple):
        raise _wrong(place, "a list of attributes as on", on)
    for name in on:
        if name not in ATTRIBUTES:
            raise _wrong(place, f"on of {', '.join(ATTRIBUTES)}", name, suggest(str(name), ATTRIBUTES))
    adjudicated = row.get("adjudicated")
    if adjudicated not in (None, "equal"):
        raise _wrong(place, "adjudicated: equal, or nothing", adjudicated)
    if adjudicated and relation == OVERLAP:
        raise _wrong(place, "adjudicated: equal with identity or complement", OVERLAP)
    return MatchRow(a, b, tuple(on), relation, adjudicated == "equal", place)


def _pattern(value: Any, key: str, place: str) -> str:
    venue, colon, symbol = value.partition(":") if isinstance(value, str) else ("", "", "")
    if not (venue and colon and symbol) or "*" in venue or not set(_GLOB).isdisjoint(value):
        raise ConfigError(
            f"expected {key}: venue:symbol, with * in the symbol at most, in {place}, was {value!r}",
            code="bad_pattern", details={"place": place, "key": key},
        )
    return str(value)


def _wrong(place: str, expected: str, was: Any, hint: str = "") -> ConfigError:
    return ConfigError(
        f"expected {expected} in {place}, was {was!r}", code="bad_matches", hint=hint, details={"place": place}
    )


def match_instruments(rows: Iterable[MatchRow], instruments: Sequence[Instrument]) -> tuple[list[Match], list[str]]:
    """Find the pairs of contracts that rows mean; with them what a reader must know.

    Raises
    ------
    ConfigError
        ``matched_twice`` if a contract has two partners at one venue; ``polarity`` if a relation is the wrong way
        round; ``not_identical`` if strikes differ, or if what was found equal settles on another source.
    """
    found: list[Match] = []
    warnings: list[str] = []
    partner: dict[tuple[int, str], Match] = {}
    for row in rows:
        sides = [_fitting(pattern, instruments) for pattern in (row.a, row.b)]
        by_key: dict[tuple[Any, ...], list[int]] = {}
        for number in sides[1]:
            by_key.setdefault(_key(instruments[number], row.on), []).append(number)
        for a in sides[0]:
            key = _key(instruments[a], row.on)
            for b in by_key.get(key, ()) if None not in key else ():
                match = Match(a, b, row)
                _only_one(match, instruments, partner)
                warnings += _compared(match, instruments)
                found.append(match)
    return found, list(dict.fromkeys(warnings))


def _fitting(pattern: str, instruments: Sequence[Instrument]) -> list[int]:
    venue, _, symbol = pattern.partition(":")
    return [
        number for number, each in enumerate(instruments)
        if each.venue == venue and each.kind is InstrumentKind.CONTRACT and fnmatchcase(each.symbol, symbol)
    ]


def _key(instrument: Instrument, on: Sequence[str]) -> tuple[Any, ...]:
    """Values that must be equal; what is missing equals nothing, but an end that a kind of strike does not have."""
    return tuple(_value(instrument, name) for name in on)


def _value(instrument: Instrument, name: str) -> Any:
    value = getattr(instrument, name) or None
    if name not in ("strike_low", "strike_high"):
        return value
    if value is None:
        return "no end" if instrument.strike_type else None
    return Decimal(value)  # 100 is 100.00


def _only_one(match: Match, instruments: Sequence[Instrument], partner: dict[tuple[int, str], Match]) -> None:
    for one, other in ((match.a, match.b), (match.b, match.a)):
        before = partner.setdefault((one, instruments[other].venue), match)
        if before is not match:
            names = [instruments[before.b if before.a == one else before.a].id, instruments[other].id]
            raise ConfigError(
                f"expected one match of {instruments[one].id} at {instruments[other].venue} in {match.row.place}, was "
                f"{names[0]} ({before.row.place}) and {names[1]}", code="matched_twice",
                hint="name more attributes in on: open_time, close_time, strike_low",
                details={"contract": instruments[one].id, "place": match.row.place},
            )


def _compared(match: Match, instruments: Sequence[Instrument]) -> list[str]:
    """Hold a match against what both contracts settle on, as far as that is known."""
    row, pair = match.row, (instruments[match.a], instruments[match.b])
    specs = [_spec(each) for each in pair]
    one, other = specs
    if row.relation == OVERLAP or one is None or other is None:
        return []
    names = f"{pair[0].id} and {pair[1].id} of {row.place}"
    ways = [1 if spec.comparison in _ABOVE else -1 if spec.comparison in _BELOW else 0 for spec in (one, other)]
    turned = row.relation == COMPLEMENT
    if ways[0] and ways[1] and (ways[0] == ways[1]) == turned:
        raise ConfigError(
            f"expected {names} to be {'opposites' if turned else 'the same'}, was {one.comparison} and "
            f"{other.comparison}", code="polarity", details={"place": row.place},
            hint=f"relation: {IDENTITY if turned else COMPLEMENT}",
        )
    strikes = [{spec.low, spec.high} - {None} for spec in (one, other)]
    if strikes[0] != strikes[1] and strikes[0] and strikes[1]:
        raise ConfigError(
            f"expected equal strikes of {names}, was {_listed(strikes[0])} and {_listed(strikes[1])}",
            code="not_identical", hint="name strike_low or strike_high in on, or relation: overlap",
            details={"place": row.place},
        )
    times = [spec.observable.at_ns for spec in (one, other)]
    if None not in times and times[0] != times[1]:
        raise ConfigError(
            f"expected one time of settlement of {names}, was {_listed(map(format_ns, filter(None, times)))}",
            code="not_identical", hint="name close_time in on, or relation: overlap", details={"place": row.place},
        )
    sources = [spec.observable.source for spec in (one, other)]
    if sources[0] == sources[1]:
        return []
    if row.equal:
        raise ConfigError(
            f"expected one source of settlement for what was found equal, {names} have {sources[0]} and {sources[1]}",
            code="not_identical", hint="relation: overlap, or leave out adjudicated", details={"place": row.place},
        )
    return [f"{row.place} matches contracts that settle on {sources[0]} and on {sources[1]}: they can differ"]


def _spec(instrument: Instrument) -> SettlementSpec | None:
    try:
        return settlement_of(instrument)
    except DataError:
        return None


def _listed(values: Iterable[Any]) -> str:
    return " to ".join(sorted(map(str, values)))


__all__ = [
    "ATTRIBUTES", "COMPLEMENT", "FILE_NAME", "IDENTITY", "OVERLAP", "RELATIONS", "Match", "MatchRow",
    "match_instruments", "parse_matches", "read_matches",
]  # fmt: skip
