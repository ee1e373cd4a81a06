"""Quick: one replay after another of a whole-column strategy on one tape, in the same memory."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ntp.backtest.columns.curve import Curve
from ntp.backtest.stage import Stage
from ntp.backtest.stamps import stamps_of
from ntp.core import NtpError
from ntp.engine import records as r
from ntp.engine.rewind import Rewind
from ntp.engine.tape import Tape
from ntp.strategy import Strategy
from ntp.strategy.columns import (
    ColumnsRuntime,
    Frame,
    MarketOnly,
    Plan,
    Planner,
    Playing,
    Recording,
    Seat,
    Skips,
    place_of,
    playable,
    skips_of,
    within_reach,
)
from ntp.strategy.declaration import Declaration, warmup_of

Log = npt.NDArray[Any]
_LIMIT: Final = r.field(r.CONTRACT, "max_position")
_FILLS, _DONE, _SETTLEMENTS, _FREE, _CAPACITY, _EVENTS, _WAKES, _NEXT_ORDER, _TOUCHES = (
    r.field(r.CONTEXT, name) for name in (
        "n_fills", "n_done", "n_settlements", "free_count", "order_capacity", "events", "wakes_count", "next_order",
        "touch_fills",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Quick:
    """What one replay gave, as the engine wrote it down; valid until the next one of the same player.

    Attributes
    ----------
    fills, orders, live, settlements : ndarray
        Records of the engine: fills, orders that ended, orders that rest, settlements.
    curve : Curve
        The samples of equity, followed to the end.
    address : int
        Of the context of the replay, through which compiled code finds all of this.
    next_order : int
        More than the number of any order.
    stamps : callable
        Says what weakens it, of the flags of all fills and of whether there were rebates.
    absent : dict of str to int
        How often a value that was needed was absent.
    events, wakes, visited : int
        Rows and wakes of the replay, those passed over included, and the rows that were visited.
    """

    fills: Log
    orders: Log
    live: Log
    settlements: Log
    curve: Curve
    address: int
    next_order: int
    stamps: Callable[[int, int], list[str]]
    absent: dict[str, int]
    events: int
    wakes: int
    visited: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What a strategy returned for each of its frames, and what will lay it out."""

    strategy: Strategy
    planner: Planner
    returned: list[tuple[Frame, Any]]


@dataclass(frozen=True, slots=True)
class Planned:
    """What a strategy wants, and at how many wakes it was asked."""

    strategy: Strategy
    plan: Plan
    wakes: int


class QuickPlayer:
    """Replays a strategy with other parameters each time; made by :func:`quick_player`.

    Parameters
    ----------
    stage : Stage
        What the replays share.
    runtime : ColumnsRuntime
        Set up on the whole tape and not begun.
    recording : Recording
        The wakes on it.
    skips : Skips
        Rows that may be passed over.
    """

    def __init__(self, stage: Stage, runtime: ColumnsRuntime, recording: Recording, skips: Skips) -> None:
        self.stage, self._runtime = stage, runtime
        self._replay = runtime.replay
        self._rewind = Rewind(runtime.replay.state)
        self._port = _Market(runtime)
        self._declared = runtime.declaration
        self._waived = stage.waived
        self._stamps: list[str] | None = None
        self._masks: list[int] = []
        self._breached: list[str] = []
        tape, every = stage.tape, int(runtime.replay.state.context["equity_every"][0])
        self._curve = Curve(tape.first, tape.last + every, stage.capital)
        self._seat = Seat(recording.contracts, 1, runtime.analyze_bits, skips, self._curve.address)

    def ask(self, strategy: Strategy) -> Asked | None:
        """Ask a strategy what it wants; None where only the ordinary way says what happens, such as an error.

        Parameters
        ----------
        strategy : Strategy
            Its own instance, of the class that this was made for.
        """
        if not playable(strategy, self._declared):
            return None
        recording, shown = self.stage.columns(strategy)
        self._port.forget()
        strategy._bind(self._port)
        try:
            frames = shown.by(self._declared.frame_by, strategy)
            returned = [(frame, strategy.signals(frame.table.clone())) for frame in frames]
            return Asked(strategy, Planner(recording, place_of(strategy.signals), warmup_of(strategy)), returned)
        except Exception:  # the ordinary way raises it again, with its place
            return None
        finally:
            strategy._unbind()

    def plan(self, asked: Asked) -> Planned | None:
        """Lay out what was wanted; None where only the ordinary way can carry it out, or says what is wrong."""
        recording, _ = self.stage.columns(asked.strategy)
        try:
            for frame, returned in asked.returned:
                asked.planner.add(frame, returned)
            plan = asked.planner.plan
        except Exception:  # a lazy frame may raise anything when it is computed
            return None
        return Planned(asked.strategy, plan, len(recording)) if within_reach(plan, recording) else None

    def play(self, planned: Planned) -> Quick:
        """Replay what is planned.

        Parameters
        ----------
        planned : Planned
            By any quick player of the same stage.
        """
        strategy, plan, state = planned.strategy, planned.plan, self._replay.state
        self._rewind.rewind()
        self._curve.begin()
        limit = strategy.max_position  # another point's own must not hold here
        state.contract_words[_LIMIT] = r.NONE if limit is None else int(limit * 1_000_000)
        playing = Playing(plan, strategy, self._seat, range(len(plan.tags)))
        playing.bind(self._replay)
        while state.step() == r.WAKE:
            pass
        if not playing.ended(planned.wakes):
            raise NtpError("expected the wakes of the market-only replay, was others", code="columns_diverged")
        self._curve.finish(state.address)
        return self._gather(playing)

    def _gather(self, playing: Playing) -> Quick:
        state = self._replay.state
        words, tables = state.words, state.tables
        live = tables["orders"]
        live = live[:0] if words[_FREE] == words[_CAPACITY] else live[(live["id"] > 0) & (live["state"] != r.DONE)]
        events = words[_EVENTS]
        return Quick(
            fills=tables["fills"][: words[_FILLS]], orders=tables["done"][: words[_DONE]], live=live,
            settlements=tables["settlements"][: words[_SETTLEMENTS]], curve=self._curve,
            address=state.address, next_order=words[_NEXT_ORDER], stamps=self._stamps_of, absent=playing.absent,
            events=events, wakes=words[_WAKES], visited=events - playing.passed_over,
        )  # fmt: skip

    def _stamps_of(self, flags: int, rebates: int) -> list[str]:
        """Collect the stamps; those that no fill decides are known from the first replay on."""
        masks = self._replay.state.gate_counts.nonzero()[0].tolist()
        if masks != self._masks:  # nearly always those of the replay before
            self._masks, self._breached = masks, self._runtime.gate.breach_stamps()
        return [*self._market_stamps(flags, rebates), *self._breached]

    def _market_stamps(self, flags: int, rebates: int) -> list[str]:
        """Collect those that market and fills leave."""
        if self._replay.state.words[_TOUCHES] or flags & r.F_UNSIZED or rebates:
            return stamps_of(self._replay, [0], self._waived)
        if self._stamps is None:
            self._stamps = stamps_of(self._replay, [0], self._waived)
        return self._stamps


