"""Facts: what must be known of all rows of a recording before the first of them is replayed."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from typing import Final

import polars as pl

from ntp.data.schema import BOOK_DELTA, BOOK_SET, FLAG_INFERRED, Kind

ABSENT: Final = -1
"""Stands for a price that is not there."""
FACTS: Final = "ntp.facts"
"""Where a Parquet file of the catalog keeps the facts of its rows."""


@dataclass(frozen=True, slots=True)
class Facts:
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
    unit : int
        Greatest number that divides all prices of book rows; 0 for other kinds.
    low, high : int
        Least and greatest price of book rows.
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
    unit: int = 0
    low: int = 0
    high: int = 0
    named: bool = False
    misnamed: bool = False

    def __add__(self, other: "Facts") -> "Facts":
        """Facts of the rows of both."""
        return Facts(
            self.rows + other.rows, min(self.first, other.first), max(self.last, other.last),
            self.late or other.late, self.inferred or other.inferred, math.gcd(self.unit, other.unit),
            min(self.low, other.low), max(self.high, other.high), self.named and other.named,
            self.misnamed or other.misnamed,
        )  # fmt: skip


def facts_of(kind: Kind, frame: pl.DataFrame) -> dict[str, Facts]:
    """Find the facts of rows of a kind, by symbol."""
    ts = pl.col("ts_event")
    told = [
        pl.len().alias("rows"), ts.min().alias("first"), ts.max().alias("last"),
        (pl.col("ts_recv") > ts).any().alias("late"),
        ((pl.col("flags") & FLAG_INFERRED) != 0).any().alias("inferred"),
    ]  # fmt: skip
    if kind is Kind.BOOK:
        told.append(pl.col("price").fill_null(ABSENT).unique().alias("prices"))
    if "order_id" in frame.columns:
        level, named = pl.col("action") <= BOOK_DELTA, pl.col("order_id").is_not_null()
        told += [
            (level.any() & (named | ~level).all()).alias("named"),
            (named & (pl.col("action") == BOOK_SET)).any().alias("misnamed"),
        ]
    found = {}
    for row in frame.lazy().group_by("symbol").agg(told).sort("symbol").collect().iter_rows(named=True):
        symbol, prices = row.pop("symbol"), row.pop("prices", None)
        if prices:
            row |= {"unit": math.gcd(*prices), "low": min(prices), "high": max(prices)}
        found[symbol] = Facts(**row)
    return found


def joined_facts(parts: Iterable[Mapping[str, Facts]]) -> dict[str, Facts]:
    """Facts of the rows of several parts, by symbol."""
    found: dict[str, Facts] = {}
    for part in parts:
        for symbol, facts in part.items():
            found[symbol] = found[symbol] + facts if symbol in found else facts
    return dict(sorted(found.items()))


def write_facts(facts: Mapping[str, Facts]) -> str:
    """Write facts as a JSON text of facts, to be kept with the rows."""
    return json.dumps({symbol: [int(value) for value in astuple(each)] for symbol, each in facts.items()})


def read_facts(text: str) -> dict[str, Facts]:
    """Read facts from a text that :func:`write_facts` wrote."""
    return {symbol: _facts(*values) for symbol, values in json.loads(text).items()}


def _facts(
    rows: int, first: int, last: int, late: int, inferred: int, unit: int, low: int, high: int, named: int,
    misnamed: int,
) -> Facts:
    return Facts(rows, first, last, bool(late), bool(inferred), unit, low, high, bool(named), bool(misnamed))


__all__ = ["FACTS", "Facts", "facts_of", "joined_facts", "read_facts", "write_facts"]
