"""Quick: one replay after another of a whole-column strategy on one tape, in the same memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ntp.backtest.stage import Stage
from ntp.backtest.stamps import stamps_of
from ntp.core import NtpError
from ntp.engine import records as r
from ntp.engine.rewind import Rewind
from ntp.engine.tape import Tape
from ntp.strategy import Strategy
from ntp.strategy.columns import (
    ColumnsRuntime,
    MarketOnly,
    Playing,
    Skips,
    plan_of,
    playable,
    skips_of,
    within_reach,
)
from ntp.strategy.declaration import warmup_of

Log = npt.NDArray[Any]
_FILLS, _DONE, _EQUITY, _SETTLEMENTS, _FREE, _CAPACITY, _EVENTS, _WAKES, _NEXT_ORDER = (
    r.field(r.CONTEXT, name) for name in (
        "n_fills", "n_done", "n_equity", "n_settlements", "free_count", "order_capacity", "events", "wakes_count",
        "next_order",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Quick:
    """What one replay gave, as the engine wrote it down; valid until the next one of the same player.

    Attributes
    ----------
    fills, orders, live, equity, settlements : ndarray
        Records of the engine: fills, orders that ended, orders that rest, samples of equity, settlements.
    contract : ndarray
        The contract as it ended.
    account : ndarray
        Its account as it ended.
    address : int
        Of the context of the replay, through which compiled code finds all of this.
    next_order : int
        More than the number of any order.
    stamps : list of str
        What weakens it.
    absent : dict of str to int
        How often a value that was needed was absent.
    events, wakes, visited : int
        Rows and wakes of the replay, those passed over included, and the rows that were visited.
    """

    fills: Log
    orders: Log
    live: Log
    equity: Log
    settlements: Log
    contract: Log
    account: Log
    address: int
    next_order: int
    stamps: list[str]
    absent: dict[str, int]
    events: int
    wakes: int
    visited: int


class QuickPlayer:
    """Replays a strategy with other parameters each time; made by :func:`quick_player`.

    Parameters
    ----------
    stage : Stage
        What the replays share.
    runtime : ColumnsRuntime
        Set up on the whole tape and not begun.
    skips : Skips
        Rows that may be passed over.
    """

    def __init__(self, stage: Stage, runtime: ColumnsRuntime, skips: Skips) -> None:
        self.stage, self._runtime, self._skips = stage, runtime, skips
        self._replay = runtime.replay
        self._rewind = Rewind(runtime.replay.state)
        self._port = MarketOnly(runtime)
        self._declared = runtime.declaration
        self._waived = stage.waived
        self._stamps: list[str] | None = None

    def play(self, strategy: Strategy) -> Quick | None:
        """Replay one point; None where only the ordinary way says what happens, such as an error.

        Parameters
        ----------
        strategy : Strategy
            Its own instance, of the class that this was made for.
        """
        if not playable(strategy, self._declared):
            return None
        recording, shown = self.stage.columns(strategy)
        strategy._bind(self._port)
        try:
            frames = shown.by(self._declared.frame_by, strategy)
            plan = plan_of(recording, frames, strategy.signals, warmup_of(strategy))
        except Exception:  # the ordinary way raises it again, with its place
            return None
        finally:
            strategy._unbind()
        if not within_reach(plan, recording):
            return None
        state = self._replay.state
        self._rewind.rewind()
        limit = strategy.max_position  # another point's own must not hold here
        state.contracts["max_position"] = r.NONE if limit is None else int(limit * 1_000_000)
        playing = Playing(
            plan, strategy, recording.contracts, 1, self._runtime.analyze_bits, range(len(plan.tags)), self._skips
        )
        playing.bind(self._replay)
        while state.step() == r.WAKE:
            pass
        if not playing.ended(len(recording)):
            raise NtpError("expected the wakes of the market-only replay, was others", code="columns_diverged")
        self._replay.sample_equity()
        return self._gather(playing)

    def _gather(self, playing: Playing) -> Quick:
        state = self._replay.state
        words, tables = state.words, state.tables
        live = tables["orders"]
        live = live[:0] if words[_FREE] == words[_CAPACITY] else live[(live["id"] > 0) & (live["state"] != r.DONE)]
        events = words[_EVENTS]
        fills = tables["fills"][: words[_FILLS]]
        return Quick(
            fills=fills, orders=tables["done"][: words[_DONE]], equity=tables["equity"][: words[_EQUITY]], live=live,
            settlements=tables["settlements"][: words[_SETTLEMENTS]],
            contract=state.contracts[0], account=state.accounts[int(state.contracts["account"][0])],
            address=state.address, next_order=words[_NEXT_ORDER], stamps=self._stamps_of(fills), absent=playing.absent,
            events=events, wakes=words[_WAKES], visited=events - playing.passed_over,
        )  # fmt: skip

    def _stamps_of(self, fills: Log) -> list[str]:
        """Collect the stamps; those that no fill decides are known from the first replay on."""
        touched = bool(self._replay.state.context["touch_fills"][0])
        if touched or bool((fills["flags"] & r.F_UNSIZED).any()) or bool(fills["rebate"].any()):
            return stamps_of(self._replay, [0], self._waived)
        if self._stamps is None:
            self._stamps = stamps_of(self._replay, [0], self._waived)
        return self._stamps


def quick_player(stage: Stage, strategy: Strategy, mode: str) -> QuickPlayer | None:
    """Make what replays a strategy quickly; None where it or its data do not allow that.

    The tape must be the candles of one contract, held in memory while this lives. The strategy must need
    nothing but `signals`, default sizes and no stops.

    Parameters
    ----------
    stage : Stage
        What the replays share.
    strategy : Strategy
        Any point of it.
    mode : str
        Fill mode.
    """
    declared = stage.declaration
    if declared.callbacks != {"signals"} or not playable(strategy, declared) or len(stage.tape.instruments) != 1:
        return None
    tape = _in_memory(stage.tape)
    if tape is None:
        return None
    recording, _ = stage.columns(strategy)
    runtime = stage.rehearse(strategy, mode, tape)
    context = runtime.replay.state.context
    latency, every = int(context["feed_latency"][0]), int(context["equity_every"][0])
    skips = skips_of(tape.columns, tape.candles, tape.contracts, recording, latency, tape.first, every)
    return None if skips is None else QuickPlayer(stage, runtime, skips)


def _in_memory(tape: Tape) -> Tape | None:
    """Return a tape of candles with all its rows; None for other tapes."""
    if tape.contracts["fidelity"][0] != r.FID_CANDLES:
        return None
    if len(tape.columns["ts"]):
        return tape
    chunks = list(tape.chunks())
    if len(chunks) == 1:
        whole = chunks[0]
        return replace(tape, columns=whole.columns, candles=whole.candles, rows=len(whole.columns["ts"]))
    columns = {name: np.concatenate([chunk.columns[name] for chunk in chunks]) for name in chunks[0].columns}
    before = np.cumsum([0, *(len(chunk.candles) for chunk in chunks[:-1])])
    moved = np.repeat(before, [len(chunk.columns["ts"]) for chunk in chunks])
    columns["size"] = np.where(columns["meta"] & 15 == r.CANDLE, columns["size"] + moved, columns["size"])
    candles = np.concatenate([chunk.candles for chunk in chunks])
    return replace(tape, columns=columns, candles=candles, rows=len(columns["ts"]))


__all__ = ["Quick", "QuickPlayer", "quick_player"]
