"""What both halves of the public trade archive share: times of several types, newest copy of a row."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import polars as pl

FETCHED: Final = "_fetched_at"
_FILE: Final = "_file"
_UTC: Final = "UTC"


def utc_ns(frame: pl.DataFrame, column: str) -> pl.Expr:
    """Nanoseconds UTC of a column of texts, datetimes or epoch seconds; null where it has none."""
    dtype = frame.schema[column]
    if dtype == pl.String:
        text = pl.col(column).str.replace(" ", "T").str.replace(r"Z$", "+00:00")
        zoned = pl.when(text.str.contains(r"[+-]\d\d:?\d\d$")).then(text).otherwise(text + "+00:00")
        return (
            zoned.str.to_datetime(time_unit="us", time_zone=_UTC, strict=False).dt.epoch("ns").alias(column)
        )
    if isinstance(dtype, pl.Datetime):
        return pl.col(column).dt.epoch("ns")
    return (pl.col(column).cast(pl.Int64) * 1_000_000_000).alias(column)


def newest(files: Sequence[Path], group: str, keys: Sequence[str]) -> pl.DataFrame:
    """Find rows that several files hold, and the file whose copy was fetched last.

    Only groups that occur in several files are looked into, which keeps the table small.

    Parameters
    ----------
    files : sequence of Path
        Parquet files of one table.
    group : str
        Column whose values are spread over few files: a market or a block.
    keys : sequence of str
        Columns that identify a row within the group.

    Returns
    -------
    DataFrame
        ``group``, the keys and ``_file``, the name of the file that holds the newest copy.
    """
    seen = [
        pl.scan_parquet(file).select(group).unique().with_columns(pl.lit(file.name).alias(_FILE))
        for file in files
    ]
    spread = pl.concat(seen).group_by(group).len().filter(pl.col("len") > 1).select(group)
    columns = list(dict.fromkeys([group, *keys, FETCHED]))
    copies = [
        pl.scan_parquet(file)
        .select(columns)
        .with_columns(pl.lit(file.name).alias(_FILE))
        .join(spread, on=group, how="semi")
        for file in files
    ]
    identity = list(dict.fromkeys([group, *keys]))
    ordered = pl.concat(copies).sort(FETCHED, _FILE, maintain_order=True, nulls_last=False)
    return ordered.unique(identity, keep="last", maintain_order=True).select(*identity, _FILE).collect()


def keep_newest(
    rows: pl.DataFrame, file: Path, group: str, keys: Sequence[str], chosen: pl.DataFrame
) -> pl.DataFrame:
    """Rows of a file without those of which another file, or a later row of it, holds a newer copy."""
    identity = list(dict.fromkeys([group, *keys]))
    own = rows.sort(FETCHED, maintain_order=True, nulls_last=False).unique(
        identity, keep="last", maintain_order=True
    )
    elsewhere = chosen.filter(pl.col(_FILE) != file.name).select(identity)
    return own.join(elsewhere, on=identity, how="anti", maintain_order="left")
