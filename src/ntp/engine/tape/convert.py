"""From frames of unified events to the kernel's columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from ntp.core import DataError
from ntp.data.schema import FLAG_BLOCK, FLAG_GROUP_END, FLAG_INFERRED, Kind
from ntp.engine import records as r
from ntp.engine.order_ids import IDS

COLUMNS: Final = ("ts", "meta", "contract", "price", "size")
_STATES: Final = {"open": r.OPEN, "halted": r.HALTED, "closed": r.CLOSED}
_RESULTS: Final = {
    "determined": r.DETERMINED, "amended": r.DETERMINED, "settled": r.SETTLED, "voided": r.VOIDED,
}  # fmt: skip
Arrays = dict[str, npt.NDArray[Any]]


class Symbols:
    """Numbers of the contracts whose rows of one kind are wanted.

    Parameters
    ----------
    numbers : mapping of str to int
        Contract number by symbol.
    alone : bool
        There are no rows of others.
    """

    def __init__(self, numbers: Mapping[str, int], *, alone: bool = False) -> None:
        self._only = alone and len(numbers) == 1
        self._numbers = dict(numbers)

    def pick(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the wanted rows with a column ``contract``."""
        if self._only:
            [number] = self._numbers.values()
            return frame.with_columns(pl.lit(number, pl.Int32).alias("contract"))
        met = frame["symbol"].unique()  # few of the many that there are
        found = pl.Series("contract", [self._numbers.get(symbol) for symbol in met], dtype=pl.Int32)
        kept = pl.DataFrame([met, found]).drop_nulls("contract")
        how: Literal["left", "inner"] = "left" if kept.height == len(met) else "inner"
        return frame.join(kept, on="symbol", how=how, maintain_order="left")


def rows_of(
    kind: Kind, frame: pl.DataFrame, symbols: Symbols, candles: list[npt.NDArray[Any]], payloads: list[str]
) -> Arrays | None:
    """Convert a frame of one kind.

    Parameters
    ----------
    kind : Kind
        What the frame holds.
    frame : polars.DataFrame
        Columns of ``ntp.data.schema``.
    symbols : Symbols
        Which rows are wanted.
    candles, payloads : list
        Tables that rows point into; rows are added.

    Returns
    -------
    dict or None
        The kernel's columns with ``recv``, ``rank`` and ``sequence``; None if nothing is wanted.
    """
    wanted = symbols.pick(frame)
    if wanted.is_empty():
        return None
    made = _MAKERS[kind](wanted, candles, payloads)
    rank = 0 if kind is Kind.TRADE else 1 if kind in (Kind.BOOK, Kind.QUOTE) else 5
    return made | {"rank": np.full(len(made["ts"]), rank, np.int8)}