def quick_player(stage: Stage, strategy: Strategy, mode: str) -> QuickPlayer | None:
    """Make what replays a strategy quickly; None where it or its data do not allow that.

    The tape must be the candles of one contract, held in memory. The strategy must need nothing but `signals`,
    default sizes and no stops.

    Parameters
    ----------
    stage : Stage
        What the replays share.
    strategy : Strategy
        Any point of it.
    mode : str
        Fill mode.
    """
    tape = stage.tape
    if not quickly(stage.declaration, strategy, tape) or not len(tape.columns["ts"]):
        return None
    recording, _ = stage.columns(strategy)
    runtime = stage.rehearse(strategy, mode, tape)
    context = runtime.replay.state.context
    latency, every = int(context["feed_latency"][0]), int(context["equity_every"][0])
    skips = skips_of(tape.columns, tape.candles, tape.contracts, recording, latency, tape.first, every)
    return None if skips is None else QuickPlayer(stage, runtime, recording, skips)


def quickly(declared: Declaration, strategy: Strategy, tape: Tape) -> bool:
    """Whether a strategy may be replayed quickly on a tape, once that is held in memory.

    Parameters
    ----------
    declared : Declaration
        What the strategy's class declares.
    strategy : Strategy
        With its parameters.
    tape : Tape
        What is replayed.
    """
    return (
        declared.callbacks == {"signals"} and playable(strategy, declared) and len(tape.instruments) == 1
        and int(tape.contracts["fidelity"][0]) == r.FID_CANDLES
    )


def in_memory(tape: Tape) -> Tape:
    """Hold all rows of a tape in memory, in one piece too."""
    if len(tape.columns["ts"]):
        return tape
    chunks = list(tape.chunks())
    held = replace(tape, chunks=lambda: iter(chunks))
    if len(chunks) == 1:
        whole = chunks[0]
        return replace(held, columns=whole.columns, candles=whole.candles, rows=len(whole.columns["ts"]))
    columns = {name: np.concatenate([chunk.columns[name] for chunk in chunks]) for name in chunks[0].columns}
    before = np.cumsum([0, *(len(chunk.candles) for chunk in chunks[:-1])])
    moved = np.repeat(before, [len(chunk.columns["ts"]) for chunk in chunks])
    columns["size"] = np.where(columns["meta"] & 15 == r.CANDLE, columns["size"] + moved, columns["size"])
    candles = np.concatenate([chunk.candles for chunk in chunks])
    return replace(held, columns=columns, candles=candles, rows=len(columns["ts"]))


class _Market(MarketOnly):
    """Gives every replay the random numbers that a run of its own has."""

    def __init__(self, runtime: ColumnsRuntime) -> None:
        super().__init__(runtime)
        self._fresh, self._rng = runtime.rng, runtime.rng

    @property
    def rng(self) -> np.random.Generator:
        """The generator of this replay."""
        if self._rng is self._fresh:
            self._rng = deepcopy(self._fresh)
        return self._rng

    def forget(self) -> None:
        """Go on to the next replay."""
        self._rng = self._fresh


__all__ = ["Asked", "Planned", "Quick", "QuickPlayer", "in_memory", "quick_player", "quickly"]
