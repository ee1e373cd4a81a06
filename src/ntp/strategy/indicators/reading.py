"""Reading of indicators: ``data.indicators.rsi``, a float with the other outputs beside it."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ntp.core import Absent, StrategyError, suggest
from ntp.statistics.indicators import IndicatorKind
from ntp.strategy.indicators.custom import CustomIndicator, last_of

if TYPE_CHECKING:
    from collections.abc import Callable


class ClassicalIndicator:
    """A classical indicator of one contract.

    Parameters
    ----------
    kind : IndicatorKind
        What it is.
    values : tuple of float
        Values of its parameters.
    keeps : bool
        Whether its values are kept, for a look back.
    """

    __slots__ = ("_keeps", "_step", "kind", "past", "state", "value")

    def __init__(self, kind: IndicatorKind, values: tuple[float, ...], *, keeps: bool) -> None:
        self.kind = kind
        self.state = kind.start(values)
        self.value = math.nan
        self.past = array("d")
        self._step: Callable[..., float] = kind.step
        self._keeps = keeps

    def advance(self, *inputs: float) -> None:
        """Step by one value of each input."""
        value = self.value = self._step(self.state, *inputs)
        if self._keeps and value == value:
            self.past.append(value)

    def save(self) -> dict[str, Any]:
        """State in JSON types."""
        return {"state": [None if x != x else x for x in self.state.tolist()], "past": self.past.tolist()}

    def load(self, saved: Mapping[str, Any]) -> None:
        """Take up what :meth:`save` gave.

        Raises
        ------
        StrategyError
            ``bad_state`` if it is that of other parameters.
        """
        state = np.array([math.nan if x is None else x for x in saved["state"]])
        outputs = len(self.kind.outputs)
        fixed = slice(outputs, outputs + len(self.kind.settings))
        if len(state) != len(self.state) or not np.array_equal(state[fixed], self.state[fixed]):
            raise StrategyError(
                f"expected the saved state of {self.kind.name} with the same parameters, was another",
                code="bad_state",
            )
        self.state, self.value = state, float(state[0])
        self.past = array("d", saved["past"])


class IndicatorValue(float):
    """Value of an indicator: a float, with its other outputs as attributes.

    Of a custom indicator, its attributes and methods are there too.
    """

    __slots__ = ("_live", "_name", "_outputs")
    _live: ClassicalIndicator | CustomIndicator
    _name: str
    _outputs: dict[str, float]

    def __new__(
        cls, number: float, live: ClassicalIndicator | CustomIndicator, name: str, outputs: dict[str, float]
    ) -> IndicatorValue:
        """Make the value that an indicator has now."""
        made = super().__new__(cls, number)
        made._live, made._name, made._outputs = live, name, outputs
        return made

    @property
    def value(self) -> float:
        """The number itself."""
        return float(self)

    def history(self, n: int) -> npt.NDArray[np.float64]:
        """Last `n` values up to this moment, oldest first, read-only; Absent if there are fewer."""
        if isinstance(self._live, CustomIndicator):
            return self._live.history(n)
        return last_of(self._live.past, n, f"indicators.{self._name}")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in self._outputs:
            return self._outputs[name]
        if isinstance(self._live, CustomIndicator):
            return getattr(self._live, name)
        raise StrategyError(
            f"expected an output of indicators.{self._name}, was {name!r}", code="unknown_indicator",
            hint=suggest(name, [*self._outputs, "value", "history"]),
        )


class IndicatorSet:
    """Indicators of one contract at this moment, by name; Absent while one has no value.

    Parameters
    ----------
    live : Mapping
        Indicators by name.
    """

    __slots__ = ("_live",)

    def __init__(self, live: Mapping[str, ClassicalIndicator | CustomIndicator]) -> None:
        self._live = live

    def __getattr__(self, name: str) -> IndicatorValue:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> IndicatorValue:
        live = self._live.get(name)
        if live is None:
            raise StrategyError(
                f"expected an indicator that the strategy declares, was {name!r}", code="unknown_indicator",
                hint=suggest(name, self._live) or f'{name} = Indicator("RSI", 14) in the class',
            )
        outputs: dict[str, float] = {}
        if isinstance(live, CustomIndicator):
            now = live._value  # noqa: SLF001 - two halves of one thing
            if now is None:
                raise Absent(f"indicators.{name}")
        else:
            now = live.value
            if now != now:
                raise Absent(f"indicators.{name}")
            names = live.kind.outputs
            if len(names) > 1:
                outputs = dict(zip(names, live.state[: len(names)].tolist(), strict=True))
        return IndicatorValue(now, live, name, outputs)

    def __iter__(self) -> Iterator[str]:
        return iter(self._live)

    def __len__(self) -> int:
        return len(self._live)

    def __contains__(self, name: object) -> bool:
        return name in self._live

    def get(self, name: str, default: Any = None) -> Any:
        """Value of an indicator, or `default` while it has none."""
        try:
            return self[name]
        except Absent:
            return default

    def copy(self) -> dict[str, IndicatorValue]:
        """Values of those that have one, to keep."""
        return {name: value for name in self._live if (value := self.get(name)) is not None}
