"""The mapping language: how raw records of any source become unified events."""

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import yaml

from ntp.core import ConfigError, suggest
from ntp.data.mapping_value import Value, parse_value

KINDS: Final = ("contract", "asset", "forecast", "reference")
EMITS: Final = (
    "trade",
    "quote",
    "book",
    "candle",
    "index",
    "game",
    "forecast",
    "custom",
    "settlement",
    "reference",
)
TIMES: Final = ("timestamp", "issued_at", "valid_at", "open_time", "close_time", "settlement_time")
CANDLE_PRICES: Final = (
    "open",
    "high",
    "low",
    "close",
    "bid_open",
    "bid_high",
    "bid_low",
    "bid_close",
    "ask_open",
    "ask_high",
    "ask_low",
    "ask_close",
)
PRICES: Final = ("price", "bid", "ask", *CANDLE_PRICES)
SIZES: Final = ("volume", "size", "bid_size", "ask_size")
NUMBERS: Final = ("value", "sd", "fee_multiplier")
TEXTS: Final = (
    "symbol",
    "venue",
    "event",
    "series",
    "title",
    "category",
    "group",
    "strike_type",
    "strike_low",
    "strike_high",
    "fee_type",
    "station",
    "variable",
    "model",
)
TARGETS: Final = (
    *TIMES,
    *PRICES,
    *SIZES,
    *NUMBERS,
    *TEXTS,
    "sequence",
    "side",
    "taker",
    "action",
    "interval",
    "result",
)
KEYS: Final = (
    "name",
    "emits",
    "kind",
    "venue",
    "symbol",
    "sort",
    "stamp",
    "interval",
    "mappings",
    "custom_fields",
    "csv",
    "where",
    "received",
    "unpivot",
    "book",
    "drop",
    "later",
    "table",
)
_CSV: Final = ("delimiter", "decimal", "encoding", "header", "skip")
_BOOK: Final = ("levels", "first", "bid", "bid_size", "ask", "ask_size", "bids", "asks", "unit")


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvOptions:
    """How a text file is cut: `header` tells whether it names its columns, `skip` rows before them."""

    delimiter: str = ","
    decimal: str = "."
    encoding: str = "utf8"
    header: bool | tuple[str, ...] = True
    skip: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpivot:
    """Columns that are values of one quantity: each becomes a row.

    `columns` is a pattern such as ``*_tmax_f``; what the star stands for becomes the raw column
    `name`, the value the raw column `value`.
    """

    columns: tuple[str, ...]
    name: str = "name"
    value: str = "value"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLevels:
    """Columns that are a full book image: patterns with ``{n}``, or two columns of lists of (price, size)."""

    levels: int = 0
    first: int = 1
    bid: str = ""
    bid_size: str = ""
    ask: str = ""
    ask_size: str = ""
    bids: str = ""
    asks: str = ""
    unit: str = "dollars"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Checked mapping of raw records to unified events.

    Attributes
    ----------
    name : str
        Source name in the catalog; empty to use the venue.
    emits : str
        Kind of the rows; empty to infer it from the targets.
    kind : str
        ``contract``, ``asset``, ``forecast`` or ``reference``; empty for contract.
    venue, symbol : str
        Of all rows that do not say otherwise.
    sort : bool
        Whether times may go backwards in the file.
    stamp : str
        Whether a candle's timestamp is its ``start`` or its ``end``.
    mappings, custom_fields : dict
        Values by target and by name of a custom field.
    where : dict
        Conditions by column.
    received : Value or None
        Time from which a row was known.
    drop : tuple of str
        Patterns of columns that are not read, unless something else names them.
    later : dict
        Time value by raw column that is only known from that time.
    strict : bool
        Whether one bad row refuses the file; without a hand-written mapping it does.
    """

    name: str = ""
    emits: str = ""
    kind: str = ""
    venue: str = ""
    symbol: str = ""
    sort: bool = False
    stamp: str = "end"
    mappings: dict[str, Value] = field(default_factory=dict)
    custom_fields: dict[str, Value] = field(default_factory=dict)
    csv: CsvOptions = field(default_factory=CsvOptions)
    where: dict[str, Any] = field(default_factory=dict)
    received: Value | None = None
    unpivot: Unpivot | None = None
    book: BookLevels | None = None
    drop: tuple[str, ...] = ()
    later: dict[str, Value] = field(default_factory=dict)
    table: str = ""
    strict: bool = False

    @property
    def columns(self) -> set[str]:
        """Raw columns that it names."""
        values = [*self.mappings.values(), *self.custom_fields.values(), *self.later.values()]
        if self.received is not None:
            values.append(self.received)
        return {value.column for value in values if value.column} | set(self.later)

    def drops(self, column: str) -> bool:
        """Whether a pattern of `drop` fits a raw column; one that is named elsewhere is read all the same."""
        return any(fnmatchcase(column, pattern) for pattern in self.drop)

    @classmethod
    def from_dict(cls, raw: MappingType[str, Any]) -> "Mapping":
        """Check a mapping as YAML or Python gives it.

        Raises
        ------
        ConfigError
            With a suggestion where a key, kind or target is unknown.
        """
        check_keys(raw, KEYS, "mapping")
        mappings = _values(raw.get("mappings", {}), "mappings")
        for target in mappings:
            if target not in TARGETS:
                raise ConfigError(
                    f"expected a field of unified events in mappings, was {target!r}",
                    code="unknown_key",
                    hint=f"{suggest(target, TARGETS)}; a field of your own belongs under custom_fields",
                )
        if "interval" in raw:
            mappings.setdefault("interval", parse_value({"const": raw["interval"]}, "interval"))
        received = raw.get("received")
        return cls(
            name=str(raw.get("name", "")),
            emits=one_of(raw.get("emits", ""), EMITS, "emits"),
            kind=one_of(raw.get("kind", ""), KINDS, "kind"),
            venue=str(raw.get("venue", "")),
            symbol=str(raw.get("symbol", "")),
            sort=_flag(raw.get("sort", False), "sort"),
            stamp=one_of(raw.get("stamp", "end"), ("start", "end"), "stamp"),
            mappings=mappings,
            custom_fields=_values(raw.get("custom_fields", {}), "custom_fields"),
            csv=parse_csv(raw.get("csv", {})),
            where=_where(raw.get("where", {})),
            received=None if received is None else parse_value(received, "received"),
            unpivot=_unpivot(raw["unpivot"]) if "unpivot" in raw else None,
            book=_book(raw["book"]) if "book" in raw else None,
            drop=_names(raw.get("drop", []), "drop"),
            later=_later(raw.get("later", {})),
            table=str(raw.get("table", "")),
        )

    @classmethod
    def load(cls, path: Path) -> "Mapping":
        """Read a mapping from a YAML file.

        Raises
        ------
        ConfigError
            If the file is not YAML, not a table, or breaks a rule of the language.
        """
        raw = load_yaml(path)
        if isinstance(raw, MappingType):
            return cls.from_dict(raw)
        raise ConfigError(
            f"expected a table in {path}, was {type(raw).__name__}",
            code="bad_mapping",
            details={"file": str(path)},
        )


def load_yaml(path: Path) -> Any:
    """Content of a YAML file.

    Raises
    ------
    ConfigError
        If it cannot be read.
    """
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(
            f"expected YAML in {path}, was {error}", code="bad_yaml", details={"file": str(path)}
        ) from error


def check_keys(raw: Any, known: tuple[str, ...], where: str) -> None:
    """Refuse what is not a table or has unknown keys.

    Raises
    ------
    ConfigError
        With a suggestion.
    """
    if not isinstance(raw, MappingType):
        raise ConfigError(f"expected a table for {where}, was {raw!r}", code="bad_mapping")
    for key in raw:
        if key not in known:
            raise ConfigError(
                f"expected a key of {where}, was {key!r}", code="unknown_key", hint=suggest(str(key), known)
            )


def one_of(raw: Any, known: tuple[str, ...], where: str) -> str:
    """Check a word of a closed set; empty is allowed.

    Raises
    ------
    ConfigError
        With a suggestion.
    """
    if raw and raw not in known:
        raise ConfigError(
            f"expected {where} to be one of {', '.join(known)}, was {raw!r}",
            code="unknown_choice",
            hint=suggest(str(raw), known),
        )
    return str(raw)


def parse_csv(raw: Any) -> CsvOptions:
    """Check the options of text files."""
    check_keys(raw, _CSV, "csv")
    header = raw.get("header", True)
    delimiter, decimal = str(raw.get("delimiter", ",")), str(raw.get("decimal", "."))
    if len(delimiter) != 1 or decimal not in (".", ","):
        raise ConfigError(
            f"expected a delimiter of one character and the decimal '.' or ',', "
            f"was {delimiter!r} and {decimal!r}",
            code="bad_csv",
        )
    return CsvOptions(
        delimiter=delimiter,
        decimal=decimal,
        encoding=str(raw.get("encoding", "utf8")),
        header=header if isinstance(header, bool) else _names(header, "csv.header"),
        skip=int(raw.get("skip", 0)),
    )


def _flag(raw: Any, where: str) -> bool:
    if not isinstance(raw, bool):
        raise ConfigError(f"expected true or false for {where}, was {raw!r}", code="bad_mapping")
    return raw


def _values(raw: Any, where: str) -> dict[str, Value]:
    if not isinstance(raw, MappingType):
        raise ConfigError(f"expected a table for {where}, was {raw!r}", code="bad_mapping")
    return {str(key): parse_value(value, f"{where}.{key}") for key, value in raw.items()}


def _names(raw: Any, where: str) -> tuple[str, ...]:
    if isinstance(raw, str):
        raw = [raw]
    if not isinstance(raw, list | tuple):
        raise ConfigError(f"expected a list of names for {where}, was {raw!r}", code="bad_mapping")
    return tuple(_column(str(item), where) for item in raw)


def _column(path: str, where: str) -> str:
    value = parse_value(path, where)
    return value.column


def _where(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, MappingType):
        raise ConfigError(f"expected a table of column and value for where, was {raw!r}", code="bad_mapping")
    operators = ("eq", "ne", "gt", "ge", "lt", "le", "in", "not_in")
    for condition in raw.values():
        if isinstance(condition, MappingType):
            check_keys(condition, operators, "a where condition")
    return {_column(str(key), "where"): value for key, value in raw.items()}


def _later(raw: Any) -> dict[str, Value]:
    if not isinstance(raw, MappingType):
        raise ConfigError(f"expected a table of field and time for later, was {raw!r}", code="bad_mapping")
    return {_column(str(key), "later"): parse_value(value, f"later.{key}") for key, value in raw.items()}


def _unpivot(raw: Any) -> Unpivot:
    check_keys(raw, ("columns", "name", "value"), "unpivot")
    if "columns" not in raw:
        raise ConfigError("expected columns in unpivot, there are none", code="bad_mapping")
    return Unpivot(
        columns=_names(raw["columns"], "unpivot.columns"),
        name=str(raw.get("name", "name")),
        value=str(raw.get("value", "value")),
    )


def _book(raw: Any) -> BookLevels:
    check_keys(raw, _BOOK, "book")
    given = {key: raw[key] for key in _BOOK if key in raw}
    for key in ("bid", "bid_size", "ask", "ask_size", "bids", "asks"):
        if key in given:
            given[key] = _column(str(given[key]), f"book.{key}")
    book = BookLevels(**given)
    lists = bool(book.bids and book.asks)
    levels = bool(book.levels and book.bid and book.bid_size and book.ask and book.ask_size)
    if lists == levels:
        raise ConfigError(
            "expected levels, bid, bid_size, ask and ask_size in book, or bids and asks",
            code="bad_mapping",
            hint="book: {levels: 5, bid: 'bid_px_{n}', bid_size: 'bid_sz_{n}', ask: 'ask_px_{n}', "
            "ask_size: 'ask_sz_{n}'}",
        )
    one_of(book.unit, ("dollars", "cents"), "book.unit")
    return book
