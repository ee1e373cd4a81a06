"""Trades: one contract from flat to flat, or to its settlement, in exact units."""

from typing import Final

import polars as pl

from ntp.backtest.results import ModeOutput
from ntp.core import CASH_ONE

_KEYS: Final = ("contract", "event", "series", "venue")
_STEP: Final[dict[str, pl.DataType]] = {
    "contract": pl.String(), "event": pl.String(), "series": pl.String(), "venue": pl.String(),
    "ts": pl.Int64(), "before": pl.Int64(), "after": pl.Int64(), "cash": pl.Int64(), "fee": pl.Int64(),
    "size": pl.Int64(), "notional": pl.Float64(), "maker_size": pl.Int64(), "tag": pl.String(),
    "reason": pl.String(), "fills": pl.Int64(),
}
_DIVIDED: Final = ("cash", "fee", "maker_size")
"""What the two halves of a fill that turns a position share."""
TRADES: Final[dict[str, pl.DataType]] = {
    "contract": pl.String(), "event": pl.String(), "series": pl.String(), "venue": pl.String(),
    "opened": pl.Int64(), "closed": pl.Int64(), "side": pl.Int8(), "size": pl.Int64(),
    "entry_price": pl.Float64(), "exit_price": pl.Float64(), "cash": pl.Int64(), "fee": pl.Int64(),
    "maker_size": pl.Int64(), "fills": pl.Int64(), "tag": pl.String(), "exit_reason": pl.String(),
}
"""Columns of the raw trades. `size` is what was bought (long) or sold (short) in total, `cash` the net
P&L and `fee` what it contains of fees, in 1e-6 dollar."""


def trades_of(output: ModeOutput) -> pl.DataFrame:
    """Group fills and settlements into trades.

    A fill that turns a position round closes one trade and opens the next; its cash and fee are
    divided by size without losing a unit. What is still open at the end is no trade. A void refunds all
    fills of its contract: what of it belongs to trades closed before goes to the last of them.

    Returns
    -------
    polars.DataFrame
        Columns of :data:`TRADES`, in order of closing, then opening, then contract. The sum of `cash`
        over them is the exact P&L of everything that was closed.
    """
    steps = pl.concat([_fill_steps(output.fills), _settlement_steps(output.settlements)])
    if steps.is_empty():
        return pl.DataFrame(schema=TRADES)
    steps = (
        steps.sort("contract", maintain_order=True)
        .with_columns(trade=_opens().cast(pl.Int64).cum_sum().over("contract"))
    )
    direction = pl.col("after").filter(_opens()).first().sign()
    opening = (pl.col("after").abs() > pl.col("before").abs())
    grouped = steps.group_by("contract", "trade", maintain_order=True).agg(
        *(pl.col(key).first() for key in _KEYS[1:]),
        opened=pl.col("ts").first(),
        closed=pl.col("ts").last(),
        side=direction.cast(pl.Int8),
        size=pl.col("size").filter(opening).sum(),
        entry_price=_average(opening),
        exit_price=_average(~opening),
        cash=pl.col("cash").sum(),
        fee=pl.col("fee").sum(),
        maker_size=pl.col("maker_size").sum(),
        fills=pl.col("fills").sum(),
        tag=pl.col("tag").drop_nulls().first(),
        exit_reason=pl.col("reason").last(),
        open=pl.col("after").last() != 0,
    )
    return (
        grouped.filter(~pl.col("open"))
        .select(pl.col(name).cast(kind) for name, kind in TRADES.items())
        .sort("closed", "opened", "contract")
    )


def _opens() -> pl.Expr:
    """Whether a step begins a trade; the void of a contract that was flat again ends its last one anew."""
    return (pl.col("before") == 0) & (pl.col("after") != 0)


def _average(where: pl.Expr) -> pl.Expr:
    size = pl.col("size").filter(where & pl.col("notional").is_not_null()).sum()
    return pl.when(size > 0).then(pl.col("notional").filter(where).sum() / size)


def _fill_steps(fills: pl.DataFrame) -> pl.DataFrame:
    steps = fills.select(
        *_KEYS, "ts",
        before=pl.col("position") - pl.col("side").cast(pl.Int64) * pl.col("size"),
        after=pl.col("position"),
        cash=pl.col("cash"), fee=pl.col("fee"), size=pl.col("size"),
        notional=pl.col("price").cast(pl.Float64) * pl.col("size")
        / pl.lit(10.0).pow(pl.col("price_scale").cast(pl.Float64)),
        maker_size=pl.when("is_maker").then("size").otherwise(0),
        tag="tag",
        reason=pl.col("exit_reason").fill_null("sold"),
        fills=pl.lit(1, dtype=pl.Int64),
    ).cast({"maker_size": pl.Int64})
    turning = (pl.col("before").sign() * pl.col("after").sign()) < 0
    if not steps.select(turning.any()).item():
        return steps.select(*_STEP)
    order = steps.with_row_index("row")
    turned = order.filter(turning).with_columns(
        closing=pl.col("before").abs(), **{f"{name}_closing": _closing(name) for name in _DIVIDED}
    )
    share = pl.col("closing") / pl.col("size")
    first = turned.with_columns(
        after=pl.lit(0, dtype=pl.Int64), size="closing", notional=pl.col("notional") * share,
        **{name: f"{name}_closing" for name in _DIVIDED},
    )
    rest = turned.with_columns(
        before=pl.lit(0, dtype=pl.Int64), size=pl.col("size") - pl.col("closing"),
        fills=pl.lit(0, dtype=pl.Int64), notional=pl.col("notional") * (1.0 - share),
        **{name: pl.col(name) - pl.col(f"{name}_closing") for name in _DIVIDED},
    )
    parts = [part.select("row", *_STEP) for part in (order.filter(~turning), first, rest)]
    return pl.concat(parts).sort("row", maintain_order=True).select(*_STEP)


def _closing(name: str) -> pl.Expr:
    """Part of a fill's integer that closes; 128 bits, as cash times size does not fit in 64."""
    whole = pl.col(name).cast(pl.Int128) * pl.col("before").abs()
    return (whole // pl.col("size")).cast(pl.Int64)


def _settlement_steps(settlements: pl.DataFrame) -> pl.DataFrame:
    held = settlements.filter((pl.col("position") != 0) | (pl.col("cash") != 0))
    fee = pl.col("fee") if "fee" in held.columns else pl.lit(0, dtype=pl.Int64)
    reason = (
        pl.when(pl.col("value").is_null()).then(pl.lit("void"))
        .when(pl.col("value") == CASH_ONE).then(pl.lit("settled_yes"))
        .when(pl.col("value") == 0).then(pl.lit("settled_no"))
        .otherwise(pl.lit("settled_scalar"))
    )
    return held.select(
        *_KEYS, "ts",
        before=pl.col("position"), after=pl.lit(0, dtype=pl.Int64), cash=pl.col("cash"), fee=fee,
        size=pl.col("position").abs(),
        notional=pl.col("value").cast(pl.Float64) * pl.col("position").abs() / CASH_ONE,
        maker_size=pl.lit(0, dtype=pl.Int64), tag=pl.lit(None, dtype=pl.String),
        reason=reason, fills=pl.lit(0, dtype=pl.Int64),
    ).select(*_STEP)
