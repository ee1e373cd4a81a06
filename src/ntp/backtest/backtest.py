"""Backtest: one strategy, one stretch of data, three fill modes."""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import polars as pl

import ntp
from ntp.backtest.harvest import harvest
from ntp.backtest.loader import LoadedData, Resolver, load_data, pick_contracts, workspace_resolver
from ntp.backtest.results import (
    MODES,
    DataInfo,
    EngineInfo,
    ModeOutput,
    Performance,
    RunContext,
    StrategyInfo,
)
from ntp.backtest.run import Run
from ntp.core import (
    Clock,
    ConfigError,
    DataError,
    IdSource,
    RandomIds,
    SystemClock,
    format_duration,
    parse_duration,
    parse_time,
    suggest,
)
from ntp.engine.queues import parse_queue
from ntp.engine.replay import Replay
from ntp.engine.shipped import compiled_parameters
from ntp.engine.state import EngineSettings
from ntp.engine.tape import Tape, build_tape
from ntp.markets.instrument import Instrument, InstrumentKind
from ntp.rules import Gate
from ntp.strategy import Contract, StrategyRegistry
from ntp.strategy.inputs import matches_any
from ntp.strategy.registry import as_strategy
from ntp.strategy.runtime import EngineRuntime

Progress = Callable[[int, int | None], None]
_SETTINGS: Final = ("feed_latency", "order_latency", "queue", "seed")
_DEFAULTS: Final[dict[str, Any]] = {"feed_latency": "20ms", "order_latency": "50ms", "queue": "power:2", "seed": 0}
_SAMPLES: Final = 2_000
_SECOND: Final = 1_000_000_000
_NO_FUTURE: Final = "not_point_in_time"


