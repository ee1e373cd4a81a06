"""Parameters: the numbers and choices of a strategy that people and sweeps may set.

One declaration feeds the constructor, ``--set``, forms, sweeps and the documentation. On a class its
default takes the declaration's place and values are ordinary instance attributes: with a descriptor in
between, Python would take five times as long to read one.
"""

import inspect
import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ntp.core import ConfigError, suggest

Value = bool | int | float | str | None
"""What a parameter may hold."""

_TYPES: Final[dict[str, type]] = {"bool": bool, "int": int, "float": float, "str": str}
_JSON_TYPES: Final = {bool: "boolean", int: "integer", float: "number", str: "string"}
_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "0"})
_NONE: Final = frozenset({"", "none", "null"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """Declaration of one parameter; made by :func:`Param`.

    Attributes
    ----------
    name : str
        Attribute it is declared as; empty before the class exists.
    kind : type
        ``bool``, ``int``, ``float`` or ``str``, from the annotation, else from the default.
    optional : bool
        Whether None is a value.
    default : bool, int, float, str or None
        Value unless set.
    ge, gt, le, lt : float or None
        Bounds.
    choices : tuple
        The only values allowed, if any are named.
    sweep : tuple or None
        (low, high) or (low, high, step) that a sweep covers by default.
    log : bool
        Whether a sweep spaces its points evenly in the logarithm.
    live : bool
        Whether it may change while deployed.
    unit, help : str
        What forms and documentation show.
    """

    default: Value
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    choices: tuple[Value, ...] = ()
    sweep: tuple[float, ...] | None = None
    log: bool = False
    live: bool = False
    unit: str = ""
    help: str = ""
    name: str = ""
    kind: type = float
    optional: bool = False

    def describe(self) -> str:
        """Word what is allowed, for example ``a float from 0 to 0.5``."""
        article = "an" if self.kind is int else "a"
        text = f"{article} {self.kind.__name__}"
        if self.choices:
            return f"one of {', '.join(repr(choice) for choice in self.choices)}"
        for bound, words in (
            (self.ge, "at least"), (self.gt, "above"), (self.le, "at most"), (self.lt, "below"),
        ):
            if bound is not None:
                text += f"{' and' if ' at ' in text or ' above' in text else ''} {words} {bound:g}"
        return text + (" or None" if self.optional else "")

    def check(self, value: object) -> Value:
        """Convert a value to the parameter's type and hold it against its bounds.

        Returns
        -------
        bool, int, float, str or None
            The value to store.

        Raises
        ------
        ConfigError
            ``bad_parameter`` if the type is wrong, the number is not finite or outside the bounds.
        """
        if value is None and self.optional:
            return None
        converted = self._convert(value)
        if converted is None or not self._allows(converted):
            raise self._refusal(value)
        return converted

    def parse(self, text: str) -> Value:
        """Read a value from text, as ``--set name=text`` gives it.

        Raises
        ------
        ConfigError
            ``bad_parameter`` if the text is not an allowed value.
        """
        word = text.strip().lower()
        if self.optional and word in _NONE:
            return None
        if self.kind is str:
            return self.check(text)
        if self.kind is bool:
            if word not in _TRUE | _FALSE:
                raise self._refusal(text)
            return self.check(word in _TRUE)
        try:
            number = int(word) if self.kind is int else float(word)
        except ValueError as error:
            raise self._refusal(text) from error
        return self.check(number)

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the value; what JSON Schema has no word for is under ``x-`` keys."""
        json_type = _JSON_TYPES[self.kind]
        schema: dict[str, Any] = {"type": [json_type, "null"] if self.optional else json_type}
        schema["default"] = self.default
        bounds = {
            "minimum": self.ge, "exclusiveMinimum": self.gt, "maximum": self.le, "exclusiveMaximum": self.lt,
        }
        extras = {
            "enum": list(self.choices), "description": self.help, "x-unit": self.unit,
            "x-sweep": list(self.sweep or ()), "x-log": self.log, "x-live": self.live,
        }
        schema |= {key: bound for key, bound in bounds.items() if bound is not None}
        return schema | {key: extra for key, extra in extras.items() if extra}

    def _convert(self, value: object) -> Value:
        if self.kind is str:
            return value if isinstance(value, str) else None
        if self.kind is bool:
            return value if isinstance(value, bool) else None
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            return None
        if self.kind is int and isinstance(value, int):
            return value
        try:
            number = float(value)
        except OverflowError:
            return None
        if not math.isfinite(number):
            return None
        if self.kind is float:
            return number
        return int(number) if number.is_integer() else None

    def _allows(self, value: int | float | str) -> bool:
        if self.choices and value not in self.choices:
            return False
        if isinstance(value, str):
            return True
        return (
            (self.ge is None or value >= self.ge)
            and (self.gt is None or value > self.gt)
            and (self.le is None or value <= self.le)
            and (self.lt is None or value < self.lt)
        )

    def _refusal(self, value: object) -> ConfigError:
        return ConfigError(
            f"expected {self.describe()} for parameter {self.name!r}, was {value!r}",
            code="bad_parameter", hint=self.help, details={"parameter": self.name},
        )


def Param(  # noqa: N802 - reads as the declaration it makes
    default: Value,
    *,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    choices: tuple[Value, ...] | list[Value] = (),
    sweep: tuple[float, ...] | None = None,
    log: bool = False,
    live: bool = False,
    unit: str = "",
    help: str = "",  # noqa: A002 - the word people know from options and forms
) -> Any:
    """Declare a parameter of a strategy: ``edge: float = Param(0.03, ge=0, le=0.5)``.

    Parameters
    ----------
    default : bool, int, float, str or None
        Value unless set; None makes None an allowed value.
    ge, gt, le, lt : float, optional
        Bounds: at least, above, at most, below.
    choices : sequence, optional
        The only values allowed.
    sweep : (low, high) or (low, high, step), optional
        Range a sweep covers unless told otherwise.
    log : bool
        Whether a sweep is even in the logarithm.
    live : bool
        Whether the value may change while deployed.
    unit, help : str
        What forms and documentation show.

    Returns
    -------
    Parameter
        Typed as Any so that the annotation of the attribute stands.
    """
    return Parameter(
        default, ge=ge, gt=gt, le=le, lt=lt, choices=tuple(choices), sweep=sweep, log=log, live=live,
        unit=unit, help=help,
    )


def declared_parameters(cls: type, inherited: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """Complete the parameters a class declares and put them over the inherited ones.

    A plain value for an inherited parameter is its new default.

    Raises
    ------
    ConfigError
        ``bad_declaration`` if a type is missing or unknown, or a default or sweep is not allowed.
    """
    annotations = inspect.get_annotations(cls)
    found = dict(inherited)
    for name, value in list(cls.__dict__.items()):
        if isinstance(value, Parameter):
            kind, optional = _annotated(name, annotations.get(name), value.default)
            parameter = replace(value, name=name, kind=kind, optional=optional)
        elif name in inherited:
            optional = inherited[name].optional or value is None
            parameter = replace(inherited[name], default=value, sweep=None, optional=optional)
        else:
            continue
        found[name] = _checked(parameter)
        setattr(cls, name, found[name].default)
    return found


def parameters_of(strategy: object) -> dict[str, Parameter]:
    """Return the parameters of a strategy or strategy class by name, inherited ones first."""
    return dict(getattr(strategy, "_parameters", {}))


def resolve_parameters(strategy: object, values: Mapping[str, object]) -> dict[str, Value]:
    """Hold named values against the declarations of a strategy or class.

    Raises
    ------
    ConfigError
        ``unknown_parameter`` with a suggestion, or ``bad_parameter``.
    """
    declared = parameters_of(strategy)
    return {name: _known(declared, name).check(value) for name, value in values.items()}


def coerce(strategy: object, name: str, text: str) -> Value:
    """Read the value of a parameter from text, as ``--set name=text`` gives it.

    Raises
    ------
    ConfigError
        ``unknown_parameter`` with a suggestion, or ``bad_parameter``.
    """
    return _known(parameters_of(strategy), name).parse(text)


def parameter_schema(strategy: object) -> dict[str, Any]:
    """JSON Schema of all parameters of a strategy or class."""
    declared = parameters_of(strategy)
    return {
        "type": "object",
        "properties": {name: parameter.schema() for name, parameter in declared.items()},
        "additionalProperties": False,
    }


def _known(declared: Mapping[str, Parameter], name: str) -> Parameter:
    if name not in declared:
        raise ConfigError(
            f"expected a parameter of the strategy, was {name!r}", code="unknown_parameter",
            hint=suggest(name, declared), details={"parameter": name},
        )
    return declared[name]


def _annotated(name: str, annotation: object, default: Value) -> tuple[type, bool]:
    """Type and optionality, from ``float``, ``float | None`` or ``Optional[float]``, as type or text."""
    if annotation is None:
        if type(default) in _JSON_TYPES:
            return type(default), False
        raise _bad(name, "an annotation such as 'edge: float'", default)
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    text = text.removeprefix("typing.").replace(" ", "")
    if text.startswith("Optional[") and text.endswith("]"):
        text = text.removeprefix("Optional[").removesuffix("]") + "|None"
    words = set(text.split("|"))
    named = words - {"None"}
    if len(named) != 1 or not named <= _TYPES.keys():
        raise _bad(name, "bool, int, float or str as annotation", text)
    return _TYPES[named.pop()], "None" in words or default is None


def _checked(parameter: Parameter) -> Parameter:
    numeric = parameter.kind in (int, float)
    bounds = (parameter.ge, parameter.gt, parameter.le, parameter.lt)
    if not numeric and (parameter.sweep or any(bound is not None for bound in bounds)):
        raise _bad(parameter.name, "bounds and sweeps on numbers only", parameter.kind.__name__)
    if parameter.sweep is not None:
        _check_sweep(parameter)
    try:
        return replace(parameter, default=parameter.check(parameter.default))
    except ConfigError as error:
        raise _bad(parameter.name, f"{parameter.describe()} as default", parameter.default) from error


def _check_sweep(parameter: Parameter) -> None:
    sweep = parameter.sweep or ()
    if len(sweep) not in (2, 3) or sweep[0] >= sweep[1] or (len(sweep) == 3 and sweep[2] <= 0):
        raise _bad(parameter.name, "sweep=(low, high[, step]) with low < high and step > 0", sweep)
    if parameter.log and sweep[0] <= 0:
        raise _bad(parameter.name, "a logarithmic sweep that begins above 0", sweep)
    for end in sweep[:2]:
        try:
            parameter.check(end)
        except ConfigError as error:
            raise _bad(parameter.name, f"a sweep within {parameter.describe()}", sweep) from error


def _bad(name: str, expected: str, was: object) -> ConfigError:
    return ConfigError(
        f"expected {expected} for parameter {name!r}, was {was!r}", code="bad_declaration",
        details={"parameter": name},
    )
