"""A recorded set: a layout of files that is recognised by their columns."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from ntp.core import DataError
from ntp.data.recorded.part import Located, RecordedPart

_DEPTH = 2  # folders below the given one that are looked into

Reader = Callable[[Located], Iterator[RecordedPart]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSet:
    """A layout of recorded files that is known by its columns.

    Attributes
    ----------
    name : str
        Name of the layout.
    required : Mapping of str to frozenset of str
        Columns by which a file of each required role is known.
    optional : Mapping of str to frozenset of str
        The same for files that the set can do without.
    beside : Mapping of str to frozenset of str
        The same for files that may lie beside them but are a layout of their own.
    reader : Reader
        Turns the located files into parts.
    """

    name: str
    required: Mapping[str, frozenset[str]]
    optional: Mapping[str, frozenset[str]] = field(default_factory=dict)
    beside: Mapping[str, frozenset[str]] = field(default_factory=dict)
    reader: Reader

    def parts(self, path: Path) -> Iterator[RecordedPart]:
        """Yield the parts of a folder, or of one file of it.

        Parameters
        ----------
        path : Path
            The folder or a file that :func:`ntp.data.recorded.detect` recognised.
        """
        told: dict[str, Any] = {}
        for part in self.reader(locate(self, path)):
            told = _merged(told, part.meta)
            yield replace(part, meta=told)

    def sources(self, path: Path) -> Iterator[RecordedPart]:
        """Yield the parts; another name of :meth:`parts`."""
        return self.parts(path)


def locate(recorded: RecordedSet, path: Path) -> Located:
    """Find the files of a set.

    Parameters
    ----------
    recorded : RecordedSet
        The layout looked for.
    path : Path
        Folder, or a file of it.

    Returns
    -------
    Located
        The files by role.

    Raises
    ------
    DataError
        If the files are not of this set.
    """
    found = _match(recorded, _columns(path), path)
    if found is None:
        raise DataError(
            f"expected files of the recorded set {recorded.name!r} in {path.name!r}, found none",
            code="not_recorded",
            details={"path": str(path), "set": recorded.name},
        )
    return found


def first_match(sets: Sequence[RecordedSet], path: Path) -> RecordedSet | None:
    """First set whose required files are there, None if none is."""
    if not path.exists() or (path.is_file() and path.suffix != ".parquet"):
        return None
    columns = _columns(path)
    return next((known for known in sets if _match(known, columns, path) is not None), None)


def _match(recorded: RecordedSet, columns: dict[Path, frozenset[str]], path: Path) -> Located | None:
    tables = {role: _having(columns, wanted) for role, wanted in recorded.required.items()}
    if not all(tables.values()):
        return None
    tables |= {role: _having(columns, wanted) for role, wanted in recorded.optional.items()}
    only = path if path.is_file() else None
    if only is not None and not any(only in files for files in tables.values()):
        return None
    tables |= {role: _having(columns, wanted) for role, wanted in recorded.beside.items()}
    return Located(path.parent if only else path, tables, only)


def _having(columns: dict[Path, frozenset[str]], wanted: frozenset[str]) -> tuple[Path, ...]:
    return tuple(sorted(file for file, names in columns.items() if wanted <= names))


def _merged(before: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Meta of the parts so far: lists go on, tables are joined, counts add up, the rest is the newest."""
    result = dict(before)
    for name, value in new.items():
        old = result.get(name)
        if isinstance(value, list) and isinstance(old, list):
            result[name] = old + value
        elif isinstance(value, dict) and isinstance(old, dict):
            result[name] = old | value
        elif type(value) is int and type(old) is int:
            result[name] = old + value
        else:
            result[name] = value
    return result


def _columns(path: Path) -> dict[Path, frozenset[str]]:
    """Columns of each Parquet file at hand; files of one subfolder are taken to be alike."""
    folder = path.parent if path.is_file() else path
    result = {file: names for file in sorted(folder.glob("*.parquet")) if (names := _names(file))}
    for below in _subfolders(folder, _DEPTH) if not result else ():
        files = sorted(below.glob("*.parquet"))
        names = next((names for file in files if (names := _names(file))), frozenset())
        result |= dict.fromkeys(files, names)
    return result


def _subfolders(folder: Path, depth: int) -> Iterable[Path]:
    for child in sorted(folder.iterdir()):
        if child.is_dir():
            yield child
            if depth > 1:
                yield from _subfolders(child, depth - 1)


def _names(file: Path) -> frozenset[str]:
    """Names of a file's columns; empty where the file cannot be read, which the reader reports."""
    try:
        return frozenset(pl.read_parquet_schema(file))
    except (OSError, pl.exceptions.PolarsError):
        return frozenset()
