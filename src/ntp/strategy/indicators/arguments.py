"""Arguments of indicators that stand for parameters of the strategy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ntp.strategy.params import Parameter


@dataclass(frozen=True, slots=True)
class ParameterName:
    """A parameter of the strategy that an argument of an indicator stands for."""

    name: str

    def __repr__(self) -> str:
        return self.name


def named(owner: type, value: Any) -> Any:
    """Turn a ``Param`` written in the body of a class into its name; everything else stays."""
    if not isinstance(value, Parameter):
        return value
    return next((ParameterName(key) for key, written in vars(owner).items() if written is value), value)


def value_of(strategy: Any, value: Any) -> Any:
    """Value of an argument, with the strategy's, or the class's default, of a parameter."""
    return getattr(strategy, value.name) if isinstance(value, ParameterName) else value
