"""Scores of forecasts by time to the close, every event counting alike, with intervals from drawing whole events."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

WHOLE: Final = (0, 900)
END: Final = (0, 120)
"""The last two minutes, in which an averaging window decides."""
BUCKETS: Final = ((0, 60), (60, 120), (120, 180), (180, 300), (300, 600), (600, 900))
"""Seconds to the close: above the first, up to the second."""
_EDGE: Final = 1e-3
_DRAWS: Final = 2_000
_SEED: Final = 5


@dataclass(frozen=True)
class Score:
    """Mean score of one forecast, or the difference of two, in one stretch of time.

    Attributes
    ----------
    value : float
        Mean over events of the mean over each event's moments.
    low, high : float or None
        90 % interval; None with fewer than two events.
    """

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Row:
    """Scores of one stretch of time to the close.

    Attributes
    ----------
    bucket : tuple of int
        Seconds to the close.
    events : int
        How many are scored.
    log_loss, brier : dict of str to Score
        By forecast, and of differences by names such as ``fair - mid``.
    """

    bucket: tuple[int, int]
    events: int
    log_loss: dict[str, Score]
    brier: dict[str, Score]


def scored(frame: pl.DataFrame, columns: Sequence[str], against: Sequence[tuple[str, str]]) -> list[Row]:
    """Score forecasts where all of them exist.

    Parameters
    ----------
    frame : polars.DataFrame
        As :func:`ntp.research.forecast_study.forecasts` returns it.
    columns : sequence of str
        Forecasts to score; 0 and 1 are taken for 0.001 and 0.999.
    against : sequence of (str, str)
        Differences, the first minus the second; below 0 the first is better.
    """
    whole = frame.drop_nulls(list(columns))
    found = []
    for low, high in (*BUCKETS, END, WHOLE):
        part = whole.filter((pl.col("seconds_left") > low) & (pl.col("seconds_left") <= high))
        if not part.height:
            continue
        losses, squares = (
            part.select("event", *(each(name).alias(name) for name in columns)).group_by("event", maintain_order=True)
            .agg(pl.col(*columns).mean()) for each in (log_loss_of, _square)
        )
        found.append(Row((low, high), losses.height, _scores(losses, columns, against),
                         _scores(squares, columns, against)))  # fmt: skip
    return found


def log_loss_of(name: str) -> pl.Expr:
    """Negative logarithm of what a forecast gave to what happened."""
    chance = pl.col(name).clip(_EDGE, 1.0 - _EDGE)
    return -(pl.col("outcome") * chance.log() + (1.0 - pl.col("outcome")) * (1.0 - chance).log())


def _square(name: str) -> pl.Expr:
    return (pl.col(name) - pl.col("outcome")) ** 2


def _scores(means: pl.DataFrame, columns: Sequence[str], against: Sequence[tuple[str, str]]) -> dict[str, Score]:
    values = {name: means[name].to_numpy() for name in columns}
    values |= {f"{one} - {other}": values[one] - values[other] for one, other in against}
    # a row is an event: all draws at once, and the same ones for every forecast
    drawn = np.random.default_rng(_SEED).integers(0, means.height, (_DRAWS, means.height))
    return {name: Score(float(each.mean()), *_interval(each, drawn)) for name, each in values.items()}


def _interval(each: NDArray[np.float64], drawn: NDArray[np.int64]) -> tuple[float | None, float | None]:
    if len(each) < 2:
        return None, None
    low, high = np.quantile(each[drawn].mean(axis=1), (0.05, 0.95))
    return float(low), float(high)
