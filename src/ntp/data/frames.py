"""Frames of unified events: check, order and digest."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from ntp.core import DAY, DataError, suggest
from ntp.data.schema import OPTIONAL, SCHEMAS, Kind

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_REQUIRED: Final = ("ts_event", "symbol", "flags")


def conform(kind: Kind, frame: pl.DataFrame, *, file: str | None = None) -> pl.DataFrame:
    """Bring a frame into the schema of its kind, without changing a value.

    Columns may come in any order and integers in any width that fits; a missing column is not filled
    unless it is optional.

    Raises
    ------
    DataError
        If a column is missing, unknown, of another type, or null where it must not be.
    """
    more = {name: dtype for name, dtype in OPTIONAL.get(kind, {}).items() if name in frame.columns}
    schema = SCHEMAS[kind] | more
    details = {"file": file} if file else {}
    for name in frame.columns:
        if name not in schema:
            raise DataError(
                f"expected the columns of kind {kind}, was {name!r} as well",
                code="unknown_column",
                hint=suggest(name, schema),
                details={**details, "column": name},
            )
    for name in schema:
        if name not in frame.columns:
            raise DataError(
                f"expected a column {name!r} in rows of kind {kind}, was missing",
                code="missing_column",
                details={**details, "column": name},
            )
    if dict(frame.schema) != schema or frame.columns != list(schema):
        try:
            frame = frame.select(pl.col(name).cast(kind_) for name, kind_ in schema.items())
        except pl.exceptions.PolarsError as error:
            raise DataError(
                f"expected the column types of kind {kind}, was {error}", code="column_type", details=details
            ) from error
    for name in _REQUIRED:
        if frame[name].null_count():
            row = int(frame[name].is_null().arg_max() or 0) + 1
            raise DataError(
                f"expected a value of {name!r} in every row of kind {kind}, row {row} has none",
                code="missing_value",
                details={**details, "column": name, "row": row},
            )
    return frame


def stacked(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Rows of several frames of a kind; an optional column that some of them lack is null there."""
    wider = max((frame.width for frame in frames), default=0)
    same = all(frame.width == wider for frame in frames)
    return pl.concat(frames, how="vertical" if same else "diagonal")


def ordered(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows by (``ts_event``, ``sequence``); what ties keeps its order."""
    return frame.sort("ts_event", "sequence", maintain_order=True)


def frame_hash(frame: pl.DataFrame) -> str:
    """Digest of the rows of a frame: depends on names, types, values and order, on nothing else."""
    digest = hashlib.sha256()
    for name in frame.columns:
        column = frame[name].rechunk()
        digest.update(f"{name}:{column.dtype}:{len(column)}\n".encode())
        if column.null_count():
            digest.update(np.packbits(column.is_null().to_numpy()).data)
        if column.dtype == pl.String:
            words = column.drop_nulls().unique().sort()
            digest.update("\0".join(words.to_list()).encode())
            column = column.cast(pl.Enum(words)).to_physical()
        values = column.fill_null(0) if column.null_count() else column
        digest.update(np.ascontiguousarray(values.to_numpy()).data)
    return "sha256:" + digest.hexdigest()


def by_day(frame: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """Split rows by UTC day of ``ts_event``, keeping their order."""
    if frame.is_empty():
        return []
    days = frame["ts_event"] // DAY
    low, high = days.min(), days.max()
    if low == high:
        return [(day_name(int(low)), frame)]  # type: ignore[arg-type]
    groups = frame.with_columns(days.alias("_day")).partition_by("_day", as_dict=True, include_key=False)
    return [(day_name(int(key[0])), group) for key, group in sorted(groups.items())]


def day_name(days: int) -> str:
    """ISO date of a count of days since 1970."""
    return (_EPOCH + timedelta(days=days)).strftime("%Y-%m-%d")
