"""Calendar: net P&L of closed trades by month, week, day of the week and hour, in UTC."""

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from ntp.backtest.pages import Axis, Chart, Line, Page, html_table
from ntp.backtest.wording import write_money, write_share
from ntp.core import CASH_ONE

if TYPE_CHECKING:
    from ntp.backtest.run import Run

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LISTED: Final = 60


def calendar(run: "Run", page: Page) -> str:
    """Draw the P&L of each day and list months, weekdays and hours."""
    facts = run.shown.facts
    if not facts.fees_known or not facts.in_dollars:
        return ""
    trades = facts.counted(facts.trades).select(
        "cash", closed=pl.col("closed").cast(pl.Datetime("ns"))
    )
    if trades.is_empty():
        return ""
    parts = [
        _table("By month", trades, pl.col("closed").dt.strftime("%Y-%m")),
        _table("By week", trades, pl.col("closed").dt.strftime("%G, week %V")),
        _table("By day of the week", trades, pl.col("closed").dt.weekday(), dict(enumerate(_DAYS, 1))),
        _table("By hour", trades, pl.col("closed").dt.hour(), {hour: f"{hour:02d}:00" for hour in range(24)}),
    ]
    return _daily(trades, page) + "".join(parts)


def _daily(trades: pl.DataFrame, page: Page) -> str:
    days = trades.group_by(pl.col("closed").dt.date().alias("day")).agg(
        pl.col("cash").sum() / CASH_ONE, trades=pl.len()
    ).sort("day")
    if days.height < 2:
        return ""
    x = days["day"].cast(pl.Datetime("ms")).cast(pl.Int64).to_numpy().astype(np.float64)
    y = days["cash"].to_numpy()
    bars = np.column_stack((np.zeros(len(y)), y, np.full(len(y), np.nan))).ravel()
    won = int((y > 0).sum())
    summary = (
        f"Net, of trades closed on it, UTC. {won:,} of {len(y):,} days with trades gained; best "
        f"{write_money(float(y.max()))}, worst {write_money(float(y.min()))}."
    )
    chart = Chart(
        [Line("P&L", np.repeat(x, 3), bars, "--base", width=max(1.5, min(12.0, 300.0 / len(y))))], (),
        Axis("time", "time"), Axis("linear", "money"),
    )  # fmt: skip
    rows = [[str(day), write_money(cash), f"{count:,}"] for day, cash, count in days.tail(_LISTED).iter_rows()]
    return page.figure("P&L by day", summary, chart, html_table("P&L by day", ["Day", "Net P&L", "Trades"], rows))


def _table(title: str, trades: pl.DataFrame, key: pl.Expr, names: dict[int, str] | None = None) -> str:
    groups = trades.group_by(key.alias("key")).agg(
        trades=pl.len(), won=(pl.col("cash") > 0).mean(), cash=pl.col("cash").sum() / CASH_ONE
    ).sort("key")
    left = groups.height - _LISTED
    rows = [
        [names[row["key"]] if names else str(row["key"]), f"{row['trades']:,}", write_share(row["won"]),
         write_money(row["cash"])]
        for row in groups.tail(_LISTED).iter_rows(named=True)
    ]  # fmt: skip
    return html_table(
        title, ["", "Trades", "Win rate", "Net P&L"], rows,
        note=f"{left:,} earlier ones are left out." if left > 0 else "",
    )
