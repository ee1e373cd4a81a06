"""Configuration of a workspace: `ntp.toml`, typed, frozen and with the origin of every value.

Every section is a frozen dataclass whose fields carry their own check, so that a key exists in one
place only. An unknown key is an error that names the nearest known one.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeVar

from ntp.core.errors import ConfigError
from ntp.core.suggest import suggest
from ntp.core.time import parse_duration

FILE_NAME: Final = "ntp.toml"
DEFAULT: Final = "default"
"""Origin of values that no file sets."""

_Check = Callable[[Any, str], Any]
_Section = TypeVar("_Section")


def _wrong(where: str, expected: str, value: Any) -> ConfigError:
    message = f"expected {expected} for {where}, was {value!r}"
    return ConfigError(message, code="bad_value", details={"key": where})


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise _wrong(where, "a text", value)
    return value


def _money(value: Any, where: str) -> Decimal:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        amount = Decimal(value)
        if amount.is_finite() and amount > 0:
            return amount
    raise _wrong(where, "an amount of dollars above 0", value)


def _seed(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _wrong(where, "a whole number from 0", value)
    return value


def _number(value: Any, where: str) -> float:
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and Decimal(value).is_finite() and value >= 0:
        return float(value)
    raise _wrong(where, "a number of at least 0", value)


def _positive(value: Any, where: str) -> float:
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and Decimal(value).is_finite() and value > 0:
        return float(value)
    raise _wrong(where, "a number above 0", value)


def _dollar(value: Any, where: str) -> float:
    number = _number(value, where)
    if number < 1.0:
        return number
    raise _wrong(where, "dollars from 0 to below 1", value)


def _switch(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(where, "true or false", value)
    return value


def _one_of(*choices: str) -> _Check:
    def check(value: Any, where: str) -> str:
        if value not in choices:
            raise ConfigError(
                f"expected one of {', '.join(choices)} for {where}, was {value!r}",
                code="bad_value",
                hint=suggest(str(value), choices),
                details={"key": where},
            )
        return str(value)

    return check


def _texts(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong(where, "a list of texts", value)
    return tuple(value)


def _latency(value: Any, where: str) -> str | dict[str, str]:
    """Check a duration, or a table from source (or `default`) to duration."""
    if isinstance(value, Mapping):
        return {str(source): _duration(each, f"{where}.{source}") for source, each in value.items()}
    return _duration(value, where)


def _duration(value: Any, where: str) -> str:
    text = _text(value, where)
    try:
        parse_duration(text)
    except ConfigError as error:
        raise ConfigError(f"{error.message} for {where}", code=error.code, hint=error.hint) from error
    return text


def _by(check: _Check) -> dict[str, _Check]:
    return {"check": check}


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestConfig:
    """Defaults of a backtest."""

    capital: Decimal = field(default=Decimal(10_000), metadata=_by(_money))
    """US dollars at the start"""
    fills: str = field(default="base", metadata=_by(_one_of("pessimistic", "base", "optimistic")))
    """Fill mode of the headline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """Defaults of the matching engine."""

    feed_latency: str | dict[str, str] = field(default="20ms", metadata=_by(_latency))
    """Venue to strategy, also by source."""
    order_latency: str | dict[str, str] = field(default="50ms", metadata=_by(_latency))
    """Strategy to venue, also by source."""
    queue: str = field(default="power:2", metadata=_by(_text))
    """Queue model."""
    seed: int = field(default=0, metadata=_by(_seed))
    """Start of every random stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesConfig:
    """Trading rules."""

    waive: tuple[str, ...] = field(default=(), metadata=_by(_texts))
    """Rules that do not hold; stamped on every result."""
    max_event_loss: float | None = field(default=None, metadata=_by(_positive))
    """Dollars that an event may lose in its worst state; orders beyond are cut or refused."""
    max_position: float | None = field(default=None, metadata=_by(_number))
    """Largest position in one contract, either way, whatever a strategy says."""
    enforce: tuple[str, ...] = field(default=(), metadata=_by(_texts))
    """Rules that refuse orders in backtests too, beside ``maker_only``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeConfig:
    """What an edge must reach and what it has to pay for; `ntp.pricing.edge` knows what the numbers mean."""

    threshold: float = field(default=0.05, metadata=_by(_dollar))
    """Dollars per contract from which an edge is traded."""
    scale: str = field(default="flat", metadata=_by(_one_of("flat", "variance")))
    """Whether the threshold is the same at all prices or follows p(1 - p)."""
    adverse_selection: float = field(default=0.005, metadata=_by(_dollar))
    """Dollars per contract that a maker's fill loses to who knew better, at 50 cents."""
    uncertainty: float = field(default=0.5, metadata=_by(_number))
    """Standard deviations of the fair value taken off the edge."""
    lock_up_rate: float = field(default=0.04, metadata=_by(_number))
    """Annual rate that locked cash would earn elsewhere."""
    unknown_settlement: str = field(default="30d", metadata=_by(_duration))
    """Time to settlement assumed where it is unknown."""
    smallest_fill: float = field(default=1.0, metadata=_by(_positive))
    """Contracts of the smallest fill that the rounding of fees is counted on."""
    scale_sizes: bool = field(default=True, metadata=_by(_switch))
    """Whether default and Kelly sizes shrink where realised edges are not what was predicted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountConfig:
    """Properties of the account at one venue."""

    precision: str = field(default="direct", metadata=_by(_one_of("direct", "member")))
    """Class in which the venue rounds its fees."""


_SECTIONS: Final[dict[str, type]] = {
    "backtest": BacktestConfig, "edge": EdgeConfig, "engine": EngineConfig, "rules": RulesConfig,
}
_TABLES: Final = ("accounts", "data_sources", "underlyings")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The resolved configuration.

    Attributes
    ----------
    backtest, edge, engine, rules
        Sections with a default for every key.
    accounts : Mapping of str to AccountConfig
        By venue.
    underlyings : Mapping of str to str
        Which feed stands for which index: ``{"BRTI": "coinbase:BTC-USD"}``.
    data_sources : tuple of Mapping
        Declared sources as they are written; `ntp.data` knows what their keys mean.
    origins : Mapping of str to str
        Dotted key to the file that set it; what is missing here is a default.
    """

    backtest: BacktestConfig = BacktestConfig()
    edge: EdgeConfig = EdgeConfig()
    engine: EngineConfig = EngineConfig()
    rules: RulesConfig = RulesConfig()
    accounts: Mapping[str, AccountConfig] = field(default_factory=dict)
    underlyings: Mapping[str, str] = field(default_factory=dict)
    data_sources: tuple[Mapping[str, Any], ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)

    def rows(self) -> list[tuple[str, Any, str]]:
        """Key, value and origin of everything, sorted by key."""
        values: dict[str, Any] = {}
        for name in _SECTIONS:
            section = getattr(self, name)
            values |= {f"{name}.{key.name}": getattr(section, key.name) for key in fields(section)}
        for venue, account in self.accounts.items():
            values |= {f"accounts.{venue}.{key.name}": getattr(account, key.name) for key in fields(account)}
        values |= {f"underlyings.{index}": feed for index, feed in self.underlyings.items()}
        values |= {f"data_sources.{source['name']}": source.get("type") for source in self.data_sources}
        return [(key, values[key], self.origins.get(key, DEFAULT)) for key in sorted(values)]


