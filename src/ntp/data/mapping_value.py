"""One value of the mapping language: where it is found and how it reads."""

import re
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ntp.core import ConfigError, suggest

TIME_UNITS: Final = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
MONEY_UNITS: Final = {"dollars": Fraction(1), "cents": Fraction(1, 100)}
_KEYS: Final = ("path", "const", "unit", "format", "zone", "scale", "complement", "values", "absent")
_STEP: Final = re.compile(r"\[(\d+)\]|\['([^']+)'\]|\.?([^.\[\]]+)")


@dataclass(frozen=True, slots=True)
class Value:
    """How one target of a mapping is read.

    Attributes
    ----------
    column : str
        Name of the raw column: the path without ``$.``, nested names joined by dots. Empty for a constant.
    within : str
        JSON path inside a column that holds lists, for example ``$[0].price``; empty else.
    const : object
        The value itself where there is no path.
    unit : str
        ``s``, ``ms``, ``us``, ``ns`` of times, ``cents`` or ``dollars`` of prices; empty to detect.
    format : str
        ``strftime`` pattern of times.
    zone : str
        Zone of times without one, UTC unless given.
    scale : Fraction
        Factor that the raw number is multiplied by.
    complement : bool
        Whether a price is of NO (it becomes one dollar minus it) or a side is of NO (it turns round).
    values : dict
        Replacements of raw texts.
    absent : tuple of str
        Raw texts that mean that there is no value; an empty or null one always does.
    """

    column: str = ""
    within: str = ""
    const: Any = None
    unit: str = ""
    format: str = ""
    zone: str = "UTC"
    scale: Fraction = Fraction(1)
    complement: bool = False
    values: tuple[tuple[str, str], ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def is_const(self) -> bool:
        """Whether it does not depend on the row."""
        return not self.column


def parse_value(raw: Any, where: str) -> Value:
    """Read a value of the mapping language.

    Parameters
    ----------
    raw : object
        A path such as ``$.a.b`` or a column's name, or a table of ``path`` or ``const`` and options.
    where : str
        Name of the key, for errors.

    Raises
    ------
    ConfigError
        If a key is unknown or an option cannot be.
    """
    if isinstance(raw, str):
        column, within = split_path(raw, where)
        return Value(column=column, within=within)
    if not isinstance(raw, MappingType):
        raise ConfigError(
            f"expected a path or a table for {where!r}, was {raw!r}",
            code="bad_mapping",
            hint="write a fixed value as {const: ...}",
        )
    for key in raw:
        if key not in _KEYS:
            raise ConfigError(
                f"expected an option of a mapped value in {where!r}, was {key!r}",
                code="unknown_key",
                hint=suggest(str(key), _KEYS),
            )
    if ("path" in raw) == ("const" in raw):
        raise ConfigError(f"expected either path or const in {where!r}, was {dict(raw)}", code="bad_mapping")
    column, within = split_path(str(raw["path"]), where) if "path" in raw else ("", "")
    return Value(
        column=column,
        within=within,
        const=raw.get("const"),
        unit=_unit(raw.get("unit", ""), where),
        format=str(raw.get("format", "")),
        zone=_zone(str(raw.get("zone", "UTC")), where),
        scale=_factor(raw.get("scale", 1), where),
        complement=_flag(raw.get("complement", False), where),
        values=_replacements(raw.get("values", {}), where),
        absent=_texts(raw.get("absent", []), where),
    )


def split_path(path: str, where: str) -> tuple[str, str]:
    """Column and inner JSON path of a path: ``$.a.b[0].c`` is column ``a.b`` and ``$[0].c`` inside.

    Names may begin with a digit, as in ``$.24h_volume``; ``$['a b']`` quotes a name.
    """
    text = path.strip()
    rest = text.removeprefix("$") if text.startswith("$") else None
    if rest is None:
        if not text:
            raise ConfigError(f"expected a path for {where!r}, was empty", code="bad_path")
        return text, ""
    names: list[str] = []
    position = 0
    while position < len(rest):
        step = _STEP.match(rest, position)
        if step is None:
            break
        if step[1] is not None:
            return ".".join(names), "$" + rest[position:]
        names.append(step[2] or step[3])
        position = step.end()
    if position < len(rest) or not names:
        raise ConfigError(
            f"expected a path such as $.a.b for {where!r}, was {path!r}",
            code="bad_path",
            hint="names are separated by dots; quote others as $['a b']",
        )
    return ".".join(names), ""


def _unit(raw: Any, where: str) -> str:
    known = (*TIME_UNITS, *MONEY_UNITS)
    if raw and raw not in known:
        raise ConfigError(
            f"expected a unit for {where!r}, was {raw!r}", code="unknown_unit", hint=suggest(str(raw), known)
        )
    return str(raw)


def _zone(raw: str, where: str) -> str:
    try:
        ZoneInfo(raw)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(
            f"expected a zone such as America/New_York for {where!r}, was {raw!r}", code="unknown_zone"
        ) from error
    return raw


def _factor(raw: Any, where: str) -> Fraction:
    try:
        factor = Fraction(str(raw))
    except (ValueError, ZeroDivisionError) as error:
        raise ConfigError(
            f"expected a number for scale of {where!r}, was {raw!r}", code="bad_scale"
        ) from error
    if factor == 0:
        raise ConfigError(f"expected a scale other than 0 for {where!r}", code="bad_scale")
    return factor


def _flag(raw: Any, where: str) -> bool:
    if not isinstance(raw, bool):
        raise ConfigError(
            f"expected true or false for complement of {where!r}, was {raw!r}", code="bad_mapping"
        )
    return raw


def _replacements(raw: Any, where: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(raw, MappingType):
        raise ConfigError(f"expected a table for values of {where!r}, was {raw!r}", code="bad_mapping")
    return tuple((as_text(key) or "", as_text(value) or "") for key, value in raw.items())


def _texts(raw: Any, where: str) -> tuple[str, ...]:
    if not isinstance(raw, list | tuple):
        raise ConfigError(f"expected a list for absent of {where!r}, was {raw!r}", code="bad_mapping")
    return tuple(text for item in raw if (text := as_text(item)) is not None)


def as_text(value: Any) -> str | None:
    """Text of a YAML or JSON scalar as a file would write it; None stays None."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
