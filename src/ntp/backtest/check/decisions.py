"""Decisions: what a strategy asked for in a replay, and where two replays part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from ntp.backtest.facts import Facts
from ntp.backtest.results import ModeOutput
from ntp.core import format_ns

_ASKED: Final = ("ts", "contract", "side", "price", "size", "tag", "fair")
"""Columns of an order that the strategy chose."""
_RECORDS: Final = {"ts": pl.Int64(), "name": pl.String(), "value": pl.Float64()}


@dataclass(frozen=True, slots=True)
class Parting:
    """The first decision in which two replays differ: when, on which contract, and what each did."""

    ts: int
    contract: str | None
    one: str
    other: str

    @property
    def where(self) -> str:
        """When, and on which contract if it is one."""
        return format_ns(self.ts) + (f" on {self.contract}" if self.contract else "")

    def __str__(self) -> str:
        return f"at {self.where} {self.one} became {self.other}"


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """What was asked for in one replay.

    Attributes
    ----------
    orders : polars.DataFrame
        One row per order, in the order they were sent.
    records : polars.DataFrame
        What the strategy recorded.
    facts : callable
        Makes the facts of the replay, from which metrics are computed.
    error : str or None
        What ended it early.
    """

    orders: pl.DataFrame
    records: pl.DataFrame
    facts: Callable[[], Facts]
    error: str | None = None

    @classmethod
    def of(cls, output: ModeOutput, facts: Callable[[], Facts], error: str | None = None) -> Decisions:
        """Take the decisions out of a replay."""
        orders = output.orders.select(*_ASKED, "done", "status")
        records = pl.DataFrame(schema=_RECORDS) if output.records is None else output.records
        return cls(orders.sort("ts", maintain_order=True), records, facts, error)

    @property
    def count(self) -> int:
        """How many there are."""
        return self.orders.height + self.records.height

    def before(self, cut: int | None) -> pl.DataFrame:
        """Orders sent before a time, with ends that were not reached by then left out."""
        if cut is None:
            return self.orders
        ended = pl.col("done") < cut
        return self.orders.filter(pl.col("ts") < cut).with_columns(
            done=pl.when(ended).then("done"), status=pl.when(ended).then("status")
        )


def parting(one: Decisions, other: Decisions, cut: int | None = None) -> Parting | None:
    """Find the first decision before a time in which two replays differ; None where they agree."""
    found = _first(one.before(cut), other.before(cut), "ts")
    until = pl.lit(True) if cut is None else pl.col("ts") < cut
    told = _first(one.records.filter(until), other.records.filter(until), "ts")
    if found is None or (told is not None and told.ts < found.ts):
        return told
    return found


def _first(one: pl.DataFrame, other: pl.DataFrame, time: str) -> Parting | None:
    if one.equals(other, null_equal=True):
        return None
    rows, others = one.to_dicts(), other.to_dicts()
    for mine, its in zip(rows, others, strict=False):
        if not _same(mine, its):
            return _parting(mine, its, time)
    if len(rows) == len(others):
        return None
    longer = rows if len(rows) > len(others) else others
    row = longer[min(len(rows), len(others))]
    return _parting(row if longer is rows else None, row if longer is others else None, time)


def _same(mine: dict[str, Any], its: dict[str, Any]) -> bool:
    return all(
        value == its[name] or (value != value and its[name] != its[name])
        for name, value in mine.items()
    )


def _parting(mine: dict[str, Any] | None, its: dict[str, Any] | None, time: str) -> Parting:
    rows = [row for row in (mine, its) if row is not None]
    times = [row[time] for row in rows]
    if len(rows) == 2 and times[0] == times[1] and "done" in rows[0] and rows[0]["done"] != rows[1]["done"]:
        asked = [row for row in rows if any(row[name] != rows[0][name] for name in _ASKED)]
        if not asked:  # the same order, withdrawn at another time
            times = [row["done"] for row in rows if row["done"] is not None]
    earliest = min(rows, key=lambda row: row[time])
    return Parting(min(times), earliest.get("contract"), _word(mine), _word(its))


def _word(row: dict[str, Any] | None) -> str:
    if row is None:
        return "nothing"
    if "name" in row:
        return f"recorded {row['name']} = {row['value']:g}"
    side = "buy" if row["side"] > 0 else "sell"
    return f"{side} {row['size'] / 1e6:g} at {row['price'] / 1e4:g}" + (f", {row['status']}" if row["status"] else "")


__all__ = ["Decisions", "Parting", "parting"]
