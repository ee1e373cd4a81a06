"""Sweep: the points of a grid or a search, ranked by one metric that knows how many were tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from ntp.backtest.metrics import INTERVALS, METRICS, Metrics
from ntp.backtest.sweep.axes import Axis
from ntp.backtest.sweep.objective import read_objective
from ntp.core import ConfigError, suggest
from ntp.statistics import Overfitting
from ntp.strategy.params import Value

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@dataclass(frozen=True, eq=False)
class Point:
    """One combination of parameters and what it gave.

    Attributes
    ----------
    parameters : Mapping
        Values of the parameters that vary.
    metrics : Metrics
        Of the headline fill mode; all None where the strategy failed.
    run_id : str
        The first digits of its manifest hash: the same for the same inputs, whoever computes them.
    key : str
        Manifest hash of its inputs.
    fills_hash : str
        Digest of its fills.
    error : str
        Why the strategy failed; empty if it did not.
    """

    parameters: Mapping[str, Value]
    metrics: Metrics
    run_id: str
    key: str
    fills_hash: str
    error: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        found = {"parameters": dict(self.parameters), "metrics": dict(self.metrics), "run_id": self.run_id}
        return found | ({"error": self.error} if self.error else {})


@dataclass(frozen=True)
class Effort:
    """What a sweep cost: points computed now and found in the store, seconds, and who did it."""

    computed: int
    stored: int
    wall_s: float
    executor: str
    workers: int


@dataclass(frozen=True, eq=False)
class Sweep(Sequence[Point]):
    """Points of a sweep in the order in which they were proposed.

    Attributes
    ----------
    sweep_id : str
        The same for the same question, so that repeating it finds what is there.
    objective : str
        Metric by which points are ranked.
    axes : sequence of Axis
        What varied.
    points : sequence of Point
        All that was tried.
    trials : int
        Distinct trials on this data that the deflated Sharpe ratio counts, these among them.
    about : Mapping
        JSON values: strategy, data, search, fill mode.
    warnings : sequence of str
        What a reader must know.
    effort : Effort
        What it cost.
    overfitting : Overfitting, optional
        How often the best point of one half of the events is no good in the other; None where that is unknown.
    absent : Mapping of str to str
        Why a figure of the whole sweep is unknown.
    """

    sweep_id: str
    objective: str
    axes: Sequence[Axis]
    points: Sequence[Point]
    trials: int
    about: Mapping[str, Any]
    warnings: Sequence[str]
    effort: Effort
    overfitting: Overfitting | None = None
    absent: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.points)

    def __iter__(self) -> Iterator[Point]:
        return iter(self.points)

    def __getitem__(self, place: Any) -> Any:
        return self.points[place]

    def ranked(self, objective: str | None = None) -> list[Point]:
        """Points from the best to the worst; those without the metric come last.

        Parameters
        ----------
        objective : str, optional
            A metric, with a leading ``-`` where less is better and it is not known for that.

        Raises
        ------
        ConfigError
            If there is no such metric.
        """
        meant = read_objective(objective or self.objective)
        scores = [meant.score(point.metrics.number(meant.metric)) for point in self.points]
        order = sorted(range(len(scores)), key=lambda at: (scores[at] is None, -(scores[at] or 0.0)))
        return [self.points[at] for at in order]

    def best(self, objective: str | None = None) -> Point | None:
        """Point that is best by a metric; None where no point has it.

        Raises
        ------
        ConfigError
            If there is no such metric.
        """
        first = next(iter(self.ranked(objective)), None)
        metric = read_objective(objective or self.objective).metric
        return None if first is None or first.metrics.number(metric) is None else first

    @cached_property
    def frame(self) -> pl.DataFrame:
        """All points: a column for each parameter that varied and each metric, `run_id` and `error`."""
        columns: dict[str, Any] = {
            axis.name: pl.Series([point.parameters[axis.name] for point in self.points], strict=False)
            for axis in self.axes
        }
        for metric in METRICS:
            if metric.id not in INTERVALS:
                kind = pl.Int64 if metric.unit == "count" else pl.Float64
                columns[metric.id] = pl.Series([point.metrics[metric.id] for point in self.points], dtype=kind)
        columns["run_id"] = pl.Series([point.run_id for point in self.points], dtype=pl.String)
        columns["error"] = pl.Series([point.error or None for point in self.points], dtype=pl.String)
        return pl.DataFrame(columns)

    def to_dict(self) -> dict[str, Any]:
        """Build the document of ``ntp sweep --json``."""
        best = self.best()
        return {
            "schema": 1, "status": "done", "sweep_id": self.sweep_id, "objective": self.objective,
            "trials": self.trials, **self.about, "axes": {axis.name: axis.document() for axis in self.axes},
            "points": [point.to_dict() for point in self.points], "best": None if best is None else best.to_dict(),
            "overfitting_probability": None if self.overfitting is None else self.overfitting.probability,
            "absent": dict(self.absent), "warnings": list(self.warnings),
            "performance": {
                "wall_s": self.effort.wall_s, "computed": self.effort.computed, "stored": self.effort.stored,
                "points_per_s": self.effort.computed / self.effort.wall_s if self.effort.wall_s > 0 else None,
                "executor": self.effort.executor, "workers": self.effort.workers,
            },
        }  # fmt: skip

    def axis(self, name: str) -> Axis:
        """Find a parameter that varied.

        Raises
        ------
        ConfigError
            ``unknown_parameter``, with a suggestion.
        """
        names = [axis.name for axis in self.axes]
        if name not in names:
            raise ConfigError(
                f"expected a parameter that varied, was {name!r}", code="unknown_parameter",
                hint=suggest(name, names), details={"parameter": name},
            )
        return self.axes[names.index(name)]

    def heatmap(self, x: str, y: str, metric: str | None = None) -> Figure:
        """Chart a metric over two parameters, by default the objective; of others the best value is shown.

        Raises
        ------
        ConfigError
            If a parameter or the metric is unknown.
        """
        from ntp.backtest.sweep.charts import heatmap_figure

        return heatmap_figure(self, x, y, metric or self.objective)

    def parallel(self, metric: str | None = None) -> Figure:
        """Chart all parameters and a metric as parallel coordinates, one line for each point.

        Raises
        ------
        ConfigError
            If the metric is unknown.
        """
        from ntp.backtest.sweep.charts import parallel_figure

        return parallel_figure(self, metric or self.objective)

    def report(self, path: str | Path) -> Path:
        """Write charts and ranking as one HTML file that works offline, and return its path."""
        from ntp.backtest.sweep.page import write_sweep_page

        return write_sweep_page(self, Path(path))

    def __repr__(self) -> str:
        best = self.best()
        if best is None:
            return f"<Sweep {self.sweep_id}: {len(self)} points, none with {self.objective}>"
        metric = read_objective(self.objective).metric
        said = ", ".join(f"{name}={value}" for name, value in best.parameters.items())
        return f"<Sweep {self.sweep_id}: {len(self)} points, best {metric} {best.metrics.number(metric):.4g} at {said}>"

    def _repr_html_(self) -> str:
        from ntp.backtest.sweep.page import notebook_view

        return notebook_view(self)
