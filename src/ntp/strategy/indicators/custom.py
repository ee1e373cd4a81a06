"""Custom indicators: what people compute themselves."""

from __future__ import annotations

import copy
import json
import math
import numbers
from array import array
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from ntp.core import Absent, ConfigError, StrategyError, parse_duration, suggest
from ntp.strategy.indicators.arguments import ParameterName, named, value_of
from ntp.strategy.params import Parameter, declared_parameters

if TYPE_CHECKING:  # keeps the import of the SDK light
    import numpy as np
    import numpy.typing as npt

_OWN: Final = ("_values", "_value", "_given", "bar")


class CustomIndicator:
    """Base of indicators people write: define ``calculate(self, data)``.

    Declare one in a strategy as ``trend = MyTrend(n=10, bar="1m")``, or put its file into the workspace's
    folder ``indicators`` and name it: ``trend = Indicator("my_trend", 10, bar="1m")``. There is one object
    for each contract; what it remembers, it keeps on itself.

    Parameters
    ----------
    bar : str, optional
        Duration of the bars that it advances by; by default what the class says, and without one every wake.
    **parameters
        Values of the parameters it declares with ``Param``, or parameters of the strategy.

    Examples
    --------
    >>> class Range(CustomIndicator):
    ...     bar = "1m"
    ...     def calculate(self, data):
    ...         return data.high - data.low
    """

    bar: ClassVar[str | None] = None
    _parameters: ClassVar[dict[str, Parameter]] = {}
    _values: array[float]
    _value: float | None
    _given: dict[str, Any]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        inherited: dict[str, Parameter] = {}
        for base in reversed(cls.__mro__[1:]):
            inherited |= vars(base).get("_parameters", {})
        cls._parameters = declared_parameters(cls, inherited)
        if cls.calculate is CustomIndicator.calculate:
            raise StrategyError(
                f"expected {cls.__name__} to define calculate(self, data), was without", code="abstract_indicator"
            )

    def __new__(cls, *_: Any, **options: Any) -> CustomIndicator:  # noqa: D102 - described by the class
        made = super().__new__(cls)
        # Set here, not in __init__, so that they are there even if a subclass forgets super().__init__.
        made.__dict__.update({name: parameter.default for name, parameter in cls._parameters.items()})
        made._values, made._value, made._given = array("d"), None, {}
        made.__dict__["bar"] = options.get("bar", cls.bar)
        span_of(made.bar, cls.__name__)
        return made

    def __init__(self, *, bar: str | None = None, **parameters: Any) -> None:
        self._given = self.arguments((), parameters)
        self.__dict__.update({
            name: self._parameters[name].check(value) for name, value in self._given.items()
            if not isinstance(value, Parameter | ParameterName)
        })

    def __set_name__(self, owner: type, attribute: str) -> None:
        self._given = {name: named(owner, value) for name, value in self._given.items()}

    def __deepcopy__(self, memo: dict[int, Any]) -> CustomIndicator:
        return self  # as declared it is a pattern that never changes; contracts have their own, see fresh

    def calculate(self, data: Any) -> float | None:
        """Compute the next value.

        Parameters
        ----------
        data : view
            The contract at this moment; with `bar` it also has ``open high low close volume`` of the bar that
            is complete.

        Returns
        -------
        float or None
            None where there is no value now.
        """
        raise NotImplementedError

    def get_signal(self) -> str | float | None:
        """Say what the value means: an action or a number from -1 to 1; by default the value within these."""
        return min(max(self.value, -1.0), 1.0)

    def on_save(self) -> dict[str, Any]:
        """State to keep over a restart, as JSON types; by default every attribute.

        Raises
        ------
        StrategyError
            ``not_savable`` if an attribute is none.
        """
        state = {name: value for name, value in vars(self).items() if name not in _OWN}
        try:
            json.dumps(state, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise StrategyError(
                f"expected attributes of JSON types on {type(self).__name__}, was: {error}", code="not_savable",
                hint="define on_save and on_load",
            ) from error
        return state

    def on_load(self, state: dict[str, Any]) -> None:
        """Take up what `on_save` gave."""
        self.__dict__.update(state)

    @property
    def value(self) -> float:
        """Newest value; Absent while there is none."""
        if self._value is None:
            raise Absent(f"{type(self).__name__}.value")
        return self._value

    def history(self, n: int) -> npt.NDArray[np.float64]:
        """Last `n` values, oldest first, read-only; Absent if there are fewer."""
        return last_of(self._values, n, type(self).__name__)

    @classmethod
    def arguments(cls, positional: Sequence[Any], by_name: Mapping[str, Any]) -> dict[str, Any]:
        """Name parameters given by position, in the order they are declared.

        A text stands for a parameter of the strategy, unless the parameter itself is a text.

        Raises
        ------
        ConfigError
            ``bad_indicator`` if there are too many, or one is unknown or given twice.
        """
        names = list(cls._parameters)
        if len(positional) > len(names):
            raise _bad(f"at most {len(names)} parameters for {cls.__name__}", str(len(positional)))
        found = dict(zip(names, positional, strict=False))
        for name, value in by_name.items():
            if name not in names:
                raise _bad(f"a parameter of {cls.__name__}", repr(name), suggest(name, names))
            if name in found:
                raise _bad(f"{name!r} of {cls.__name__} once", "by position and by name")
            found[name] = value
        return {
            name: ParameterName(value) if isinstance(value, str) and cls._parameters[name].kind is not str else value
            for name, value in found.items()
        }

    def fresh(self, strategy: Any) -> CustomIndicator:
        """Make the indicator of one contract, with the strategy's values of the parameters it refers to."""
        twin = type(self).__new__(type(self))
        twin.__dict__.update(copy.deepcopy(vars(self)))
        twin.__dict__.update({
            name: self._parameters[name].check(value_of(strategy, value)) for name, value in self._given.items()
        })
        return twin

    def advance(self, data: Any) -> None:
        """Compute the next value and keep it.

        Raises
        ------
        StrategyError
            ``bad_indicator_value`` if it is neither a finite number nor None.
        Absent
            If `calculate` read what is not there; then there is no value either.
        """
        self._value = None
        found: Any = self.calculate(data)
        if found is None:
            return
        number = isinstance(found, numbers.Real) and not isinstance(found, bool)
        if not number or not math.isfinite(found):
            raise StrategyError(
                f"expected a finite number or None from calculate of {type(self).__name__}, was {found!r}",
                code="bad_indicator_value",
            )
        self._value = float(found)
        self._values.append(self._value)


def save_custom(indicator: CustomIndicator) -> dict[str, Any]:
    """State of a custom indicator in JSON types."""
    return {"own": indicator.on_save(), "value": indicator._value, "past": indicator._values.tolist()}  # noqa: SLF001 - two halves of one thing


def load_custom(indicator: CustomIndicator, saved: Mapping[str, Any]) -> None:
    """Take up what :func:`save_custom` gave."""
    indicator.on_load(saved["own"])
    indicator._value, indicator._values = saved["value"], array("d", saved["past"])  # noqa: SLF001


def references_of(indicator: CustomIndicator) -> list[Any]:
    """Return what among its arguments stands for parameters of the strategy."""
    return [value for value in indicator._given.values() if isinstance(value, Parameter | ParameterName)]  # noqa: SLF001 - two halves of one thing


def last_of(values: array[float], n: int, name: str) -> npt.NDArray[np.float64]:
    """Last `n` values of a growing array, read-only; Absent if there are fewer."""
    import numpy as np

    if n < 1 or len(values) < n:
        raise Absent(f"{name}.history({n!r})")
    found = np.array(values[-n:])
    found.flags.writeable = False
    return found


def span_of(bar: Any, name: str) -> int | None:
    """Duration of bars in nanoseconds, None without.

    Raises
    ------
    ConfigError
        ``bad_indicator`` if it is not a duration above 0.
    """
    if bar is None:
        return None
    try:
        span = parse_duration(bar if isinstance(bar, str) else "")
    except ConfigError as error:
        raise _bad(f"a duration such as '1m' as bar of {name!r}", repr(bar)) from error
    if span <= 0:
        raise _bad(f"a duration above 0 as bar of {name!r}", repr(bar))
    return span


def _bad(expected: str, was: str, hint: str = "") -> ConfigError:
    return ConfigError(f"expected {expected}, was {was}", code="bad_indicator", hint=hint)
