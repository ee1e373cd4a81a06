"""Axes: the values that a sweep gives to each parameter."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ntp.core import ConfigError, suggest
from ntp.strategy import Parameter, Strategy, parameters_of
from ntp.strategy.params import Value

EVENLY: Final = 10
"""Values of a range that says no step."""
_MOST_VALUES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Axis:
    """One parameter of a sweep.

    Attributes
    ----------
    parameter : Parameter
        Its declaration.
    values : tuple
        Values of a grid, in order, each allowed and none twice.
    low, high : float, optional
        Ends of a range without a step, in which a search may take any value and a grid takes some.
    log : bool
        Whether that range is even in the logarithm.
    """

    parameter: Parameter
    values: tuple[Value, ...]
    low: float | None = None
    high: float | None = None
    log: bool = False

    @property
    def name(self) -> str:
        """Name of the parameter."""
        return self.parameter.name

    @property
    def choices(self) -> float:
        """Values that a search can choose from; infinite in a range of floats."""
        if self.low is None or self.high is None:
            return len(self.values)
        return math.inf if self.parameter.kind is float else self.high - self.low + 1

    def document(self) -> Any:
        """JSON value that says which values it has."""
        if self.low is None:
            return list(self.values)
        return {"low": self.low, "high": self.high, "log": self.log}


def read_axes(strategy: Strategy | type[Strategy], grid: Mapping[str, Any] | None) -> list[Axis]:
    """Read what a sweep varies.

    Parameters
    ----------
    strategy : Strategy or type
        Whose parameters they are.
    grid : mapping, optional
        Parameter to a list of values, a tuple ``(low, high[, step])``, a text ``a:b[:step]`` or ``a,b,c``, or
        None for the range that its declaration names. By default all that declare one, of the strategy's own.

    Raises
    ------
    ConfigError
        If a parameter is unknown, a range is impossible, or a value is not allowed.
    """
    declared = parameters_of(strategy)
    if not grid:
        own = set(declared) - set(parameters_of(Strategy))
        grid = {name: None for name, each in declared.items() if name in own and (each.sweep or each.choices)}
    if not grid:
        raise ConfigError(
            "expected parameters to sweep, was none", code="empty_grid",
            hint=f"name them: {'; '.join(f'{name}=a:b:step' for name in list(declared)[-2:])}, "
            "or declare Param(..., sweep=(low, high))",
        )
    unknown = next((name for name in grid if name not in declared), None)
    if unknown is not None:
        raise ConfigError(
            f"expected a parameter of the strategy, was {unknown!r}", code="unknown_parameter",
            hint=suggest(unknown, declared), details={"parameter": unknown},
        )
    return [_axis(declared[name], given) for name, given in grid.items()]


def _axis(parameter: Parameter, given: Any) -> Axis:
    numeric = parameter.kind in (int, float)
    if given is None:
        if parameter.sweep is None and not (parameter.choices or parameter.kind is bool):
            raise _impossible(parameter, "values or a range, as its declaration names none", given)
        given = parameter.sweep or list(parameter.choices or (False, True))
    if isinstance(given, str):
        given = _from_text(parameter, given)
    if isinstance(given, tuple) and numeric:
        return _range(parameter, given)
    if isinstance(given, Mapping) or not isinstance(given, Iterable):
        given = [given]
    values = tuple(dict.fromkeys(parameter.check(_plain(value)) for value in given))
    if not values:
        raise ConfigError(
            f"expected values for parameter {parameter.name!r}, was none", code="empty_grid",
            details={"parameter": parameter.name},
        )
    return Axis(parameter, values)


def _plain(value: Any) -> Any:
    """Python number of a NumPy one."""
    return value.item() if hasattr(value, "item") and not isinstance(value, int | float | str) else value


def _from_text(parameter: Parameter, text: str) -> Any:
    if parameter.kind in (int, float) and ":" in text:
        try:
            return tuple(float(Decimal(part.strip())) for part in text.split(":"))
        except InvalidOperation:
            raise _impossible(parameter, "a:b or a:b:step of numbers", text) from None
    return [parameter.parse(part) for part in text.split(",")]


def _range(parameter: Parameter, given: tuple[Any, ...]) -> Axis:
    try:
        numbers = [float(part) for part in given]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) not in (2, 3) or not all(map(math.isfinite, numbers)):
        raise _impossible(parameter, "(low, high) or (low, high, step) of numbers", given)
    low, high = numbers[:2]
    if low > high:
        raise _impossible(parameter, "a range whose end is not below its beginning", given)
    if len(numbers) == 3:
        return Axis(parameter, _stepped(parameter, given))
    for end in (low, high):
        parameter.check(end)
    log = parameter.log and low > 0
    return Axis(parameter, _even(parameter, low, high, log=log), low, high, log)


def _stepped(parameter: Parameter, given: tuple[Any, ...]) -> tuple[Value, ...]:
    low, high, step = (Decimal(str(part)) for part in given)
    if step <= 0:
        raise _impossible(parameter, "a step above 0", given)
    count = int((high - low) / step) + 1
    if count > _MOST_VALUES:
        raise _impossible(parameter, f"at most {_MOST_VALUES:,} values", given)
    return tuple(parameter.check(float(low + step * place)) for place in range(count))


def _even(parameter: Parameter, low: float, high: float, *, log: bool) -> tuple[Value, ...]:
    """Values spread evenly over a range; whole numbers are all taken where they are few."""
    count = EVENLY
    if parameter.kind is int:
        count = min(count, int(high) - int(low) + 1)
    shares = [place / (count - 1) for place in range(count)] if count > 1 and high > low else [0.0]
    found = [low * (high / low) ** share if log else low + (high - low) * share for share in shares]
    found[-1] = high if len(found) > 1 else low
    rounded = [round(value) if parameter.kind is int else float(f"{value:.12g}") for value in found]
    return tuple(dict.fromkeys(parameter.check(value) for value in rounded))


def _impossible(parameter: Parameter, expected: str, was: object) -> ConfigError:
    return ConfigError(
        f"expected {expected} for parameter {parameter.name!r}, was {was!r}", code="bad_grid",
        hint="key=low:high:step, key=low:high or key=a,b,c", details={"parameter": parameter.name},
    )
