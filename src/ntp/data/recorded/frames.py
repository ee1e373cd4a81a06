"""Build frames of unified events: exact units, one header, one order."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from ntp.core import CASH_ONE, PRICE_ONE, PRICE_SCALE, SIZE_SCALE
from ntp.data.schema import FLAG_GROUP_END, SCHEMAS, Kind

_TOLERANCE: Final = 1e-9  # of a decimal number that went through binary floats

State = tuple[int, str, str, Mapping[str, Any]]
"""A lifecycle row: ``ts_event``, ``symbol``, state, payload."""
PRICE: Final = PRICE_SCALE
CENTS: Final = PRICE_SCALE - 2
SIZE: Final = SIZE_SCALE


def exact(frame: pl.DataFrame, scales: Mapping[str, int]) -> tuple[pl.DataFrame, int]:
    """Turn float columns into integer units and leave out rows that are finer than the unit.

    Parameters
    ----------
    frame : DataFrame
        Rows with decimal numbers stored as floats.
    scales : Mapping of str to int
        Power of ten of each column: 4 turns 0.29 dollars into 2900, 2 turns 29 cents into 2900.

    Returns
    -------
    tuple of (DataFrame, int)
        The rows whose numbers are within 1e-9 of a whole unit, and how many were left out.
    """
    good = pl.lit(value=True)
    for name, scale in scales.items():
        value = pl.col(name).cast(pl.Float64)
        error = (value - (value * 10**scale).round() / 10**scale).abs()
        room = _TOLERANCE * pl.max_horizontal(value.abs(), pl.lit(1.0))
        good &= value.is_null() | (value.is_finite() & (error <= room))
    kept = frame.filter(good)
    return kept.with_columns(
        (pl.col(name).cast(pl.Float64) * 10**scale).round().cast(pl.Int64).alias(name)
        for name, scale in scales.items()
    ), frame.height - kept.height


def finish(kind: Kind, frame: pl.DataFrame) -> pl.DataFrame:
    """Give rows the columns of their kind and the order of the catalog.

    Missing columns become null, a missing ``flags`` says that each row stands alone. Rows that tie
    in (``ts_event``, ``sequence``) keep their order.
    """
    missing: dict[str, pl.Expr] = {}
    for name in SCHEMAS[kind]:
        if name not in frame.columns:
            missing[name] = pl.lit(FLAG_GROUP_END) if name == "flags" else pl.lit(None)
    filled = frame.with_columns(**missing)
    ordered = filled.sort("ts_event", "sequence", maintain_order=True)
    return ordered.select(pl.col(name).cast(dtype) for name, dtype in SCHEMAS[kind].items())


def stack(kind: Kind, frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Join finished frames of a kind in the order of the catalog."""
    if not frames:
        return pl.DataFrame(schema=SCHEMAS[kind])
    return pl.concat(frames).sort("ts_event", "sequence", maintain_order=True)


def nanoseconds(column: str) -> pl.Expr:
    """Integer nanoseconds of a UTC datetime column, zoned or known to be UTC."""
    return pl.col(column).dt.epoch("ns")


def empty_bid(column: str) -> pl.Expr:
    """Bid in price units, null where 0 stands for an empty side."""
    return pl.when(pl.col(column) > 0).then(pl.col(column))


def empty_ask(column: str) -> pl.Expr:
    """Ask in price units, null where 0 or a full dollar stands for an empty side."""
    return pl.when((pl.col(column) > 0) & (pl.col(column) < PRICE_ONE)).then(pl.col(column))


def lifecycle(rows: Sequence[State]) -> pl.DataFrame:
    """Lifecycle rows of (``ts_event``, ``symbol``, state, payload)."""
    frame = pl.DataFrame(
        [(ts, symbol, state, json.dumps(payload, sort_keys=True)) for ts, symbol, state, payload in rows],
        schema={"ts_event": pl.Int64, "symbol": pl.String, "state": pl.String, "payload": pl.String},
        orient="row",
    )
    return finish(Kind.LIFECYCLE, frame)


def settlements(rows: Sequence[tuple[int, str, bool | int]]) -> pl.DataFrame:
    """Settlement rows of (``ts_event``, ``symbol``, result): it shows and pays at that time.

    A result is True for YES, False for NO, or the payout per YES in 0.000001 dollar.
    """
    frame = pl.DataFrame(
        [
            (ts, order, symbol, int(result) * CASH_ONE if isinstance(result, bool) else result, state)
            for ts, symbol, result in rows
            for order, state in enumerate(("determined", "settled"))
        ],
        schema={
            "ts_event": pl.Int64,
            "sequence": pl.Int64,
            "symbol": pl.String,
            "value": pl.Int64,
            "state": pl.String,
        },
        orient="row",
    )
    return finish(Kind.SETTLEMENT, frame)


def nonempty(frames: Mapping[Kind, pl.DataFrame]) -> dict[Kind, pl.DataFrame]:
    """Frames that have rows."""
    return {kind: frame for kind, frame in frames.items() if frame.height}
