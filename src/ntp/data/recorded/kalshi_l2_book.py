"""Order-book messages of one recording run: numbering checked, exchange time, YES only.

A snapshot starts an image of the book; the deltas that follow belong to it as long as their numbers
count on from it without a gap. What comes after a gap is worthless until the next snapshot.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from ntp.core import PRICE_ONE
from ntp.data.recorded.frames import PRICE, SIZE, exact, finish, nanoseconds
from ntp.data.schema import BOOK_CLEAR, BOOK_DELTA, BOOK_SET, FLAG_GROUP_END, FLAG_SNAPSHOT, Kind

_OFFSET_QUANTILE: Final = 0.001
_MICROSECOND: Final = 1_000
_IMAGE: Final = ["market_ticker", "image"]


@dataclass(frozen=True, slots=True)
class RunBook:
    """Book rows of one run and what its messages say of its completeness.

    Attributes
    ----------
    rows : DataFrame
        Rows of kind ``book``.
    images : DataFrame
        One row per image that has deltas: ``market_ticker image start end cut seq``; `cut` tells that
        the stream broke off after it.
    gaps : int
        Images whose deltas skip numbers.
    lost : int
        Deltas left out because they follow a gap or have no snapshot.
    quarantined : int
        Messages whose numbers are finer than their unit.
    ghosts : tuple of str
        Markets of which there is a snapshot but not one delta, so that its book would stand still.
    """

    rows: pl.DataFrame
    images: pl.DataFrame
    gaps: int
    lost: int
    quarantined: int
    ghosts: tuple[str, ...]


def clock_offset(deltas: pl.DataFrame) -> int | None:
    """Nanoseconds by which the recorder's clock runs ahead of the exchange's, None without messages.

    The fastest messages of a run take next to no time, so the 0.1 % quantile of arrival minus
    exchange time is the clock's error plus the least delay of the line, which it cannot tell apart.
    """
    lag = deltas.select(pl.col("local_recv_ns") - nanoseconds("exchange_ts")).to_series()
    low = lag.quantile(_OFFSET_QUANTILE, "lower")
    return None if low is None else int(low)


def run_book(deltas: pl.DataFrame, snapshots: pl.DataFrame, offset: int) -> RunBook:
    """Build the book rows of one run.

    Parameters
    ----------
    deltas, snapshots : DataFrame
        Messages of one run in the recorder's columns.
    offset : int
        Clock offset of the run, taken off arrival times.
    """
    messages, quarantined = _messages(deltas, snapshots, offset)
    messages = _numbered(messages)
    delta = ~pl.col("snapshot")
    broken = messages.filter(delta & ~pl.col("valid"))
    gaps = broken.filter(pl.col("image") > 0).select(_IMAGE).unique().height
    kept = messages.filter(pl.col("valid"))
    images = _images(kept, broken)
    ghosts = images.filter((pl.col("deltas") == 0) & (pl.col("levels") > 0))["market_ticker"]
    live = (pl.col("deltas") > 0).any().over("market_ticker")
    images = images.filter((pl.col("deltas") > 0) | ((pl.col("levels") == 0) & live))
    kept = kept.join(images.select(_IMAGE), on=_IMAGE, how="semi", maintain_order="left")
    recorded = images.filter(pl.col("deltas") > 0).select(
        "market_ticker", "image", "start", "end", "cut", "seq"
    )
    return RunBook(
        rows=_rows(kept),
        images=recorded,
        gaps=gaps,
        lost=broken.height,
        quarantined=quarantined,
        ghosts=tuple(sorted(set(ghosts.to_list()))),
    )


def _messages(deltas: pl.DataFrame, snapshots: pl.DataFrame, offset: int) -> tuple[pl.DataFrame, int]:
    """Both kinds of message in one frame, in order of arrival and number, in exact units."""
    changes, bad_changes = exact(deltas, {"price_dollars": PRICE, "delta_fp": SIZE})
    images, bad_images = exact(snapshots, {"price_dollars": PRICE, "size_fp": SIZE})
    common = ["market_ticker", "sequence_number", "side", "price", "size", "snapshot", "recv", "time"]
    recv = pl.col("local_recv_ns") - offset
    changes = changes.select(
        "market_ticker",
        pl.col("sequence_number").cast(pl.Int64),
        "side",
        pl.col("price_dollars").alias("price"),
        pl.col("delta_fp").alias("size"),
        pl.lit(value=False).alias("snapshot"),
        recv.alias("recv"),
        nanoseconds("exchange_ts").alias("time"),
    )
    images = images.select(
        "market_ticker",
        "sequence_number",
        "side",
        pl.col("price_dollars").alias("price"),
        pl.col("size_fp").alias("size"),
        pl.lit(value=True).alias("snapshot"),
        recv.alias("recv"),
        pl.lit(None, pl.Int64).alias("time"),
    )
    joined = pl.concat([images, changes]).select(common)
    ordered = joined.sort("market_ticker", "recv", "sequence_number", maintain_order=True)
    return ordered, bad_changes + bad_images


def _numbered(messages: pl.DataFrame) -> pl.DataFrame:
    """Give images a number and snapshots a time, and mark the deltas that count on."""
    first = pl.col("snapshot") & (
        ~pl.col("snapshot").shift(1, fill_value=False)
        | (pl.col("sequence_number") != pl.col("sequence_number").shift(1))
        | (pl.col("recv") != pl.col("recv").shift(1))
    )
    market = "market_ticker"
    frame = messages.with_columns(first.over(market).fill_null(value=True).alias("first"))
    frame = frame.with_columns(pl.col("first").cast(pl.Int64).cum_sum().over(market).alias("image"))
    frame = frame.with_columns(
        start_number=pl.col("sequence_number").first().over(_IMAGE),
        count=(~pl.col("snapshot")).cast(pl.Int64).cum_sum().over(_IMAGE),
    )
    counts_on = pl.col("sequence_number") == pl.col("start_number") + pl.col("count")
    frame = frame.with_columns(valid=pl.col("snapshot") | ((pl.col("image") > 0) & counts_on))
    # A snapshot is as old as its arrival says, but not younger than the change that follows it.
    following = pl.col("time").min().over(_IMAGE)
    previous = pl.col("time").forward_fill().over(market)
    return frame.with_columns(
        pl.when(pl.col("snapshot"))
        .then(pl.min_horizontal(following, pl.max_horizontal(pl.col("recv"), previous)))
        .otherwise(pl.col("time"))
        .alias("time")
    )


def _images(kept: pl.DataFrame, broken: pl.DataFrame) -> pl.DataFrame:
    """One row per image, with whether the stream broke off after it."""
    images = kept.group_by(_IMAGE, maintain_order=True).agg(
        start=pl.col("time").min(),
        end=pl.col("time").max(),
        seq=pl.col("sequence_number").max(),
        deltas=(~pl.col("snapshot")).sum(),
        first_number=pl.col("start_number").first(),
        levels=(pl.col("snapshot") & pl.col("price").is_not_null()).sum(),
    )
    gapped = broken.select(_IMAGE).unique().with_columns(gapped=pl.lit(value=True))
    follower = pl.col("first_number").shift(-1).over("market_ticker")
    return images.join(gapped, on=_IMAGE, how="left", maintain_order="left").with_columns(
        cut=pl.col("gapped").fill_null(value=False) | (follower != pl.col("seq") + 1).fill_null(value=True)
    )


def _rows(messages: pl.DataFrame) -> pl.DataFrame:
    """Rows of kind ``book``: a clear and sets per snapshot, deltas in groups of one exchange time."""
    yes = pl.col("side") == "yes"
    levels = messages.filter(pl.col("price").is_not_null()).with_columns(
        price=pl.when(yes).then(pl.col("price")).otherwise(PRICE_ONE - pl.col("price")),
        side=pl.when(yes).then(1).otherwise(-1).cast(pl.Int64),
        action=pl.when(pl.col("snapshot")).then(BOOK_SET).otherwise(BOOK_DELTA).cast(pl.Int64),
    )
    clears = messages.filter(pl.col("first")).with_columns(
        price=pl.lit(0, pl.Int64),
        size=pl.lit(0, pl.Int64),
        side=pl.lit(0, pl.Int64),
        action=pl.lit(BOOK_CLEAR, pl.Int64),
    )
    rows = pl.concat([clears, levels]).sort("market_ticker", "image", "sequence_number", maintain_order=True)
    group = pl.struct("market_ticker", "image", "snapshot", "time")
    last = (group != group.shift(-1)).fill_null(value=True)
    flags = (last.cast(pl.Int64) * FLAG_GROUP_END) | (pl.col("snapshot").cast(pl.Int64) * FLAG_SNAPSHOT)
    return finish(
        Kind.BOOK,
        rows.select(
            flags.alias("flags"),
            "side",
            "action",
            "price",
            "size",
            ts_event="time",
            ts_recv="recv",
            symbol="market_ticker",
            sequence="sequence_number",
        ),
    )
