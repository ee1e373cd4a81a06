"""Readers of files: CSV, JSON lines, Parquet and SQLite in batches of raw rows."""

import gzip
import io
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import polars as pl

from ntp.core import ConfigError, DataError, suggest
from ntp.data.mapping import CsvOptions, Mapping

BATCH: Final = 250_000
FORMATS: Final = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
}
_JSON_BATCH: Final = 50_000


def format_of(path: Path) -> str:
    """Format of a file by its ending; a trailing ``.gz`` of text files is looked through.

    Raises
    ------
    ConfigError
        If the ending is unknown.
    """
    endings = [ending.lower() for ending in path.suffixes]
    ending = endings[-2] if len(endings) > 1 and endings[-1] == ".gz" else (endings or [""])[-1]
    if ending not in FORMATS:
        raise ConfigError(
            f"expected a file of {', '.join(sorted(set(FORMATS)))}, was {path.name!r}",
            code="unknown_format",
            details={"file": str(path)},
        )
    return FORMATS[ending]


def readable_files(path: Path) -> list[Path]:
    """Files of a folder that can be imported, sorted by path; a file stands for itself.

    Raises
    ------
    DataError
        If the folder has none.
    """
    if path.is_file():
        return [path]
    found = sorted(
        file
        for file in path.rglob("*")
        if file.is_file() and not file.name.startswith(".") and _ending(file) in FORMATS
    )
    if not found:
        raise DataError(
            f"expected files of {', '.join(sorted(FORMATS))} in {path}, there are none",
            code="no_files",
            details={"file": str(path)},
        )
    return found


def _ending(path: Path) -> str:
    return Path(path.stem).suffix.lower() if path.suffix.lower() == ".gz" else path.suffix.lower()


def read_batches(path: Path, mapping: Mapping, *, form: str = "") -> Iterator[pl.DataFrame]:
    """Yield the raw rows of a file in its order, in batches of bounded size.

    Texts of CSV and JSON files are not interpreted: numbers keep their digits. Nested names of JSON
    objects are joined by dots; lists stay JSON texts.

    Parameters
    ----------
    path : Path
        The file.
    mapping : Mapping
        For its options of text files and the table of a database.
    form : str, optional
        ``csv``, ``jsonl``, ``parquet`` or ``sqlite``; by default told by the file's ending.

    Raises
    ------
    DataError
        If the file cannot be read.
    """
    form = form or format_of(path)
    try:
        if form == "csv":
            yield from _csv(path, mapping.csv)
        elif form == "parquet":
            yield from pl.scan_parquet(path, glob=False, hive_partitioning=False).collect_batches(
                chunk_size=BATCH, maintain_order=True
            )
        elif form == "jsonl":
            yield from _jsonl(path)
        else:
            yield from _sqlite(path, mapping.table)
    except pl.exceptions.NoDataError as error:
        raise DataError(
            f"expected rows in {path}, it is empty", code="no_rows", details={"file": str(path)}
        ) from error
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError, LookupError, sqlite3.Error) as error:
        raise DataError(
            f"expected a readable {form} file {path}, was: {str(error).splitlines()[0]}",
            code="unreadable_file",
            hint="csv: {delimiter, decimal, encoding, header, skip} in a mapping says how a text file is cut",
            details={"file": str(path)},
        ) from error


def _csv(path: Path, options: CsvOptions) -> Iterator[pl.DataFrame]:
    source: Path | io.BytesIO = path
    if options.encoding.lower().replace("-", "") != "utf8":
        source = io.BytesIO(path.read_bytes().decode(options.encoding).encode())
    delimiter = "\t" if path.suffix.lower() == ".tsv" and options.delimiter == "," else options.delimiter
    header = options.header
    scan = pl.scan_csv(
        source,
        has_header=header is True,
        separator=delimiter,
        skip_lines=options.skip,
        infer_schema=False,
        glob=False,
        with_column_names=lambda names: _clean_names(names, path),
        new_columns=list(header) if isinstance(header, tuple) else None,
    )
    for batch in scan.collect_batches(chunk_size=BATCH, maintain_order=True):
        empty = batch.select(pl.all_horizontal(pl.all().is_null())).to_series() if batch.width else None
        yield batch if empty is None or not empty.any() else batch.filter(~empty)  # blank lines are no rows


