"""Unified events as objects: what a source's author writes and a person reads."""

import json
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as MappingType
from datetime import date, datetime
from typing import Any, Final

import polars as pl

from ntp.core import CASH_ONE, PRICE_SCALE, SIZE_ONE, Absent, ConfigError, parse_time, to_datetime
from ntp.data.defaults import default_mapping
from ntp.data.emit import USED
from ntp.data.faults import Quarantine
from ntp.data.mapping import PRICES, SIZES, Mapping, one_of
from ntp.data.rows import Frames, RowMapper
from ntp.data.schema import SCHEMAS, Kind

_FIELDS: Final = tuple(
    dict.fromkeys(name for names in USED.values() for name in names if name not in ("settlement_time",))
)
_HEADER: Final = ("ts_event", "ts_recv", "symbol", "sequence", "flags")


class EventData:
    """Values of one event; reading one that is not there raises :class:`ntp.core.Absent`.

    Names of the default columns (``price``, ``volume``, ``bid``, ``ask``, …) are fields, all others are
    `custom_fields`.

    Parameters
    ----------
    values : Mapping
        Values by name; None means absent. A table ``custom_fields`` in it is opened up.
    """

    __slots__ = ("_values", "custom_fields")

    def __init__(self, values: MappingType[str, Any]) -> None:
        given = dict(values)
        custom = dict(given.pop("custom_fields", None) or {})
        self._values = {name: given[name] for name in given if name in _FIELDS and given[name] is not None}
        custom |= {name: value for name, value in given.items() if name not in _FIELDS}
        self.custom_fields: dict[str, Any] = custom

    def __getattr__(self, name: str) -> Any:
        if name in _FIELDS:
            if name in self._values:
                return self._values[name]
            raise Absent(name)
        if not name.startswith("_") and name in self.custom_fields:
            return self.custom_fields[name]
        raise AttributeError(f"expected a field of an event, was {name!r}")

    def get(self, name: str, default: Any = None) -> Any:
        """Value of a field or custom field, the default if it is absent."""
        return self._values.get(name, self.custom_fields.get(name, default))

    def to_dict(self) -> dict[str, Any]:
        """Fields that are there, custom ones under ``custom_fields``."""
        return self._values | ({"custom_fields": self.custom_fields} if self.custom_fields else {})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EventData) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"EventData({self.to_dict()!r})"


