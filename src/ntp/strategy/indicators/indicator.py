"""Indicator: the declaration of one as class attribute of a strategy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ntp.core import ConfigError
from ntp.core.workspace import find_workspace
from ntp.strategy.indicators.arguments import ParameterName, named, value_of
from ntp.strategy.indicators.custom import CustomIndicator, span_of
from ntp.strategy.indicators.registry import IndicatorRegistry
from ntp.strategy.params import Parameter

if TYPE_CHECKING:
    from ntp.statistics.indicators import IndicatorKind

BAR_FIELDS: Final = ("open", "high", "low", "close", "volume")
"""What `on` may name of a bar."""
VIEW_FIELDS: Final = (
    "bid", "ask", "mid", "spread", "price", "bid_size", "ask_size", "volume", "spot", "seconds_to_close",
    "seconds_to_settlement",
)  # fmt: skip
"""What `on` may name of a view, besides custom fields as ``x_name`` and aliases of inputs."""


class Indicator:
    """An indicator of a strategy: ``rsi = Indicator("RSI", 14, on="mid", bar="1m")``.

    There is one for each contract, read as ``data.indicators.rsi``: a float, Absent while it warms up.

    Parameters
    ----------
    name : str
        A classical indicator (:data:`ntp.statistics.indicators.INDICATORS`), or the stem of a file in the
        workspace's folder ``indicators`` (``stem:Class`` where it has several).
    *arguments, **parameters
        Its parameters by position or name: numbers, or parameters of the strategy, as the ``Param`` written
        above it or, for an inherited one, by name.
    on : str, optional
        What it is computed from: a field of a view (``mid``, ``bid_size``, ``spot``, ``x_name`` for a custom field), a
        field of the bar, or an alias of `inputs`. By default the close of the bar; without `bar` the mid, or
        the last price where a contract has no quotes. Indicators of high, low and close take them from the
        bar, and from bars of `on` where that names anything else.
    bar : str, optional
        Duration of the bars that it advances by, each when it is complete. Without, it advances at every wake.

    Raises
    ------
    NotFound
        ``unknown_indicator`` with a suggestion.
    ConfigError
        ``bad_indicator`` if parameters, `on` or `bar` do not fit.

    Examples
    --------
    >>> from ntp import Indicator, Param, Strategy
    >>> class Crossing(Strategy):
    ...     fast: int = Param(5, ge=1)
    ...     quick = Indicator("SMA", fast, bar="1m")
    ...     slow = Indicator("SMA", n=20, bar="1m")
    ...     def analyze(self, data):
    ...         return data.indicators.quick - data.indicators.slow
    """

    def __init__(
        self, name: str, /, *arguments: Any, on: str | None = None, bar: str | None = None, **parameters: Any
    ) -> None:
        from ntp.statistics.indicators import INDICATORS  # here, so that who uses none does not load numpy

        if not isinstance(name, str):
            raise _bad("the name of an indicator", name)
        self.name = name
        self.kind: IndicatorKind | None = INDICATORS.get(name.upper())
        self.custom: type[CustomIndicator] | None = None
        registry = IndicatorRegistry(find_workspace(Path.cwd()).indicators)
        if self.kind is None:
            self.custom = registry.resolve(name)
            if on is not None:
                raise _bad(f"no `on` for {name!r}, which is given the view", on)
            arguments, parameters = (), self.custom.arguments(arguments, parameters)
        else:
            registry.refuse_hidden(name)
            arguments = tuple(map(_argument, arguments))
            parameters = {key: _argument(value) for key, value in parameters.items()}
        self.arguments, self.parameters = arguments, parameters
        self.on, self.bar = on, bar
        self.span = span_of(bar, name)
        if self.kind is not None:
            self._check_inputs(self.kind)
            if not self.refers:
                self.kind.values(*arguments, **parameters)

    def __set_name__(self, owner: type, attribute: str) -> None:
        self.arguments = tuple(named(owner, value) for value in self.arguments)
        self.parameters = {key: named(owner, value) for key, value in self.parameters.items()}

    def __deepcopy__(self, memo: dict[int, Any]) -> Indicator:
        return self  # nothing in it changes after its class is made

    def __repr__(self) -> str:
        parts = [repr(self.name), *map(repr, self.arguments)]
        parts += [f"{key}={value!r}" for key, value in self.parameters.items()]
        parts += [f"{key}={value!r}" for key, value in (("on", self.on), ("bar", self.bar)) if value is not None]
        return f"Indicator({', '.join(parts)})"

    @property
    def refers(self) -> list[Any]:
        """What among its arguments stands for parameters of the strategy."""
        given = (*self.arguments, *self.parameters.values())
        return [value for value in given if isinstance(value, ParameterName | Parameter)]

    def values(self, strategy: Any) -> tuple[float, ...]:
        """Values of a classical indicator's parameters, for :meth:`IndicatorKind.start`.

        Parameters
        ----------
        strategy : Strategy or type
            Whose parameters it refers to; of a class the defaults.

        Raises
        ------
        ConfigError
            ``bad_indicator`` if one is out of bounds.
        """
        assert self.kind is not None
        by_name = {key: value_of(strategy, value) for key, value in self.parameters.items()}
        return self.kind.values(*(value_of(strategy, value) for value in self.arguments), **by_name)

    def to_dict(self) -> dict[str, Any]:
        """JSON values for manifests."""
        return {"indicator": repr(self), "name": self.name, "on": self.on, "bar_ns": self.span}

    def _check_inputs(self, kind: IndicatorKind) -> None:
        if self.span is None and "volume" in kind.inputs:
            raise ConfigError(
                f"expected a bar for {kind.name}, which counts volume, was none", code="bad_indicator",
                hint=f'for example Indicator({kind.name!r}, bar="1m")',
            )
        if len(kind.inputs) > 1 and self.on in BAR_FIELDS and self.on not in ("close", *VIEW_FIELDS):
            raise ConfigError(
                f"expected a field of a view or an input as `on` of {kind.name}, which takes {', '.join(kind.inputs)} "
                f"of bars, was {self.on!r}", code="bad_indicator",
            )
        if self.span is None and self.on in BAR_FIELDS and self.on not in VIEW_FIELDS:
            raise ConfigError(
                f"expected a bar for an indicator on {self.on!r}, was none", code="bad_indicator",
                hint=f'for example Indicator({kind.name!r}, on={self.on!r}, bar="1m")',
            )


def _argument(value: Any) -> Any:
    return ParameterName(value) if isinstance(value, str) else value


def _bad(expected: str, was: object) -> ConfigError:
    return ConfigError(f"expected {expected}, was {was!r}", code="bad_indicator")
