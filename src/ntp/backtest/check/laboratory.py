"""Laboratory: replays a strategy again and again on recordings that are changed on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from ntp.backtest.check.decisions import Decisions
from ntp.backtest.facts import Facts
from ntp.backtest.loader import LoadedData
from ntp.backtest.plan import plan_replay
from ntp.backtest.replays import Replays
from ntp.backtest.settings import RunSettings
from ntp.core import DataError, NtpError, format_ns
from ntp.data.schema import Kind
from ntp.engine.tape import SourceFrames, Tape, TapeSource
from ntp.strategy import Contract, Strategy
from ntp.strategy.loader import LoadedStrategy, load_file

Make = Callable[[], Strategy]
LATE: Final = (Kind.LIFECYCLE, Kind.SETTLEMENT)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is checked: a strategy, how it is run and on what.

    Attributes
    ----------
    strategy : Strategy
        Copied for each replay.
    declared : LoadedStrategy
        Its class, and its file if it has one.
    settings : RunSettings
        Everything else that was asked for.
    sources : sequence of SourceFrames
        The recording, in memory.
    loaded : LoadedData
        Where it came from.
    """

    strategy: Strategy
    declared: LoadedStrategy
    settings: RunSettings
    sources: Sequence[SourceFrames]
    loaded: LoadedData

    @property
    def parameters(self) -> dict[str, Any]:
        """Values of the strategy's parameters."""
        return self.strategy.parameters()


class Laboratory:
    """Makes replays of one subject and counts them.

    Parameters
    ----------
    subject : Subject
        What is replayed.
    progress : callable, optional
        Called with rows done and in total.
    """

    def __init__(self, subject: Subject, progress: Callable[[int, int | None], None] | None = None) -> None:
        self.subject = subject
        self.reruns = 0
        self.planned = 0
        self._progress = progress
        self._done = 0
        self.tape, self.universe = self._plan(subject.sources, subject.settings)

    def _plan(self, sources: Sequence[TapeSource], settings: RunSettings) -> tuple[Tape, dict[int, Contract]]:
        loaded = replace(self.subject.loaded, sources=list(sources))
        return plan_replay(self.subject.strategy, self.subject.declared, settings, loaded)

    def replay(
        self, sources: Sequence[TapeSource] | None = None, *, settings: RunSettings | None = None,
        make: Make | None = None, parameters: Mapping[str, Any] | None = None,
    ) -> Decisions:
        """Replay the strategy in the headline mode.

        Parameters
        ----------
        sources : sequence, optional
            Another recording than the subject's.
        settings : RunSettings, optional
            Other settings.
        make : callable, optional
            Makes the strategy; by default from its file or class, anew.
        parameters : mapping, optional
            Values that replace those of the subject.

        Returns
        -------
        Decisions
            Those before the end; where the strategy raised, before that.

        Raises
        ------
        DataError
            If the recording has no contract to trade.
        """
        subject, chosen = self.subject, settings or self.subject.settings
        tape, universe = (self.tape, self.universe)
        given = list(subject.sources if sources is None else sources)
        if sources is not None or settings is not None:
            tape, universe = self._plan(given, chosen)
        declared = subject.declared
        strategy = subject.strategy.copy(**parameters) if parameters else subject.strategy
        loaded = replace(subject.loaded, sources=given)
        replays = Replays(strategy, declared, chosen, loaded, tape, universe, fresh=make)
        self.reruns += 1
        failed = None
        try:
            replays.run([chosen.fills], self._told(tape.rows))
        except DataError:
            raise
        except NtpError as error:
            if chosen.fills not in replays.outputs:
                raise
            failed = error.message
        self._done += tape.rows
        output = replays.outputs[chosen.fills]
        return Decisions.of(output, lambda: Facts(output, replays.context("check", 0, None, None)), failed)

    def _told(self, rows: int) -> Callable[[int], None] | None:
        tell, done = self._progress, self._done
        if tell is None:
            return None
        total = max(self.planned * self.tape.rows, done + rows)
        return lambda row: tell(done + row, total)

    def fresh(self) -> Strategy:
        """Make the strategy as a run does: its file executed anew, or a copy of the instance."""
        declared = self.subject.declared
        if declared.path is None:
            return self.subject.strategy.copy()
        return load_file(declared.path, declared.cls.__name__).make(self.subject.parameters)


def frames_of(sources: Sequence[TapeSource], limit: int) -> tuple[list[SourceFrames], list[str]]:
    """Take sources into memory, at most so many rows from the first on; with it a word on what was left out.

    What becomes of contracts later, their results too, is kept whole.
    """
    rows = sum(each.rows for source in sources for kind in source.kinds() for each in source.facts(kind).values())
    until, left = None, []
    if rows > limit:
        until = _border(sources, limit)
        left = [f"what comes after {format_ns(until)}: the data has {rows:,} rows, {limit:,} are checked (--limit)"]
    return [_framed(source, until) for source in sources], left


def _framed(source: TapeSource, until: int | None) -> SourceFrames:
    frames = {}
    for kind in source.kinds():
        if until is None or kind in LATE:
            frames[kind] = source.whole(kind)
            continue
        parts = []
        for batch in source.batches(kind, [each.symbol for each in source.instruments]):
            parts.append(batch.filter(pl.col("ts_event") < until))
            if parts[-1].height < batch.height:
                break
        frames[kind] = pl.concat(parts)
    return SourceFrames(
        source.name, source.instruments, {kind: frame for kind, frame in frames.items() if frame.height},
        source.feed_latency,
    )


def _border(sources: Sequence[TapeSource], limit: int) -> int:
    """Time before which about so many rows lie."""
    times: list[npt.NDArray[np.int64]] = []
    for source in sources:
        for kind in source.kinds():
            left = limit
            for batch in source.batches(kind, [each.symbol for each in source.instruments]):
                times.append(batch["ts_event"].to_numpy())
                left -= batch.height
                if left <= 0:
                    break
    merged = np.sort(np.concatenate(times))
    return int(merged[min(limit, len(merged) - 1)])


def mapped(
    sources: Sequence[SourceFrames], change: Callable[[Kind, pl.DataFrame], pl.DataFrame]
) -> list[SourceFrames]:
    """Change the frames of sources by kind; a kind without rows left is dropped."""
    return [
        replace(source, frames={kind: change(kind, frame) for kind, frame in source.frames.items()}, known={})
        for source in sources
    ]


__all__ = ["LATE", "Laboratory", "Make", "Subject", "frames_of", "mapped"]