class Backtest:
    """A strategy on recorded markets, with the fills a venue would have given.

    Parameters
    ----------
    strategy : Strategy, type or str
        An instance, a class, a name or a file; copied for each run.
    data_source : optional
        Name, path, data set or Polars frame, or a list of them.
    capital : number
        US dollars, split equally over the venues that trade unless `allocate` says otherwise.
    contracts : str
        Pattern of the contracts traded.
    parameters : Mapping, optional
        Values of the strategy's parameters.
    engine : Mapping, optional
        ``feed_latency``, ``order_latency`` (a duration, by source, or a list of recorded ones),
        ``queue``, ``seed``.
    waive : Sequence of str
        Rules that do not hold in this run.
    compiled : bool, optional
        Run the strategy's compiled form; by default what the class says.
    allocate : Mapping of str to number, optional
        Venue to its share of the capital.
    precision : Mapping of str to str, optional
        Venue to the precision class of its account.
    underlyings : Mapping of str to str, optional
        Index to the feed that stands for it.
    fills : str
        Fill mode that the headline shows.
    resolver : callable, optional
        Finds what a data set's name means.
    clock, ids : optional
        Sources of the present time and of run ids.

    Raises
    ------
    ConfigError
        If a setting is unknown or out of range.
    """

    def __init__(
        self, strategy: Any, data_source: Any = None, *, capital: float | Decimal = 10_000, contracts: str = "*",
        parameters: Mapping[str, Any] | None = None, engine: Mapping[str, Any] | None = None,
        waive: Sequence[str] = (), compiled: bool | None = None, allocate: Mapping[str, Any] | None = None,
        precision: Mapping[str, str] | None = None, underlyings: Mapping[str, str] | None = None,
        fills: str = "base", registry: StrategyRegistry | None = None, resolver: Resolver = workspace_resolver,
        clock: Clock | None = None, ids: IdSource | None = None,
    ) -> None:
        self._strategy, self._loaded = as_strategy(strategy, registry, parameters)
        self._data: list[Any] = (
            [] if data_source is None else list(data_source) if isinstance(data_source, list | tuple) else [data_source]
        )
        self._capital = int(Decimal(str(capital)) * 1_000_000)
        if self._capital <= 0:
            raise ConfigError(f"expected capital above 0, was {capital}", code="bad_capital")
        if fills not in MODES:
            raise ConfigError(f"expected a fill mode, was {fills!r}", code="fill_mode", hint=suggest(fills, MODES))
        self._engine = _engine_settings(engine or {})
        self._gate_waive = tuple(waive)
        Gate(self._gate_waive)
        self._contracts, self._fills = contracts, fills
        self._allocate = {name: Decimal(str(share)) for name, share in (allocate or {}).items()}
        self._precision, self._underlyings = dict(precision or {}), dict(underlyings or {})
        self._resolver, self._clock, self._ids = resolver, clock or SystemClock(), ids or RandomIds()
        self._compiled = self._loaded.declaration.compiled if compiled is None else compiled
        self.partial: dict[str, ModeOutput] = {}

    def add_data_source(self, source: Any) -> None:
        """Add a data source to replay."""
        self._data.append(source)

    def run(
        self, start: str | int | date | datetime | None = None, end: str | int | date | datetime | None = None,
        *, modes: Sequence[str] = MODES, progress: Progress | None = None,
    ) -> Run:
        """Replay the data in every fill mode.

        Parameters
        ----------
        start, end : time, optional
            Range; `end` as a bare date includes that day, as an instant it is excluded.
        modes : sequence of str
            Fill modes to replay; the headline mode must be among them.
        progress : callable, optional
            Called with events done and in total.

        Raises
        ------
        DataError
            If there is nothing to replay.
        StrategyError
            If the strategy raises; what happened before is in :attr:`partial`.
        """
        if not self._data:
            raise ConfigError("expected a data source, was none", code="no_data", hint="data_source='sample' always exists")
        first = None if start is None else parse_time(start)
        last = None if end is None else parse_time(end, end=True)
        loaded = load_data(self._data, first, last, resolver=self._resolver, latency=self._engine["feed"])
        tape, universe = self._tape(loaded)
        ran = _Ran(self, loaded, tape, universe)
        self.partial = ran.outputs
        for place, mode in enumerate(modes):
            ran.replay(mode, _part_progress(progress, place, len(modes), tape.rows))
        return Run(ran.context(first, last), ran.outputs, prices=ran.prices())

    def _tape(self, loaded: LoadedData) -> tuple[Tape, dict[int, Contract]]:
        declared = self._loaded.declaration
        picked = pick_contracts(loaded.instruments, self._contracts)
        wanted = {
            each.id for each in loaded.instruments
            if each.id in picked and matches_any(declared.universe, each.id)
        }
        watched = {each.id for each in loaded.instruments if matches_any(declared.watch, each.id)}
        tape = build_tape(loaded.sources, precision=self._precision, tradable=wanted | watched)
        universe = {}
        for number, instrument in enumerate(tape.instruments):
            contract = Contract.of(instrument)
            if instrument.id in wanted and self._tradable(tape, number, instrument) and self._strategy.select(contract):
                universe[number] = contract
        if not universe:
            raise DataError(
                "expected contracts of the strategy's universe with market data, was none", code="no_contracts",
                details={"universe": list(declared.universe)},
            )
        return tape, universe

    @staticmethod
    def _tradable(tape: Tape, number: int, instrument: Instrument) -> bool:
        if instrument.kind is InstrumentKind.REFERENCE or not tape.contracts["fidelity"][number]:
            return False
        return instrument.kind is InstrumentKind.CONTRACT or instrument.venue == "cash"

    def cash_of(self, venues: Sequence[str]) -> dict[str, int]:
        """Capital of each venue's account in 1e-6 dollar."""
        unknown = set(self._allocate) - set(venues)
        if unknown:
            raise ConfigError(
                f"expected venues of this data, was {', '.join(sorted(unknown))}", code="unknown_venue",
                hint=suggest(sorted(unknown)[0], venues),
            )
        if not self._allocate:
            share = self._capital // len(venues)
            cash = dict.fromkeys(venues, share)
            cash[venues[0]] += self._capital - share * len(venues)
            return cash
        if sum(self._allocate.values()) != 1:
            raise ConfigError(
                f"expected shares that add up to 1, was {sum(self._allocate.values())}", code="bad_allocation"
            )
        return {venue: int(self._capital * self._allocate.get(venue, Decimal(0))) for venue in venues}


