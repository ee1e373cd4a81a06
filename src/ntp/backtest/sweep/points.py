"""Points: finds what was computed before, has the rest computed, and keeps every batch as it comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from ntp.backtest.cluster import Doer, Executor, Inline, Lost, Work, connect, travels_by_value
from ntp.backtest.sweep.batching import Batches
from ntp.backtest.sweep.bench import Bench
from ntp.backtest.sweep.counting import Counting
from ntp.backtest.sweep.identity import Identity
from ntp.backtest.sweep.outcome import Outcome
from ntp.backtest.sweep.search import Values
from ntp.backtest.sweep.sweep_store import SweepStore
from ntp.core import Clock, ConfigError, StrategyError
from ntp.engine.tape import Tape

RUN_ID: Final = slice(7, 19)
"""Twelve digits of a manifest hash that name a point."""
_HOPELESS: Final = 20
"""Points that may fail from the first one on before it is taken that all would."""


@dataclass
class Points:
    """The points of one sweep.

    Attributes
    ----------
    bench : Bench
        How a point is replayed.
    tape : Tape
        What is replayed; decoded only if there is a point to compute.
    identity : Identity
        Names points.
    counting : Counting
        Counts them as trials.
    store : SweepStore
        Where they are kept.
    clock : Clock
        When they were made.
    workers, cluster
        Who computes them.
    outcomes : dict
        What is known, by key.
    computed, stored : int
        How many were computed now, and how many were there.
    executor : tuple of str and int
        Who computed, and how many of them, once closed; nobody where all was there.
    """

    bench: Bench
    tape: Tape
    identity: Identity
    counting: Counting
    store: SweepStore
    clock: Clock
    workers: int | None = None
    cluster: str | None = None
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    computed: int = 0
    stored: int = 0
    executor: tuple[str, int] = ("none", 0)
    _executor: Executor | None = None
    _opener: Callable[[], Doer] | None = None
    _failures: list[str] = field(default_factory=list)

    def solve(self, points: Sequence[Values], total: int, progress: Callable[[int], None]) -> list[str]:
        """Have points computed, as far as they are not known; returns their keys.

        Parameters
        ----------
        points : sequence of mappings
            Their parameters.
        total : int
            Points that the whole sweep will have, so that an executor can judge what lies ahead.
        progress : callable
            Told how many are known.

        Raises
        ------
        StrategyError
            If the strategy fails at the first twenty points, or at all of them.
        """
        keyed = {self.identity.key(values): values for values in points}
        known = self.store.find([key for key in keyed if key not in self.outcomes])
        self.outcomes |= known
        self.stored += len(known)
        self.counting.enter([(key, keyed[key], outcome) for key, outcome in known.items()])
        progress(len(self.outcomes))
        todo = [(key, values) for key, values in keyed.items() if key not in self.outcomes]
        if todo:
            self._compute(todo, total - len(self.outcomes) - len(todo), progress)
        return list(keyed)

    def _compute(
        self, todo: Sequence[tuple[str, Values]], later: int, progress: Callable[[int], None]
    ) -> None:
        executor = self._ready([values for _, values in (todo[0], todo[-1])])
        batches = Batches(todo, executor.seconds, lambda: executor.workers, later=later)
        for batch, results in executor.map(self._work(), batches):
            outcomes = [_outcome(result) for result in results]
            self._keep([(key, values, outcome) for (key, values), outcome in zip(batch, outcomes, strict=True)])
            batches.learn(len(batch))
            progress(len(self.outcomes))

    def _keep(self, done: Sequence[tuple[str, Values, Outcome]]) -> None:
        self.outcomes |= {key: outcome for key, _, outcome in done}
        lasting = [each for each in done if not each[2].lost]
        self.counting.enter(lasting)  # before anybody can look at it
        self.store.keep(
            [(key, key[RUN_ID], values, outcome) for key, values, outcome in lasting], self.clock.now()
        )
        self.computed += len(done)
        failed = [outcome.error for _, _, outcome in done if outcome.error]
        self._failures += failed
        if len(self._failures) == self.computed >= _HOPELESS:
            raise all_failed(self._failures)

    def _ready(self, some: Sequence[Values]) -> Executor:
        """Connect to who computes points such as some, and decode the tape for them, when there are any."""
        if self._executor is None:
            here = self.cluster is None and self.bench.side_by_side(self.tape, some)
            self._executor = connect(self.workers, self.cluster, threads=here)
            if here:
                self._opener = partial(self.bench.open, self.tape)
                return self._executor
            own = self.bench.settings.engine.own_queue is not None
            if own and not isinstance(self._executor, Inline):
                self._executor.close()
                raise ConfigError(
                    "expected one worker for a queue model of your own, which is compiled in this process, was "
                    f"{self._executor.name}", code="queue_does_not_travel", hint="workers=1",
                )
            self._opener = self.bench.open
            if not self.bench.files.ready:
                self.bench.files.write(self.tape)
        return self._executor

    def _work(self) -> Work:
        instance = self.bench.subject.instance
        modules = [] if instance is None else travels_by_value(type(instance).__module__)
        assert self._opener is not None
        return Work(self.bench.files.key + self.identity.key({}), self._opener, by_value=modules)

    def close(self) -> None:
        """Let go of the workers."""
        if self._executor is not None:
            self.executor = self._executor.name, self._executor.workers
            self._executor.close()


def _outcome(result: Outcome | Lost) -> Outcome:
    return Outcome({}, error=result.reason, lost=True) if isinstance(result, Lost) else result


def all_failed(failures: Sequence[str]) -> StrategyError:
    """Say that no point came to its end, and why the first one did not."""
    return StrategyError(
        f"expected points at which the strategy runs, all {len(failures)} tried failed, the first one so: "
        f"{failures[0]}",
        code="all_points_failed", hint="ntp backtest with the same --set shows where it fails",
    )
