"""What a replay made of each event: its P&L, what was at stake, and where prices went after its fills."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from ntp.backtest.facts import Facts
from ntp.core import CASH_ONE, SIZE_ONE


@dataclass(frozen=True)
class EventResult:
    """One event of one replay.

    Attributes
    ----------
    pnl_usd : float
        After fees.
    stake_usd : float
        The most that positions and resting orders together could have lost at any moment, contract by contract.
    markout_cents : float, optional
        Mean over the contracts filled from the fill price to the mid ten seconds later; None without such a mid.
    fills : int
        Executions.
    """

    pnl_usd: float = 0.0
    stake_usd: float = 0.0
    markout_cents: float | None = None
    fills: int = 0


def event_results(facts: Facts) -> dict[str, EventResult]:
    """Results of the events in which anything was ordered, by name; in the others nothing happened."""
    pnl = dict(zip(*_columns(facts.events, "event", "pnl"), strict=True))
    stakes = dict(zip(*_columns(_stakes(facts), "event", "stake"), strict=True))
    fills = dict(facts.priced.group_by("event").agg(pl.len()).iter_rows())
    markouts = _markouts(facts)
    return {
        event: EventResult(
            float(pnl.get(event, 0.0)), float(stakes.get(event, 0.0)), markouts.get(event), int(fills.get(event, 0))
        )
        for event in sorted({*pnl, *stakes})
    }


def _columns(frame: pl.DataFrame, *names: str) -> list[list[object]]:
    return [frame[name].to_list() for name in names]


def _markouts(facts: Facts) -> dict[str, float]:
    """Mean markout in cents by event, weighted by contracts."""
    moved = facts.side * (facts.of_fills("mid_10s") - facts.price)
    known = np.isfinite(moved)
    frame = pl.DataFrame({
        "event": facts.priced["event"].filter(pl.Series(known)), "size": facts.size[known],
        "gain": (moved * facts.size)[known],
    }).group_by("event").agg(pl.col("gain").sum() / pl.col("size").sum() * 100.0)  # fmt: skip
    return dict(frame.iter_rows())


def _stakes(facts: Facts) -> pl.DataFrame:
    """Largest possible loss of each event over time, in dollars: columns `event` and `stake`.

    With C the cash of the YES claims so far and q how many are held, a contract loses at most -C - q if it pays and
    every resting sale was filled before, and -C if it does not and every resting purchase was.
    """
    steps = pl.concat([_fill_steps(facts), *_order_steps(facts)])
    of_contract = (
        steps.group_by("event", "contract", "ts").agg(pl.col("cash", "held", "bought", "sold").sum())
        .sort("contract", "ts")
        .with_columns(pl.col("cash", "held", "bought", "sold").cum_sum().over("contract"))
        .with_columns(
            loss=pl.max_horizontal(
                pl.lit(0.0), pl.col("bought") - pl.col("cash"), pl.col("sold") - pl.col("cash") - pl.col("held")
            )
        )
        .with_columns(change=pl.col("loss") - pl.col("loss").shift(1, fill_value=0.0).over("contract"))
    )
    return (
        of_contract.group_by("event", "ts").agg(pl.col("change").sum()).sort("event", "ts")
        .with_columns(stake=pl.col("change").cum_sum().over("event"))
        .group_by("event").agg(pl.col("stake").max().round(9)).sort("event")
    )


def _fill_steps(facts: Facts) -> pl.DataFrame:
    """List changes by fills: `cash` of YES claims, `held`, and what no longer rests."""
    fills = facts.priced
    side, size = pl.col("side").cast(pl.Float64), pl.col("size") / SIZE_ONE
    before = pl.col("position") / SIZE_ONE - side * size
    # a negative position was paid for as NO: selling YES at p costs 1 - p, which as YES is an income of p
    short = pl.max_horizontal(pl.lit(0.0), -pl.col("position") / SIZE_ONE) - pl.max_horizontal(pl.lit(0.0), -before)
    passive = facts.passive.select("order_id", order_price=_price())
    return fills.join(passive, on="order_id", how="left").select(
        "event", "contract", "ts", cash=pl.col("cash") / CASH_ONE + short, held=side * size,
        bought=_reserve(pl.col("side") > 0, -size, pl.col("order_price")),
        sold=_reserve(pl.col("side") < 0, -size, 1.0 - pl.col("order_price")),
    )


def _order_steps(facts: Facts) -> list[pl.DataFrame]:
    """List changes by passive orders that come to rest, and by what is left of them when they end."""
    orders = facts.passive.filter(pl.col("arrived").is_not_null()).with_columns(at=_price())
    whole, left = pl.col("size") / SIZE_ONE, (pl.col("filled") - pl.col("size")) / SIZE_ONE
    ended = orders.filter(pl.col("done").is_not_null())
    return [
        frame.select(
            "event", "contract", pl.col(when).alias("ts"), cash=pl.lit(0.0), held=pl.lit(0.0),
            bought=_reserve(pl.col("side") > 0, amount, pl.col("at")),
            sold=_reserve(pl.col("side") < 0, amount, 1.0 - pl.col("at")),
        )
        for frame, when, amount in ((orders, "arrived", whole), (ended, "done", left))
    ]


def _price() -> pl.Expr:
    return pl.col("price") / pl.lit(10.0).pow(pl.col("price_scale").cast(pl.Float64))


def _reserve(where: pl.Expr, amount: pl.Expr, cost: pl.Expr) -> pl.Expr:
    """Contracts at what each may cost; 0 for the other side, and for fills of orders that never rested."""
    return pl.when(where).then(amount * cost).otherwise(0.0).fill_null(0.0)