class _Ran:
    """The replays of one run."""

    def __init__(self, owner: Backtest, loaded: LoadedData, tape: Tape, universe: dict[int, Contract]) -> None:
        self.owner, self.loaded, self.tape, self.universe = owner, loaded, tape, universe
        self.outputs: dict[str, ModeOutput] = {}
        self.started = time.perf_counter()
        self.speed: dict[str, float] = {}
        venues = sorted({contract.venue for contract in universe.values()})
        self.cash = owner.cash_of(venues)
        by_id = {instrument.id: number for number, instrument in enumerate(tape.instruments)}
        self.aliases = _aliases(owner._loaded.declaration.inputs, by_id)  # noqa: SLF001 - two halves of one class
        self.spots = _spots(universe, tape, owner._underlyings)  # noqa: SLF001

    def replay(self, mode: str, progress: Callable[[int], None] | None) -> None:
        owner = self.owner
        settings = self._settings(mode)
        gate = Gate(owner._gate_waive)  # noqa: SLF001
        strategy = owner._strategy.copy()  # noqa: SLF001
        code, params = 0, ()
        if owner._compiled:  # noqa: SLF001
            code, params = compiled_parameters(owner._loaded.name, strategy.parameters())  # noqa: SLF001
        declared = owner._loaded.declaration  # noqa: SLF001
        replay = Replay(
            self.tape, settings, self.cash, track_book=declared.uses_book and not code, params=params
        )
        replay.state.start_clock(int(self.tape.columns["ts"][0]), int(self.tape.columns["ts"][-1]))
        watched = {
            number: Contract.of(instrument) for number, instrument in enumerate(self.tape.instruments)
            if number not in self.universe and instrument.kind is not InstrumentKind.REFERENCE
        }
        runtime = EngineRuntime(
            strategy, replay, gate, self.universe, watched, self.aliases, self.spots, settings.seed
        )
        replay.state.context["strategy"] = code
        replay.state.contracts["tradable"][list(self.universe)] = 1
        began = time.perf_counter()
        try:
            runtime.start(int(self.tape.columns["ts"][0]))
            runtime.run(progress)
            runtime.stop()
        finally:
            replay.sample_equity()
            spent = max(time.perf_counter() - began, 1e-9)
            self.speed[mode] = self.tape.events / spent
            self.outputs[mode] = harvest(
                replay, tags=runtime.tags, refused=runtime.refused_orders, records=runtime.rows,
                counters=self._counters(runtime, replay, gate),
            )

    def _settings(self, mode: str) -> EngineSettings:
        engine = self.owner._engine  # noqa: SLF001
        name = {"pessimistic": "risk_averse", "base": engine["queue"], "optimistic": "proportional"}[mode]
        model, power = parse_queue(name)
        span = int(self.tape.columns["ts"][-1] - self.tape.columns["ts"][0])
        return EngineSettings(
            order_latency=engine["order"], feed_latency=engine["feed"].get("default", 0),
            order_latencies=engine["orders"], queue_model=model, queue_power=power,
            inferred_prints=mode != "pessimistic", touch_fills=mode == "optimistic",
            seed=engine["seed"] * 3 + MODES.index(mode), equity_every=max(span // _SAMPLES, _SECOND),
        )

    def _counters(self, runtime: EngineRuntime, replay: Replay, gate: Gate) -> dict[str, Any]:
        context = replay.state.context
        stamps = [f"waived:{rule}" for rule in gate.waived()]
        if self.tape.unknown_fees:
            stamps.append("fees unknown")
        if any(instrument.known_at is None for instrument in self.tape.instruments):
            stamps.append(_NO_FUTURE)
        refused = Counter(runtime.refused)
        done = replay.state.tables["done"][: int(context["n_done"][0])]
        fair = int((~_isnan(done["fair"])).sum())
        breaches = {
            "fair_value_absent": len(done) - fair, "ev_unknown": len(done), "unmatched": len(done),
            "not_ab_tested": len(done),
        }  # fmt: skip
        return {
            "events": int(context["events"][0]), "wakes": int(context["wakes_count"][0]),
            "absent": dict(runtime.absent), "refused": dict(refused),
            "breaches": {key: count for key, count in breaches.items() if count}, "stamps": stamps,
        }

    def context(self, first: int | None, last: int | None) -> RunContext:
        owner = self.owner
        engine, strategy = owner._engine, owner._strategy  # noqa: SLF001
        begin, finish = int(self.tape.columns["ts"][0]), int(self.tape.columns["ts"][-1]) + 1
        wall = time.perf_counter() - self.started
        return RunContext(
            run_id=owner._ids.new(), created=owner._clock.now(),  # noqa: SLF001
            strategy=StrategyInfo(
                owner._loaded.name, strategy.version, owner._loaded.code_hash, strategy.parameters()  # noqa: SLF001
            ),
            engine=EngineInfo(
                ntp.__version__, engine["queue"], _latency_text(engine["feed"]), engine["order_text"], engine["seed"],
                owner._compiled,  # noqa: SLF001
            ),
            data=DataInfo(
                self.loaded.names, first if first is not None else begin, last if last is not None else finish,
                self.tape.events, len(self.universe), self.loaded.coverage, self.loaded.content_hash,
                self.tape.fidelity, self.tape.tape, tuple(self.loaded.warnings + self.tape.warnings),
            ),
            capital=owner._capital, fill_mode=owner._fills, waived=owner._gate_waive,  # noqa: SLF001
            configuration={
                "contracts": owner._contracts, "start": first, "end": last,  # noqa: SLF001
                "allocate": {name: str(share) for name, share in owner._allocate.items()},  # noqa: SLF001
                "precision": owner._precision,  # noqa: SLF001
            },
            performance=Performance(
                wall, self.speed.get(owner._fills), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,  # noqa: SLF001
            ),
        )  # fmt: skip

    def prices(self) -> pl.DataFrame | None:
        """Quotes around the fills of the most traded contracts, for the report."""
        shown = self.outputs.get(self.owner._fills)  # noqa: SLF001
        if shown is None or shown.fills.is_empty():
            return None
        busiest = shown.fills["contract"].value_counts(sort=True)["contract"].to_list()[:4]
        from ntp.backtest.quotes import quotes_of

        return quotes_of(self.tape, busiest)


def _isnan(column: Any) -> Any:
    return column != column  # noqa: PLR0124 - NaN is the value that is not equal to itself


def _aliases(inputs: Mapping[str, str], by_id: Mapping[str, int]) -> dict[str, int]:
    found = {}
    for alias, name in inputs.items():
        hits = [number for key, number in by_id.items() if key == name or key.partition(":")[2] == name]
        if len(hits) != 1:
            raise DataError(
                f"expected input {alias!r} ({name}) in the data, was {'missing' if not hits else 'ambiguous'}",
                code="missing_input", hint=suggest(name, by_id),
            )
        found[alias] = hits[0]
    return found


def _spots(universe: Mapping[int, Contract], tape: Tape, underlyings: Mapping[str, str]) -> dict[int, int]:
    """Underlying of each contract: the index its record names, or the only index there is."""
    indices = {
        instrument.id: number for number, instrument in enumerate(tape.instruments)
        if instrument.kind is InstrumentKind.REFERENCE
    }
    by_symbol = {key.partition(":")[2]: number for key, number in indices.items()}
    found = {}
    for number in universe:
        named = str(tape.instruments[number].attributes.get("underlying", ""))
        named = underlyings.get(named, named)
        if named in indices:
            found[number] = indices[named]
        elif named in by_symbol:
            found[number] = by_symbol[named]
        elif len(indices) == 1:
            found[number] = next(iter(indices.values()))
    return found


def _engine_settings(given: Mapping[str, Any]) -> dict[str, Any]:
    for name in given:
        if name not in _SETTINGS:
            raise ConfigError(
                f"expected a setting of the engine, was {name!r}", code="unknown_key", hint=suggest(name, _SETTINGS),
                details={"key": name},
            )
    values = {**_DEFAULTS, **given}
    feed = values["feed_latency"]
    by_source = dict(feed) if isinstance(feed, Mapping) else {"default": feed}
    order = values["order_latency"]
    drawn: list[int] = []
    if isinstance(order, Mapping):
        order = order.get("default", _DEFAULTS["order_latency"])
    if isinstance(order, Sequence) and not isinstance(order, str):
        drawn = [parse_duration(each) for each in order]
        order = sorted(drawn)[len(drawn) // 2] if drawn else _DEFAULTS["order_latency"]
    parse_queue(values["queue"])
    seed = values["seed"]
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise ConfigError(f"expected a whole number as seed, was {seed!r}", code="bad_seed")
    constant = parse_duration(order)
    text = format_duration(constant) if not drawn else f"drawn from {len(drawn)}, median {format_duration(constant)}"
    return {
        "feed": {name: parse_duration(each) for name, each in by_source.items()}, "order": constant, "orders": drawn,
        "order_text": text, "queue": values["queue"], "seed": seed,
    }  # fmt: skip


def _latency_text(feed: Mapping[str, int]) -> str:
    if set(feed) == {"default"}:
        return format_duration(feed["default"])
    return ", ".join(f"{name} {format_duration(each)}" for name, each in sorted(feed.items()))


def _part_progress(
    progress: Progress | None, place: int, parts: int, rows: int
) -> Callable[[int], None] | None:
    if progress is None:
        return None
    return lambda done: progress(place * rows + done, parts * rows)
