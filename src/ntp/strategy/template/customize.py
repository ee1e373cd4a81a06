"""Customize: make a strategy class of a template and a description."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ntp.core import ConfigError, sha256_json, suggest
from ntp.strategy.code_hash import code_hash_of
from ntp.strategy.indicators import Indicator
from ntp.strategy.indicators.custom import span_of
from ntp.strategy.indicators.declared import declared_indicators
from ntp.strategy.params import parameters_of, resolve_parameters
from ntp.strategy.template.conditional import Conditional, ConditionalPair, ConditionState
from ntp.strategy.template.conditions import Condition, Known, read_conditions
from ntp.strategy.template.mean_reversion import MeanReversionTemplate
from ntp.strategy.template.momentum import MomentumTemplate
from ntp.strategy.template.pairs_trading import PairsTradingTemplate
from ntp.strategy.template.template import Template

DIRECTIONAL: Final = (MomentumTemplate, MeanReversionTemplate)
"""Templates whose own rule is one about a price: entry conditions take its place."""
DECLARED: Final = ("universe", "watch", "inputs", "pricing", "wake")
"""What else of a strategy may be set."""
_SIDES: Final = ("BUY", "SELL")
_WORDS: Final = ("indicators", "entry_conditions", "exit_conditions", "side", "bar", "name")
_BAR: Final = "10s"


def customized(
    template: type[Template], *, indicators: Sequence[str | Indicator] | Mapping[str, str | Indicator],
    entry_conditions: Mapping[str, str | Sequence[str]], exit_conditions: Mapping[str, str | Sequence[str]],
    side: str | None, bar: str | None, name: str | None, settings: Mapping[str, Any],
) -> type[Template]:
    """Make the class; see :meth:`ntp.strategy.template.template.Template.customize`.

    Raises
    ------
    ConfigError, NotFound
        If anything in the description cannot be.
    """
    body = {**_barred(template, bar), **_set(template, settings)}
    added = _indicators(indicators, bar or _BAR)
    attributes = {each: each for each in declared_indicators(template)}
    for key, each in added.items():
        attributes[key] = _attribute(template, key)
        body[attributes[key]] = each
    known = Known(_outputs(template, added), body.get("inputs", template.inputs))
    entries = read_conditions(entry_conditions, known, entry=True)
    exits = read_conditions(exit_conditions, known, entry=False)
    within = ConditionalPair if issubclass(template, PairsTradingTemplate) else Conditional
    stated = [bar, *(sorted(map(repr, each.items())) for each in (added, settings))]
    side = _side(template, side, entries)
    body |= {
        "_entries": entries, "_exits": exits, "_attributes": types.MappingProxyType(attributes), "_side": side,
        "_code_hash": sha256_json([code_hash_of(template), repr((entries, exits, side, *stated))]),
        "State": type("State", _bases(getattr(template, "State", None)), {}),
        "__module__": template.__module__, "__doc__": template.__doc__,
    }  # fmt: skip
    return types.new_class(_called(template, name), (within, template), exec_body=lambda space: space.update(body))


def _set(template: type[Template], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Hold new defaults of parameters and what else is declared against the template."""
    declared = {key: value for key, value in settings.items() if key in DECLARED}
    given = {key: value for key, value in settings.items() if key not in DECLARED}
    unknown = [key for key in given if key not in parameters_of(template)]
    if unknown:
        known = [*parameters_of(template), *DECLARED, *_WORDS]
        raise ConfigError(
            f"expected a parameter of {template.__name__} or a word of customize, was {unknown[0]!r}",
            code="unknown_parameter", hint=suggest(unknown[0], known), details={"parameter": unknown[0]},
        )
    return {**declared, **resolve_parameters(template, given)}


def _barred(template: type[Template], bar: str | None) -> dict[str, Any]:
    """Make the template's own indicators and bars anew with another duration."""
    if bar is None:
        return {}
    span_of(bar, template.__name__)
    found: dict[str, Any] = {
        name: Indicator(own.name, *own.arguments, on=own.on, bar=bar, **own.parameters)
        for name, each in declared_indicators(template).items() if (own := each.indicator) is not None and own.span
    }  # fmt: skip
    return found | ({"wake": f"bar:{bar}"} if str(template.wake).startswith("bar:") else {})


def _indicators(
    given: Sequence[str | Indicator] | Mapping[str, str | Indicator], bar: str
) -> dict[str, Indicator]:
    """Make indicators, by what conditions call them."""
    if isinstance(given, str) or not isinstance(given, Mapping | Sequence):
        raise ConfigError(
            f"expected a list of indicators, was {given!r}", code="bad_indicator", hint='for example ["RSI", "MACD"]',
        )
    items = given.items() if isinstance(given, Mapping) else ((_name(each), each) for each in given)
    found: dict[str, Indicator] = {}
    for name, each in items:
        made = each if isinstance(each, Indicator) else Indicator(each, bar=bar)
        if name in found:
            raise ConfigError(
                f"expected each name of an indicator once, was {name!r} twice", code="bad_indicator",
                hint='name them: {"fast": Indicator("EMA", 5, bar="10s"), "slow": ...}',
            )
        found[name] = made
    return found


def _name(given: object) -> str:
    if isinstance(given, Indicator):
        return given.name
    if not isinstance(given, str):
        raise ConfigError(
            f"expected the name of an indicator or an Indicator, was {given!r}", code="bad_indicator",
            hint='for example ["RSI", Indicator("EMA", 5, bar="1m")]',
        )
    return given


def _attribute(template: type[Template], name: str) -> str:
    """Attribute of the class under which an indicator is kept."""
    attribute = "".join(each if each.isalnum() else "_" for each in name.lower())
    if not attribute.isidentifier() or hasattr(template, attribute):
        raise ConfigError(
            f"expected a name for an indicator that {template.__name__} does not use itself, was {name!r}",
            code="bad_indicator", hint=f'for example {{"my_{attribute}": Indicator(...)}}',
        )
    return attribute


def _outputs(template: type[Template], added: Mapping[str, Indicator]) -> dict[str, tuple[str, ...]]:
    """Names of indicators that conditions may say, with the outputs of those that have several."""
    own = {name: each.indicator for name, each in declared_indicators(template).items()}
    found = {}
    for name, indicator in (own | dict(added)).items():
        outputs = indicator.kind.outputs if indicator is not None and indicator.kind is not None else ()
        found[name] = outputs if len(outputs) > 1 else ()
    return found


def _side(template: type[Template], side: str | None, entries: tuple[Condition, ...]) -> str | None:
    """Side that entries mean; None where the template's own rule chooses."""
    if side is not None and side not in _SIDES:
        hint = suggest(str(side).upper(), _SIDES)
        raise ConfigError(f"expected BUY or SELL as side, was {side!r}", code="bad_side", hint=hint)
    if entries and issubclass(template, DIRECTIONAL):
        return side or "BUY"
    if side is not None:
        raise ConfigError(
            f"expected no side, as {template.__name__} chooses its own here, was {side!r}", code="bad_side",
            hint="side says what entry_conditions of momentum and mean_reversion mean",
        )
    return None


def _bases(state: type | None) -> tuple[type, ...]:
    return (ConditionState,) if state is None else (ConditionState, state)


def _called(template: type[Template], name: str | None) -> str:
    called = f"Custom{template.__name__.removesuffix('Template')}" if name is None else name
    if not called.isidentifier():
        raise ConfigError(f"expected a name as Python has them, was {called!r}", code="bad_name")
    return called
