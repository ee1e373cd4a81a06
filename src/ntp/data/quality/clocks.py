"""Checks of clocks and of silence: arrival before the event, arrival running backwards, gaps."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import polars as pl

from ntp.core import MINUTE, SECOND
from ntp.data.quality.quotes import summarise
from ntp.data.quality.report import Finding, Severity, in_words
from ntp.data.schema import FLAG_SNAPSHOT

_SLACK: Final = SECOND // 1_000
_EARLY_SHARE: Final = 0.02
_BACKWARD: Final = 2 * SECOND
_BACKWARD_SHARE: Final = 0.01
_LATE: Final = 30 * SECOND
_SILENCE: Final = 5 * MINUTE
_SILENCE_FACTOR: Final = 50


def check_clock(rows: pl.DataFrame) -> list[Finding]:
    """Compare arrival with event times.

    A recorder's clock whose offset was taken off leaves a few messages that seem to arrive early; more
    of them mean a wrong clock or a wrong zone.
    """
    timed = rows.filter(pl.col("ts_recv").is_not_null()).with_columns(
        early=pl.col("ts_recv") < pl.col("ts_event") - _SLACK,
        behind=pl.col("ts_recv").cum_max().over("symbol") - pl.col("ts_recv") > _BACKWARD,
        lag=pl.col("ts_recv") - pl.col("ts_event"),
    )
    return (
        _shares(timed, "early", "arrival_before_event", _EARLY_SHARE, "arrive before they happened")
        + _shares(
            timed, "behind", "clock_backwards", _BACKWARD_SHARE, "arrive 2 s or more before an earlier one"
        )
        + _late(timed)
    )


def _shares(rows: pl.DataFrame, column: str, check: str, limit: float, what: str) -> list[Finding]:
    """Find contracts of which more than a share of the rows is marked."""
    marked = summarise(rows, pl.col(column)).filter(pl.col("hits") > limit * pl.col("rows"))
    return [
        Finding(
            check=check,
            severity=Severity.WARNING,
            contract=row["symbol"],
            start=row["start"],
            end=row["end"],
            count=row["hits"],
            penalty=0.3 * row["hits"] / row["rows"],
            message=f"{row['hits']} of {row['rows']} rows {what}",
        )
        for row in marked.to_dicts()
    ]


def _late(rows: pl.DataFrame) -> list[Finding]:
    lags = rows.group_by("symbol").agg(pl.col("lag").median(), pl.len().alias("rows"))
    return [
        Finding(
            check="late_arrival",
            severity=Severity.WARNING,
            contract=row["symbol"],
            start=None,
            end=None,
            count=row["rows"],
            penalty=0.2,
            message=f"rows arrive {in_words(int(row['lag']))} after they happened",
        )
        for row in lags.filter(pl.col("lag") > _LATE).sort("symbol").to_dicts()
    ]


def check_silence(times: Sequence[np.ndarray[Any, Any]]) -> list[Finding]:
    """Find stretches in which nothing at all arrived.

    One quiet contract says nothing of the connection, so the rows of all contracts and feeds are taken
    together. A stretch counts from five minutes and fifty times the usual distance on.
    """
    if not times:
        return []
    moments = np.unique(np.concatenate(times))
    if moments.size < 3:
        return []
    steps = np.diff(moments)
    limit = max(_SILENCE, _SILENCE_FACTOR * int(np.median(steps)))
    return [
        Finding(
            check="time_gap",
            severity=Severity.INFO,
            contract="",
            start=int(moments[i]),
            end=int(moments[i + 1]),
            count=1,
            message=f"nothing was recorded for {in_words(int(steps[i]))}",
        )
        for i in np.flatnonzero(steps > limit)
    ]


def check_sequence(book: pl.DataFrame, meta: Mapping[str, Any]) -> list[Finding]:
    """Numbers skipped by book rows, in the rows themselves and as the import counted them."""
    found = [
        Finding(
            check="sequence_gap",
            severity=Severity.WARNING,
            contract="",
            start=None,
            end=None,
            count=int(record["sequence_gaps"]),
            message=f"recording {record.get('run')}: {record['sequence_gaps']} sequence gap(s)"
            + ("" if record.get("usable", True) else ", left out"),
        )
        for record in meta.get("recordings", [])
        if record.get("sequence_gaps")
    ]
    numbered = book.filter(pl.col("sequence").is_not_null()).sort("symbol", maintain_order=True)
    step = pl.col("sequence").diff().over("symbol")
    snapshot = pl.col("flags").cast(pl.Int64).and_(pl.lit(FLAG_SNAPSHOT)) > 0
    inner = numbered.with_columns(step=step, fresh=snapshot).filter(
        ~pl.col("fresh") & pl.col("step").is_not_null()
    )
    counting = inner.group_by("symbol").agg(own=(pl.col("step").is_in([0, 1])).mean())
    # Only where a contract counts for itself does a skipped number mean a lost message.
    own = inner.join(counting.filter(pl.col("own") > 0.9), on="symbol", how="semi", maintain_order="left")
    for row in summarise(own, pl.col("step") > 1).to_dicts():
        found.append(
            Finding(
                check="sequence_gap",
                severity=Severity.ERROR,
                contract=row["symbol"],
                start=row["start"],
                end=row["end"],
                count=row["hits"],
                penalty=0.5,
                message=f"{row['hits']} numbers skipped without a new snapshot: "
                "the book after that is not known",
            )
        )
    return found
