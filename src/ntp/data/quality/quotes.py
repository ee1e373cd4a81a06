"""Checks of quotes: prices out of range, crossed, ghosts, recorder defaults, sizes that cannot be."""

from typing import Final

import polars as pl

from ntp.core import PRICE_ONE
from ntp.data.quality.report import Finding, Severity

_LOWEST, _HIGHEST = 100, PRICE_ONE - 100
_EXTREME: Final = "every bid is at or below 0.01 and every ask at or above 0.99: "
_GHOST_ROWS: Final = 30
_GHOST_SHARE: Final = 0.5
_CROSSED_SHARE: Final = 0.05
_ZERO_ROWS: Final = 10
_HALF: Final = PRICE_ONE // 2
_DEFAULTS: Final = ((_HALF, _HALF), (100, _HALF))


def summarise(rows: pl.DataFrame, hit: pl.Expr) -> pl.DataFrame:
    """Count rows per contract that meet a condition: ``symbol rows hits start end``, if there are any."""
    marked = hit.fill_null(value=False)
    return (
        rows.group_by("symbol")
        .agg(
            rows=pl.len(),
            hits=marked.sum(),
            start=pl.col("ts_event").filter(marked).min(),
            end=pl.col("ts_event").filter(marked).max(),
        )
        .filter(pl.col("hits") > 0)
        .sort("symbol")
    )


def check_prices(rows: pl.DataFrame, columns: tuple[str, ...], contracts: set[str]) -> list[Finding]:
    """Prices of contracts outside 0 to 1 dollar."""
    own = rows.filter(pl.col("symbol").is_in(sorted(contracts)))
    outside = pl.any_horizontal((pl.col(name) < 0) | (pl.col(name) > PRICE_ONE) for name in columns)
    return [
        Finding(
            check="price_range",
            severity=Severity.ERROR,
            contract=row["symbol"],
            start=row["start"],
            end=row["end"],
            count=row["hits"],
            penalty=1.0,
            message=f"expected prices from 0 to 1 dollar, {row['hits']} of {row['rows']} rows were outside",
        )
        for row in summarise(own, outside).to_dicts()
    ]


def check_crossed(quotes: pl.DataFrame) -> list[Finding]:
    """Bids at or above the ask."""
    found = []
    for row in summarise(quotes, pl.col("bid") >= pl.col("ask")).to_dicts():
        share = row["hits"] / row["rows"]
        found.append(
            Finding(
                check="crossed",
                severity=Severity.ERROR if share > _CROSSED_SHARE else Severity.WARNING,
                contract=row["symbol"],
                start=row["start"],
                end=row["end"],
                count=row["hits"],
                penalty=min(1.0, 4 * share) if share > _CROSSED_SHARE else share,
                message=f"expected bid below ask, {row['hits']} of {row['rows']} quotes were not",
            )
        )
    return found


def check_ghosts(quotes: pl.DataFrame) -> list[Finding]:
    """Quotes that stay at the ends of the ladder.

    A single contract like that may just be quiet. If at least half of the contracts are, the recorder
    read the wrong end of the ladder.
    """
    both = quotes.filter(pl.col("bid").is_not_null() | pl.col("ask").is_not_null())
    extreme = (pl.col("bid") <= _LOWEST) & (pl.col("ask") >= _HIGHEST)
    counts = both.group_by("symbol").agg(pl.len().alias("all"))
    rows = [
        row
        for row in summarise(both, extreme).join(counts, on="symbol").sort("symbol").to_dicts()
        if row["hits"] == row["all"] and row["hits"] >= _GHOST_ROWS
    ]
    everywhere = len(rows) >= _GHOST_SHARE * counts.height
    return [
        Finding(
            check="ghost_book",
            severity=Severity.ERROR if everywhere else Severity.INFO,
            contract=row["symbol"],
            start=row["start"],
            end=row["end"],
            count=row["hits"],
            penalty=0.9 if everywhere else 0.0,
            message=(
                _EXTREME + "the wrong end of the ladder was read"
                if everywhere
                else _EXTREME + "quiet, or a ghost"
            ),
        )
        for row in rows
    ]


def check_defaults(quotes: pl.DataFrame) -> list[Finding]:
    """Made-up quotes (50/50, 1/50) before the first real one of a contract."""
    made_up = pl.lit(value=False)
    for bid, ask in _DEFAULTS:
        made_up |= (pl.col("bid") == bid) & (pl.col("ask") == ask)
    leading = (~made_up.fill_null(value=False)).cast(pl.Int64).cum_sum().over("symbol") == 0
    marked = quotes.with_columns(leading.alias("leading"))
    return [
        Finding(
            check="recorder_default",
            severity=Severity.WARNING,
            contract=row["symbol"],
            start=row["start"],
            end=row["end"],
            count=row["hits"],
            penalty=0.9 * row["hits"] / row["rows"],
            message=f"the first {row['hits']} quotes are 0.50/0.50 or 0.01/0.50, a recorder's default",
        )
        for row in summarise(marked, pl.col("leading")).to_dicts()
    ]


def check_sizes(rows: pl.DataFrame, columns: tuple[str, ...]) -> list[Finding]:
    """Sizes below zero, and sizes that are zero throughout although prices are quoted."""
    found = [
        Finding(
            check="negative_size",
            severity=Severity.ERROR,
            contract=row["symbol"],
            start=row["start"],
            end=row["end"],
            count=row["hits"],
            penalty=min(1.0, 0.2 + row["hits"] / row["rows"]),
            message=f"expected sizes of 0 or more, {row['hits']} of {row['rows']} rows were below",
        )
        for row in summarise(rows, pl.any_horizontal(pl.col(name) < 0 for name in columns)).to_dicts()
    ]
    told = rows.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in columns))
    zero = pl.all_horizontal(pl.col(name).fill_null(0) == 0 for name in columns)
    for row in summarise(told, zero).to_dicts():
        if row["hits"] == row["rows"] and row["rows"] >= _ZERO_ROWS:
            found.append(
                Finding(
                    check="zero_sizes",
                    severity=Severity.ERROR,
                    contract=row["symbol"],
                    start=row["start"],
                    end=row["end"],
                    count=row["hits"],
                    penalty=0.6,
                    message="every size is 0 although prices are quoted: depths were not recorded",
                )
            )
    return found


def check_repeats(rows: pl.DataFrame) -> list[Finding]:
    """Rows that occur more than once with equal time, number and values."""
    extra = pl.int_range(pl.len()).over(rows.columns) > 0
    marked = rows.with_columns(extra.alias("extra"))
    found = []
    for row in summarise(marked, pl.col("extra")).to_dicts():
        share = row["hits"] / row["rows"]
        found.append(
            Finding(
                check="repeated_rows",
                severity=Severity.ERROR if share > 0.3 else Severity.WARNING,
                contract=row["symbol"],
                start=row["start"],
                end=row["end"],
                count=row["hits"],
                penalty=min(1.0, 2 * share),
                message=f"{row['hits']} of {row['rows']} rows repeat another one",
            )
        )
    return found
