"""Raw rows before they are mapped: which of them count, and wide tables turned long."""

from fnmatch import fnmatchcase
from typing import Any

import polars as pl

from ntp.core import ConfigError, suggest
from ntp.data.faults import refuse
from ntp.data.mapping import Unpivot


def unpivoted(
    raw: pl.DataFrame, numbers: pl.Series, unpivot: Unpivot, file: str
) -> tuple[pl.DataFrame, pl.Series]:
    """Make a row of each value of the columns that are values of one quantity; empty ones are left out.

    Returns
    -------
    rows : polars.DataFrame
        The other columns, the name and the value, in the order of the raw rows.
    numbers : polars.Series
        Row numbers in the file, repeated.

    Raises
    ------
    DataError
        If no column matches.
    """
    stars: dict[str, str] = {}
    for name in raw.columns:
        for pattern in unpivot.columns:
            if fnmatchcase(name, pattern) and name not in stars:
                head, _, tail = pattern.partition("*")
                stars[name] = name[len(head) : len(name) - len(tail)] if "*" in pattern else name
    if not stars:
        pattern = unpivot.columns[0]
        refuse(
            file,
            pattern,
            "missing_column",
            f"expected columns like {pattern!r} in {file}, were {', '.join(raw.columns)}",
        )
    kept = raw.drop(list(stars)).with_columns(numbers.alias("_row"))
    melted = []
    for name, star in stars.items():
        part = kept.with_columns(pl.lit(star).alias(unpivot.name), raw[name].alias(unpivot.value))
        melted.append(part.with_columns(pl.int_range(pl.len()).alias("_at")))
    long = pl.concat(melted, how="vertical_relaxed").sort("_at", maintain_order=True)
    long = long.filter(pl.col(unpivot.value).is_not_null())
    return long.drop("_row", "_at"), long["_row"]


def matching(raw: pl.DataFrame, where: dict[str, Any], file: str) -> pl.Series | None:
    """Which rows satisfy all conditions; numbers compare as numbers, else texts."""
    if not where:
        return None
    keep = pl.repeat(value=True, n=raw.height, eager=True)
    for column, condition in where.items():
        if column not in raw.columns:
            refuse(
                file,
                column,
                "missing_column",
                f"expected a column {column!r} for where in {file}, was missing",
                suggest(column, raw.columns),
            )
        tests = (
            condition
            if isinstance(condition, dict)
            else {"in" if isinstance(condition, list) else "eq": condition}
        )
        for operator, wanted in tests.items():
            keep = keep & _test(raw[column], operator, wanted).fill_null(value=False)
    return keep


def _test(column: pl.Series, operator: str, wanted: Any) -> pl.Series:
    options = wanted if isinstance(wanted, list) else [wanted]
    numeric = all(isinstance(option, int | float) and not isinstance(option, bool) for option in options)
    if numeric:
        values: pl.Series = column.cast(pl.Float64, strict=False)
        options = [float(option) for option in options]
    else:
        values = column.cast(pl.String)
        options = [str(option).lower() if isinstance(option, bool) else str(option) for option in options]
    if operator in ("in", "eq"):
        return values.is_in(options)
    if operator in ("not_in", "ne"):
        return ~values.is_in(options)
    if len(options) != 1:
        raise ConfigError(f"expected one value for {operator} in where, was {wanted!r}", code="bad_mapping")
    bound = options[0]
    comparisons: dict[str, pl.Series] = {
        "gt": values > bound,
        "ge": values >= bound,
        "lt": values < bound,
        "le": values <= bound,
    }
    return comparisons[operator]
