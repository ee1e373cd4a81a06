"""What fills were predicted to earn beside what they earned."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ntp.backtest.edge.decompose import EDGE, PARTS
from ntp.backtest.facts import Facts
from ntp.backtest.formulas import MIN_EVENTS, Null, too_few
from ntp.core import format_ns
from ntp.pricing.edge import size_factor
from ntp.statistics import Regression, clustered_mean, clustered_regression
from ntp.statistics.regression import student_quantile

Floats = NDArray[np.float64]
_CENTS: Final = 100.0
_LEVEL: Final = 0.90


@dataclass(frozen=True)
class Band:
    """Whether fills earned what they were predicted to, in cents per contract before fees.

    Attributes
    ----------
    predicted, realised : float
        Mean of fair value less price and the adverse selection expected, and of settlement value less price.
    low, high : float
        Range in which the realised mean lies nine times of ten if the prediction is right: chance of results,
        clustered by event, and the stated uncertainty of the fair values.
    """

    predicted: float
    realised: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        """Whether the realised mean is within the range."""
        return self.low <= self.realised <= self.high


@dataclass(frozen=True, eq=False)
class EdgeOutcome:
    """Predicted and realised edge of the fills of one replay.

    Attributes
    ----------
    predicted : Mapping of str to float or None
        Mean over contracts filled of each part of the edge at decision, in cents; None where it is unknown.
    settled : Mapping of str to float or None
        The same over the contracts that have a result.
    realised : Mapping of str to float or None
        What came of these: `gross` (settlement value less price), `fee` (charged), `adverse_selection` (how far the
        mid moved against the fill in ten seconds), `net`.
    contracts, events : float, int
        Contracts filled with a stated fair value and a result, and events they are of.
    band : Band or Null
        Whether what came is what was predicted.
    line, through_origin : Regression or None
        Realised on predicted edge, clustered by event; the second fixes 0 at 0 and decides the size.
    points : polars.DataFrame
        Per event: `event`, `predicted`, `realised` (cents), `contracts`.
    """

    predicted: dict[str, float | None]
    settled: dict[str, float | None]
    realised: dict[str, float | None]
    contracts: float
    events: int
    band: Band | Null
    line: Regression | None
    through_origin: Regression | None
    points: pl.DataFrame

    @property
    def factor(self) -> float:
        """What sizes should be multiplied by from here on."""
        line = self.through_origin
        return 1.0 if line is None else size_factor(line.slope, line.slope_error, line.clusters)


def edge_outcome(facts: Facts) -> EdgeOutcome | None:
    """Set predicted beside realised edges; None where no fill has a fair value, or only play money was traded."""
    fills = _stated_fills(facts)
    if fills.is_empty() or not facts.in_dollars:
        return None
    done = fills.filter(pl.col("realised").is_not_null())
    points = done.group_by("event", maintain_order=True).agg(
        predicted=_mean("gross"), realised=_mean("realised"), contracts=pl.col("size").sum()
    )
    x, y, weight = (done[name].to_numpy() for name in ("gross", "realised", "size"))
    group = done["event"].rank("dense").cast(pl.Int64).to_numpy()
    enough = len(points) >= MIN_EVENTS
    return EdgeOutcome(
        predicted=_means(fills, PARTS), settled=_means(done, PARTS), realised=_realised(done),
        contracts=float(done["size"].sum()), events=len(points),
        band=_band(done, group) if enough else too_few(len(points)),
        line=clustered_regression(x, y, group, weight) if enough else None,
        through_origin=clustered_regression(x, y, group, weight, intercept=False) if enough else None,
        points=points,
    )  # fmt: skip


def _stated_fills(facts: Facts) -> pl.DataFrame:
    """Priced fills of contracts with a fair value: parts of the edge in cents, what came of them, `size`, `event`."""
    frame = pl.DataFrame({
        "event": facts.priced["event"], "order_id": facts.priced["order_id"], "size": facts.size,
        "gross": facts.side * (facts.of_fills("fair") - facts.price) * _CENTS,
        "realised": facts.side * (facts.fill_results - facts.price) * _CENTS,
        "charged": facts.priced["fee"].to_numpy() / facts.priced["size"].to_numpy() * _CENTS,
        "moved": facts.side * (facts.of_fills("mid") - facts.of_fills("mid_10s")) * _CENTS,
    }).fill_nan(None).drop_nulls("gross")  # fmt: skip
    orders = facts.output.orders
    known = [name for name in (*EDGE[1:-1], "fair_sd") if name in orders.columns]
    joined = frame.join(orders.select("order_id", *known), on="order_id", how="left", maintain_order="left")
    missing = [pl.lit(None, pl.Float64).alias(name) for name in (*EDGE[1:-1], "fair_sd") if name not in known]
    named = joined.with_columns(missing).rename(dict(zip(EDGE[1:-1], PARTS[1:-1], strict=True)))
    return named.with_columns(net=pl.col("gross") - pl.sum_horizontal(PARTS[1:-1], ignore_nulls=False))


def _mean(name: str) -> pl.Expr:
    return (pl.col(name) * pl.col("size")).sum() / pl.col("size").sum()


def _means(fills: pl.DataFrame, names: tuple[str, ...]) -> dict[str, float | None]:
    """Mean over contracts of each part, over the fills where it is known."""
    found = {}
    for name in names:
        known = fills.drop_nulls(name)
        found[name] = float(known.select(_mean(name)).item()) if len(known) else None
    return found


def _realised(done: pl.DataFrame) -> dict[str, float | None]:
    means = _means(done, ("realised", "charged", "moved"))
    gross, fee = means["realised"], means["charged"]
    net = None if gross is None or fee is None else gross - fee
    return {**dict.fromkeys(PARTS), "gross": gross, "fee": fee, "adverse_selection": means["moved"], "net": net}


def _band(done: pl.DataFrame, group: Floats) -> Band | Null:
    after = done.with_columns(expected=pl.col("gross") - pl.col("adverse_selection").fill_null(0.0))
    predicted, realised = (float(after.select(_mean(name)).item()) for name in ("expected", "realised"))
    misses = (after["realised"] - after["expected"]).to_numpy()
    chance = clustered_mean(misses, group, after["size"].to_numpy())
    if chance is None:
        return too_few(1)
    spread = (_means(after, ("fair_sd",))["fair_sd"] or 0.0) * _CENTS
    half = student_quantile(_LEVEL, chance[2] - 1) * math.hypot(chance[1], spread)
    return Band(predicted, realised, predicted - half, predicted + half)


def edge_document(
    outcome: EdgeOutcome | None, *, fees_known: bool, scaled: Sequence[Mapping[str, object]] = ()
) -> dict[str, object] | None:
    """JSON of an outcome; what fees decide is null where they are unknown.

    `scaled` says when and how sizes were scaled during the run.
    """
    if outcome is None:
        return None
    realised = outcome.realised if fees_known else {**outcome.realised, "fee": None, "net": None}
    band, line, origin = outcome.band, outcome.line, outcome.through_origin
    return {
        "predicted_cents": outcome.predicted, "predicted_settled_cents": outcome.settled,
        "realised_cents": realised, "contracts_settled": outcome.contracts, "events": outcome.events,
        "band_cents": None if isinstance(band, Null) else [band.low, band.high],
        "within_band": None if isinstance(band, Null) else band.holds,
        "regression": None if origin is None else {
            "slope": origin.slope, "slope_ci90": list(origin.slope_interval()), "events": origin.clusters,
            "with_intercept": None if line is None else {
                "slope": line.slope, "slope_ci90": list(line.slope_interval()), "intercept_cents": line.intercept,
            },
        },
        "size_factor": outcome.factor, "sizes_scaled": [
            {**{key: value for key, value in row.items() if key != "ts"}, "from": format_ns(int(str(row["ts"])))}
            for row in scaled
        ],
    }


__all__ = ["Band", "EdgeOutcome", "edge_document", "edge_outcome"]
