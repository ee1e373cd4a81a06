"""Bench: replays the points of a sweep, one after another, on a tape that is decoded once."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from ntp.backtest.columns import Figures, QuickPlayer, figures_hash, figures_metrics, quick_player
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
from ntp.strategy.params import Value


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

    def open(self) -> Callable[[Sequence[tuple[str, Mapping[str, Value]]]], list[Outcome]]:
        """Map the tape and get ready to replay points."""
        cast = self.subject.cast()
        return Player(self, cast, self._tape(cast)).play_all

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
    """An open bench: the tape is mapped, and what all points share is worked out."""

    bench: Bench
    cast: Cast
    tape: Tape
    stages: dict[frozenset[int], Stage] = field(default_factory=dict)
    universe: dict[int, Contract] | None = None
    quick: QuickPlayer | None = None

    def play_all(self, points: Sequence[tuple[str, Mapping[str, Value]]]) -> list[Outcome]:
        """Replay points, each with its key."""
        return [self.play(values) for _, values in points]

    def play(self, values: Mapping[str, Value]) -> Outcome:
        """Replay one point in the headline mode; a strategy that fails is an outcome too."""
        try:
            found = self._quickly(values)
            if found is not None:
                return found
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

    def _quickly(self, values: Mapping[str, Value]) -> Outcome | None:
        """Replay a whole-column strategy in memory that all points share; None where that is not possible."""
        if "signals" not in self.cast.declared.declaration.callbacks or not self.cast.shares_nothing:
            return None
        strategy = self.cast.parameters(values)
        stage = self._stage(strategy)
        if self.quick is None or self.quick.stage is not stage:
            self.quick = quick_player(stage, strategy, self.bench.settings.fills)
        played = None if self.quick is None else self.quick.play(strategy)
        if played is None:
            return None
        figures = Figures(played, self.bench.context)
        metrics = figures_metrics(figures)
        return Outcome(
            dict(metrics.values_by_id), dict(metrics.reasons),
            return_moments(figures.event_returns) if figures.fees_known else None,
            figures_hash(played, stage.contract), tuple(played.stamps),
        )

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
        if self.universe is None or type(strategy).select is not Strategy.select:
            self.universe = trade_universe(strategy, self.tape, self.bench.wanted)
        numbers = frozenset(self.universe)
        if numbers not in self.stages:
            self.stages = {numbers: Stage(
                self.cast.declared, self.bench.settings, self.tape, self.universe, self.bench.latencies
            )}  # fmt: skip
        return self.stages[numbers]


def _words(error: NtpError) -> str:
    where = error.details.get("line")
    return f"{error.message} (line {where})" if where else error.message


__all__ = ["Bench", "Player"]
