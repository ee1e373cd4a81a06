"""Indicators as columns: those that step at every wake are computed in bulk, the others as the market is replayed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ntp.strategy.columns.recording import Recording, in_bulk
from ntp.strategy.declaration import declaration_of
from ntp.strategy.indicators.arguments import value_of
from ntp.strategy.indicators.declared import DeclaredIndicator

Key = tuple[Any, ...]
Values = Mapping[str, npt.NDArray[np.float64]]
_SAME: Final = {"seconds_to_settlement": "seconds_to_close"}


def keys_of(strategy: Any, *, bulk: bool) -> dict[str, Key]:
    """Return what decides the values of a strategy's indicators: equal keys give equal columns.

    Parameters
    ----------
    strategy : Strategy
        With its parameters.
    bulk : bool
        Those that are computed in bulk, or the others.
    """
    found: dict[str, Key] = {}
    for name, each in declaration_of(strategy).indicators.items():
        if in_bulk(each) != bulk:
            continue
        if each.indicator is not None:
            known = each.indicator
            values = [value_of(strategy, value) for value in known.arguments]
            named = [(key, value_of(strategy, value)) for key, value in known.parameters.items()]
            found[name] = (known.name.upper(), *values, *named, each.on, each.span)
        else:
            given = each.custom._given if each.custom is not None else {}
            found[name] = (
                name, type(each.custom), *((key, value_of(strategy, value)) for key, value in given.items()), each.span,
            )  # fmt: skip
    return found


def bulk_column(
    each: DeclaredIndicator, strategy: Any, recording: Recording, columns: Values
) -> npt.NDArray[np.float64]:
    """Values of an indicator at every wake of a recording, NaN while it warms up.

    Parameters
    ----------
    each : DeclaredIndicator
        One that is computed in bulk.
    strategy : Strategy
        Whose parameters it refers to.
    recording : Recording
        The wakes.
    columns : mapping of str to ndarray
        The frame's columns of numbers for all wakes, NaN where absent.
    """
    indicator = each.indicator
    assert indicator is not None
    kind = indicator.kind
    assert kind is not None
    numbers = recording.column("contract")
    start = kind.start(indicator.values(strategy))
    values = np.full(len(recording), np.nan)
    for number in recording.contracts:
        on = each.on or ("mid" if number in recording.with_quotes else "price")
        shown = columns.get(_SAME.get(on, on))
        if shown is not None and len(recording.contracts) == 1:
            values = kind.column(start, *[shown] * len(kind.inputs))[0]
            break
        if shown is not None:
            rows = np.flatnonzero(numbers == number)
            values[rows] = kind.column(start.copy(), *[shown[rows]] * len(kind.inputs))[0]
    return values


__all__ = ["Key", "bulk_column", "keys_of"]
