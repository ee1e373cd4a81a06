"""Futures: recordings that are the same up to a time and different afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from ntp.backtest.check.laboratory import LATE, mapped
from ntp.core import PRICE_ONE
from ntp.data.schema import BOOK_CLEAR, BOOK_SET, FLAG_GROUP_END, Kind
from ntp.engine.tape import SourceFrames

_SWAPPED: Final = ("bid", "ask")
_CANDLE: Final = ("open", "high", "low", "close")
_MILLION: Final = 1_000_000


def truncated(sources: Sequence[SourceFrames], cut: int) -> list[SourceFrames]:
    """Return the recording up to a time: what came later, results too, is gone."""
    return mapped(sources, lambda _, frame: frame.filter(pl.col("ts_event") < cut))


def later_start(sources: Sequence[SourceFrames], start: int) -> list[SourceFrames]:
    """Return the recording from a time on; attributes that changed before still hold."""

    def kept(kind: Kind, frame: pl.DataFrame) -> pl.DataFrame:
        told = pl.col("ts_event") >= start
        if kind is Kind.LIFECYCLE:
            return frame.filter(told | (pl.col("state") == "attributes"))
        later = frame.filter(told)
        return pl.concat([_image(frame.filter(~told), start), later]) if kind is Kind.BOOK else later

    return mapped(sources, kept)


def _image(rows: pl.DataFrame, start: int) -> pl.DataFrame:
    """Return the books that rows built up to a time, as the full images with which a recording begins."""
    order, level = pl.int_range(pl.len()).alias("row"), ["symbol", "side", "price"]
    numbered = rows.with_columns(order)
    cleared = numbered.filter(pl.col("action") == BOOK_CLEAR).group_by("symbol", "side").agg(pl.col("row").max())
    both = cleared.filter(pl.col("side") == 0).select("symbol", both="row")
    one = cleared.filter(pl.col("side") != 0).rename({"row": "one"})
    alive = (
        numbered.filter(pl.col("action") != BOOK_CLEAR).join(both, on="symbol", how="left")
        .join(one, on=["symbol", "side"], how="left")
        .filter(pl.col("row") > pl.max_horizontal("both", "one", pl.lit(-1)))
    )
    was_set = pl.col("action") == BOOK_SET
    since = pl.when(was_set).then("row").max().over(level).fill_null(-1)
    sizes = alive.filter(pl.col("row") >= since).group_by(level).agg(
        pl.col("size").sum(), pl.col("ts_recv").max(), pl.col("sequence").max()
    )
    image = sizes.filter(pl.col("size") > 0).with_columns(
        ts_event=pl.lit(start - 1, pl.Int64), flags=pl.lit(0, pl.UInt8), action=pl.lit(BOOK_SET, pl.UInt8)
    )
    last = pl.int_range(pl.len()) == pl.len() - 1
    image = image.sort(level).with_columns(flags=pl.when(last.over("symbol")).then(FLAG_GROUP_END).otherwise(0))
    image = image.with_columns(pl.col("ts_recv").max().over("symbol"), pl.col("sequence").max())
    return image.select(pl.col(name).cast(kind) for name, kind in rows.schema.items())


def perturbed(sources: Sequence[SourceFrames], cut: int) -> list[SourceFrames]:
    """Return the recording with another future: from a time on markets are mirrored, feeds turned and results swapped.

    Prices of contracts become one dollar less themselves and bids asks; what feeds did after the time they
    do the other way round; numbers of custom rows change their sign.
    """
    return [_other(source, cut) for source in sources]


def _other(source: SourceFrames, cut: int) -> SourceFrames:
    assets = {each.symbol for each in source.instruments if each.kind == "asset"}

    def changed(kind: Kind, frame: pl.DataFrame) -> pl.DataFrame:
        later = (pl.col("ts_event") >= cut) & ~pl.col("symbol").is_in(sorted(assets))
        return _changed(kind, frame, later, cut)

    return replace(source, frames={kind: changed(kind, frame) for kind, frame in source.frames.items()}, known={})


def _changed(kind: Kind, frame: pl.DataFrame, later: pl.Expr, cut: int) -> pl.DataFrame:
    """Change the rows of a kind from a time on."""

    def where(expression: pl.Expr, name: str) -> pl.Expr:
        return pl.when(later).then(expression).otherwise(pl.col(name)).cast(frame.schema[name]).alias(name)

    def mirrored(name: str) -> pl.Expr:
        return PRICE_ONE - pl.col(name)

    if kind is Kind.QUOTE:
        swap = {"bid": "ask", "ask": "bid"}
        return frame.with_columns(
            *(where(mirrored(swap[name]), name) for name in _SWAPPED),
            *(where(pl.col(f"{swap[name]}_size"), f"{name}_size") for name in _SWAPPED),
        )
    if kind is Kind.TRADE:
        return frame.with_columns(where(mirrored("price"), "price"), where(-pl.col("taker"), "taker"))
    if kind is Kind.BOOK:
        return _mirrored_book(frame, later, cut)
    if kind is Kind.CANDLE:
        other = {"high": "low", "low": "high", "open": "open", "close": "close"}
        own = [where(mirrored(other[name]), name) for name in _CANDLE]
        swap = {"bid": "ask", "ask": "bid"}
        quoted = [
            where(mirrored(f"{swap[side]}_{other[name]}"), f"{side}_{name}") for side in _SWAPPED for name in _CANDLE
        ]
        return frame.with_columns(*own, *quoted)
    if kind is Kind.SETTLEMENT:
        return frame.with_columns(where(_MILLION - pl.col("value"), "value"))
    if kind in (Kind.INDEX, Kind.FORECAST):
        last = pl.col("value").filter(pl.col("ts_event") < cut).last().over("symbol")
        turned = pl.when(last.is_null()).then(-pl.col("value")).otherwise(2 * last - pl.col("value"))
        return frame.with_columns(where(turned, "value"))
    if kind in (Kind.CUSTOM, Kind.GAME):
        numbers = pl.col("payload").str.replace_all(r":\s*(\d)", ": -$1")
        return frame.with_columns(where(numbers, "payload"))
    return frame


def _mirrored_book(frame: pl.DataFrame, later: pl.Expr, cut: int) -> pl.DataFrame:
    """Mirror books from a time on: they are cleared, stand there mirrored, and go on so."""
    if "order_id" in frame.columns:
        return frame.filter(~later)  # books of single orders stand still instead
    after = frame.filter(later)
    image = _image(frame.filter(pl.col("ts_event") < cut, pl.col("symbol").is_in(after["symbol"].unique())), cut)
    image = image.with_columns(ts_event=pl.lit(cut, pl.Int64))
    clear = image.unique("symbol", maintain_order=True).with_columns(
        side=pl.lit(0, pl.Int8), action=pl.lit(BOOK_CLEAR, pl.UInt8), flags=pl.lit(0, pl.UInt8),
        price=pl.lit(0, pl.Int32), size=pl.lit(0, pl.Int64),
    )
    priced = pl.col("action") != BOOK_CLEAR
    mirrored = pl.concat([image, after]).with_columns(
        side=-pl.col("side"), price=pl.when(priced).then(PRICE_ONE - pl.col("price")).otherwise("price").cast(pl.Int32)
    )
    return pl.concat([frame.filter(~later), clear, mirrored]).sort("ts_event", "sequence", maintain_order=True)


def cut_points(sources: Sequence[SourceFrames], decided: npt.NDArray[np.int64], count: int) -> list[int]:
    """Choose times at which futures part: spread over the decisions, each in the widest gap nearby.

    Parameters
    ----------
    sources : sequence of SourceFrames
        The recording.
    decided : array of int64
        Times of the decisions, ascending.
    count : int
        How many at most.
    """
    if not len(decided):
        return []
    kinds = [frame["ts_event"] for source in sources for kind, frame in source.frames.items() if kind not in LATE]
    times = np.unique(np.concatenate([each.to_numpy() for each in kinds]))
    found = []
    for share in np.linspace(0.0, 1.0, count + 2)[1:-1]:
        wanted = decided[int(share * (len(decided) - 1))]
        place = int(np.searchsorted(times, wanted, "right"))
        near = times[max(place - 1, 0) : place + 40]
        if len(near) > 1:
            gap = int(np.argmax(np.diff(near)))
            found.append(int(near[gap + 1]))
    return sorted(set(found))


__all__ = ["cut_points", "later_start", "perturbed", "truncated"]