def _repeated(frame: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Mark prints that were told before: same time, sequence number, contract, price, size and side.

    Where a recording has no sequence numbers two equal prints may well be two.
    """
    ts, sequence = frame["ts_event"].to_numpy(), frame["sequence"].fill_null(-1).to_numpy()
    found = np.zeros(frame.height, np.bool_)
    again = (ts[1:] == ts[:-1]) & (sequence[1:] == sequence[:-1]) & (sequence[1:] >= 0)
    if again.any():
        rows = np.flatnonzero(np.r_[again, False] | np.r_[False, again])
        doubtful = frame[rows].select("ts_event", "sequence", "symbol", "price", "size", "taker")
        found[rows] = ~doubtful.select(pl.struct(pl.all()).is_first_distinct()).to_series().to_numpy()
    return found


def _flags(flags: npt.NDArray[Any]) -> npt.NDArray[np.int16]:
    wide = flags.astype(np.int16)
    packed: npt.NDArray[np.int16] = (
        (wide & FLAG_GROUP_END) * r.META_GROUP_END
        + (wide & FLAG_BLOCK) * (r.META_BLOCK // FLAG_BLOCK)
        + (wide & FLAG_INFERRED) * (r.META_INFERRED // FLAG_INFERRED)
    )
    return packed


def _sides(side: npt.NDArray[Any]) -> npt.NDArray[np.int16]:
    return (side > 0) * np.int16(r.META_BID) + (side < 0) * np.int16(r.META_ASK)


def _filled(column: pl.Series, absent: int) -> npt.NDArray[Any]:
    return (column.fill_null(absent) if column.null_count() else column).to_numpy()


def _header(frame: pl.DataFrame) -> Arrays:
    ts = frame["ts_event"].to_numpy()
    return {
        "ts": ts,
        "recv": _filled(frame["ts_recv"], 0),
        "contract": frame["contract"].to_numpy(),
        "sequence": _filled(frame["sequence"], -1),
    }


def _int(frame: pl.DataFrame, name: str, dtype: type, absent: int = r.NONE) -> npt.NDArray[Any]:
    return _filled(frame[name], absent).astype(dtype, copy=False)


def _amounts(frame: pl.DataFrame, meta: npt.NDArray[Any]) -> Arrays:
    return {
        "meta": meta.astype(np.int16),
        "price": _int(frame, "price", np.int32),
        "size": _int(frame, "size", np.int64),
    }


def _book(frame: pl.DataFrame, candles: list[Any], payloads: list[str]) -> Arrays:
    flags, sides = _flags(frame["flags"].to_numpy()), _sides(frame["side"].to_numpy())
    made = _header(frame) | _amounts(frame, _int(frame, "action", np.int16) + flags + sides)
    if "order_id" in frame.columns:
        made[IDS] = _int(frame, "order_id", np.int64)
    return made


def _trade(frame: pl.DataFrame, candles: list[Any], payloads: list[str]) -> Arrays:
    flags, sides = _flags(frame["flags"].to_numpy()), _sides(_filled(frame["taker"], 0))
    flags[_repeated(frame)] |= r.META_BLOCK  # shown as it was recorded; it fills nothing twice
    return _header(frame) | _amounts(frame, r.TRADE + flags + sides)


def _quote(frame: pl.DataFrame, candles: list[Any], payloads: list[str]) -> Arrays:
    header = _header(frame)
    count = frame.height
    out: Arrays = {}
    for name, values in header.items():
        out[name] = np.repeat(values, 2)
    flags = _flags(frame["flags"].to_numpy())
    meta = np.empty(2 * count, np.int16)
    meta[0::2] = r.BID + (flags & ~r.META_GROUP_END)
    meta[1::2] = r.ASK + flags
    price, size = np.empty(2 * count, np.int32), np.empty(2 * count, np.int64)
    price[0::2], price[1::2] = _int(frame, "bid", np.int32), _int(frame, "ask", np.int32)
    size[0::2], size[1::2] = _int(frame, "bid_size", np.int64), _int(frame, "ask_size", np.int64)
    return out | {"meta": meta, "price": price, "size": size}


def _candle(frame: pl.DataFrame, candles: list[npt.NDArray[Any]], payloads: list[str]) -> Arrays:
    table = np.zeros(frame.height, r.CANDLE_ROW)
    table["start"] = frame["ts_event"].to_numpy() - frame["interval"].to_numpy()
    for name in r.CANDLE_ROW.names or ():
        if name != "start":
            table[name] = _int(frame, name, np.int64)
    first = sum(len(part) for part in candles)
    candles.append(table)
    return _header(frame) | {
        "meta": np.full(frame.height, r.CANDLE + r.META_GROUP_END, np.int16),
        "price": _int(frame, "close", np.int32),
        "size": np.arange(first, first + frame.height, dtype=np.int64),
    }


def _index(frame: pl.DataFrame, candles: list[Any], payloads: list[str]) -> Arrays:
    value = np.ascontiguousarray(frame["value"].to_numpy().astype(np.float64))
    return _header(frame) | {
        "meta": np.full(frame.height, r.INDEX + r.META_GROUP_END, np.int16),
        "price": np.zeros(frame.height, np.int32),
        "size": value.view(np.int64),
    }


def _lifecycle(frame: pl.DataFrame, candles: list[Any], payloads: list[str]) -> Arrays:
    states = frame["state"].to_list()
    reasons = frame["payload"].fill_null("").to_list()
    codes = np.array(
        [
            r.GAP if state == "halted" and "recording gap" in reason else _STATES.get(state, r.NONE)
            for state, reason in zip(states, reasons, strict=True)
        ],
        dtype=np.int32,
    )
    made = _header(frame) | {
        "meta": np.full(frame.height, r.STATE + r.META_GROUP_END, np.int16), "price": codes,
        "size": np.zeros(frame.height, np.int64),
    }  # fmt: skip
    kept = codes != r.NONE
    return {name: values[kept] for name, values in made.items()}


def _settlement(frame: pl.DataFrame, candles: list[Any], payloads: list[str]) -> Arrays:
    codes = np.array([_RESULTS[state] for state in frame["state"].to_list()], dtype=np.int32)
    sound = pl.col("value").is_between(0, 1_000_000).fill_null(value=False)
    wrong = frame.filter((pl.col("state") != "voided") & ~sound)
    if wrong.height:
        row = wrong.row(0, named=True)
        raise DataError(
            f"expected a result from 0 to 1 dollar, {row['symbol']} has {row['value']} (0.000001 dollar)",
            code="bad_settlement", details={"symbol": row["symbol"]},
        )
    return _header(frame) | {
        "meta": np.full(frame.height, r.SETTLE + r.META_GROUP_END, np.int16), "price": codes,
        "size": _int(frame, "value", np.int64),
    }  # fmt: skip


def _payload(frame: pl.DataFrame, candles: list[Any], payloads: list[str]) -> Arrays:
    first = len(payloads)
    payloads.extend(frame["payload"].to_list())
    return _header(frame) | {
        "meta": np.full(frame.height, r.PAYLOAD + r.META_GROUP_END, np.int16),
        "price": np.zeros(frame.height, np.int32),
        "size": np.arange(first, first + frame.height, dtype=np.int64),
    }


def _forecast(frame: pl.DataFrame, candles: list[Any], payloads: list[str]) -> Arrays:
    rows = frame.select(pl.struct("issued_at", "valid_at", "value", "sd").struct.json_encode().alias("payload"))
    return _payload(frame.with_columns(rows["payload"]), candles, payloads)


_MAKERS: Final[dict[Kind, Callable[[pl.DataFrame, list[npt.NDArray[Any]], list[str]], Arrays]]] = {
    Kind.BOOK: _book, Kind.TRADE: _trade, Kind.QUOTE: _quote, Kind.CANDLE: _candle, Kind.INDEX: _index,
    Kind.LIFECYCLE: _lifecycle, Kind.SETTLEMENT: _settlement, Kind.GAME: _payload, Kind.CUSTOM: _payload,
    Kind.FORECAST: _forecast,
}  # fmt: skip
