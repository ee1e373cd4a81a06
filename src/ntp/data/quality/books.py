"""Checks of rebuilt books: crossed, negative, ghosts, at odds with the quote channel."""

from typing import Final

import polars as pl

from ntp.data.quality.book_rebuild import Rebuilt, compare_quotes, rebuild
from ntp.data.quality.quotes import check_crossed, check_ghosts
from ntp.data.quality.report import Finding, Severity

_GOOD: Final = 0.99
_BAD: Final = 0.9
_ENOUGH: Final = 20


def check_book(book: pl.DataFrame, quotes: pl.DataFrame | None) -> list[Finding]:
    """Rebuild the books and check their best prices at the end of each atomic group."""
    rebuilt = rebuild(book)
    found = check_crossed(rebuilt.top) + check_ghosts(rebuilt.top) + _negative(book, rebuilt)
    return found if quotes is None or quotes.is_empty() else found + _disagreement(book, rebuilt, quotes)


def _negative(book: pl.DataFrame, rebuilt: Rebuilt) -> list[Finding]:
    rows = dict(book.group_by("symbol").len().iter_rows())
    return [
        Finding(
            check="negative_level",
            severity=Severity.ERROR,
            contract=name,
            start=None,
            end=None,
            count=count,
            penalty=min(1.0, 0.2 + 10 * count / rows[name]),
            message=f"{count} of {rows[name]} rows took more off a level than it had: rows are missing",
        )
        for name, count in sorted(rebuilt.negative.items())
    ]


def _disagreement(book: pl.DataFrame, rebuilt: Rebuilt, quotes: pl.DataFrame) -> list[Finding]:
    """Contracts whose books differ from the quotes of the same exchange time."""
    ends = book.group_by("symbol").agg(stop=pl.col("ts_event").max())
    compared = compare_quotes(rebuilt.top, quotes).join(ends, on="symbol")
    inside = compared.filter(pl.col("ts_event") <= pl.col("stop"))
    shares = inside.group_by("symbol").agg(
        rows=pl.len(), equal=pl.col("equal").mean(), hits=(~pl.col("equal")).sum()
    )
    low = shares.filter((pl.col("rows") >= _ENOUGH) & (pl.col("equal") < _GOOD)).sort("symbol")
    return [
        Finding(
            check="book_against_quotes",
            severity=Severity.ERROR if row["equal"] < _BAD else Severity.WARNING,
            contract=row["symbol"],
            start=None,
            end=None,
            count=row["hits"],
            penalty=1.0 - row["equal"],
            message="expected the book's best prices to equal the quotes, "
            f"{row['equal']:.1%} of {row['rows']} did",
        )
        for row in low.to_dicts()
    ]
