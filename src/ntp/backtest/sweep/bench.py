"""Bench: replays the points of a sweep, one after another, on a tape that is decoded once."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final

from ntp.backtest.columns import (
    Asked,
    Figures,
    Planned,
    QuickPlayer,
    figures_metrics,
    in_memory,
    quick_player,
    quickly,
)
from ntp.backtest.facts import Facts
from ntp.backtest.loader import load_data
from ntp.backtest.manifest import fills_hash
from ntp.backtest.metrics import compute_metrics
from ntp.backtest.plan import plan_replay, trade_universe
from ntp.backtest.results import ModeOutput, RunContext
from ntp.backtest.settings import RunSettings
from ntp.backtest.stage import Stage
from ntp.backtest.sweep.outcome import Outcome
from ntp.backtest.sweep.subject import Cast, Subject
from ntp.backtest.sweep.tape_files import TapeFiles
from ntp.backtest.validation.event_blocks import sums_by_block
from ntp.core import DataError, NtpError, StrategyError
from ntp.data import Dataset
from ntp.engine.tape import Tape
from ntp.statistics import return_moments
from ntp.strategy import Contract, Strategy
from ntp.strategy.columns import playable
from ntp.strategy.params import Value

_TOGETHER: Final = 16
"""Points that are asked before they are planned, and planned before they are replayed."""


@dataclass(frozen=True)
class Bench:
    """Everything about a sweep's replays that its parameters do not change, without any data.

    Attributes
    ----------
    subject : Subject
        The strategy.
    settings : RunSettings
        How it is replayed.
    context : RunContext
        What the metrics need to know of the run, whatever its parameters.
    files : TapeFiles
        Where the tape is, or belongs.
    wanted : frozenset of str
        Contracts that may be traded.
    latencies : tuple of int
        Feed latencies of the sources.
    datasets : tuple of Dataset
        From which the tape can be decoded again where its files are not; empty where nothing is stored.
    start, end : int, optional
        Range of the data in nanoseconds.
    blocks : Mapping of str to int
        Block of each event.
    """

    subject: Subject
    settings: RunSettings
    context: RunContext
    files: TapeFiles
    wanted: frozenset[str]
    latencies: tuple[int, ...]
    datasets: tuple[Dataset, ...] = ()
    start: int | None = None
    end: int | None = None
    blocks: Mapping[str, int] = field(default_factory=dict)

    def open(self, tape: Tape | None = None) -> Callable[[Sequence[tuple[str, Mapping[str, Value]]]], list[Outcome]]:
        """Get ready to replay points, on a tape that this process has or else on the files of one."""
        cast = self.subject.cast()
        tape = tape or self._tape(cast)
        if quickly(cast.declared.declaration, cast.parameters({}), tape):
            tape = in_memory(tape)
        return Player(self, cast, tape).play_all

    def side_by_side(self, tape: Tape, points: Sequence[Mapping[str, Value]]) -> bool:
        """Whether threads of one process can replay points: nearly all of the work leaves Python's lock alone."""
        cast = self.subject.cast()
        return cast.shares_nothing and all(
            quickly(cast.declared.declaration, cast.parameters(values), tape) for values in points
        )

    def _tape(self, cast: Cast) -> Tape:
        """Open the tape; on a machine that does not share the files it is decoded from the data set, once."""
        if self.files.ready:
            return self.files.open()
        here = TapeFiles(Path(tempfile.gettempdir()) / f"ntp-tape-{self.files.key[-16:]}", self.files.key)
        if not here.ready:
            here.write(self._decoded(cast))
            atexit.register(shutil.rmtree, here.folder, ignore_errors=True)
        return here.open()

    def _decoded(self, cast: Cast) -> Tape:
        missing = [each.folder for each in self.datasets if not each.folder.is_dir()]
        if missing or not self.datasets:
            raise DataError(
                f"expected the data of the sweep on this worker, was neither {self.files.folder} nor "
                f"{missing[0] if missing else 'a stored data set'}", code="data_not_on_worker",
                hint="import the data (ntp data import) into a workspace that all workers can read",
            )
        loaded = load_data(self.datasets, self.start, self.end, latency=self.settings.engine.feed)
        return plan_replay(cast.parameters({}), cast.declared, self.settings, loaded)[0]


