"""What a strategy class declares of indicators, checked when the class is made."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ntp.core import ConfigError, suggest
from ntp.strategy.indicators.arguments import ParameterName
from ntp.strategy.indicators.custom import CustomIndicator, references_of, span_of
from ntp.strategy.indicators.indicator import BAR_FIELDS, VIEW_FIELDS, Indicator
from ntp.strategy.params import parameters_of


@dataclass(frozen=True, slots=True)
class DeclaredIndicator:
    """An indicator under the name of its attribute.

    Attributes
    ----------
    name : str
        The attribute.
    indicator : Indicator or None
        A classical one.
    custom : CustomIndicator or None
        Somebody's own, as a pattern of those of each contract.
    span : int or None
        Duration of its bars in nanoseconds; None: it advances at every wake.
    on : str or None
        What a classical one is computed from, if that was said.
    """

    name: str
    indicator: Indicator | None
    custom: CustomIndicator | None
    span: int | None
    on: str | None

    def to_dict(self) -> dict[str, Any]:
        """JSON values for manifests."""
        if self.indicator is not None:
            return self.indicator.to_dict()
        return {"name": type(self.custom).__name__, "bar_ns": self.span}


def declared_indicators(cls: Any) -> Mapping[str, DeclaredIndicator]:
    """Return the indicators that a strategy class declares, by name, inherited ones first.

    Raises
    ------
    ConfigError
        ``bad_indicator`` if one names a parameter, a field or an input that is not there, or the class's
        defaults do not fit it.
    """
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        for name, value in vars(base).items():
            if isinstance(value, Indicator | CustomIndicator):
                found[name] = value
            else:
                found.pop(name, None)
    return types.MappingProxyType({name: _declared(cls, name, value) for name, value in found.items()})


def _declared(cls: Any, name: str, value: Indicator | CustomIndicator) -> DeclaredIndicator:
    if isinstance(value, Indicator) and value.custom is not None:
        given = dict(value.parameters) if value.bar is None else {**value.parameters, "bar": value.bar}
        value = value.custom(**given)
    references = value.refers if isinstance(value, Indicator) else references_of(value)
    for reference in references:
        if not isinstance(reference, ParameterName) or reference.name not in parameters_of(cls):
            raise _bad(cls, name, "numbers and parameters of the strategy", repr(reference),
                       suggest(str(reference), parameters_of(cls)))
    if isinstance(value, CustomIndicator):
        value.fresh(cls)
        return DeclaredIndicator(name, None, value, span_of(value.bar, name), None)
    if value.on is not None:
        _check_field(cls, name, value)
    value.values(cls)
    return DeclaredIndicator(name, value, None, value.span, value.on)


def _check_field(cls: Any, name: str, value: Indicator) -> None:
    known = [*cls.inputs, *VIEW_FIELDS, *(BAR_FIELDS if value.span is not None else ())]
    on = value.on or ""
    if on not in known and not (on.startswith("x_") and on[2:].isidentifier()):
        raise _bad(cls, name, "a field of a view or a bar, x_name for a custom field, or an alias of inputs",
                   repr(on), suggest(on, known))


def _bad(cls: Any, name: str, expected: str, was: str, hint: str = "") -> ConfigError:
    return ConfigError(
        f"expected {expected} for the indicator {name!r} of {cls.__name__}, was {was}", code="bad_indicator",
        hint=hint, details={"indicator": name},
    )
