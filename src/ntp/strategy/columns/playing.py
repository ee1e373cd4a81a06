"""Playing in the kernel: a plan as the records that the compiled player reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ntp.engine import player as p
from ntp.engine import records as r
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
_KIND, _SHORT, _COUNT, _INTENTS, _ROW, _NEXT, _PASSED = (
    r.field(p.PLAYER, name) for name in ("kind", "short", "count", "intents", "row", "next", "passed")
)
_ABSENT: Final = {name: r.field(p.PLAYER, f"absent_{name}") for name in ("bid", "ask", "tick")}
_PLACES: Final = {name: r.field(p.INTENT, field) for name, field in _FIELDS.items()}
_WHOLE: Final = 5
"""Fields of an intent that are integers; they come first."""
_MARKET: Final = frozenset({"best", "quote", "book", "trade"})
_CALLS: Final = frozenset({"signals", "on_start", "on_stop"})
_HUGE: Final = 1e9  # contracts and dollars beyond are for Python to judge


class Seat:
    """What all plans played in the memory of one replay share.

    Parameters
    ----------
    contracts : mapping of int to Contract
        Contracts of the universe by number.
    count : int
        Contracts of the tape.
    bits : int
        Wake reasons that make a row.
    skips : Skips, optional
        Rows that may be passed over; without it all of them are replayed.
    curve : int
        Address of the curve that is followed where rows are passed over.
    """

    def __init__(
        self, contracts: Mapping[int, Contract], count: int, bits: int, skips: Skips | None = None, curve: int = 0
    ) -> None:
        self.skips, self._steps = skips, _steps(contracts, count)
        self.blank = np.zeros(1, p.PLAYER)
        values: dict[str, int] = {"bits": bits, "steps": address_of(self._steps)}
        if skips is not None:
            values |= skips.addresses | {"skips": 1, "sample_first": skips.first, "curve": curve}
        for name, value in values.items():
            self.blank[name] = value


class Playing:
    """A plan bound to the memory of a replay.

    Parameters
    ----------
    plan : Plan
        What is wanted.
    strategy : Strategy
        Its parameters.
    seat : Seat
        Where it is played; the caller keeps it alive.
    tags : sequence of int
        The runtime's number of each tag of the plan.
    """

    def __init__(self, plan: Plan, strategy: Strategy, seat: Seat, tags: Sequence[int]) -> None:
        self.intents = _intents(plan, tags, seat.skips)
        self.record = seat.blank.copy()
        self._words = words = memoryview(self.record.view(np.int64))  # type: ignore[arg-type]
        words[_KIND], words[_SHORT], words[_COUNT] = _KINDS[plan.kind], int(strategy.short), len(self.intents)
        words[_INTENTS] = address_of(self.intents)
        self.record["position_size"] = float(strategy.position_size)

    def bind(self, replay: Replay) -> None:
        """Let the kernel play this in a replay; the caller keeps this object alive."""
        context = replay.state.context
        context["strategy"], context["player"] = p.PLAYED, address_of(self.record)

    @property
    def absent(self) -> dict[str, int]:
        """How often a value that was needed was absent, by its name."""
        found = {name: self._words[place] for name, place in _ABSENT.items()}
        return {name: count for name, count in found.items() if count}

    @property
    def passed_over(self) -> int:
        """Rows that were not visited."""
        return self._words[_PASSED]

    def ended(self, wakes: int) -> bool:
        """Whether all wakes came that were expected, and everything was carried out."""
        return self._words[_ROW] == wakes and self._words[_NEXT] == len(self.intents)


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
    if any(match is not None for match in plan.match or ()):  # Python finds the contract that is named
        return False
    fairs = plan.numbers.get("fair", np.zeros(0))
    if bool(((fairs < 0.0) | (fairs > 1.0)).any()) and not all(each.is_asset for each in recording.contracts.values()):
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


def _intents(plan: Plan, tags: Sequence[int], skips: Skips | None) -> npt.NDArray[np.float64]:
    numbers = np.empty((len(plan.rows), len(p.INTENT.names or ())))  # field by field would take many times as long
    words = numbers.view(np.int64)
    words[:, 0] = plan.rows
    words[:, 1] = 0 if skips is None else skips.tape_rows[plan.rows]
    words[:, 2] = plan.codes
    words[:, 3] = -1 if plan.ttl is None else plan.ttl
    words[:, 4] = -1 if plan.tag is None else np.array([*tags, -1], dtype=np.int64)[plan.tag]
    numbers[:, _WHOLE:] = np.nan
    for name, values in plan.numbers.items():
        numbers[:, _PLACES[name]] = values
    return numbers


def _steps(contracts: Mapping[int, Contract], count: int) -> npt.NDArray[np.float64]:
    """List the steps of grids that are the same at every price, in dollars; 0 where the record's bands say."""
    steps = np.zeros(count)
    for number, contract in contracts.items():
        if not contract.tick_bands:
            steps[number] = 1 / 10.0**contract.price_scale if contract.is_asset else DEFAULT_TICK
    return steps


__all__ = ["Playing", "Seat", "playable", "within_reach"]
