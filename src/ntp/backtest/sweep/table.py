"""Tables of a sweep: a metric over two parameters, and parameters as numbers on an axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ntp.backtest.metrics import BY_ID
from ntp.backtest.sweep.objective import read_objective
from ntp.core import ConfigError
from ntp.strategy.params import Value

if TYPE_CHECKING:
    from ntp.backtest.sweep.sweep import Sweep


@dataclass(frozen=True, slots=True)
class Cells:
    """A metric over two parameters.

    Attributes
    ----------
    across, down : list
        Values of the two parameters, in order.
    values : list of lists
        Metric by row and column; None where it is unknown or nothing was tried.
    title : str
        Of the metric.
    note : str
        What was done with the other parameters.
    best : tuple of int, optional
        Row and column of the best value.
    """

    across: list[Value]
    down: list[Value]
    values: list[list[float | None]]
    title: str
    note: str
    best: tuple[int, int] | None


def pivot(sweep: Sweep, x: str, y: str, metric: str) -> Cells:
    """Lay a metric out over two parameters; over all others the best value counts.

    Raises
    ------
    ConfigError
        If a parameter did not vary, both are the same, or the metric is unknown.
    """
    axes = [sweep.axis(name) for name in (x, y)]
    if x == y:
        raise ConfigError(f"expected two parameters, was {x!r} twice", code="same_parameter")
    objective = read_objective(metric)
    across, down = (_ordered([point.parameters[axis.name] for point in sweep.points]) for axis in axes)
    column, row = ({value: place for place, value in enumerate(values)} for values in (across, down))
    values: list[list[float | None]] = [[None] * len(across) for _ in down]
    best: tuple[int, int] | None = None
    for point in reversed(sweep.ranked(metric)):  # the best come last and stay
        value = point.metrics.number(objective.metric)
        if value is not None:
            best = row[point.parameters[y]], column[point.parameters[x]]
            values[best[0]][best[1]] = value
    note = "" if len(sweep.axes) == 2 else ", best over all other parameters"
    return Cells(across, down, values, BY_ID[objective.metric].title, note, best)


def _ordered(values: Sequence[Value]) -> list[Value]:
    distinct = list(dict.fromkeys(values))
    numeric = all(isinstance(value, int | float) for value in distinct)
    return sorted(distinct) if numeric else distinct  # type: ignore[type-var]


def numbers_of(values: Sequence[Value]) -> tuple[list[float], list[str] | None]:
    """Places of values on an axis: numbers as they are, others by their order, with their names."""
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return [float(value) for value in values if value is not None], None
    names = list(dict.fromkeys(str(value) for value in values))
    return [float(names.index(str(value))) for value in values], names
