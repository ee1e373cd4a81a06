"""The frames people work with: dollars, contracts, seconds and UTC times."""

from typing import Any, Final

import polars as pl

from ntp.backtest.edge import EDGE
from ntp.backtest.facts import Facts
from ntp.core import CASH_ONE, SECOND, SIZE_ONE

_TIME: Final = pl.Datetime("ns", "UTC")


def fills_frame(facts: Facts) -> pl.DataFrame:
    """Build the fills: the columns of the contract up to `exit_reason`, then what else is known."""
    price = _price()
    return facts.output.fills.select(
        _time("ts"), "contract", _side(), price.alias("price"), _size("size"), _cash("fee"), "is_maker",
        "order_id", "queue_ahead",
        wait_s=pl.col("wait_ns") / SECOND,
        fair="fair",
        edge=pl.col("side") * (pl.col("fair") - price),
        tag="tag",
        exit_reason="exit_reason",
        event="event", series="series", venue="venue",
        mid="mid", mid_10s="mid_10s",
        markout_10s=pl.col("side") * (pl.col("mid_10s") - price),
        traded_through="traded_through", inferred="inferred",
        rebate=_cash("rebate"), cash=_cash("cash"), position=_size("position"),
    )


def orders_frame(facts: Facts) -> pl.DataFrame:
    """Build the orders: when they were sent, arrived and ended, what was wanted and what became of them."""
    orders = facts.output.orders
    nothing = pl.lit(None, dtype=pl.Float64)
    return orders.select(
        "order_id", _time("ts"), _time("arrived"), _time("done"), "contract", _side(),
        _price().alias("price"), _size("size"), _size("filled"), "status", "reason", "passive",
        "queue_ahead", "tag", "event", "series", "venue",
        *(name if name in orders.columns else nothing.alias(name) for name in ("fair", "fair_sd", *EDGE)),
    )


def trades_frame(facts: Facts) -> pl.DataFrame:
    """Build the trades: flat to flat or to settlement, with net and gross P&L."""
    return facts.trades.select(
        _time("opened"), _time("closed"), "contract",
        side=pl.when(pl.col("side") > 0).then(pl.lit("long")).otherwise(pl.lit("short")),
        size=_size("size"), entry_price="entry_price", exit_price="exit_price",
        pnl_net=_cash("cash"), pnl_gross=(pl.col("cash") + pl.col("fee")) / CASH_ONE, fee=_cash("fee"),
        held_s=(pl.col("closed") - pl.col("opened")) / SECOND,
        fills="fills", tag="tag", exit_reason="exit_reason", event="event", series="series", venue="venue",
    )


def equity_frame(facts: Facts) -> pl.DataFrame:
    """Build the equity in dollars at its changes: `ts equity equity_gross cash locked`."""
    return facts.output.equity.select(
        _time("ts"), *(_cash(name) for name in ("equity", "equity_gross", "cash", "locked"))
    )


def settlements_frame(facts: Facts) -> pl.DataFrame:
    """Build the settlements: value in dollars per contract (null: voided), position that ended, cash paid."""
    return facts.output.settlements.select(
        _time("ts"), "contract", _cash("value"), _size("position"), _cash("cash"), "state", "event",
        "series", "venue",
    )


def timed(frame: pl.DataFrame | None) -> pl.DataFrame:
    """Give a strategy's own frame a UTC time column; an empty frame where there is none."""
    if frame is None:
        return pl.DataFrame(schema={"ts": _TIME})
    if "ts" in frame.columns and frame.schema["ts"] == pl.Int64:
        return frame.with_columns(_time("ts"))
    return frame


def _time(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Datetime("ns")).dt.replace_time_zone("UTC").alias(name)


def _side() -> pl.Expr:
    return pl.when(pl.col("side") > 0).then(pl.lit("BUY")).otherwise(pl.lit("SELL")).alias("side")


def _price() -> pl.Expr:
    return pl.map_batches(
        ["price", "price_scale"], lambda both: _divided(both[0], 10.0 ** both[1].to_numpy()), return_dtype=pl.Float64
    )


def _size(name: str) -> pl.Expr:
    return _exact(name, SIZE_ONE).alias(name)


def _cash(name: str) -> pl.Expr:
    return _exact(name, CASH_ONE).alias(name)


def _exact(name: str, one: int) -> pl.Expr:
    return pl.col(name).map_batches(lambda units: _divided(units, float(one)), return_dtype=pl.Float64)


def _divided(units: pl.Series, by: Any) -> pl.Series:
    """Divide so that 4,700 units are 0.47: Polars multiplies by the inverse of a constant, which is not exact."""
    return pl.Series(units.name, units.to_numpy() / by).fill_nan(None)
