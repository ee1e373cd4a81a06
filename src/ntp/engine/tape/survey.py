"""Survey: what must be known of all rows before the first of them is replayed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from ntp.data.schema import BOOK_DELTA, BOOK_SET, FLAG_INFERRED, Kind
from ntp.engine import records as r
from ntp.engine.tape.sources import TapeSource


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What the rows of one kind and symbol tell as a whole.

    Attributes
    ----------
    rows : int
        How many there are.
    first, last : int
        Least and greatest ``ts_event``.
    late : bool
        Whether any arrived after its ``ts_event``.
    inferred : bool
        Whether any was inferred from volume steps.
    prices : tuple of int
        All prices of book rows, in no order; empty for other kinds.
    named : bool
        Whether all levels name the order that changes.
    misnamed : bool
        Whether any that names an order tells a level's total.
    """

    rows: int
    first: int
    last: int
    late: bool
    inferred: bool
    prices: tuple[int, ...] = ()
    named: bool = False
    misnamed: bool = False


Survey = Mapping[Kind, Mapping[str, Surveyed]]


def survey(source: TapeSource) -> Survey:
    """Look over a source once; memory does not grow with its rows."""
    return {kind: _kind(source, kind) for kind in source.kinds()}


def _kind(source: TapeSource, kind: Kind) -> dict[str, Surveyed]:
    ts = pl.col("ts_event")
    told = [
        pl.len().alias("rows"), ts.min().alias("first"), ts.max().alias("last"),
        (pl.col("ts_recv") > ts).any().alias("late"),
        ((pl.col("flags") & FLAG_INFERRED) != 0).any().alias("inferred"),
    ]  # fmt: skip
    if kind is Kind.BOOK:
        told.append(pl.col("price").fill_null(r.NONE).unique().alias("prices"))
    scan = source.scan(kind)
    if "order_id" in scan.collect_schema().names():
        level, named = pl.col("action") <= BOOK_DELTA, pl.col("order_id").is_not_null()
        told += [
            (level.any() & (named | ~level).all()).alias("named"),
            (named & (pl.col("action") == BOOK_SET)).any().alias("misnamed"),
        ]
    frame = scan.group_by("symbol").agg(told).sort("symbol").collect(engine="streaming")
    return {
        row.pop("symbol"): Surveyed(**{**row, "prices": tuple(row.get("prices", ()))})
        for row in frame.iter_rows(named=True)
    }


__all__ = ["Survey", "Surveyed", "survey"]
