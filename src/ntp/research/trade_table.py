"""All trades of a data set whose contracts have a result, as columns small enough to hold years of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from ntp.core import HOUR, DataError
from ntp.data import Dataset, Kind
from ntp.markets import Instrument, InstrumentKind, category_of
from ntp.research.cell_means import Observations

_RESULTS: Final = ("determined", "amended", "settled")
QUARTER: Final = HOUR // 4
"""Times are kept by quarter hours: no zone's clock is off by a part of one."""

_FILES: Final = 16
"""Files read at once."""

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, eq=False)
class TradeTable:
    """Trades sorted by event and contract, and what their contracts are.

    Attributes
    ----------
    seen : Observations
        Prices, sides, sizes and results.
    quarter : ndarray of int32, (n,)
        Quarter hours since 1970 of each trade.
    category, series : ndarray of uint16, (contracts,)
        Numbers in the lists below.
    categories, series_names : list of str
        What these numbers mean.
    close : ndarray of int64, (contracts,)
        Close time in nanoseconds UTC; 0 where unknown.
    unresolved, voided, unknown_side : int
        Trades left out because their contract has no result or was void, and trades of which nobody
        tells who took: these count for YES alone.
    """

    seen: Observations
    quarter: NDArray[np.int32]
    category: NDArray[np.uint16]
    series: NDArray[np.uint16]
    categories: list[str]
    series_names: list[str]
    close: NDArray[np.int64]
    unresolved: int
    voided: int
    unknown_side: int


def load_trades(
    dataset: Dataset, *, start: int | None = None, end: int | None = None, progress: Progress | None = None
) -> TradeTable:
    """Read the trades of a data set.

    Parameters
    ----------
    dataset : Dataset
        Any with rows of kind trade; settlements may be of any source.
    start, end : int, optional
        ``start <= ts_event < end``, nanoseconds UTC.
    progress : callable, optional
        Told rows read and in all.

    Raises
    ------
    DataError
        ``no_trades`` or ``no_settlements`` where there is nothing to compare; ``ambiguous_symbol`` if two
        venues use one symbol.
    """
    if not dataset.rows(Kind.TRADE):
        raise DataError(
            f"expected trades in data set {dataset.name!r}, it has none", code="no_trades",
            hint="quotes and books tell no taker; import a tape of trades",
        )
    results = _results(dataset)
    void = {symbol for symbol, value in results.items() if value is None}
    resolved = [each for each in _contracts(dataset) if results.get(each.symbol) is not None]
    if not resolved:
        raise DataError(
            f"expected settlements in data set {dataset.name!r}, no contract has a result", code="no_settlements",
            hint="import the venue's markets or settlements with the same --as",
        )
    symbols = [each.symbol for each in resolved]
    value = np.array([results[symbol] for symbol in symbols], np.float64) / 1e6
    event, _ = _numbers([each.event or each.symbol for each in resolved])
    category, categories = _numbers([category_of(each) for each in resolved])
    series, names = _numbers([each.series or each.symbol.split("-")[0] for each in resolved])
    close = np.array([each.close_time or 0 for each in resolved], np.int64)
    del resolved, results  # as large as the trades where there are half a million contracts
    columns = _read(dataset, symbols, void, (start, end), progress)
    if not len(columns.contract):
        left = columns.unresolved + columns.voided
        raise DataError(
            f"expected trades of contracts with a result in that time, was none of {left:,}" if left
            else f"expected trades of data set {dataset.name!r} in that time, was none", code="no_trades",
            hint="ntp data info tells what times it holds",
        )
    return TradeTable(
        Observations(columns.contract, columns.price, columns.taker, columns.size, value, event), columns.quarter,
        category.astype(np.uint16), series.astype(np.uint16), categories, names, close, columns.unresolved,
        columns.voided, int(np.count_nonzero(columns.taker == 0)),
    )


def _contracts(dataset: Dataset) -> list[Instrument]:
    """Newest version of each contract, those of an event side by side."""
    newest: dict[str, Instrument] = {}
    for each in dataset.instruments():
        if each.kind is InstrumentKind.CONTRACT:
            other = newest.setdefault(each.symbol, each)
            if other.venue != each.venue:
                raise DataError(
                    f"expected one venue of {each.symbol!r}, was {other.venue} and {each.venue}",
                    code="ambiguous_symbol", hint="name the venue: --venue",
                    details={"symbol": each.symbol},
                )
            newest[each.symbol] = each
    return sorted(newest.values(), key=lambda each: (each.event or each.symbol, each.symbol))


