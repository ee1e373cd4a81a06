"""Instruments as JSON values and as the catalog's instrument file; merging of what several files know."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import MISSING, fields, replace
from pathlib import Path
from sys import intern
from typing import Any, Final

import polars as pl

from ntp.core import ConfigError, canonical_json, sha256_json, suggest
from ntp.markets.instrument import Instrument, InstrumentKind

_KEYS: Final = ("symbol", "venue", "known_at")


def _defaults() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in fields(Instrument):
        if item.default is not MISSING:
            found[item.name] = item.default
        elif item.default_factory is not MISSING:
            found[item.name] = item.default_factory()
    return found


_DEFAULTS: Final = _defaults()
_NAMES: Final = tuple(item.name for item in fields(Instrument))
_KNOWN: Final = frozenset(_NAMES)
_SHARED: Final = frozenset(("venue", "series", "event", "group", "category", "strike_type", "title"))
"""Attributes whose texts many instruments share; each text is kept once."""


def instrument_to_dict(instrument: Instrument) -> dict[str, Any]:
    """JSON object of an instrument; attributes at their default are left out."""
    found: dict[str, Any] = {}
    for name in _NAMES:
        value = getattr(instrument, name)
        if name in _DEFAULTS and value == _DEFAULTS[name]:
            continue
        if name == "tick_bands":
            value = [list(band) for band in value]
        found[name] = value.value if isinstance(value, InstrumentKind) else value
    return found


def instrument_from_dict(record: dict[str, Any]) -> Instrument:
    """Instrument of a JSON object as :func:`instrument_to_dict` makes it.

    Raises
    ------
    ConfigError
        If an attribute is unknown.
    """
    if not record.keys() <= _KNOWN:
        name = next(each for each in record if each not in _KNOWN)
        raise ConfigError(
            f"expected an attribute of an instrument, was {name!r}", code="unknown_key", hint=suggest(name, _NAMES)
        )
    values: dict[str, Any] = {
        name: intern(value) if name in _SHARED and isinstance(value, str) else value for name, value in record.items()
    }
    if "kind" in values:
        values["kind"] = InstrumentKind(values["kind"])
    if "tick_bands" in values:
        values["tick_bands"] = tuple((int(a), int(b), int(c)) for a, b, c in values["tick_bands"])
    return Instrument(**values)


def merge_instruments(instruments: Iterable[Instrument]) -> list[Instrument]:
    """One instrument per (venue, symbol, time known), sorted, whatever the order of the input.

    What only one record knows is kept; where two know different values of an attribute the one whose
    canonical text is greater stays, so that the result does not depend on the order of imports. A
    record without a venue joins that of the only venue which has its symbol.
    """
    groups: dict[tuple[str, str, int | None], list[Instrument]] = defaultdict(list)
    venues: dict[str, set[str]] = defaultdict(set)
    listed = list(instruments)
    for item in listed:
        if item.venue:
            venues[item.symbol].add(item.venue)
    for item in listed:
        venue = item.venue
        if not venue and len(venues[item.symbol]) == 1:
            (venue,) = venues[item.symbol]
        groups[venue, item.symbol, item.known_at].append(replace(item, venue=venue))
    ordered = sorted(groups, key=lambda key: (key[0], key[1], key[2] is not None, key[2] or 0))
    return [_merge(groups[key]) for key in ordered]


def _merge(same: list[Instrument]) -> Instrument:
    first = same[0]
    if len(same) == 1:
        return first
    values: dict[str, Any] = {name: getattr(first, name) for name in _KEYS}
    for name in _NAMES:
        if name in _KEYS:
            continue
        known = [value for item in same if (value := getattr(item, name)) != _DEFAULTS[name]]
        if name in ("attributes", "fee_schedule"):
            values[name] = _merge_objects(known)
        else:
            values[name] = max(known, key=canonical_json, default=_DEFAULTS[name])
    return Instrument(**values)


def _merge_objects(objects: list[dict[str, Any]]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for key in sorted({key for item in objects for key in item}):
        merged[key] = max((item[key] for item in objects if key in item), key=canonical_json)
    return merged


def write_instruments(instruments: list[Instrument], path: Path) -> None:
    """Write merged instruments as Parquet: a few columns for other tools, and the whole record as JSON."""
    rows = [
        {
            "venue": item.venue,
            "symbol": item.symbol,
            "kind": item.kind.value,
            "series": item.series,
            "event": item.event,
            "open_time": item.open_time,
            "close_time": item.close_time,
            "record": canonical_json(instrument_to_dict(item)),
        }
        for item in instruments
    ]
    schema = {
        "venue": pl.String(),
        "symbol": pl.String(),
        "kind": pl.String(),
        "series": pl.String(),
        "event": pl.String(),
        "open_time": pl.Int64(),
        "close_time": pl.Int64(),
        "record": pl.String(),
    }
    pl.DataFrame(rows, schema=schema).write_parquet(path, compression="zstd")


def read_instruments(path: Path) -> list[Instrument]:
    """Instruments of a file that :func:`write_instruments` wrote."""
    records = pl.read_parquet(path, columns=["record"])["record"].to_list()
    return [instrument_from_dict(json.loads(record)) for record in records]


def instruments_hash(instruments: list[Instrument]) -> str:
    """Digest of merged instruments."""
    return sha256_json([instrument_to_dict(item) for item in instruments])
