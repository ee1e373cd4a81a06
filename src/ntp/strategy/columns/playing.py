"""Playing in the kernel: a plan as the records that the compiled player reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ntp.engine import player as p
from ntp.engine.memory import address_of
from ntp.engine.replay import Replay
from ntp.strategy.base import Strategy
from ntp.strategy.columns.plan import QUOTES, SIGNALS, TARGETS, Plan
from ntp.strategy.columns.recording import Recording
from ntp.strategy.columns.skips import Skips
from ntp.strategy.declaration import Declaration
from ntp.strategy.objects import DEFAULT_TICK, Contract

_KINDS: Final = {SIGNALS: p.SIGNALS, TARGETS: p.TARGETS, QUOTES: p.QUOTES}
_FIELDS: Final = {
    "size": "size", "limit": "limit", "confidence": "confidence", "fair": "fair", "target": "target",
    "quote_bid": "bid", "quote_ask": "ask",
}  # fmt: skip
_MARKET: Final = frozenset({"best", "quote", "book", "trade"})
_CALLS: Final = frozenset({"signals", "on_start", "on_stop"})
_HUGE: Final = 1e9  # contracts and dollars beyond are for Python to judge


class Playing:
    """A plan bound to the memory of a replay.

    Parameters
    ----------
    plan : Plan
        What is wanted.
    strategy : Strategy
        Its parameters.
    contracts : mapping of int to Contract
        Contracts of the universe by number.
    bits : int
        Wake reasons that make a row.
    tags : sequence of int
        The runtime's number of each tag of the plan.
    skips : Skips or None
        Rows that may be passed over; None where all of them are replayed.
    """

    def __init__(
        self, plan: Plan, strategy: Strategy, contracts: Mapping[int, Contract], count: int, bits: int,
        tags: Sequence[int], skips: Skips | None,
    ) -> None:
        self.intents = _intents(plan, tags, skips)
        self.steps = _steps(contracts, count)
        self.record = np.zeros(1, p.PLAYER)
        self._skips = skips
        values = {
            "kind": _KINDS[plan.kind], "bits": bits, "short": strategy.short, "count": len(self.intents),
            "intents": address_of(self.intents), "steps": address_of(self.steps),
            "position_size": float(strategy.position_size),
        }  # fmt: skip
        if skips is not None:
            values |= skips.addresses | {"skips": 1, "sample_first": skips.first}
        for name, value in values.items():
            self.record[name] = value

    def bind(self, replay: Replay) -> None:
        """Let the kernel play this in a replay; the caller keeps this object alive."""
        context = replay.state.context
        context["strategy"], context["player"] = p.PLAYED, address_of(self.record)

    @property
    def absent(self) -> dict[str, int]:
        """How often a value that was needed was absent, by its name."""
        found = {name: int(self.record[f"absent_{name}"][0]) for name in ("bid", "ask", "tick")}
        return {name: count for name, count in found.items() if count}

    @property
    def passed_over(self) -> int:
        """Rows that were not visited."""
        return int(self.record["passed"][0])

    def ended(self, wakes: int) -> bool:
        """Whether all wakes came that were expected, and everything was carried out."""
        return int(self.record["row"][0]) == wakes and int(self.record["next"][0]) == len(self.intents)


def playable(strategy: Strategy, declared: Declaration) -> bool:
    """Whether the kernel can play a strategy: nothing but `signals` runs at its wakes, and sizes are the default's."""
    wake = declared.wake
    return (
        declared.callbacks <= _CALLS
        and wake.tokens <= _MARKET
        and strategy.stop_loss is None
        and strategy.take_profit is None
        and type(strategy).calculate_position_size is Strategy.calculate_position_size
    )


def within_reach(plan: Plan, recording: Recording) -> bool:
    """Whether every number is one the kernel computes with; what Python would refuse is left to it."""
    if any(bool((np.abs(values) > _HUGE).any()) for values in plan.numbers.values()):
        return False
    if plan.kind == TARGETS or all(each.is_asset for each in recording.contracts.values()):
        return True
    assets = np.zeros(max(recording.contracts) + 1, np.bool_)
    assets[[number for number, each in recording.contracts.items() if each.is_asset]] = True
    priced = ~assets[recording.column("contract")[plan.rows]]
    if "size" in plan.numbers:
        priced &= np.isnan(plan.numbers["size"])
    for name in ("limit", "quote_bid", "quote_ask"):
        prices = plan.numbers[name][priced] if name in plan.numbers else np.zeros(0)
        if bool(((prices < 0.0) | (prices > 1.0)).any()):
            return False
    return True


def _intents(plan: Plan, tags: Sequence[int], skips: Skips | None) -> npt.NDArray[Any]:
    intents = np.empty(len(plan.rows), p.INTENT)
    intents["row"] = plan.rows
    intents["tape_row"] = 0 if skips is None else skips.tape_rows[plan.rows]
    intents["code"] = plan.codes
    intents["ttl"] = -1 if plan.ttl is None else plan.ttl
    intents["tag"] = -1 if plan.tag is None else np.array([*tags, -1], dtype=np.int64)[plan.tag]
    for name, field in _FIELDS.items():
        intents[field] = plan.numbers.get(name, np.nan)
    return intents


def _steps(contracts: Mapping[int, Contract], count: int) -> npt.NDArray[np.float64]:
    """List the steps of grids that are the same at every price, in dollars; 0 where the record's bands say."""
    steps = np.zeros(count)
    for number, contract in contracts.items():
        if not contract.tick_bands:
            steps[number] = 1 / 10.0**contract.price_scale if contract.is_asset else DEFAULT_TICK
    return steps


__all__ = ["Playing", "playable", "within_reach"]