@dataclass
class Player:
    """An open bench: the tape is at hand, and what all points share is worked out.

    Threads may share it: each has a quick replay of its own, and those that are not quick follow each other.
    """

    bench: Bench
    cast: Cast
    tape: Tape
    stages: dict[frozenset[int], Stage] = field(default_factory=dict)
    universe: dict[int, Contract] | None = None
    _idle: list[QuickPlayer] = field(default_factory=list)
    _slow: Stage | None = None
    _alone: threading.RLock = field(default_factory=threading.RLock)

    def play_all(self, points: Sequence[tuple[str, Mapping[str, Value]]]) -> list[Outcome]:
        """Replay points, each with its key.

        Some are asked together, then planned, then replayed: what does the one leaves no room near the processor
        for what does the other.
        """
        outcomes: list[Outcome] = []
        for first in range(0, len(points), _TOGETHER):
            some = [values for _, values in points[first : first + _TOGETHER]]
            asked = [self._asked(values) for values in some]
            planned = [None if each is None else self._planned(*each) for each in asked]
            played = [self._played(*each) for each in zip(some, planned, strict=True)]
            outcomes += [_outcome(each) if isinstance(each, Figures) else each for each in played]
        return outcomes

    def _asked(self, values: Mapping[str, Value]) -> tuple[Stage, Asked] | None:
        """Ask a whole-column strategy what it wants at a point; None if it is no case for quick replays."""
        if "signals" not in self.cast.declared.declaration.callbacks or not self.cast.shares_nothing:
            return None
        try:
            strategy = self.cast.parameters(values)
            stage = self._stage(strategy)
            player = self._player(stage, strategy)
        except (DataError, StrategyError):  # the ordinary way raises it again
            return None
        if player is None:
            return None
        asked = player.ask(strategy)
        self._idle.append(player)
        return None if asked is None else (stage, asked)

    def _planned(self, stage: Stage, asked: Asked) -> tuple[Stage, Planned] | None:
        player = self._player(stage, asked.strategy)
        assert player is not None
        planned = player.plan(asked)
        self._idle.append(player)
        return None if planned is None else (stage, planned)

    def _played(self, values: Mapping[str, Value], planned: tuple[Stage, Planned] | None) -> Outcome | Figures:
        """Replay one point in the headline mode; a strategy that fails is an outcome too."""
        if planned is not None:
            return self._quickly(*planned)
        try:
            with self._alone:
                output = self._replayed(values)
        except (DataError, StrategyError) as error:
            return Outcome({}, error=_words(error))
        facts = Facts(output, self.bench.context)
        metrics = compute_metrics(facts, resample=False)
        moments = return_moments(facts.event_returns) if facts.fees_known else None
        return Outcome(
            dict(metrics.values_by_id), dict(metrics.reasons), moments, fills_hash(output.fills),
            tuple(output.counters.get("stamps") or ()), blocks=sums_by_block(facts, self.bench.blocks),
        )

    def _quickly(self, stage: Stage, planned: Planned) -> Figures:
        player = self._player(stage, planned.strategy)
        assert player is not None
        figures = Figures(player.play(planned), self.bench.context, stage.contract)
        self._idle.append(player)  # what it holds is read
        return figures

    def _player(self, stage: Stage, strategy: Strategy) -> QuickPlayer | None:
        """Take a quick replay that nobody uses, or set up one; None where that is not possible."""
        with suppress(IndexError):
            player = self._idle.pop()
            if player.stage is stage:
                return player
        with self._alone:
            if self._slow is stage:
                return None
            made = quick_player(stage, strategy, self.bench.settings.fills)
            if made is None and playable(strategy, stage.declaration):
                self._slow = stage  # whatever the parameters
            return made

    def _replayed(self, values: Mapping[str, Value]) -> ModeOutput:
        compiled = self.bench.settings.compiled
        strategy = self.cast.parameters(values) if compiled else self.cast.make(values)
        stage = self._stage(strategy)
        play = stage.play(strategy, self.bench.settings.fills)
        for chunk in chain(self.tape.chunks(), [None]):
            play.advance(chunk, self.tape.first, None)
        return stage.output(play)

    def _stage(self, strategy: Strategy) -> Stage:
        """Return the stage of a point's universe: the same for all, unless parameters select contracts."""
        with self._alone:
            return self._staged(strategy)

    def _staged(self, strategy: Strategy) -> Stage:
        if self.universe is None or type(strategy).select is not Strategy.select:
            self.universe = trade_universe(strategy, self.tape, self.bench.wanted)
        numbers = frozenset(self.universe)
        if numbers not in self.stages:
            self.stages = {numbers: Stage(
                self.cast.declared, self.bench.settings, self.tape, self.universe, self.bench.latencies
            )}  # fmt: skip
        return self.stages[numbers]


def _outcome(figures: Figures) -> Outcome:
    metrics = figures_metrics(figures)
    moments = return_moments(figures.event_returns) if figures.fees_known else None
    return Outcome(metrics.values_by_id, metrics.reasons, moments, figures.fills_hash(), tuple(figures.stamps))


def _words(error: NtpError) -> str:
    where = error.details.get("line")
    return f"{error.message} (line {where})" if where else error.message


__all__ = ["Bench", "Player"]