def _clean_names(names: list[str], path: Path) -> list[str]:
    cleaned = [name.strip().removeprefix("\ufeff") for name in names]
    for name in cleaned:
        if name.endswith("_duplicated_0"):
            raise DataError(
                f"expected each column once in {path}, was {name.removesuffix('_duplicated_0')!r} twice",
                code="duplicate_column",
                details={"file": str(path), "column": name.removesuffix("_duplicated_0")},
            )
    return cleaned


def _jsonl(path: Path) -> Iterator[pl.DataFrame]:
    records: list[dict[str, str | None]] = []
    opener: Any = gzip.open if path.suffix.lower() == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        for record in _records(file, path):
            records.append(flatten(record))
            if len(records) == _JSON_BATCH:
                yield frame_of(records)
                records = []
    if records:
        yield frame_of(records)


def _records(file: Any, path: Path) -> Iterator[dict[str, Any]]:
    """Objects of a text file: one per line, or one list of them."""
    number = 0
    for number, line in enumerate(file, start=1):
        text = line.strip()
        if not text:
            continue
        if number == 1 and text.startswith("["):
            text += file.read()
        try:
            found = json.loads(text, parse_float=Number, parse_int=Number)
        except ValueError as error:
            raise DataError(
                f"expected a JSON object in {path} row {number}, was {text[:60]!r}",
                code="not_json",
                details={"file": str(path), "row": number, "column": ""},
            ) from error
        for record in found if isinstance(found, list) else [found]:
            if not isinstance(record, dict):
                raise DataError(
                    f"expected a JSON object in {path} row {number}, was {text[:60]!r}",
                    code="not_json",
                    details={"file": str(path), "row": number, "column": ""},
                )
            yield record


class Number(str):
    """Digits of a JSON number as they were written."""

    __slots__ = ()


def flatten(record: dict[str, Any], prefix: str = "") -> dict[str, str | None]:
    """Raw columns of a JSON object: nested names joined by dots, scalars and lists as texts."""
    found: dict[str, str | None] = {}
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            found |= flatten(value, f"{name}.")
        elif isinstance(value, bool):
            found[name] = "true" if value else "false"
        elif isinstance(value, list):
            found[name] = dump(value)
        else:
            found[name] = None if value is None else str(value)
    return found


def dump(value: Any) -> str:
    """JSON text in which numbers keep the digits they were written with."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join(dump(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{dump(item)}" for key, item in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def frame_of(records: list[dict[str, str | None]]) -> pl.DataFrame:
    """Raw rows of flat records; a name that a record lacks is absent there."""
    names = dict.fromkeys(name for record in records for name in record)
    return pl.DataFrame(
        {name: [record.get(name) for record in records] for name in names},
        schema={name: pl.String() for name in names},
    )


def _sqlite(path: Path, table: str) -> Iterator[pl.DataFrame]:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        tables = [
            row[0]
            for row in connection.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
                "AND name NOT LIKE 'sqlite_%' ORDER BY name"
            )
        ]
        if table not in tables and (table or len(tables) != 1):
            raise DataError(
                f"expected table {table!r} in {path}, there are {', '.join(tables)}"
                if table
                else f"expected one table in {path}, there are {', '.join(tables) or 'none'}",
                code="unknown_table",
                hint=suggest(table, tables) if table else "name one in a mapping: table: NAME",
                details={"file": str(path)},
            )
        quoted = (table or tables[0]).replace('"', '""')
        cursor = connection.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 - a name the file itself listed
        names = [item[0] for item in cursor.description]
        while rows := cursor.fetchmany(BATCH):
            yield pl.DataFrame(
                [_column(name, values) for name, values in zip(names, zip(*rows, strict=True), strict=True)]
            )
    finally:
        connection.close()


def _column(name: str, values: tuple[Any, ...]) -> pl.Series:
    """Column of a database: its own type if all values share one, else texts."""
    types = {type(value) for value in values if value is not None}
    if types <= {int} or types <= {float}:
        return pl.Series(name, values, dtype=pl.Float64 if types == {float} else pl.Int64)
    texts = [
        None if v is None else v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v)
        for v in values
    ]
    return pl.Series(name, texts, dtype=pl.String)
