"""Data sources written in Python: classes in the files of a workspace's ``sources`` folder."""

import inspect
from pathlib import Path
from typing import Any

from ntp.core import DataError, NotFound, NtpError
from ntp.core.user_code import classes_in, one_class, own_traceback, run_file, summary_of
from ntp.data.sources import DataSource


def load_source(path: Path, class_name: str | None = None, *, argument: Path | None = None) -> DataSource:
    """Make the data source of a Python file.

    Parameters
    ----------
    path : Path
        The file.
    class_name : str, optional
        Class meant; may be left out where the file has one.
    argument : Path, optional
        Given to the class as `path`; only a class that takes one may be given it.

    Raises
    ------
    NotFound
        If the file or the class does not exist.
    DataError
        ``import_failed`` with file and line, ``no_source``, ``several_sources`` or ``bad_source``.
    """
    cls = one_class(_classes(path), class_name, path, kind="data source", base="DataSource", failed=DataError)
    source = _make(cls, argument, path)
    if cls.name == cls.__name__:
        source.name = path.stem
    return source


def summary_of_file(path: Path) -> str:
    """First line of the docstring of a file's only source class; the names of several."""
    found = _classes(path)
    if len(found) != 1:
        return ", ".join(f"{path.stem}:{name}" for name in found)
    return summary_of(next(iter(found.values())))


def _classes(path: Path) -> dict[str, type[DataSource]]:
    try:
        content = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        details = {"file": str(path)}
        raise NotFound(f"expected a file of a data source, was no file {path}", details=details) from error
    return classes_in(run_file(path, content, kind="source", failed=DataError), DataSource)


def source_error(source: DataSource, error: Exception) -> NtpError:
    """Error that tells where a source's own code failed."""
    if isinstance(error, NtpError):
        return error
    try:
        file = inspect.getsourcefile(type(source)) or ""
    except TypeError:
        file = ""
    text, line = own_traceback(error, file)
    where = f" at {file}:{line}" if line else ""
    return DataError(
        f"expected source {source.name!r} to tell its records, it raised {type(error).__name__}: {error}{where}",
        code="source_raised",
        details={"source": source.name, "file": file, "line": line, "traceback": text},
    )


def _make(cls: type[DataSource], argument: Path | None, path: Path) -> DataSource:
    takes = "path" in inspect.signature(cls).parameters
    if argument is not None and not takes:
        raise DataError(
            f"expected {cls.__name__} of {path.name} to take a path, was __init__{inspect.signature(cls)}",
            code="bad_source", hint="leave PATH out, or define __init__(self, path)",
        )
    given: dict[str, Any] = {} if argument is None else {"path": argument}
    try:
        return cls(**given)
    except TypeError as error:
        needs = "; name the path that it takes" if takes and argument is None else ""
        raise DataError(
            f"expected {cls.__name__} of {path.name} to be made of nothing but a path, was: {error}{needs}",
            code="bad_source", details={"file": str(path)},
        ) from error