class UnifiedMarketEvent:
    """One thing that a source told, at one time, of one symbol.

    Parameters
    ----------
    timestamp : int, float, str, date or datetime
        When it happened: nanoseconds, another epoch number, ISO 8601 text or a datetime; UTC unless
        it says otherwise.
    source : str
        Who told it.
    symbol : str
        What it is about.
    data : Mapping or EventData
        Its values, named as the default columns; the rest become custom fields.
    kind : Kind or str, optional
        What it is. By default ``bid`` or ``ask`` make it a quote, ``price`` a trade, both make it
        both, anything else is custom.
    received : int, float, str, date or datetime, optional
        From when it was known.
    """

    __slots__ = ("_kind", "data", "received", "source", "symbol", "ts")

    def __init__(
        self,
        timestamp: int | float | str | date | datetime,
        source: str,
        symbol: str,
        data: MappingType[str, Any] | EventData,
        *,
        kind: Kind | str | None = None,
        received: int | float | str | date | datetime | None = None,
    ) -> None:
        self.ts = parse_time(timestamp)
        self.source = source
        self.symbol = symbol
        self.data = data if isinstance(data, EventData) else EventData(data)
        self.received = None if received is None else parse_time(received)
        self._kind = None if kind is None else Kind(one_of(str(kind), tuple(Kind), "kind"))

    @property
    def timestamp(self) -> datetime:
        """When it happened, an aware datetime."""
        return to_datetime(self.ts)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Kinds of rows that it stands for."""
        if self._kind is not None:
            return (self._kind,)
        quote = self.data.get("bid") is not None or self.data.get("ask") is not None
        trade = self.data.get("price") is not None
        return (*((Kind.QUOTE,) if quote else ()), *((Kind.TRADE,) if trade else ())) or (Kind.CUSTOM,)

    @property
    def kind(self) -> Kind:
        """First of its kinds."""
        return self.kinds[0]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UnifiedMarketEvent) and all(
            getattr(self, name) == getattr(other, name) for name in self.__slots__
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return (
            f"UnifiedMarketEvent({self.timestamp.isoformat()!r}, {self.source!r}, {self.symbol!r}, "
            f"{self.data.to_dict()!r}, kind={self.kind.value!r})"
        )


UnifiedEvent = UnifiedMarketEvent


def events_to_frames(
    events: Iterable[UnifiedMarketEvent], *, kind: str = "contract", price_scale: int = PRICE_SCALE,
    name: str = "events", first: int = 1,
) -> Frames:
    """Rows of events, in their order, in the schema of each kind.

    A price without a volume is no print: it becomes a price observation (kind index). Custom fields
    become rows of kind custom beside it.

    Parameters
    ----------
    events : iterable of UnifiedMarketEvent
        What a source told.
    kind : str
        ``contract`` or ``asset``.
    price_scale : int
        Price scale of the symbols.
    name, first : str, int
        Who told them and the number of the first, for errors.

    Raises
    ------
    DataError
        If a value breaks the rules of its kind; nothing is converted then.
    """
    records: dict[str, list[dict[str, Any]]] = {}
    for number, event in enumerate(events, start=first):
        for record_kind, record in _records(event, number):
            records.setdefault(record_kind, []).append(record)
    found: dict[Kind, list[pl.DataFrame]] = {}
    for emits, rows in records.items():
        for row_kind, frame in _frames(emits, rows, kind, price_scale, name).items():
            found.setdefault(row_kind, []).append(frame)
    return {row_kind: pl.concat(frames) for row_kind, frames in found.items()}


def _records(event: UnifiedMarketEvent, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    header = {"timestamp": event.ts, "symbol": event.symbol, "received": event.received, "_number": number}
    custom = dict(event.data.custom_fields)
    for position, kind in enumerate(event.kinds):
        emits = kind.value
        if emits in ("lifecycle", "settlement") and "result" not in event.data.to_dict():
            emits = "settlement" if event.data.get("value") is not None else "custom"
        if kind is Kind.TRADE and event.data.get("volume", event.data.get("size")) is None:
            emits = "index"
        fields = {name: event.data.get(name) for name in USED[emits] if event.data.get(name) is not None}
        if emits == "quote":
            fields.pop("price", None)  # a price beside a quote is a row of its own
        yield emits, header | fields | (custom if position == 0 else {})


def _frames(emits: str, rows: list[dict[str, Any]], kind: str, scale: int, told_by: str) -> Frames:
    names = dict.fromkeys(name for row in rows for name in row if name != "_number")
    raw = pl.DataFrame(
        {name: [_text(row.get(name)) for row in rows] for name in names},
        schema={name: pl.String() for name in names},
    )
    mapping = default_mapping(raw.columns, Mapping(kind=kind, emits=emits, sort=True), file=told_by)
    numbers = pl.Series([row["_number"] for row in rows], dtype=pl.Int64)
    return RowMapper(mapping, Quarantine(told_by, strict=True), "", scale=scale).map(raw, numbers)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, default=str)
    return str(value)


def frame_to_events(
    kind: Kind, frame: pl.DataFrame, *, source: str, price_scale: int = PRICE_SCALE
) -> Iterator[UnifiedMarketEvent]:
    """Yield rows as objects: prices in dollars, sizes in contracts, payloads as custom fields.

    Parameters
    ----------
    kind : Kind
        What the rows are.
    frame : polars.DataFrame
        Rows in the schema of the kind.
    source : str
        Name of their source.
    price_scale : int
        Price scale of their symbols.
    """
    for row in frame.select(list(SCHEMAS[kind])).iter_rows(named=True):
        data: dict[str, Any] = {}
        for name, value in row.items():
            if name in _HEADER or value is None:
                continue
            if name == "payload":
                data |= json.loads(value)
            elif name in PRICES:
                data[name] = value / 10**price_scale
            elif name in SIZES:
                data[name] = value / SIZE_ONE
            elif name == "value" and kind is Kind.SETTLEMENT:
                data[name] = value / CASH_ONE
            else:
                data[name] = value
        if kind is Kind.TRADE:
            data["volume"] = data.pop("size", None)
        yield UnifiedMarketEvent(
            row["ts_event"], source, row["symbol"], data, kind=kind, received=row["ts_recv"]
        )


def require_event(value: Any) -> list[UnifiedMarketEvent]:
    """Events that a source's ``transform`` returned: one, a list, or None.

    Raises
    ------
    ConfigError
        If it returned something else.
    """
    if value is None:
        return []
    found = value if isinstance(value, list | tuple) else [value]
    for item in found:
        if not isinstance(item, UnifiedMarketEvent):
            raise ConfigError(
                f"expected transform to return a UnifiedEvent, a list of them or None, was {item!r}",
                code="bad_transform",
            )
    return list(found)
