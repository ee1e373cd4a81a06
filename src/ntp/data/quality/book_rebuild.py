"""Rebuild books from their rows and compare them with what a quote channel said at the same time."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numba import njit

from ntp.data.quality.book_levels import apply_row, level_count
from ntp.data.schema import FLAG_GROUP_END

_GROUP_END: Final = FLAG_GROUP_END


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Best prices of rebuilt books.

    Attributes
    ----------
    top : DataFrame
        A row per atomic group: ``symbol ts_event sequence bid ask bid_size ask_size`` (null: empty
        side), sorted by ``ts_event`` with the rows of a contract in their order.
    negative : dict of str to int
        Rows per contract that took more size off a level than it had.
    """

    top: pl.DataFrame
    negative: dict[str, int]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often rebuilt best prices equal the quoted ones.

    Attributes
    ----------
    compared, equal : int
        Quotes with a rebuilt book at their time, and how many agree on both prices.
    """

    compared: int
    equal: int

    @property
    def share(self) -> float | None:
        """Part that agrees, None where nothing could be compared."""
        return self.equal / self.compared if self.compared else None


@njit(cache=True)
def _rebuild(
    codes: Any, side: Any, action: Any, price: Any, size: Any, end: Any, width: int, out: Any, negative: Any
) -> int:
    levels = np.zeros((2, width), np.int64)
    best = np.full(2, -1, np.int64)
    bounds = np.empty((2, 2), np.int64)
    bounds[:, 0], bounds[:, 1] = 0, width - 1
    count = 0
    previous = -1
    for i in range(codes.size):
        if codes[i] != previous:
            bounds[:, 0], bounds[:, 1] = 0, width - 1
            apply_row(levels, best, bounds, 0, 2, 0, 0)
            previous = codes[i]
        _, after = apply_row(levels, best, bounds, side[i], action[i], price[i], size[i])
        if after < 0:
            negative[codes[i]] += 1
        if end[i]:
            out[count, 0] = i
            for row in range(2):
                out[count, 1 + row] = best[row]
                out[count, 3 + row] = levels[row, best[row]] if best[row] >= 0 else 0
            count += 1
    return count


def rebuild(book: pl.DataFrame) -> Rebuilt:
    """Rebuild the best prices at the end of each atomic group.

    Parameters
    ----------
    book : DataFrame
        Rows of kind ``book``, of any number of contracts, in the order of the catalog.

    Returns
    -------
    Rebuilt
        Best prices and the rows that made a size negative.

    Raises
    ------
    DataError
        If a price lies outside what a book by price can hold.
    """
    rows, names = by_symbol(book)
    codes = rows["symbol"].to_physical().to_numpy()
    end = (rows["flags"].to_numpy() & _GROUP_END) > 0
    out = np.empty((int(end.sum()), 5), np.int64)
    negative = np.zeros(max(len(names), 1), np.int64)
    count = _rebuild(
        codes,
        rows["side"].to_numpy(),
        rows["action"].to_numpy(),
        rows["price"].to_numpy(),
        rows["size"].to_numpy(),
        end,
        level_count(rows["price"].to_numpy()),
        out,
        negative,
    )
    best = pl.DataFrame(out[:count], schema=["row", "bid", "ask", "bid_size", "ask_size"], orient="row")
    at = rows[best["row"].to_list()] if count else rows.clear()
    top = pl.concat(
        [at.select(pl.col("symbol").cast(pl.String), "ts_event", "sequence"), best.drop("row")],
        how="horizontal",
    )
    for name in ("bid", "ask"):
        there = pl.col(name) >= 0
        top = top.with_columns(pl.when(there).then(pl.col(f"{name}_size")).alias(f"{name}_size"))
        top = top.with_columns(pl.when(there).then(pl.col(name)).alias(name))
    return Rebuilt(
        top.sort("ts_event", maintain_order=True),
        {name: int(negative[code]) for code, name in enumerate(names) if negative[code]},
    )


def by_symbol(book: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Rows contract by contract, each in its order, with ``symbol`` as code, and the names by code."""
    names = book["symbol"].unique(maintain_order=True).to_list()
    return book.with_columns(pl.col("symbol").cast(pl.Enum(names))).sort("symbol", maintain_order=True), names


def compare_quotes(top: pl.DataFrame, quotes: pl.DataFrame) -> pl.DataFrame:
    """Put beside each quote the rebuilt best prices at the same exchange time.

    Parameters
    ----------
    top : DataFrame
        Best prices as :func:`rebuild` gives them.
    quotes : DataFrame
        Rows of kind ``quote``; those without an earlier book are left out.

    Returns
    -------
    DataFrame
        The quotes with ``book_bid``, ``book_ask`` and ``equal``.
    """
    last = top.group_by("symbol", "ts_event", maintain_order=True).last()
    books = last.select("symbol", "ts_event", book_bid="bid", book_ask="ask", book_time="ts_event")
    joined = quotes.sort("ts_event", maintain_order=True).join_asof(
        books.sort("ts_event", maintain_order=True), on="ts_event", by="symbol", check_sortedness=False
    )
    same = pl.col("bid").eq_missing(pl.col("book_bid")) & pl.col("ask").eq_missing(pl.col("book_ask"))
    return joined.filter(pl.col("book_time").is_not_null()).with_columns(equal=same)


def agreement(book: pl.DataFrame, quotes: pl.DataFrame) -> Agreement:
    """Compare the books of a recording with its quote channel.

    Quotes after the last book row of their contract are not compared.
    """
    compared = compare_quotes(rebuild(book).top, quotes)
    ends = book.group_by("symbol").agg(pl.col("ts_event").max().alias("end"))
    inside = compared.join(ends, on="symbol").filter(pl.col("ts_event") <= pl.col("end"))
    return Agreement(inside.height, int(inside["equal"].sum()))