def load_config(path: Path) -> Config:
    """Read a configuration file.

    Parameters
    ----------
    path : Path
        A TOML file; numbers with a point are read as exact decimals.

    Raises
    ------
    ConfigError
        If the file is not TOML, holds an unknown key or a value out of range.
    """
    try:
        with path.open("rb") as file:
            document = tomllib.load(file, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"expected TOML in {path}, was {error}", code="bad_toml", details={"file": str(path)}
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"expected UTF-8 text in {path}, was {error.reason}", code="bad_toml") from error
    try:
        return parse_config(document, origin=str(path))
    except ConfigError as error:
        raise ConfigError(
            f"{error.message} in {path}", code=error.code, hint=error.hint,
            details={**error.details, "file": str(path)},
        ) from error


def parse_config(document: Mapping[str, Any], *, origin: str) -> Config:
    """Build a configuration from a parsed document; see `load_config`."""
    known = (*_SECTIONS, *_TABLES)
    for name in document:
        if name not in known:
            raise _unknown(name, known, f"section [{name}]")
    origins: dict[str, str] = {}
    sections: dict[str, Any] = {
        name: _section(kind, _table(document.get(name, {}), name), name, origin, origins)
        for name, kind in _SECTIONS.items()
    }
    accounts = {
        venue: _section(
            AccountConfig, _table(body, f"accounts.{venue}"), f"accounts.{venue}", origin, origins
        )
        for venue, body in _table(document.get("accounts", {}), "accounts").items()
    }
    underlyings = {
        index: _text(feed, f"underlyings.{index}")
        for index, feed in _table(document.get("underlyings", {}), "underlyings").items()
    }
    sources = _sources(document.get("data_sources", []))
    origins |= {f"underlyings.{index}": origin for index in underlyings}
    origins |= {f"data_sources.{source['name']}": origin for source in sources}
    return Config(
        **sections, accounts=accounts, underlyings=underlyings, data_sources=sources, origins=origins
    )


def _sources(rows: Any) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(rows, list):
        raise _wrong("data_sources", "a list of sources", rows)
    names: set[str] = set()
    for number, row in enumerate(rows, start=1):
        entry = _table(row, f"data_sources entry {number}")
        name = _text(entry.get("name"), f"data_sources entry {number}: name")
        if name in names:
            raise ConfigError(f"expected each data source once, was {name!r} twice", code="duplicate_name")
        names.add(name)
    return tuple(rows)


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(where, "a table", value)
    return value


def _section(
    kind: type[_Section], table: Mapping[str, Any], where: str, origin: str, origins: dict[str, str]
) -> _Section:
    checks = {key.name: key.metadata["check"] for key in fields(kind)}  # type: ignore[arg-type]  # a dataclass
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in checks:
            raise _unknown(key, checks, f"{where}.{key}")
        values[key] = checks[key](value, f"{where}.{key}")
        origins[f"{where}.{key}"] = origin
    return kind(**values)


def _unknown(key: str, known: Any, where: str) -> ConfigError:
    return ConfigError(
        f"expected a known key, was {where}",
        code="unknown_key",
        hint=suggest(key, known),
        details={"key": key},
    )
