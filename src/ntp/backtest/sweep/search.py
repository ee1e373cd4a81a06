"""Search: which points of the axes are tried, in generations that do not depend on who computes them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from ntp.backtest.sweep.axes import Axis
from ntp.core import ConfigError, suggest
from ntp.strategy.params import Value

Values = dict[str, Value]
Generation = Generator[list[Values], list[float | None], None]
"""Yields points to try; is sent their scores, higher being better, None where there is none."""

MOST_POINTS: Final = 10_000
"""Points of a sweep unless a person says more."""
_KINDS: Final = ("grid", "random", "bayes")
_TOGETHER: Final = 8
"""Points that a Bayesian search proposes before it learns: always as many, so that workers change nothing."""
_STUBBORN: Final = 20
"""Proposals per point wanted before a search takes it that there are no new ones."""


class Search(Protocol):
    """A way through the axes.

    Attributes
    ----------
    total : int
        Points it will try at most.
    """

    total: int

    def points(self) -> Generation:
        """Propose points, generation after generation, none twice."""
        ...


def read_search(
    search: int | str | None, axes: Sequence[Axis], *, seed: int = 0, max_points: int = MOST_POINTS
) -> tuple[str, Search]:
    """Read how to search, and word it.

    Parameters
    ----------
    search : int or str, optional
        None for the whole grid; a number of points for a Bayesian search; ``random:50`` or ``bayes:50``.
    axes : sequence of Axis
        What varies.
    seed : int
        Of whatever is drawn.
    max_points : int
        More are refused.

    Raises
    ------
    ConfigError
        ``bad_search``, or ``too_many_points``.
    """
    kind, count = _read(search)
    if kind == "grid":
        size = math.prod(len(axis.values) for axis in axes)
        _limit(size, max_points)
        return "grid", Grid(axes, size)
    _limit(count, max_points)
    made: Search = Random(axes, count, seed) if kind == "random" else Bayes(axes, count, seed)
    return f"{kind}:{count}", made


def _read(search: int | str | None) -> tuple[str, int]:
    if search is None:
        return "grid", 0
    kind, _, text = ("bayes", "", str(search)) if str(search).lstrip("-").isdecimal() else str(search).partition(":")
    if kind not in _KINDS or isinstance(search, bool):
        raise ConfigError(
            f"expected a number of points, random:N or bayes:N as search, was {search!r}", code="bad_search",
            hint=suggest(kind, _KINDS),
        )
    if kind == "grid" and not text:
        return "grid", 0
    if not text.isdecimal() or int(text) < 1:
        raise ConfigError(f"expected a number of points above 0 for search, was {search!r}", code="bad_search")
    return kind, int(text)


def _limit(points: int, most: int) -> None:
    if points > most:
        raise ConfigError(
            f"expected at most {most:,} points, was {points:,}", code="too_many_points",
            hint=f"--max-points {points} (max_points={points}) takes them all; --search N tries some of them",
            details={"points": points, "max_points": most},
        )


@dataclass(slots=True)
class Grid:
    """All combinations, the last axis changing fastest."""

    axes: Sequence[Axis]
    total: int

    def points(self) -> Generation:
        """Propose all of them at once."""
        names = [axis.name for axis in self.axes]
        yield [dict(zip(names, row, strict=True)) for row in itertools.product(*(axis.values for axis in self.axes))]


class Random:
    """Points drawn evenly, none twice."""

    def __init__(self, axes: Sequence[Axis], count: int, seed: int) -> None:
        self._axes, self._seed = axes, seed
        size = math.prod(axis.choices for axis in axes)
        self._listed = all(axis.low is None for axis in axes)
        self.total = int(min(count, size))

    def points(self) -> Generation:
        """Propose all of them at once."""
        rng = np.random.default_rng([self._seed, 0x53])
        found: dict[tuple[Value, ...], Values] = {}
        for _ in range(self.total * _STUBBORN):
            values = {axis.name: self._draw(axis, rng) for axis in self._axes}
            found.setdefault(tuple(values.values()), values)
            if len(found) == self.total:
                break
        else:
            self._complete(found)
        yield list(found.values())

    def _complete(self, found: dict[tuple[Value, ...], Values]) -> None:
        """Take the rest of a small grid in order: draws would hardly ever meet what is still missing."""
        if self._listed:
            for values in next(Grid(self._axes, 0).points()):
                if len(found) == self.total:
                    return
                found.setdefault(tuple(values.values()), values)

    @staticmethod
    def _draw(axis: Axis, rng: np.random.Generator) -> Value:
        if axis.low is None or axis.high is None:
            return axis.values[int(rng.integers(len(axis.values)))]
        ends = (math.log(axis.low), math.log(axis.high)) if axis.log else (axis.low, axis.high)
        if axis.parameter.kind is int and not axis.log:
            return axis.parameter.check(int(rng.integers(int(axis.low), int(axis.high), endpoint=True)))
        drawn = float(rng.uniform(*ends))
        value = min(max(math.exp(drawn) if axis.log else drawn, axis.low), axis.high)
        return axis.parameter.check(round(value) if axis.parameter.kind is int else value)


class Bayes:
    """Points proposed by Optuna's tree-structured Parzen estimator, which learns from the scores so far.

    Repeated with the same scores it proposes the same points, so a sweep that goes on needs no memory of its own.
    """

    def __init__(self, axes: Sequence[Axis], count: int, seed: int) -> None:
        self._axes, self._seed = axes, seed
        self.total = int(min(count, math.prod(axis.choices for axis in axes)))

    def points(self) -> Generation:
        """Propose points in generations."""
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        sampler = optuna.samplers.TPESampler(seed=self._seed, n_startup_trials=min(10, max(self.total // 4, 1)))
        study = optuna.create_study(direction="maximize", sampler=sampler)
        spaces = {axis.name: self._space(axis, optuna.distributions) for axis in self._axes}
        known: dict[tuple[Value, ...], float | None] = {}
        asked = 0
        while len(known) < self.total and asked < self.total * _STUBBORN:
            fresh: dict[tuple[Value, ...], tuple[Values, list[Any]]] = {}
            for _ in range(_TOGETHER):
                trial = study.ask(spaces)
                asked += 1
                values = {axis.name: self._value(axis, trial.params[axis.name]) for axis in self._axes}
                key = tuple(values.values())
                if key in known:
                    self._tell(study, trial, known[key], optuna)
                elif key in fresh or len(known) + len(fresh) < self.total:
                    fresh.setdefault(key, (values, []))[1].append(trial)
                else:
                    self._tell(study, trial, None, optuna)
            if not fresh:
                continue
            scores = yield [values for values, _ in fresh.values()]
            for (key, (_, trials)), score in zip(fresh.items(), scores, strict=True):
                known[key] = score
                for trial in trials:
                    self._tell(study, trial, score, optuna)

    @staticmethod
    def _tell(study: Any, trial: Any, score: float | None, optuna: Any) -> None:
        if score is None:
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
        else:
            study.tell(trial, score)

    @staticmethod
    def _space(axis: Axis, distributions: Any) -> Any:
        if axis.low is not None and axis.parameter.kind is float:
            return distributions.FloatDistribution(axis.low, axis.high, log=axis.log)
        if axis.low is not None:
            return distributions.IntDistribution(int(axis.low), int(axis.high or 0), log=axis.log)
        if axis.parameter.kind in (int, float) and len(axis.values) > 1:
            return distributions.IntDistribution(0, len(axis.values) - 1)  # places: they are in order
        return distributions.CategoricalDistribution(list(range(len(axis.values))))

    @staticmethod
    def _value(axis: Axis, drawn: Any) -> Value:
        return axis.values[drawn] if axis.low is None else axis.parameter.check(drawn)
