"""Backtest: one strategy, one stretch of data, three fill modes."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ntp.backtest.keeping import keep, keep_failed, read_rules, workspace_config, workspace_store
from ntp.backtest.loader import LoadedData, Resolver, load_data, read_range, workspace_resolver
from ntp.backtest.manifest import manifest_inputs
from ntp.backtest.plan import plan_replay, wanted_contracts
from ntp.backtest.replays import Replays
from ntp.backtest.results import MODES, ModeOutput, StrategyInfo
from ntp.backtest.run import Run
from ntp.backtest.settings import RunSettings, check_sources, read_engine, read_precision
from ntp.backtest.store import RunStore
from ntp.core import (
    Clock,
    ConfigError,
    IdSource,
    RandomIds,
    StrategyError,
    SystemClock,
    sha256_json,
    suggest,
)
from ntp.core.config import Config
from ntp.core.workspace import find_workspace
from ntp.strategy import StrategyRegistry
from ntp.strategy.registry import as_strategy

if TYPE_CHECKING:
    from ntp.backtest.check import CheckResult
    from ntp.backtest.sweep import Sweep
    from ntp.backtest.validation.random_entry import RandomEntries
    from ntp.backtest.validation.walk_forward import WalkForward

Progress = Callable[[int, int | None], None]
Instant = str | int | date | datetime | None


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
        ``feed_latency``, ``order_latency`` (a duration, by source or venue, or a list of recorded ones), ``queue``
        (a name or a :class:`~ntp.engine.queues.QueueModel`, which serves the base mode), ``seed``.
    waive, enforce : Sequence of str
        Rules that do not hold in this run, and rules beside ``maker_only`` that refuse orders instead of being counted.
    matches : path or list, optional
        Contracts that are the same claim, by default those of the workspace's ``matches.yaml``.
    compiled : bool, optional
        Run the strategy's compiled form; by default what the class says.
    allocate : Mapping of str to number, optional
        Venue to its share of the capital.
    precision : Mapping of str to str, optional
        Venue to the precision class of its account, ``direct`` or ``member``.
    underlyings : Mapping of str to str, optional
        Index to the feed that stands for it.
    fills : str
        Fill mode that the headline shows.
    config : Config, optional
        Settings of engine, rules, accounts and underlyings where the arguments say nothing; by default
        those of the workspace around the current folder or of ``NTP_HOME``.
    registry : StrategyRegistry, optional
        Where a strategy's name is looked up; by default the shipped ones and the workspace's.
    store : RunStore or bool
        Where runs are kept. True is the workspace around the current folder or of ``NTP_HOME``; outside
        of both, and with False, nothing is kept.
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
        self,
        strategy: Any,
        data_source: Any = None,
        *,
        capital: float | Decimal = 10_000,
        contracts: str = "*",
        parameters: Mapping[str, Any] | None = None,
        engine: Mapping[str, Any] | None = None,
        waive: Sequence[str] = (), enforce: Sequence[str] = (), matches: Any = None,
        compiled: bool | None = None,
        allocate: Mapping[str, Any] | None = None,
        precision: Mapping[str, str] | None = None,
        underlyings: Mapping[str, str] | None = None,
        fills: str = "base",
        config: Config | None = None,
        registry: StrategyRegistry | None = None,
        store: RunStore | bool = True,
        resolver: Resolver = workspace_resolver,
        clock: Clock | None = None,
        ids: IdSource | None = None,
    ) -> None:
        if registry is None and isinstance(strategy, str | Path):
            registry = StrategyRegistry(find_workspace(Path.cwd()).strategies)
        self._strategy, self._declared = as_strategy(strategy, registry, parameters)
        self._store = store
        several = isinstance(data_source, list | tuple)
        self._data: list[Any] = [] if data_source is None else list(data_source) if several else [data_source]
        units = int(Decimal(str(capital)) * 1_000_000)
        if units <= 0:
            raise ConfigError(f"expected capital above 0, was {capital}", code="bad_capital")
        if fills not in MODES:
            raise ConfigError(f"expected a fill mode, was {fills!r}", code="fill_mode", hint=suggest(fills, MODES))
        config = workspace_config() if config is None else config
        accounts = {venue: account.precision for venue, account in config.accounts.items()}
        self._settings = RunSettings(
            capital=units, contracts=contracts, fills=fills, **read_rules(config, waive, enforce, matches),
            engine=read_engine(engine or {}, asdict(config.engine)),
            compiled=self._declared.declaration.compiled if compiled is None else compiled,
            allocate={name: Decimal(str(share)) for name, share in (allocate or {}).items()},
            precision=read_precision(accounts | dict(precision or {})),
            underlyings={**config.underlyings, **(underlyings or {})},
            edge=config.edge, max_event_loss=config.rules.max_event_loss, max_position=config.rules.max_position,
        )
        self._resolver, self._clock, self._ids = resolver, clock or SystemClock(), ids or RandomIds()
        self._replays: Replays | None = None
        self._range: tuple[int | None, int | None] = (None, None)

    @property
    def partial(self) -> Mapping[str, ModeOutput]:
        """Raw outputs by fill mode of the last run, also of one that ended early."""
        return {} if self._replays is None else self._replays.outputs

    def add_data_source(self, source: Any) -> None:
        """Add a data source to replay."""
        self._data.append(source)

    def run(
        self, start: Instant = None, end: Instant = None, *, modes: Sequence[str] = MODES, reuse: bool = False,
        progress: Progress | None = None,
    ) -> Run:
        """Replay the data in every fill mode and keep the run, if there is a workspace to keep it in.

        Parameters
        ----------
        start, end : time, optional
            Range; `end` as a bare date includes that day, as an instant it is excluded.
        modes : sequence of str
            Fill modes to replay; the headline mode must be among them.
        reuse : bool
            Return the stored run of the same inputs, if there is one.
        progress : callable, optional
            Called with events done and in total.

        Raises
        ------
        DataError
            If there is nothing to replay.
        StrategyError
            If the strategy raises. What happened before is kept where there is a workspace, and
            :meth:`salvage` makes a run of it.
        """
        self._replays, store = None, self._kept_in
        loaded, first, last = self._load(start, end)
        if store is not None:
            store.ledger.describe(loaded.content_hash, loaded.parts)
        tape, universe = plan_replay(self._strategy, self._declared, self._settings, loaded)
        replays = Replays(self._strategy, self._declared, self._settings, loaded, tape, universe)
        self._replays, self._range = replays, (first, last)
        known = self._known(replays, modes) if reuse else None
        if known is not None:
            return known
        total = len(modes) * tape.rows
        try:
            replays.run(modes, None if progress is None else lambda done: progress(done, total))
        except StrategyError as error:
            salvaged = self.salvage("failed", error.message)
            if store is not None and salvaged is not None:
                keep_failed(store, salvaged, error)
            raise
        context = replays.context(self._ids.new(), self._clock.now(), first, last)
        run = Run(context, replays.outputs, prices=replays.prices())
        return run if store is None else keep(store, run)

    def _known(self, replays: Replays, modes: Sequence[str]) -> Run | None:
        """Find the stored run of the same inputs; None without one that replayed these modes."""
        store = self._kept_in
        if store is None:
            return None
        inputs = manifest_inputs(replays.context("", self._clock.now(), *self._range))
        found = store.find(sha256_json(inputs))
        run = None if found is None else store.load(found)
        return run if run is not None and set(modes) <= set(run.fill_modes) else None

    def _load(self, start: Instant, end: Instant) -> tuple[LoadedData, int | None, int | None]:
        """Open the data in a range; with it the range in nanoseconds."""
        if not self._data:
            raise ConfigError(
                "expected a data source, was none", code="no_data", hint="data_source='sample' always exists"
            )
        first, last = read_range(start, end)
        feed = self._settings.engine.feed
        loaded = load_data(self._data, first, last, resolver=self._resolver, latency=feed)
        engine = self._settings.engine
        check_sources(engine.named, loaded.known_sources)
        if engine.named_venues:
            check_sources(engine.named_venues, {each.venue for each in loaded.instruments}, "order_latency")
        return loaded, first, last

    def opened(self, start: Instant = None, end: Instant = None) -> tuple[LoadedData, set[str]]:
        """Open the data; with it the contracts in it that the strategy may trade."""
        loaded, _, _ = self._load(start, end)
        return loaded, wanted_contracts(self._declared, self._settings, loaded)

    @property
    def subject(self) -> tuple[StrategyInfo, RunSettings]:
        """What runs, and with which settings."""
        own, declared = self._strategy, self._declared
        return StrategyInfo(declared.name, own.version, declared.code_hash, own.parameters()), self._settings

    @property
    def _kept_in(self) -> RunStore | None:
        if isinstance(self._store, RunStore):
            return self._store
        return workspace_store() if self._store else None

    def check(
        self, start: Instant = None, end: Instant = None, *, quick: bool = False, limit: int | None = None,
        progress: Progress | None = None,
    ) -> CheckResult:
        """Look for what would make the results untrue: look-ahead, chance, misplaced state, luck.

        Of the range, each replay takes at most `limit` rows, by default half a million; `quick` makes fewer replays.
        """
        from ntp.backtest.check import check_backtest

        loaded, _, _ = self._load(start, end)
        parts = (self._strategy, self._declared, self._settings, loaded)
        return check_backtest(*parts, self._kept_in, quick=quick, limit=limit, progress=progress)

    def sweep(
        self,
        grid: Mapping[str, Any] | None = None,
        *,
        search: int | str | None = None,
        objective: str = "deflated_sharpe",
        workers: int | None = None,
        cluster: str | None = None,
        start: Instant = None,
        end: Instant = None,
        max_points: int = 10_000,
        progress: Progress | None = None,
    ) -> Sweep:
        """Try many parameters in the headline fill mode; what was tried before is not computed again.

        Parameters
        ----------
        grid : Mapping, optional
            Parameter to a list of values, ``(low, high[, step])``, a text ``"a:b:step"`` or ``"a,b,c"``, or None
            for the range of its declaration; by default all parameters that declare one.
        search : int or str, optional
            None tries the whole grid, a number so many points by Bayesian search, ``"random:50"`` as many at random.
        objective : str
            Metric by which points are ranked; a leading ``-`` prefers less of it.
        workers : int, optional
            Processes, or threads for whole columns; 1 is this one, by default one per processor where it pays.
        cluster : str, optional
            Cluster instead: ``"tcp://host:8786"`` of Dask, ``"ray://auto"`` or ``"ray://host:10001"`` of Ray.
        start, end : time, optional
            Range; `end` as a bare date includes that day, as an instant it is excluded.
        max_points : int
            More are refused.
        progress : callable, optional
            Called with points done and in total.

        Raises
        ------
        ConfigError
            If grid, search, objective or cluster are impossible.
        DataError
            If there is nothing to replay.
        StrategyError
            If the strategy fails at every point.
        """
        from ntp.backtest.sweep import Setting, Wish, run_sweep

        loaded, first, last = self._load(start, end)
        store = self._kept_in
        setting = Setting(
            strategy=self._strategy, declared=self._declared, settings=self._settings, loaded=loaded, start=first,
            end=last, root=None if store is None else store.root, ledger=None if store is None else store.ledger,
            clock=self._clock,
        )  # fmt: skip
        wish = Wish(
            grid=grid, search=search, objective=objective, workers=workers, cluster=cluster, max_points=max_points
        )
        return run_sweep(setting, wish, progress)

    def walk_forward(
        self, folds: int, grid: Mapping[str, Any] | None = None, *, anchored: bool = True, embargo: str = "0s",
        objective: str = "deflated_sharpe", start: Instant = None, end: Instant = None,
        progress: Progress | None = None, **search: Any,
    ) -> WalkForward:
        """Choose parameters on the past and judge them on the events that follow, several times.

        Parameters
        ----------
        folds : int
            Tests. The events are cut into one block more, in order of their beginning; no event is in both parts.
        anchored : bool
            Train on everything before a test; otherwise on one block of events, the latest.
        embargo : str
            Duration that must pass between the end of an event trained on and the test.
        grid, objective, start, end, progress, **search
            As in :meth:`sweep`, for each training window.

        Raises
        ------
        ConfigError
            If there are more folds than events, or grid, search or objective are impossible.
        DataError
            If nothing is over before a test begins, or nothing in a training window has the objective.
        """
        from ntp.backtest.validation.event_spans import event_spans
        from ntp.backtest.validation.walk_forward import Keeping, Plan, walk_forward

        loaded, wanted = self.opened(start, end)
        spans = event_spans(loaded, wanted)
        plan = Plan(
            folds=folds, anchored=anchored, embargo=embargo, objective=objective, sweep={"grid": grid, **search}
        )
        keeping = Keeping(self._kept_in, self._ids.new(), self._strategy.parameters())
        return walk_forward(self.varied(data=loaded.opened), spans, plan, keeping, progress)

    def random_entries(self, run: Run, **options: Any) -> RandomEntries:
        """Replay the trades of a run from random instants; options: `draws`, `workers` and `progress`."""
        from ntp.backtest.validation.random_entry import random_entries

        said = run.context.configuration
        return random_entries(self, self._load(said["start"], said["end"])[0], run, **options)

    def varied(
        self, strategy: Any = None, *, events: Collection[str] | None = None,
        parameters: Mapping[str, Any] | None = None, store: RunStore | bool | None = None, data: Sequence[Any] = (),
    ) -> Backtest:
        """Copy this backtest with another strategy, parameters, data or store, or to trade some events only."""
        twin = copy.copy(self)
        if strategy is not None:
            twin._strategy, twin._declared = as_strategy(strategy)  # noqa: SLF001 - one of its own class
        vars(twin).update(
            _settings=replace(
                self._settings, events=self._settings.events if events is None else frozenset(events),
                compiled=self._settings.compiled and strategy is None,
            ),
            _strategy=vars(twin)["_strategy"].copy(**(parameters or {})), _data=list(data or self._data), _replays=None,
            _store=self._store if store is None else store,
        )
        return twin

    def salvage(self, status: str, reason: str) -> Run | None:
        """Make a run of what was replayed before the last one ended early.

        Parameters
        ----------
        status : str
            ``failed`` or ``interrupted``.
        reason : str
            What happened, for people.

        Returns
        -------
        Run or None
            The modes that were replayed, the last of them up to where it ended; None if nothing was.
            Where the headline mode is not among them, the last one takes its place.
        """
        if self._replays is None or not self._replays.outputs:
            return None
        outputs = self._replays.outputs
        context = self._replays.context(self._ids.new(), self._clock.now(), *self._range)
        ended = list(outputs)[-1]
        shown = context.fill_mode if context.fill_mode in outputs else ended
        warning = f"{status} in the {ended} replay, which holds only what happened before: {reason}"
        return Run(replace(context, status=status, fill_mode=shown, warnings=(warning,)), outputs)
