"""The replays of one run: one per fill mode, each with a strategy, accounts and random stream of its own."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Final

import polars as pl

from ntp import __version__
from ntp.backtest.coverage import coverage_of
from ntp.backtest.environment import environment
from ntp.backtest.loader import LoadedData
from ntp.backtest.play import Play
from ntp.backtest.quotes import QuoteSamples
from ntp.backtest.results import DataInfo, EngineInfo, ModeOutput, Performance, RunContext, StrategyInfo
from ntp.backtest.settings import RunSettings
from ntp.backtest.stage import Stage
from ntp.core import NtpError, sha256_json
from ntp.engine.tape import Tape
from ntp.strategy import Contract, Strategy
from ntp.strategy.class_state import ClassState
from ntp.strategy.loader import LoadedStrategy, load_file

_SHOWN: Final = 4
"""Contracts whose quotes the report draws."""


class Replays:
    """Replays a tape in several fill modes and keeps what came out.

    Parameters
    ----------
    strategy : Strategy
        Copied for each replay.
    declared : LoadedStrategy
        Its class and what that declares.
    settings : RunSettings
        Everything else that was asked for.
    loaded : LoadedData
        Where the tape came from.
    tape : Tape
        What is replayed.
    universe : mapping of int to Contract
        Contracts traded, by number.
    fresh : callable, optional
        Makes the strategy of each replay; by default a copy that shares nothing with the others.

    Attributes
    ----------
    tape : Tape
        What is replayed.
    outputs : dict of str to ModeOutput
        By fill mode; also of a replay that ended early.
    """

    def __init__(
        self, strategy: Strategy, declared: LoadedStrategy, settings: RunSettings, loaded: LoadedData,
        tape: Tape, universe: Mapping[int, Contract], *, fresh: Callable[[], Strategy] | None = None,
    ) -> None:
        self._make = fresh or self._fresh
        self.outputs: dict[str, ModeOutput] = {}
        self._class_state = ClassState(declared.cls)
        self._strategy, self._declared, self._settings = strategy, declared, settings
        self._loaded, self.tape, self._universe = loaded, tape, universe
        self._started = time.perf_counter()
        self._speed: dict[str, float] = {}
        latencies = {source.feed_latency for source in loaded.sources}
        self._stage = Stage(declared, settings, tape, universe, latencies)
        self._quotes: QuoteSamples | None = None

    def _fresh(self) -> Strategy:
        """Make the strategy of one replay; a file is loaded anew, so that no replay leaves traces in the next."""
        path = self._declared.path
        if path is None:
            return self._class_state.apart(self._strategy)
        return load_file(path, self._declared.cls.__name__).make(self._strategy.parameters())

    def run(self, modes: Sequence[str], progress: Callable[[int], None] | None) -> None:
        """Replay in several modes side by side; the data is read once.

        What happened is kept in :attr:`outputs` even if a strategy raises: then the modes before it go on
        to their end, and those after it are left out. A person who interrupts ends all of them.
        """
        active = [self._play(mode) for mode in modes]
        every = list(active)
        failed: NtpError | None = None
        told = None if progress is None else lambda _: progress(sum(play.replay.row for play in every))
        try:
            for chunk in chain(self.tape.chunks(), [None]):
                for place, play in enumerate(active):
                    try:
                        play.advance(chunk, self.tape.first, told)
                    except NtpError as error:
                        every, active, failed = [*active[:place], play], active[:place], error
                        break
                if not active:
                    break
        finally:
            for play in every:
                if play.begun:
                    self._keep(play)
        if failed is not None:
            raise failed

    def _play(self, mode: str) -> Play:
        return self._stage.play(self._make(), mode, quotes=mode == self._settings.fills)

    def _keep(self, play: Play) -> None:
        self._speed[play.mode] = self.tape.events / max(play.spent, 1e-9)
        if play.quotes is not None:
            self._quotes = play.quotes
        self.outputs[play.mode] = self._stage.output(play)

    def context(self, run_id: str, created: int, first: int | None, last: int | None) -> RunContext:
        """Describe the run: everything that is not its outcome."""
        settings, strategy, tape, loaded = self._settings, self._strategy, self.tape, self._loaded
        engine = settings.engine
        return RunContext(
            run_id=run_id, created=created,
            strategy=StrategyInfo(
                self._declared.name, strategy.version, self._declared.code_hash, strategy.parameters()
            ),
            engine=EngineInfo(
                __version__, engine.queue, engine.feed_text, engine.order_text, engine.seed,
                settings.compiled, engine.extra,
            ),
            data=DataInfo(
                loaded.names, first if first is not None else tape.first,
                last if last is not None else tape.last + 1, tape.events, len(self._universe),
                coverage_of(tape, loaded.sources, first, last), loaded.content_hash, tape.fidelity, tape.tape,
                tuple(loaded.warnings + tape.warnings),
            ),
            warnings=tuple(
                f"{self._declared.cls.__name__}.{name} changed while the fill modes ran, which share it: keep it on "
                "self, or in data.state" for name in self._class_state.shared()
            ) + tuple(self._stage.matched.warnings),
            capital=settings.capital, currency=self._stage.currency, fill_mode=settings.fills,
            waived=tuple(settings.waive),
            configuration={
                "contracts": settings.contracts, "start": first, "end": last,
                "allocate": {name: str(share) for name, share in settings.allocate.items()},
                "precision": dict(settings.precision), "underlyings": dict(settings.underlyings),
                **({"limits": settings.limits} if settings.limits else {}),
                **({"edge": settings.edge_changes} if settings.edge_changes else {}),
                **({"enforce": sorted(settings.enforce)} if settings.enforce else {}),
                **({"ab_tested": True} if self._stage.tested(strategy) else {}), **self._stage.matched.described,
                **({} if settings.events is None else {"events": sha256_json(sorted(settings.events))}),
            },
            environment=environment(),
            performance=Performance(
                time.perf_counter() - self._started, self._speed.get(settings.fills),
                resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            ),
        )  # fmt: skip

    def prices(self) -> pl.DataFrame | None:
        """Quotes of the most traded contracts, for the report; None without fills."""
        shown = self.outputs.get(self._settings.fills)
        if shown is None or self._quotes is None or shown.fills.is_empty():
            return None
        busiest = shown.fills["contract"].value_counts(sort=True)["contract"].to_list()[:_SHOWN]
        return self._quotes.frame(busiest)
