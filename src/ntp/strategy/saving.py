"""Saving: what a strategy remembers in JSON types, so that it can go on after a restart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ntp.core import StrategyError

if TYPE_CHECKING:
    from ntp.strategy.runtime import EngineRuntime


def save_state(runtime: EngineRuntime) -> dict[str, Any]:
    """Collect what `on_save` gives, and of each open contract ``data.state``, indicators and bars.

    Raises
    ------
    StrategyError
        ``not_savable`` if any of it is not of JSON types.
    """
    strategy, bars, indicators = runtime.strategy, runtime._bars, runtime._indicators
    contracts: dict[str, Any] = {}
    for number, view in enumerate(runtime.views):
        if view is None or number in runtime._gone:
            continue
        contracts[view.contract.id] = {
            "state": None if view._state is None else _json(vars(view._state), f"data.state of {view.contract.id}"),
            "indicators": indicators.save(number), "bars": bars.save(number), "fields": indicators.save_bars(number),
            "wakes_left": runtime._wakes_left[number],
        }
    inputs = {
        alias: {"bars": bars.save(number), "fields": indicators.save_bars(number)}
        for alias, number in runtime._aliases.items()
    }
    return {"strategy": _json(strategy.on_save(), "on_save"), "contracts": contracts, "inputs": inputs}


def load_state(runtime: EngineRuntime, saved: Mapping[str, Any]) -> None:
    """Take up what :func:`save_state` gave; contracts that are no longer there are left out."""
    for contract, kept in saved["contracts"].items():
        view = runtime.by_contract.get(contract)
        if view is None:
            continue
        number = view.index
        if kept["state"] is not None:
            vars(view.state).update(kept["state"])
        runtime._indicators.load(number, kept["indicators"])
        runtime._bars.load(number, kept["bars"])
        runtime._indicators.load_bars(number, kept["fields"])
        runtime._wakes_left[number] = kept["wakes_left"]
    for alias, kept in saved["inputs"].items():
        number = runtime._aliases.get(alias, -1)
        if number >= 0:
            runtime._bars.load(number, kept["bars"])
            runtime._indicators.load_bars(number, kept["fields"])
    runtime.strategy.on_load(saved["strategy"])


def _json(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    found = dict(values)
    try:
        json.dumps(found, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise StrategyError(
            f"expected JSON types in {where}, was: {error}", code="not_savable",
            hint="keep numbers, texts, lists and dicts, or give them from on_save",
        ) from error
    return found
