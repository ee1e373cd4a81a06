"""What the metrics of one replay are computed from, each fact worked out once."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ntp.backtest.results import FEES_UNKNOWN, ModeOutput, RunContext
from ntp.backtest.trades import trades_of
from ntp.core import CASH_ONE, SECOND, SIZE_ONE
from ntp.markets import DOLLARS
from ntp.statistics import SurvivalCurve, daily_changes, kaplan_meier

Floats = NDArray[np.float64]
_NEVER_WORKED: Final = ("rejected", "refused")


@dataclass(frozen=True, eq=False)
class Facts:
    """One replay, seen as arrays and frames of dollars and contracts.

    Where play money was traded beside dollars, its accounts stay out of everything that is money.
    Where nothing else was traded, "dollars" below are units of it, and no figure in dollars exists.

    Attributes
    ----------
    output : ModeOutput
        The raw replay.
    context : RunContext
        The run it belongs to.
    """

    output: ModeOutput
    context: RunContext

    @property
    def fees_known(self) -> bool:
        """Whether what is net of fees means anything."""
        return FEES_UNKNOWN not in (self.output.counters.get("stamps") or ())

    @property
    def in_dollars(self) -> bool:
        """Whether equity and capital are dollars."""
        return self.context.currency in DOLLARS

    def counted(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Rows of venues whose money the equity holds."""
        apart = self.output.apart
        return frame.filter(~pl.col("venue").is_in(apart)) if apart else frame

    @cached_property
    def trades(self) -> pl.DataFrame:
        """Raw trades."""
        return trades_of(self.output)

    @cached_property
    def capital(self) -> float:
        """Dollars at the start."""
        return self.context.capital / CASH_ONE

    @cached_property
    def equity(self) -> Floats:
        """Equity after fees in dollars, at its changes."""
        return self.output.equity["equity"].to_numpy() / CASH_ONE

    @cached_property
    def equity_gross(self) -> Floats:
        """Equity without fees in dollars, at its changes."""
        return self.output.equity["equity_gross"].to_numpy() / CASH_ONE

    @cached_property
    def daily(self) -> Floats:
        """Daily UTC changes of equity over capital, over the days of the data."""
        data = self.context.data
        ts = self.output.equity["ts"].to_numpy()
        if data.end <= data.start:
            return np.empty(0)
        last = max(data.end - 1, int(ts[-1]) if len(ts) else data.end - 1)
        return daily_changes(ts, self.equity, data.start, last, self.capital) / self.capital

    @cached_property
    def contract_flows(self) -> pl.DataFrame:
        """Exact P&L and fees of each contract that counts, positions still open at their mark."""
        output = self.output
        keys = ("contract", "event", "series", "venue")
        zero = pl.lit(0, dtype=pl.Int64)
        parts = [output.fills.select(*keys, "cash", "fee")]
        fee = pl.col("fee") if "fee" in output.settlements.columns else zero
        touched = (pl.col("position") != 0) | (pl.col("cash") != 0)  # a void refunds closed trades too
        parts.append(output.settlements.filter(touched).select(*keys, "cash", fee.alias("fee")))
        if output.open_positions:
            rows = [
                {**{key: row[key] for key in keys}, "cash": row["value"]} for row in output.open_positions
            ]
            schema = {**dict.fromkeys(keys, pl.String), "cash": pl.Int64}
            parts.append(pl.DataFrame(rows, schema=schema).select(*keys, "cash", zero.alias("fee")))
        return (
            self.counted(pl.concat(parts)).group_by(*keys, maintain_order=True)
            .agg(pl.col("cash").sum(), pl.col("fee").sum()).sort("contract")
        )

    @cached_property
    def events(self) -> pl.DataFrame:
        """Per event that counts: `pnl` and `fees` in dollars, `trades` and `wins`, in order of name."""
        pnl = self.contract_flows.group_by("event").agg(
            pnl=pl.col("cash").sum() / CASH_ONE, fees=pl.col("fee").sum() / CASH_ONE
        )
        wins = self.counted(self.trades).group_by("event").agg(
            trades=pl.len().cast(pl.Float64), wins=(pl.col("cash") > 0).sum().cast(pl.Float64)
        )
        return pnl.join(wins, on="event", how="left").sort("event")

    @cached_property
    def event_returns(self) -> Floats:
        """P&L of each event over capital."""
        return self.events["pnl"].to_numpy() / self.capital

    @cached_property
    def passive(self) -> pl.DataFrame:
        """Passive orders that the venue accepted."""
        return self.output.orders.filter(pl.col("passive") & ~pl.col("status").is_in(_NEVER_WORKED))

    @cached_property
    def first_fills(self) -> pl.DataFrame:
        """First fill of each order."""
        return self.output.fills.group_by("order_id", maintain_order=True).agg(first=pl.col("ts").first())

    @cached_property
    def waiting(self) -> pl.DataFrame:
        """Passive orders with `waited_s` until the first fill or the end, and `filled_any`."""
        end = self.context.data.end
        joined = self.passive.filter(pl.col("arrived").is_not_null()).join(
            self.first_fills, on="order_id", how="left"
        )
        until = pl.coalesce("first", "done", pl.lit(end, dtype=pl.Int64))
        return joined.with_columns(
            waited_s=((until - pl.col("arrived")).clip(lower_bound=0) / SECOND),
            filled_any=pl.col("first").is_not_null(),
        )

    @cached_property
    def survival(self) -> SurvivalCurve:
        """Kaplan-Meier estimate of still waiting for the first fill, in seconds."""
        return kaplan_meier(self.waiting["waited_s"].to_numpy(), self.waiting["filled_any"].to_numpy())

    @cached_property
    def priced(self) -> pl.DataFrame:
        """Fills in dollars: those whose prices may be averaged."""
        return self.counted(self.output.fills)

    @cached_property
    def side(self) -> Floats:
        """Direction of each priced fill."""
        return self.priced["side"].cast(pl.Float64).to_numpy()

    @cached_property
    def price(self) -> Floats:
        """Price of each priced fill in dollars."""
        fills = self.priced
        return fills["price"].to_numpy() / 10.0 ** fills["price_scale"].cast(pl.Float64).to_numpy()

    @cached_property
    def size(self) -> Floats:
        """Contracts of each priced fill."""
        return self.priced["size"].to_numpy() / SIZE_ONE

    def of_fills(self, column: str) -> Floats:
        """Values of an optional column of the priced fills, NaN where absent."""
        fills = self.priced
        if column not in fills.columns:
            return np.full(len(fills), np.nan)
        return fills[column].cast(pl.Float64).fill_null(np.nan).to_numpy()

    @cached_property
    def results(self) -> pl.DataFrame:
        """Settlement value in dollars of each contract settled and not voided."""
        return (
            self.output.settlements.group_by("contract", maintain_order=True)
            .agg(value=pl.col("value").last() / CASH_ONE).drop_nulls()
        )

    @cached_property
    def fill_results(self) -> Floats:
        """Settlement value of the contract of each priced fill, NaN where there is none."""
        joined = self.priced.select("contract").join(
            self.results, on="contract", how="left", maintain_order="left"
        )
        return joined["value"].fill_null(np.nan).to_numpy()

    @cached_property
    def forecasts(self) -> pl.DataFrame:
        """Per contract with a binary result: the last `fair` stated before its first fill, `mid` there, `value`."""
        first = self.output.fills.group_by("contract", maintain_order=True).agg(
            ts=pl.col("ts").first(), of_order=pl.col("fair").first(), mid=pl.col("mid").first()
        )
        orders = self.output.orders
        if "fair" in orders.columns:
            stated = orders.select("contract", "ts", "order_id", "fair").drop_nulls("fair")
            last = (
                stated.join(first.select("contract", first="ts"), on="contract")
                .filter(pl.col("ts") <= pl.col("first")).sort("ts", "order_id")
                .group_by("contract", maintain_order=True).agg(fair=pl.col("fair").last())
            )
            first = first.join(last, on="contract", how="left", maintain_order="left")
        else:
            first = first.with_columns(fair=pl.col("of_order"))
        binary = self.results.filter(pl.col("value").is_in([0.0, 1.0]))
        return first.select("contract", "fair", "mid").join(binary, on="contract", maintain_order="left")