def _results(dataset: Dataset) -> dict[str, int | None]:
    """Last result of each contract in 0.000001 dollar; None where it was void."""
    rows = dataset.frame(Kind.SETTLEMENT)
    if rows.is_empty():
        return {}
    told = rows.filter(pl.col("state").is_in([*_RESULTS, "voided"])).group_by("symbol").agg(pl.all().last())
    void = pl.when(pl.col("state") == "voided").then(None).otherwise(pl.col("value"))
    return dict(told.select("symbol", value=void).iter_rows())


def _numbers(names: list[str]) -> tuple[NDArray[np.int32], list[str]]:
    """Give names numbers in the order of their first appearance."""
    known: dict[str, int] = {}
    return np.array([known.setdefault(name, len(known)) for name in names], np.int32), list(known)


@dataclass(eq=False)
class _Columns:
    contract: NDArray[np.int32]
    price: NDArray[np.int16]
    taker: NDArray[np.int8]
    size: NDArray[np.int64]
    quarter: NDArray[np.int32]
    unresolved: int = 0
    voided: int = 0


def _read(
    dataset: Dataset, symbols: list[str], void: set[str], span: tuple[int | None, int | None],
    progress: Progress | None,
) -> _Columns:
    total = dataset.rows(Kind.TRADE)
    kept = _Columns(
        np.empty(total, np.int32), np.empty(total, np.int16), np.empty(total, np.int8), np.empty(total, np.int64),
        np.empty(total, np.int32),
    )
    numbers = {symbol: number for number, symbol in enumerate(symbols)}
    count = done = 0
    for frame in _frames(dataset, span):
        done += frame.height
        numbered = _numbered(frame, numbers)
        known = numbered.filter(pl.col("contract").is_not_null())
        lost = frame.height - known.height
        if lost:
            voided = int(numbered.filter(pl.col("contract").is_null())["symbol"].is_in(list(void)).sum())
            kept.voided += voided
            kept.unresolved += lost - voided
        at = slice(count, count + known.height)
        kept.contract[at], kept.price[at] = known["contract"].to_numpy(), known["price"].to_numpy()
        kept.taker[at], kept.size[at] = known["taker"].to_numpy(), known["size"].to_numpy()
        kept.quarter[at] = known["ts_event"].to_numpy() // QUARTER
        count = at.stop
        if progress:
            progress(done, total)
    _sort(kept, count, len(symbols))
    return kept


def _numbered(frame: pl.DataFrame, numbers: dict[str, int]) -> pl.DataFrame:
    """Join the numbers of the contracts met, of which there are few in a day and many in all."""
    met = frame["symbol"].unique()
    found = pl.Series("contract", [numbers.get(symbol) for symbol in met], dtype=pl.Int32)
    return frame.join(pl.DataFrame([met, found]), on="symbol", how="left", maintain_order="left")


def _frames(dataset: Dataset, span: tuple[int | None, int | None]) -> Iterator[pl.DataFrame]:
    start, end = span
    paths = dataset.paths(Kind.TRADE, start=start, end=end)
    for first in range(0, len(paths), _FILES):
        frame = pl.read_parquet(
            paths[first : first + _FILES], columns=["ts_event", "symbol", "price", "size", "taker"], glob=False,
            hive_partitioning=False,
        )
        if start is not None:
            frame = frame.filter(pl.col("ts_event") >= start)
        if end is not None:
            frame = frame.filter(pl.col("ts_event") < end)
        yield frame


def _sort(kept: _Columns, count: int, contracts: int) -> None:
    """Order all columns by contract, in time within it; one column at a time, to hold little twice."""
    order = _by_contract(kept.contract[:count], contracts)
    for name in ("contract", "price", "taker", "size", "quarter"):
        setattr(kept, name, getattr(kept, name)[:count][order])


@njit(cache=True, nogil=True)
def _by_contract(contract, many):  # type: ignore[no-untyped-def]
    """Rows in the order of their contracts, by counting."""
    place = np.zeros(many + 1, np.int64)
    for row in range(len(contract)):
        place[contract[row] + 1] += 1
    for number in range(many):
        place[number + 1] += place[number]
    order = np.empty(len(contract), np.uint32)
    for row in range(len(contract)):
        number = contract[row]
        order[place[number]] = row
        place[number] += 1
    return order
