"""Declared data sources: entries of ``data_sources`` in ``ntp.toml`` and ``sources/*.yaml``."""

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ntp.core import ConfigError, parse_duration, suggest
from ntp.data.mapping import EMITS, KEYS, Mapping, check_keys, load_yaml, one_of

FILE_TYPES: Final = ("csv", "parquet", "jsonl", "sqlite")
TYPES: Final = ("websocket", "rest_api", *FILE_TYPES, "postgresql", "mongodb")
FORMATS: Final = ("json", "csv", "msgpack")
_TRANSPORT: Final = (
    "name",
    "type",
    "url",
    "path",
    "auth_type",
    "message_format",
    "subscribe",
    "poll_interval",
    "query",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredSource:
    """A data source as the configuration declares it.

    Attributes
    ----------
    name, type : str
        Its name and transport.
    url, path : str
        Where it is; files have a path.
    auth_type : str
        ``none``, ``api_key``, ``bearer_token``, ``basic``, ``hmac`` or a venue's own.
    message_format : str
        ``json``, ``csv`` or ``msgpack``.
    subscribe : dict
        Message that asks for symbols.
    poll_interval : int or None
        Nanoseconds between requests.
    mapping : Mapping
        What its records mean.
    """

    name: str
    type: str
    url: str = ""
    path: str = ""
    auth_type: str = "none"
    message_format: str = "json"
    subscribe: dict[str, Any] = field(default_factory=dict)
    poll_interval: int | None = None
    query: str = ""
    mapping: Mapping = field(default_factory=Mapping)

    @property
    def has_file(self) -> bool:
        """Whether it says where its file is."""
        return bool(self.path or self.url)

    def describe(self) -> dict[str, Any]:
        """Tell the settings in JSON types; `columns` are those that its mapping reads."""
        every = None if self.poll_interval is None else self.poll_interval / 1e9
        rules = self.mapping
        return {
            "type": self.type, "url": self.url, "path": self.path, "auth_type": self.auth_type,
            "message_format": self.message_format, "poll_interval_s": every, "emits": rules.emits or None,
            "kind": rules.kind or "contract", "venue": rules.venue or None, "columns": sorted(rules.columns),
        }  # fmt: skip

    def require_file(self, base: Path) -> Path:
        """File or folder of the source, relative to a folder.

        Raises
        ------
        ConfigError
            ``not_available_yet`` if it is not a file.
        """
        if self.type not in FILE_TYPES:
            raise ConfigError(
                f"expected data source {self.name!r} of type {', '.join(FILE_TYPES)}, was {self.type!r}, "
                "which is not available yet",
                code="not_available_yet",
                hint="store a file of it and import that",
                details={"source": self.name},
            )
        return base / (self.path or self.url.removeprefix("file://"))


def parse_sources(raw: Any) -> list[DeclaredSource]:
    """Check declared sources: a table with ``data_sources``, or the list itself.

    Raises
    ------
    ConfigError
        With a suggestion where a key, type or format is unknown, or a name is used twice.
    """
    entries = raw.get("data_sources", []) if isinstance(raw, MappingType) else raw
    if not isinstance(entries, list):
        raise ConfigError(f"expected a list of data_sources, was {entries!r}", code="bad_source")
    found = [_source(entry) for entry in entries]
    names = [source.name for source in found]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"expected each data source once, was {name!r} twice", code="duplicate_source")
    return found


def load_sources(path: Path) -> list[DeclaredSource]:
    """Read the declared sources of a YAML file."""
    return parse_sources(load_yaml(path) or [])


def load_mapping(given: Mapping | MappingType[str, Any] | Path | str) -> Mapping:
    """Read a mapping from a table, a YAML file, or a YAML file that declares one source.

    Raises
    ------
    ConfigError
        If it is none of these or breaks a rule of the language.
    """
    if isinstance(given, Mapping):
        return given
    raw = load_yaml(Path(given)) if isinstance(given, Path | str) else given
    if isinstance(raw, MappingType) and "data_sources" in raw:
        sources = parse_sources(raw)
        if len(sources) != 1:
            raise ConfigError(
                f"expected one data source in the mapping, were {len(sources)}",
                code="bad_mapping",
                hint=suggest("", [source.name for source in sources]),
            )
        return sources[0].mapping
    if not isinstance(raw, MappingType):
        raise ConfigError(f"expected a table as mapping, was {type(raw).__name__}", code="bad_mapping")
    if "type" in raw:
        return _source(raw).mapping
    return Mapping.from_dict(raw)


def _source(raw: Any) -> DeclaredSource:
    check_keys(raw, tuple(dict.fromkeys((*_TRANSPORT, *KEYS))), "a data source")
    for key in ("name", "type"):
        if not raw.get(key):
            raise ConfigError(f"expected a {key} of the data source, was {dict(raw)}", code="bad_source")
    kind = one_of(raw["type"], TYPES, "type")
    poll = raw.get("poll_interval")
    if isinstance(poll, int | float) and not isinstance(poll, bool):
        poll = f"{poll}s"
    subscribe = raw.get("subscribe", {})
    if not isinstance(subscribe, MappingType):
        raise ConfigError(f"expected a table for subscribe, was {subscribe!r}", code="bad_source")
    one_of(raw.get("emits", ""), EMITS, "emits")
    return DeclaredSource(
        name=str(raw["name"]),
        type=kind,
        url=str(raw.get("url", "")),
        path=str(raw.get("path", "")),
        auth_type=str(raw.get("auth_type", "none")),
        message_format=one_of(raw.get("message_format", "json"), FORMATS, "message_format"),
        subscribe=dict(subscribe),
        poll_interval=None if poll is None else parse_duration(poll),
        query=str(raw.get("query", "")),
        mapping=Mapping.from_dict({key: value for key, value in raw.items() if key in KEYS}),
    )
