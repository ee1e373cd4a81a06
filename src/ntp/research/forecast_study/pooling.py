"""How much of the market belongs into a fair value: weights of its logit, fitted on some events, scored on others."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from scipy import optimize

from ntp.pricing.blend import logit_pool
from ntp.research.forecast_study.scores import BUCKETS

FOLDS: Final = 5
_EQUAL: Final = 0.5
_DRAW: Final = 4.0 * float(np.log(2.0))
"""Makes a weight of 0 or 1 cost the loss of one coin toss."""


@dataclass(frozen=True)
class Pooling:
    """Weights of the market's logit.

    Attributes
    ----------
    by_bucket : dict of (int, int) to float
        Weight for each stretch of time to the close, fitted to all events.
    frame : polars.DataFrame
        The forecasts with the columns ``half``, the two pooled alike, and ``blend``, each event's by weights that were
        fitted without it and its neighbours in time.
    """

    by_bucket: dict[tuple[int, int], float]
    frame: pl.DataFrame


def pooled(frame: pl.DataFrame, folds: int = FOLDS) -> Pooling | None:
    """Fit weights by log loss; None where fewer than two events for each fold have a market price.

    Parameters
    ----------
    frame : polars.DataFrame
        As :func:`ntp.research.forecast_study.forecasts` returns it.
    folds : int
        Blocks of events, consecutive in time, each of which is scored by weights of the others.
    """
    whole = frame.drop_nulls(["mid"])
    names = whole["event"].unique(maintain_order=True).to_list()
    if len(names) < 2 * folds:
        return None
    parts = []
    for block in np.array_split(np.array(names), folds):
        tested = whole.filter(pl.col("event").is_in(block.tolist()))
        trained = whole.filter(~pl.col("event").is_in(block.tolist()))
        chosen = _weight_column(tested, _weights(trained))
        fair, mid = tested["fair"].to_numpy(), tested["mid"].to_numpy()
        parts.append(tested.with_columns(
            blend=pl.Series(logit_pool(fair, mid, chosen)), half=pl.Series(logit_pool(fair, mid, _EQUAL))
        ))
    return Pooling(_weights(whole), pl.concat(parts))


def _weight_column(frame: pl.DataFrame, by_bucket: dict[tuple[int, int], float]) -> np.ndarray:
    left = frame["seconds_left"].to_numpy()
    found = np.full(len(left), _EQUAL)
    for (low, high), weight in by_bucket.items():
        found[(left > low) & (left <= high)] = weight
    return found


def _weights(frame: pl.DataFrame) -> dict[tuple[int, int], float]:
    by_bucket: dict[tuple[int, int], float] = {}
    for low, high in BUCKETS:
        part = frame.filter((pl.col("seconds_left") > low) & (pl.col("seconds_left") <= high))
        if part.height:
            by_bucket[(low, high)] = _weight(part)
    return by_bucket


def _weight(frame: pl.DataFrame) -> float:
    """Find the weight of the market with the least log loss, every event counting alike, drawn to one half.

    A few dozen events cannot tell weights far apart: going all the way to either side has to gain the
    loss of one coin toss.
    """
    fair, mid = frame["fair"].to_numpy(), frame["mid"].to_numpy()
    outcome = frame["outcome"].to_numpy()
    share = (1.0 / frame.select(pl.len().over("event")).to_series()).to_numpy()

    def loss(weight: float) -> float:
        chance = logit_pool(fair, mid, weight)
        lost = -np.sum(share * (outcome * np.log(chance) + (1.0 - outcome) * np.log1p(-chance)))
        return float(lost + _DRAW * (weight - _EQUAL) ** 2)

    return float(optimize.minimize_scalar(loss, bounds=(0.0, 1.0), method="bounded").x)
