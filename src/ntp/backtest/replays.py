"""The replays of one run: one per fill mode, each with a strategy, accounts and random stream of its own."""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

import polars as pl

from ntp import __version__
from ntp.backtest.coverage import coverage_of
from ntp.backtest.environment import environment
from ntp.backtest.harvest import harvest
from ntp.backtest.loader import LoadedData
from ntp.backtest.play import Play
from ntp.backtest.quotes import POINTS, QuoteSamples
from ntp.backtest.results import DataInfo, EngineInfo, ModeOutput, Performance, RunContext, StrategyInfo
from ntp.backtest.settings import RunSettings, aliases_of, counted_venues, spots_of
from ntp.backtest.stamps import stamps_of
from ntp.core import NtpError
from ntp.engine.order_ids import check_order_ids
from ntp.engine.records import Q_FIFO
from ntp.engine.replay import WINDOW, Replay
from ntp.engine.shipped import compiled_parameters
from ntp.engine.tape import Tape
from ntp.markets import DOLLARS, USD, currency_of
from ntp.rules import Gate
from ntp.strategy import Contract, Strategy
from ntp.strategy.class_state import ClassState
from ntp.strategy.inputs import matches_any
from ntp.strategy.loader import LoadedStrategy, load_file
from ntp.strategy.runtime import EngineRuntime

_SAMPLES: Final = (2_000, 20_000)
"""Fewest and most samples of the equity curve; those that change nothing are not kept."""
_MARKS: Final = 2_000_000
"""Holdings to mark in all samples together."""
_SECOND: Final = 1_000_000_000
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

    Attributes
    ----------
    outputs : dict of str to ModeOutput
        By fill mode; also of a replay that ended early.
    """

    def __init__(
        self, strategy: Strategy, declared: LoadedStrategy, settings: RunSettings, loaded: LoadedData,
        tape: Tape, universe: Mapping[int, Contract],
    ) -> None:
        self.outputs: dict[str, ModeOutput] = {}
        self._class_state = ClassState(declared.cls)
        self._strategy, self._declared, self._settings = strategy, declared, settings
        self._loaded, self._tape, self._universe = loaded, tape, universe
        self._started = time.perf_counter()
        self._speed: dict[str, float] = {}
        self._cash = settings.cash_of(sorted({contract.venue for contract in universe.values()}))
        by_id = {instrument.id: number for number, instrument in enumerate(tape.instruments)}
        self._aliases = aliases_of(declared.declaration.inputs, by_id)
        self._spots = spots_of(universe, tape, settings.underlyings)
        self._watched = {
            number: Contract.of(instrument) for number, instrument in enumerate(tape.instruments)
            if number not in universe and matches_any(declared.declaration.watch, instrument.id)
        }
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
            for chunk in chain(self._tape.chunks(), [None]):
                for place, play in enumerate(active):
                    try:
                        play.advance(chunk, self._tape.first, told)
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
        first, last = self._tape.first, self._tape.last
        samples = min(max(_MARKS // len(self._tape.instruments), _SAMPLES[0]), _SAMPLES[1])
        engine = self._settings.engine.of_mode(mode, max((last - first) // samples, _SECOND))
        latencies = {source.feed_latency for source in self._loaded.sources}
        if len(latencies) == 1:  # named for the only source: its rows carry no times of their own
            engine = replace(engine, feed_latency=latencies.pop())
        gate, strategy = Gate(tuple(self._settings.waive)), self._fresh()
        code, params = 0, tuple[float, ...]()
        if self._settings.compiled:
            code, params = compiled_parameters(self._declared.name, strategy.parameters())
        declaration = self._declared.declaration
        if engine.queue_model == Q_FIFO:
            check_order_ids(self._tape.instruments, self._tape.contracts, self._universe)
        replay = Replay(
            self._tape, engine, self._cash, track_book=declaration.uses_book and not code, params=params,
            window=min(max(self._tape.rows // POINTS, 64), WINDOW) if mode == self._settings.fills else WINDOW,
            fed=True,
            apart=set(self._cash) - set(counted_venues(list(self._cash))),
        )
        replay.state.start_clock(first, last)
        runtime = EngineRuntime(
            strategy, replay, gate, self._universe, self._watched, self._aliases, self._spots, engine.seed
        )
        replay.state.context["strategy"] = code
        replay.state.contracts["tradable"][list(self._universe)] = 1
        quotes = QuoteSamples(replay) if mode == self._settings.fills else None
        return Play(mode, replay, runtime, gate, quotes)

    def _keep(self, play: Play) -> None:
        replay, runtime = play.replay, play.runtime
        replay.sample_equity()
        self._speed[play.mode] = self._tape.events / max(play.spent, 1e-9)
        if play.quotes is not None:
            self._quotes = play.quotes
        context = replay.state.context
        done = replay.state.tables["done"][: int(context["n_done"][0])]
        stated = int((done["fair"] == done["fair"]).sum())  # NaN where no fair value was stated
        breaches = {
            "fair_value_absent": len(done) - stated, "ev_unknown": len(done), "unmatched": len(done),
            "not_ab_tested": len(done),
        }  # fmt: skip
        self.outputs[play.mode] = harvest(
            replay, tags=runtime.tags, refused=runtime.refused_orders, records=runtime.rows,
            counters={
                "events": int(context["events"][0]), "wakes": int(context["wakes_count"][0]),
                "absent": dict(runtime.absent), "refused": dict(Counter(runtime.refused)),
                "breaches": {key: count for key, count in breaches.items() if count},
                "stamps": stamps_of(replay, self._universe, play.gate.waived()),
            },
        )  # fmt: skip

    def context(self, run_id: str, created: int, first: int | None, last: int | None) -> RunContext:
        """Describe the run: everything that is not its outcome."""
        settings, strategy, tape, loaded = self._settings, self._strategy, self._tape, self._loaded
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
            ),
            capital=settings.capital, currency=self._currency(), fill_mode=settings.fills, waived=tuple(settings.waive),
            configuration={
                "contracts": settings.contracts, "start": first, "end": last,
                "allocate": {name: str(share) for name, share in settings.allocate.items()},
                "precision": dict(settings.precision), "underlyings": dict(settings.underlyings),
            },
            environment=environment(),
            performance=Performance(
                time.perf_counter() - self._started, self._speed.get(settings.fills),
                resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            ),
        )  # fmt: skip

    def _currency(self) -> str:
        found = {currency_of(venue) for venue in counted_venues(list(self._cash))}
        return USD if found & set(DOLLARS) else found.pop()

    def prices(self) -> pl.DataFrame | None:
        """Quotes of the most traded contracts, for the report; None without fills."""
        shown = self.outputs.get(self._settings.fills)
        if shown is None or self._quotes is None or shown.fills.is_empty():
            return None
        busiest = shown.fills["contract"].value_counts(sort=True)["contract"].to_list()[:_SHOWN]
        return self._quotes.frame(busiest)
