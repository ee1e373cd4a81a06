"""Kind of indicator: what it takes, what it gives, and its step."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from ntp.core import ConfigError, DataError, suggest

if TYPE_CHECKING:  # keeps the declaration of indicators light
    import numpy as np
    import numpy.typing as npt

LONGEST: Final = 100_000
"""Longest window allowed, in values."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A parameter of an indicator.

    Attributes
    ----------
    name : str
        Keyword.
    default : float
        Value unless set.
    least : float
        Smallest value allowed.
    whole : bool
        Whether it counts values: a whole number, at most `LONGEST`.
    """

    name: str
    default: float
    least: float = 1
    whole: bool = True

    @property
    def range(self) -> str:
        """What is allowed, in words."""
        return f"a whole number from {self.least:g} to {LONGEST}" if self.whole else f"a number from {self.least:g} up"

    def check(self, value: object, owner: str) -> float:
        """Hold a value against the bounds.

        Raises
        ------
        ConfigError
            ``bad_indicator``.
        """
        if not isinstance(value, bool) and isinstance(value, numbers.Real) and math.isfinite(value):
            found = float(value)
            if self.least <= found and (not self.whole or (found <= LONGEST and found.is_integer())):
                return found
        raise ConfigError(
            f"expected {self.range} for {self.name!r} of {owner}, was {value!r}", code="bad_indicator",
            details={"indicator": owner, "parameter": self.name},
        )


@dataclass(frozen=True, slots=True)
class IndicatorKind:
    """One classical indicator.

    Attributes
    ----------
    name : str
        As in ``Indicator("RSI", 14)``.
    title : str
        What it is.
    inputs : tuple of str
        Fields of a bar in the order of the step's arguments.
    outputs : tuple of str
        Names of what it gives, the main one first.
    settings : tuple of Setting
        Parameters in order.
    module, function : str
        Where the step is written.
    scratch : callable
        Slots it needs beside outputs and parameters, of the parameters' values as whole numbers.
    """

    name: str
    title: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    settings: tuple[Setting, ...]
    module: str
    function: str
    scratch: Callable[..., int]

    def values(self, *positional: object, **named: object) -> tuple[float, ...]:
        """Return the values of all parameters in order.

        Raises
        ------
        ConfigError
            ``bad_indicator`` if there are too many, one is unknown, given twice or out of bounds.
        """
        names = [setting.name for setting in self.settings]
        if len(positional) > len(names):
            raise self._bad(f"at most {len(names)} parameters ({', '.join(names)})", f"{len(positional)}")
        given = dict(zip(names, positional, strict=False))
        for name, value in named.items():
            if name not in names:
                raise self._bad("a parameter that it has", repr(name), suggest(name, names))
            if name in given:
                raise self._bad(f"{name!r} once", "by position and by name")
            given[name] = value
        found = tuple(setting.check(given.get(setting.name, setting.default), self.name) for setting in self.settings)
        if self.name == "MACD" and found[0] >= found[1]:
            raise self._bad("fast below slow", f"{found[0]:g} and {found[1]:g}")
        return found

    def width(self, values: tuple[float, ...]) -> int:
        """Slots of the state with these values of the parameters."""
        return len(self.outputs) + len(values) + self.scratch(*(int(value) for value in values))

    def start(self, values: tuple[float, ...]) -> npt.NDArray[np.float64]:
        """Return the state before the first value: outputs NaN, then the parameters, then zeros."""
        import numpy as np

        state = np.zeros(self.width(values))
        outputs = len(self.outputs)
        state[:outputs] = np.nan
        state[outputs : outputs + len(values)] = values
        return state

    @property
    def step(self) -> Any:
        """The compiled step: ``step(state, *inputs) -> float``."""
        return getattr(import_module(f"ntp.statistics.indicators.{self.module}"), self.function)

    def column(self, state: npt.NDArray[np.float64], *columns: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Step over whole columns, going on from a state, which is changed.

        Parameters
        ----------
        state : array of float64
            As from :meth:`start` or as the last call left it.
        *columns : array_like
            One for each of `inputs`, of one length.

        Returns
        -------
        array of float64, shape (outputs, rows)

        Raises
        ------
        DataError
            ``bad_columns`` if the number or the lengths of the columns differ.
        """
        import numpy as np

        from ntp.statistics.indicators.compiled import loop_of

        made = [np.ascontiguousarray(column, dtype=np.float64) for column in columns]
        if len(made) != len(self.inputs) or len({len(column) for column in made}) > 1:
            raise DataError(
                f"expected columns {', '.join(self.inputs)} of one length for {self.name}, "
                f"was lengths {[len(column) for column in made]}", code="bad_columns",
            )
        table = np.empty((len(self.outputs), len(made[0])))
        loop_of(self.step, len(made))(state, table, *made)
        return table

    def _bad(self, expected: str, was: str, hint: str = "") -> ConfigError:
        return ConfigError(
            f"expected {expected} for the indicator {self.name}, was {was}", code="bad_indicator", hint=hint,
            details={"indicator": self.name},
        )
