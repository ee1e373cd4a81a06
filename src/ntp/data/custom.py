"""JSON objects of the fields that have no column of their own."""

import json
from typing import Final

import polars as pl

_NUMBER: Final = r"^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$"
_NAN: Final = ("nan", "NaN", "NAN", "inf", "-inf")


def payloads(columns: dict[str, pl.Series], height: int) -> pl.Series:
    """JSON objects, one per row; absent values are left out, a row without any is null.

    Parameters
    ----------
    columns : dict of str to polars.Series
        Values by field. A text that is a number becomes a number, a text that is a JSON list or
        object becomes one.
    height : int
        Count of rows.

    Returns
    -------
    polars.Series
        Texts with the fields in order of their names.
    """
    if not columns:
        return pl.repeat(None, height, dtype=pl.String, eager=True)
    members: list[pl.Series] = []
    for name in sorted(columns):
        key = json.dumps(name, ensure_ascii=False)
        members.append((key + ":" + _fragments(columns[name])).alias(f"_{len(members)}"))
    joined = (
        pl.DataFrame(members).select(pl.concat_str(pl.all(), separator=",", ignore_nulls=True)).to_series()
    )
    joined = joined.set(joined == "", None)
    return ("{" + joined + "}").alias("payload")


def _fragments(column: pl.Series) -> pl.Series:
    """JSON text of each value, null where absent."""
    if column.dtype == pl.Boolean or column.dtype.is_integer():
        return column.cast(pl.String)
    if column.dtype.is_float():
        texts = column.cast(pl.String)
        return texts.set(~column.is_finite().fill_null(value=True), None).str.replace(r"\.0$", "")
    if column.dtype.is_nested():
        return pl.Series(column.name, [_dump(value) for value in column.to_list()], dtype=pl.String)
    if column.dtype.is_temporal():
        column = column.dt.to_string("iso:strict")
    texts = column.cast(pl.String)
    texts = texts.set((texts == "") | texts.is_in(list(_NAN)), None)
    if bool(texts.str.contains(_NUMBER).all()):
        return texts
    words = texts.drop_nulls().unique()
    words = words.filter(~words.str.contains(_NUMBER))
    table = {word: _quote(word) for word in words.to_list()}
    return texts.replace(table)


def _quote(word: str) -> str:
    if word[:1] in "[{" or word in ("true", "false"):
        try:
            return json.dumps(json.loads(word), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        except ValueError:
            pass
    return json.dumps(word, ensure_ascii=False)


def _dump(value: object) -> str | None:
    if value is None:
        return None
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
