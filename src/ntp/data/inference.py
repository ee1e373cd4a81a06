"""Infer prints where a recording has volume steps but no tape.

Between two quotes that state the volume traded so far, something traded. What can have been traded is
a drop of size at the best price of the moment. The drops of a step are taken in exchange-time order,
at most the step's volume in total; each is a print at the time of its book row, and what is a print is
not a cancel as well. Volume for which there is no drop stays unassigned and fills nothing.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numba import njit

from ntp.data.quality.book_levels import apply_row, level_count
from ntp.data.quality.book_rebuild import by_symbol
from ntp.data.schema import (
    BOOK_CLEAR,
    BOOK_DELTA,
    FLAG_GROUP_END,
    FLAG_INFERRED,
    FLAG_SNAPSHOT,
    Kind,
    empty_frame,
)

_CLEAR: Final = BOOK_CLEAR
_SNAPSHOT: Final = FLAG_SNAPSHOT
_FLAGS: Final = FLAG_INFERRED | FLAG_GROUP_END


@dataclass(frozen=True, slots=True)
class InferenceResult:
    """Prints that volume steps and book rows imply.

    Attributes
    ----------
    trades : DataFrame
        Rows of kind ``trade`` with ``FLAG_INFERRED``, each with the time and sequence of its book row.
    traded, assigned, unassigned : int
        Volume of all steps that the book covers, and how much of it became prints or did not, in
        0.000001 contract.
    uncovered : int
        Volume of steps that reach outside the book's recording or in which it starts anew; it is not
        in `traded`.
    printed : Series
        Size of each row of `book` that is a print, in the order of `book`; 0 for all others.
    """

    trades: pl.DataFrame
    traded: int
    assigned: int
    unassigned: int
    uncovered: int
    printed: pl.Series

    @property
    def share(self) -> float | None:
        """Part of the traded volume that became prints, None where nothing traded."""
        return self.assigned / self.traded if self.traded else None

    def cancel_mask(self, book: pl.DataFrame) -> pl.Series:
        """Rows of `book` that take size away without, or beyond, being a print.

        Parameters
        ----------
        book : DataFrame
            The rows that were inferred from; only rows of action ``BOOK_DELTA`` count.
        """
        dropped = book["size"] * -1
        return ((book["action"] == BOOK_DELTA) & (dropped > 0) & (dropped > self.printed)).alias("cancel")


@njit(cache=True)
def _assign(
    codes: Any,
    time: Any,
    side: Any,
    action: Any,
    price: Any,
    size: Any,
    flags: Any,
    start: Any,
    stop: Any,
    begin: Any,
    until: Any,
    volume: Any,
    width: int,
    printed: Any,
) -> int:
    """Walk each contract's book rows and its steps together; fill `printed` and use up `volume`.

    Returns the volume of steps in which the book was lost: nothing of them can be placed any more.
    """
    levels = np.zeros((2, width), np.int64)
    best = np.full(2, -1, np.int64)
    bounds = np.empty((2, 2), np.int64)
    previous = -1
    step = 0
    lost = 0
    for i in range(codes.size):
        code = codes[i]
        if code != previous:
            bounds[:, 0], bounds[:, 1] = 0, width - 1
            apply_row(levels, best, bounds, 0, _CLEAR, 0, 0)
            previous = code
            step = start[code]
        row = 0 if side[i] > 0 else 1
        at_best = action[i] != _CLEAR and price[i] == best[row]
        before, after = apply_row(levels, best, bounds, side[i], action[i], price[i], size[i])
        while step < stop[code] and time[i] > until[step]:
            step += 1
        if step >= stop[code] or time[i] <= begin[step]:
            continue
        if action[i] == _CLEAR:
            lost += volume[step]
            volume[step] = 0
        drop = before - max(after, 0)
        if at_best and drop > 0 and not flags[i] & _SNAPSHOT:
            taken = min(drop, volume[step])
            printed[i] = taken
            volume[step] -= taken
    return lost


def infer_prints(book: pl.DataFrame, quotes: pl.DataFrame) -> InferenceResult:
    """Infer prints from volume steps and drops at the best price.

    Parameters
    ----------
    book : DataFrame
        Rows of kind ``book`` in the order of the catalog, complete from a snapshot on.
    quotes : DataFrame
        Rows of kind ``quote`` whose ``volume`` is the number of contracts traded so far.

    Returns
    -------
    InferenceResult
        The prints, and the volume that could and could not be explained.

    Notes
    -----
    A step runs from one quote with a volume to the next, its end included. Only steps that lie between
    the first and the last book row of their contract are used. Prints of a step may be earlier than
    they were, never later than the volume says, and their side is that of the level that shrank.
    """
    rows, names = by_symbol(book.with_row_index("_row"))
    steps, uncovered = _steps(book, quotes, names)
    codes = rows["symbol"].to_physical().to_numpy()
    step_codes = steps["code"].to_numpy()
    volume = steps["volume"].to_numpy().copy()
    wanted = np.arange(len(names))
    printed = np.zeros(rows.height, np.int64)
    lost = _assign(
        codes,
        rows["ts_event"].to_numpy(),
        rows["side"].to_numpy(),
        rows["action"].to_numpy(),
        rows["price"].to_numpy(),
        rows["size"].to_numpy(),
        rows["flags"].to_numpy(),
        np.searchsorted(step_codes, wanted),
        np.searchsorted(step_codes, wanted, "right"),
        steps["begin"].to_numpy(),
        steps["ts_event"].to_numpy(),
        volume,
        level_count(rows["price"].to_numpy()),
        printed,
    )
    traded, unassigned = int(steps["volume"].sum()) - lost, int(volume.sum())
    in_order = np.zeros(rows.height, np.int64)
    in_order[rows["_row"].to_numpy()] = printed
    series = pl.Series("printed", in_order)
    return InferenceResult(
        _trades(book, series), traded, traded - unassigned, unassigned, uncovered + lost, series
    )


def _steps(book: pl.DataFrame, quotes: pl.DataFrame, names: list[str]) -> tuple[pl.DataFrame, int]:
    """Volume steps by contract code and time of their end, and the volume outside the book's recording."""
    told = quotes.filter(pl.col("volume").is_not_null()).sort("symbol", "ts_event", maintain_order=True)
    previous = pl.col("ts_event").shift(1).over("symbol")
    told = told.with_columns(
        begin=previous, step=pl.col("volume").diff().over("symbol").clip(lower_bound=0)
    ).filter(pl.col("begin").is_not_null())
    span = book.group_by("symbol").agg(first=pl.col("ts_event").min(), last=pl.col("ts_event").max())
    told = told.join(span, on="symbol", how="left", maintain_order="left")
    inside = ((pl.col("begin") >= pl.col("first")) & (pl.col("ts_event") <= pl.col("last"))).fill_null(
        value=False
    )
    uncovered = int(told.filter(~inside)["step"].sum())
    code = pl.DataFrame(
        {"symbol": names, "code": np.arange(len(names), dtype=np.int64)},
        schema={"symbol": pl.String, "code": pl.Int64},
    )
    # Steps outside the recording stay, without volume, so that rows find the step of their time.
    steps = told.join(code, on="symbol", maintain_order="left").sort("code", "ts_event", maintain_order=True)
    return steps.select(
        "code",
        "begin",
        "ts_event",
        pl.when(inside).then(pl.col("step")).otherwise(0).cast(pl.Int64).alias("volume"),
    ), uncovered


def _trades(book: pl.DataFrame, printed: pl.Series) -> pl.DataFrame:
    rows = book.with_columns(printed).filter(pl.col("printed") > 0)
    if rows.is_empty():
        return empty_frame(Kind.TRADE)
    return rows.select(
        "ts_event",
        "ts_recv",
        "symbol",
        "sequence",
        pl.lit(_FLAGS, pl.UInt8).alias("flags"),
        "price",
        pl.col("printed").alias("size"),
        (-pl.col("side")).cast(pl.Int8).alias("taker"),
    )
