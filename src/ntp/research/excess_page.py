"""Excess returns for people: tables in the terminal and one HTML page."""

from html import escape
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from ntp.backtest.pages import Axis, Chart, Floats, Line, Marks, Page, html_table
from ntp.backtest.wording import ABSENT
from ntp.research.excess import LEVEL, ExcessReturns

if TYPE_CHECKING:
    from rich.console import RenderableType

_TITLES: Final = {
    "all": "All trades", "price": "By price", "category": "By category", "series": "By series", "hour": "By hour",
    "weekday": "By weekday", "side": "By side", "size": "By size in contracts", "time_left": "By time to close",
    "year": "By year",
}  # fmt: skip
_ROLES: Final = (("taker", "--buy"), ("maker", "--base"))
_LISTED: Final = 25
_HEAD: Final = ("", "Role", "Trades", "Events", "Paid", "Won", "Excess", "90 % interval", "P&L before fees")


def excess_tables(found: ExcessReturns, weighting: str) -> "list[RenderableType]":
    """Build the tables of the terminal, one for each division but the prices."""
    from rich import box
    from rich.table import Table

    tables: list[RenderableType] = []
    for by in found.frame["by"].unique(maintain_order=True):
        if by == "price":
            tables.append(_losing(found, weighting))
            continue
        table = Table(title=_TITLES[by], box=box.SIMPLE_HEAD, title_justify="left")
        for name in _HEAD:
            table.add_column(name, justify="left" if name in ("", "Role") else "right")
        for row in _largest(found, by, weighting):
            table.add_row(*_cells(row))
        tables.append(table)
    return tables


def _losing(found: ExcessReturns, weighting: str) -> str:
    prices = found.rows("price", "taker", weighting)
    return (
        f"By price: takers lose at {prices.filter(pl.col('excess') < 0).height} of {prices.height} prices; "
        "--report draws them, --json lists them"
    )


def _largest(found: ExcessReturns, by: str, weighting: str) -> list[dict[str, Any]]:
    """Rows of takers and makers, of the keys with the most trades where there are many, in their own order."""
    part = found.frame.filter(
        (pl.col("by") == by) & (pl.col("weighting") == weighting) & (pl.col("role") != "yes")
    ).with_row_index()
    keys = part.group_by("key").agg(pl.col("trades").max()).top_k(_LISTED, by="trades")["key"].to_list()
    shown = part.filter(pl.col("key").is_in(keys))
    first = shown.group_by("key").agg(pl.col("index").min().alias("first"))
    return shown.join(first, on="key").sort("first", "index").to_dicts()


def _cells(row: dict[str, Any]) -> list[str]:
    return [
        row["key"], row["role"], f"{row['trades']:,}", f"{row['events']:,}", _cents(row["price"]), _cents(row["won"]),
        _cents(row["excess"], sign=True), _reach(row), _dollars(row["pnl_usd"]),
    ]  # fmt: skip


def _cents(value: float | None, *, sign: bool = False) -> str:
    if value is None:
        return ABSENT
    return f"{100 * value:+.2f} ¢" if sign else f"{100 * value:.1f} ¢"


def _dollars(value: float) -> str:
    return f"{'-' if value < 0 else '+'}${abs(value):,.0f}"


def _reach(row: dict[str, Any]) -> str:
    if row["ci_low"] is None:
        return ABSENT
    return f"{100 * row['ci_low']:+.2f} to {100 * row['ci_high']:+.2f} ¢"


def excess_html(found: ExcessReturns, name: str, weighting: str) -> str:
    """Build the page: excess by price, calibration, and a table for each division."""
    page = Page()
    sections = []
    for by in found.frame["by"].unique(maintain_order=True):
        body = _prices(found, weighting, page) if by == "price" else ""
        if by != "price":
            rows = [_cells(row) for row in _largest(found, by, weighting)]
            body = html_table(_TITLES[by], _HEAD, rows, captioned=False)
        sections.append((by, _TITLES[by], body))
    header = (
        f"<h1>Makers and takers <small>{escape(name)}</small></h1>"
        f"<p>{found.trades:,} trades of {found.contracts:,} contracts of {found.events:,} events, every "
        f"{weighting} counted alike. Excess return is the value at settlement minus the price paid, before fees; "
        f"intervals of {100 * LEVEL:.0f} % from errors clustered by event, none below 30 events. Left out: "
        f"{found.unresolved:,} trades without a result, {found.voided:,} of void contracts, {found.unknown_side:,} "
        "whose taker nobody tells (these count for the calibration).</p>"
    )
    return page.html(f"Makers and takers, {name}", header, sections, "Measured by ntp on recorded trades.")


def _prices(found: ExcessReturns, weighting: str, page: Page) -> str:
    lines, marks = [], []
    for role, colour in _ROLES:
        rows = found.rows("price", role, weighting)
        price, excess = _column(rows, "price"), 100 * _column(rows, "excess")
        marks.append(Marks(role, price, excess, colour, notes=[_note(row) for row in rows.to_dicts()]))
        lines += _bars(price, 100 * _column(rows, "ci_low"), 100 * _column(rows, "ci_high"), role, colour)
    nothing = Line("fair", np.array([0.0, 1.0]), np.array([0.0, 0.0]), "--soft", width=1.0)
    dollars = Axis("linear", "price", "Price paid")
    first = page.figure(
        "Excess return by price paid", "Cents of a contract; bars are 90 % intervals.",
        Chart([nothing, *lines], marks, dollars, Axis("linear", "number", "Cents")),
        _table(found, "taker", weighting),
    )
    rows = found.rows("price", "yes", weighting)
    diagonal = np.linspace(0.0, 1.0, 101)
    calibration = Chart(
        [Line("as priced", diagonal, diagonal, "--soft", width=1.0, straight=True)],
        [Marks("YES", _column(rows, "price"), _column(rows, "won"), "--accent",
               notes=[_note(row) for row in rows.to_dicts()])],
        Axis("linear", "price", "Price of YES"), Axis("linear", "percent", "Paid at settlement"),
    )  # fmt: skip
    second = page.figure(
        "Calibration", "Share of YES that paid, by its price; on the line prices are right.", calibration,
        _table(found, "yes", weighting),
    )
    return first + second


def _column(rows: pl.DataFrame, name: str) -> Floats:
    return rows[name].cast(pl.Float64).fill_null(np.nan).to_numpy()


def _bars(price: Floats, low: Floats, high: Floats, role: str, colour: str) -> list[Line]:
    """Draw intervals as one line with gaps: up at its price, then a gap."""
    known = np.isfinite(low)
    if not known.any():
        return []
    x = np.repeat(price[known], 3)
    y = np.column_stack((low[known], high[known], np.full(known.sum(), np.nan))).ravel()
    return [Line(f"{role}, interval", x, y, colour, width=1.0)]


def _note(row: dict[str, Any]) -> str:
    return f"{row['trades']:,} trades, {row['events']:,} events, {_cents(row['excess'], sign=True)}"


def _table(found: ExcessReturns, role: str, weighting: str) -> str:
    rows = [_cells(row) for row in found.rows("price", role, weighting).to_dicts()]
    return html_table(f"{role} by price in cents", _HEAD, rows)
