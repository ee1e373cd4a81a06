"""Conditions: ``"<30"``, ``">5%"``, ``"crosses_above 0"``, read once and asked at each wake."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ntp.core import ConfigError, parse_duration, suggest
from ntp.strategy.indicators.indicator import VIEW_FIELDS

ABOVE: Final = "crosses_above"
BELOW: Final = "crosses_below"
_COMPARED: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_GRAMMAR: Final = re.compile(r"(<=|>=|<|>|[a-z_]+)\s*(\S+)")
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
TIME_LEFT: Final = "time_left"
OF_POSITION: Final = ("profit", "loss", "held")
"""What is told of a position, and so only of exits."""
_SHARES: Final = ("profit", "loss")
_SPANS: Final = (TIME_LEFT, "held")


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on one name.

    Attributes
    ----------
    name : str
        What is looked at, see :class:`Known`.
    sign : str
        ``< <= > >= crosses_above crosses_below``.
    limit : float or str
        What it is compared with: a number, or another name.
    """

    name: str
    sign: str
    limit: float | str

    @property
    def text(self) -> str:
        """The condition as it is written."""
        return f"{self.name} {self.sign} {self.limit}"

    @property
    def crosses(self) -> bool:
        """Whether it asks for a change, not for a state."""
        return self.sign in (ABOVE, BELOW)

    def compares(self, value: float, limit: float) -> bool:
        """Whether a comparison holds."""
        return _COMPARED[self.sign](value, limit)

    def crossed(self, before: Sequence[float], now: Sequence[float]) -> bool:
        """Whether value and limit have changed sides, from a pair of them to the next."""
        if self.sign == ABOVE:
            return before[0] <= before[1] and now[0] > now[1]
        return before[0] >= before[1] and now[0] < now[1]


class Known:
    """What conditions may name.

    Parameters
    ----------
    indicators : Mapping of str to sequence of str
        Names of indicators, with their outputs.
    inputs : iterable of str
        Aliases of inputs.
    """

    def __init__(self, indicators: Mapping[str, Sequence[str]], inputs: Iterable[str]) -> None:
        outputs = [f"{name}.{output}" for name, given in indicators.items() for output in given]
        self._names = {each.lower(): each for each in (*VIEW_FIELDS, *inputs, TIME_LEFT, *indicators, *outputs)}

    def name(self, text: str, *, entry: bool) -> str:
        """Return a name as it was declared.

        Raises
        ------
        ConfigError
            ``unknown_condition`` with a suggestion.
        """
        if text in OF_POSITION and not entry:
            return text
        found = self._names.get(text.lower())
        if found is not None or (text.startswith("x_") and text.isidentifier()):
            return found or text
        if text in OF_POSITION:
            raise _unknown(text, "is told of a position: it belongs into exit_conditions")
        known = [*self._names.values(), *(() if entry else OF_POSITION)]
        raise _unknown(text, suggest(text, known) + "; an indicator has to be among indicators")


def read_conditions(given: object, known: Known, *, entry: bool) -> tuple[Condition, ...]:
    """Read conditions as a person writes them: ``{"RSI": "<30"}``, or several of one name in a list.

    Raises
    ------
    ConfigError
        ``bad_condition`` or ``unknown_condition``.
    """
    where = "entry_conditions" if entry else "exit_conditions"
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        raise _bad(f"a dictionary of name to condition as {where}", given, 'for example {"RSI": "<30"}')
    found = []
    for text, stated in given.items():
        name = known.name(text, entry=entry)
        for each in (stated,) if isinstance(stated, str) or not isinstance(stated, Sequence) else stated:
            found.append(_condition(name, each, known, entry=entry))
    return tuple(found)


def _condition(name: str, text: object, known: Known, *, entry: bool) -> Condition:
    example = f"for example {name!r}: {_example(name)!r}"
    if not isinstance(text, str):
        raise _bad(f"a condition as text for {name!r}", text, example)
    match = _GRAMMAR.fullmatch(text.strip())
    if match is None:
        raise _bad(f"a comparison and a number for {name!r}", text, example)
    sign, limit = match.groups()
    if sign not in (*_COMPARED, ABOVE, BELOW):
        raise _bad(f"< <= > >= {ABOVE} or {BELOW} for {name!r}", text, suggest(sign, (*_COMPARED, ABOVE, BELOW)))
    if name in OF_POSITION and sign in (ABOVE, BELOW):
        raise _bad(f"< <= > or >= for {name!r}", text, example)
    return Condition(name, sign, _limit(name, text, limit, known, entry=entry))


def _limit(name: str, text: str, limit: str, known: Known, *, entry: bool) -> float | str:
    if name in _SPANS:
        try:
            return parse_duration(limit) / 1e9
        except ConfigError as error:
            raise _bad(f"a duration for {name!r}", text, f"for example {name!r}: {_example(name)!r}") from error
    if name in _SHARES:
        if not limit.endswith("%") or not _NUMBER.fullmatch(limit[:-1]):
            raise _bad(f"a percentage of the position's cost for {name!r}", text, f'for example {name!r}: ">5%"')
        return float(limit[:-1]) / 100
    if _NUMBER.fullmatch(limit):
        return float(limit)
    if limit.endswith("%"):
        raise _bad(f"a number for {name!r}", text, "percentages are of profit and loss; RSI goes from 0 to 100")
    return known.name(limit, entry=entry)


def _example(name: str) -> str:
    return {"time_left": "<2m", "held": ">10m"}.get(name, ">5%" if name in _SHARES else "<30")


def value_of(name: str, data: Any, attributes: Mapping[str, str]) -> float:
    """Value of an indicator, a field of the view or a custom field at this moment.

    Parameters
    ----------
    name : str
        As :class:`Known` gives it.
    data : view
        The contract.
    attributes : Mapping of str to str
        Attribute of each indicator by its name.

    Raises
    ------
    Absent
        If there is none.
    """
    indicator, dot, output = name.partition(".")
    if indicator in attributes:
        value = data.indicators[attributes[indicator]]
        return float(getattr(value, output) if dot else value)
    if name == TIME_LEFT:
        return float(data.seconds_to_close)
    return float(data.custom_fields[name[2:]] if name.startswith("x_") else getattr(data, name))


def _bad(expected: str, was: object, hint: str) -> ConfigError:
    return ConfigError(f"expected {expected}, was {was!r}", code="bad_condition", hint=hint)


def _unknown(name: str, hint: str) -> ConfigError:
    return ConfigError(
        f"expected an indicator, a field of data or an input in a condition, was {name!r}", code="unknown_condition",
        hint=hint, details={"condition": name},
    )
