"""Stage: what the replays of one strategy class on one tape share, whatever its parameters."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from ntp.backtest.edge import scaled_weeks
from ntp.backtest.harvest import harvest
from ntp.backtest.matched import Matched
from ntp.backtest.play import Play
from ntp.backtest.quotes import POINTS, QuoteSamples
from ntp.backtest.results import ModeOutput
from ntp.backtest.settings import RunSettings, aliases_of, counted_venues, spots_of
from ntp.backtest.stamps import stamps_of
from ntp.core import CASH_ONE, SECOND
from ntp.engine.limiting import equal_matches, limit_events
from ntp.engine.order_ids import check_order_ids
from ntp.engine.records import Q_FIFO, Q_RISK_AVERSE, R_LIMIT
from ntp.engine.replay import WINDOW, Replay
from ntp.engine.scaling import scale_sizes
from ntp.engine.shipped import compiled_parameters, has_compiled_form
from ntp.engine.state import EngineSettings, ReplayState
from ntp.engine.tape import Tape
from ntp.markets import DOLLARS, USD, currency_of
from ntp.pricing.edge import entry_rule
from ntp.rules import RESEARCH, EventStates, Gate, event_states, limit_units
from ntp.strategy import Contract, Strategy
from ntp.strategy.columns import ColumnsRuntime, Frames, Recording, keys_of, record, recorded_in_kernel, recorder_of
from ntp.strategy.compiled import compiled_runtime
from ntp.strategy.declaration import Declaration
from ntp.strategy.inputs import matches_any
from ntp.strategy.loader import LoadedStrategy
from ntp.strategy.runtime import EngineRuntime

_SAMPLES: Final = (2_000, 20_000)
"""Fewest and most samples of the equity curve; those that change nothing are not kept."""
_MARKS: Final = 2_000_000
"""Holdings to mark in all samples together."""


class Stage:
    """Sets up replays of a strategy on a tape.

    Parameters
    ----------
    declared : LoadedStrategy
        Class of the strategy and what that declares.
    settings : RunSettings
        Everything else that was asked for.
    tape : Tape
        What is replayed.
    universe : mapping of int to Contract
        Contracts traded, by number.
    latencies : collection of int
        Feed latencies of the sources in nanoseconds.

    Attributes
    ----------
    cash : dict of str to int
        Capital of each venue's account in 0.000001 of its currency.
    matched : Matched
        The same claims at other venues.
    """

    def __init__(
        self, declared: LoadedStrategy, settings: RunSettings, tape: Tape, universe: Mapping[int, Contract],
        latencies: Collection[int],
    ) -> None:
        self._declared, self._settings, self._tape, self._universe = declared, settings, tape, universe
        self._latencies = set(latencies)
        self.cash = settings.cash_of(sorted({contract.venue for contract in universe.values()}))
        by_id = {instrument.id: number for number, instrument in enumerate(tape.instruments)}
        self._aliases = aliases_of(declared.declaration.inputs, by_id)
        self._watched = {
            number: Contract.of(instrument) for number, instrument in enumerate(tape.instruments)
            if number not in universe and matches_any(declared.declaration.watch, instrument.id)
        }
        self._spots = spots_of([*universe, *self._watched], tape, settings.underlyings)
        names = [instrument.event or instrument.id for instrument in tape.instruments]
        self._events = np.unique(np.array(names), return_inverse=True)[1].astype(np.int64)
        self._event_states: list[EventStates] | None = None
        self.matched = Matched(settings.matches, tape.instruments)
        self._shown: dict[tuple[Any, ...], tuple[Recording, Frames]] = {}

    def columns(self, strategy: Strategy) -> tuple[Recording, Frames]:
        """Return what the market alone shows a whole-column strategy at its wakes: own orders change none of it.

        Recorded once, or once for each set of parameters of the indicators that are not computed in bulk.
        """
        key = tuple(keys_of(strategy, bulk=False).items())
        if key not in self._shown:
            self._shown = {key: self._record(strategy)}
        return self._shown[key]

    def _record(self, strategy: Strategy) -> tuple[Recording, Frames]:
        settings, tape = self._settings, self._tape
        engine = replace(self._engine(settings.fills), queue_model=Q_RISK_AVERSE)
        recording = None
        for way in (recorded_in_kernel, record):
            watching, recorder = recorder_of(strategy)
            replay = Replay(tape, engine, self.cash, fed=True)
            replay.state.start_clock(tape.first, tape.last)
            replay.state.contracts["tradable"][list(self._universe)] = 1
            runtime = EngineRuntime(watching, replay, Gate(), *self._seen(), engine.seed)
            recording = way(runtime, replay, tape.chunks(), tape.first, recorder)
            if recording is not None:
                break
        assert recording is not None
        return recording, Frames(recording)

    def _seen(self) -> tuple[Mapping[int, Contract], Mapping[int, Contract], Mapping[str, int], Mapping[int, int]]:
        return self._universe, self._watched, self._aliases, self._spots

    def _engine(self, mode: str) -> EngineSettings:
        tape = self._tape
        samples = min(max(_MARKS // len(tape.instruments), _SAMPLES[0]), _SAMPLES[1])
        engine = self._settings.engine.of_mode(mode, max((tape.last - tape.first) // samples, SECOND))
        if len(self._latencies) == 1:  # named for the only source: its rows carry no times of their own
            engine = replace(engine, feed_latency=next(iter(self._latencies)))
        return engine

    @property
    def tape(self) -> Tape:
        """What is replayed."""
        return self._tape

    @property
    def declaration(self) -> Declaration:
        """What the strategy's class declares."""
        return self._declared.declaration

    @property
    def contract(self) -> Contract:
        """The first contract traded."""
        return next(iter(self._universe.values()))

    @property
    def capital(self) -> int:
        """Capital of all accounts together in 0.000001 of the currency."""
        return self._settings.capital

    @property
    def waived(self) -> list[str]:
        """Rules that do not hold."""
        return Gate(tuple(self._settings.waive)).waived()

    @property
    def currency(self) -> str:
        """Currency of equity and capital."""
        found = {currency_of(venue) for venue in counted_venues(list(self.cash))}
        return USD if found & set(DOLLARS) else found.pop()

    def play(self, strategy: Strategy, mode: str, *, quotes: bool = False) -> Play:
        """Set up one replay.

        Parameters
        ----------
        strategy : Strategy
            Its own: no other replay may have it.
        mode : str
            Fill mode.
        quotes : bool
            Take samples of the best prices on the way.
        """
        tape, settings, engine = self._tape, self._settings, self._engine(mode)
        gate = self._gate(strategy)
        code, params = 0, tuple[float, ...]()
        if settings.compiled and self._shipped:
            code, params = compiled_parameters(self._declared.name, strategy.parameters())
        declaration = self._declared.declaration
        if engine.queue_model == Q_FIFO:
            check_order_ids(tape.instruments, tape.contracts, self._universe)
        replay = Replay(
            tape, engine, self.cash, track_book=declaration.uses_book and not code, params=params,
            window=min(max(tape.rows // POINTS, 64), WINDOW) if quotes else WINDOW,
            fed=True, apart=self._apart,
        )
        runtime = self._bound(strategy, replay, gate, engine.seed)
        replay.state.context["strategy"] = code
        return Play(mode, replay, runtime, gate, QuoteSamples(replay) if quotes else None)

    def rehearse(self, strategy: Strategy, mode: str, tape: Tape) -> ColumnsRuntime:
        """Set up a whole-column strategy on a tape that is in memory, all of it in one window, not begun.

        Parameters
        ----------
        strategy : Strategy
            One with `signals`.
        mode : str
            Fill mode.
        tape : Tape
            The rows of the stage's tape.
        """
        engine = self._engine(mode)
        replay = Replay(tape, engine, self.cash, window=tape.rows + 1, apart=self._apart)
        runtime = self._bound(strategy, replay, self._gate(strategy), engine.seed)
        assert isinstance(runtime, ColumnsRuntime)
        return runtime

    def _bound(self, strategy: Strategy, replay: Replay, gate: Gate, seed: int) -> EngineRuntime:
        replay.state.start_clock(self._tape.first, self._tape.last)
        if self._settings.edge.scale_sizes:
            scale_sizes(replay.state, self._events)
        self.matched.bind(replay)
        bound = (strategy, replay, gate, *self._seen(), seed)
        if "signals" in self._declared.declaration.callbacks:  # what columns say is carried out in the kernel anyway
            runtime: EngineRuntime = ColumnsRuntime(*self.columns(strategy), *bound)
        elif self._settings.compiled and not self._shipped:
            runtime = compiled_runtime(*bound)
        else:
            runtime = EngineRuntime(*bound)
        replay.state.contracts["tradable"][list(self._universe)] = 1
        runtime.set_edge_costs(self._settings.edge_costs)
        runtime.partners = self.matched.partners
        runtime.entry_rule = entry_rule(self._settings.edge)
        self._limit(replay.state)
        return runtime

    def _limit(self, state: ReplayState) -> None:
        """Set the limits of the run."""
        settings = self._settings
        if settings.max_position is not None:
            state.contracts["hold_limit"] = limit_units(settings.max_position) + 1
        if settings.max_event_loss is not None:
            numbers = {self._tape.instruments[number].id: number for number in self._universe}
            if self._event_states is None:
                matches = equal_matches(state, [instrument.id for instrument in self._tape.instruments])
                traded = [self._tape.instruments[number] for number in self._universe]
                self._event_states = event_states(traded, matches)
            limit_events(state, self._event_states, numbers, int(settings.max_event_loss * CASH_ONE))

    def _gate(self, strategy: Strategy) -> Gate:
        return Gate(self._settings.waive, (*RESEARCH, *self._settings.enforce), tested=self.tested(strategy))

    def tested(self, strategy: Strategy) -> bool:
        """Whether an A/B test promoted the strategy with this code and these parameters."""
        from ntp.backtest.experiment import promoted  # which runs backtests itself

        return promoted(self._declared.name, self._declared.code_hash, strategy.parameters())

    @property
    def _shipped(self) -> bool:
        """Whether the engine brings a compiled form of the strategy along."""
        shipped = self._declared.cls.__module__.startswith("ntp.strategy.shipped.")
        return shipped and has_compiled_form(self._declared.name)

    @property
    def _apart(self) -> set[str]:
        return set(self.cash) - set(counted_venues(list(self.cash)))

    def output(self, play: Play) -> ModeOutput:
        """Collect what came out of a replay."""
        replay, runtime = play.replay, play.runtime
        replay.sample_equity()
        context = replay.state.context
        return harvest(
            replay, tags=runtime.tags, refused=runtime.refused_orders, records=runtime.rows,
            costs=self._settings.edge_costs,
            counters={
                "events": int(context["events"][0]), "wakes": int(context["wakes_count"][0]),
                "absent": dict(runtime.absent), "refused": play.gate.refused() | self._limited(replay),
                "refusal_reasons": play.gate.refusal_reasons(), "breaches": play.gate.breach_reasons(),
                "breached": play.gate.breaches(), "waiver_uses": play.gate.waiver_uses(),
                "stops": _stops(context), "admitted": play.gate.admitted(),
                **self.matched.outcome(replay), **scaled_weeks(replay.state),
                "stamps": [*stamps_of(replay, self._universe, play.gate.waived()), *play.gate.breach_stamps()],
            },
        )  # fmt: skip

    @staticmethod
    def _limited(replay: Replay) -> dict[str, int]:
        """Orders that a limit refused."""
        done = replay.state.tables["done"][: int(replay.state.context["n_done"][0])]
        count = int((done["reason"] == R_LIMIT).sum())
        return {"limit": count} if count else {}


def _stops(context: Any) -> dict[str, float]:
    """Tell what exits of stops cost against the mark at which they were triggered; empty without stops."""
    count, filled, slipped = (context[name][0] for name in ("stops", "stop_filled", "stop_slip"))
    if not count:
        return {}
    found = {
        "triggered": int(count), "contracts": int(context["stop_wanted"][0]) / 1e6, "filled": int(filled) / 1e6,
        "slippage_usd": round(float(slipped), 6),
    }  # fmt: skip
    return found | ({"slippage_cents": round(float(slipped) / (int(filled) / 1e6) * 100, 6)} if filled else {})


__all__ = ["Stage"]
