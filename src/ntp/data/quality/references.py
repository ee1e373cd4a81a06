"""Checks of reference feeds: zero, constant or jumping values."""

from typing import Any, Final

import polars as pl

from ntp.core import SECOND
from ntp.data.quality.quotes import summarise
from ntp.data.quality.report import Finding, Severity

_ENOUGH: Final = 30
_JUMP: Final = 0.05
_SHORT: Final = 5 * SECOND


def check_references(index: pl.DataFrame) -> list[Finding]:
    """Find feeds that are zero or constant throughout, and jumps of 5 % within 5 seconds."""
    zeros = summarise(index, pl.col("value") == 0)
    ordered = index.filter(pl.col("value") != 0).sort("symbol", "ts_event", maintain_order=True)
    change = (pl.col("value") / pl.col("value").shift(1).over("symbol") - 1).abs()
    short = pl.col("ts_event").diff().over("symbol") <= _SHORT
    totals = (
        ordered.with_columns(jump=(change > _JUMP) & short)
        .group_by("symbol")
        .agg(
            rows=pl.len(),
            values=pl.col("value").n_unique(),
            low=pl.col("value").min(),
            high=pl.col("value").max(),
            jumps=pl.col("jump").sum(),
            start=pl.col("ts_event").min(),
            end=pl.col("ts_event").max(),
        )
        .sort("symbol")
    )
    found = [_zero(row) for row in zeros.to_dicts()]
    for row in totals.to_dicts():
        place = {"start": row["start"], "end": row["end"], "contract": row["symbol"]}
        if row["rows"] >= _ENOUGH and row["values"] == 1:
            found.append(
                Finding(
                    check="constant_reference",
                    severity=Severity.WARNING,
                    count=row["rows"],
                    penalty=0.9,
                    message=f"every one of {row['rows']} reference values is {row['low']:g}: "
                    "the feed was not recorded",
                    **place,
                )
            )
        if row["jumps"]:
            found.append(
                Finding(
                    check="reference_jump",
                    severity=Severity.WARNING,
                    count=row["jumps"],
                    penalty=min(0.5, row["jumps"] / row["rows"]),
                    message=f"{row['jumps']} jumps of more than 5 % within 5 seconds",
                    **place,
                )
            )
    return found


def _zero(row: dict[str, Any]) -> Finding:
    """Values of 0, which no price has."""
    return Finding(
        check="zero_reference",
        severity=Severity.ERROR if row["hits"] == row["rows"] else Severity.WARNING,
        contract=row["symbol"],
        start=row["start"],
        end=row["end"],
        count=row["hits"],
        penalty=0.9 * row["hits"] / row["rows"],
        message=f"{row['hits']} of {row['rows']} reference values are 0: the feed was not recorded there",
    )
