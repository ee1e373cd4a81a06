"""Loader: strategy classes from files, each load a module of its own."""

import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ntp.core import NotFound, StrategyError, sha256_bytes
from ntp.core.user_code import classes_in, one_class, run_file
from ntp.strategy.assets import asset_hashes
from ntp.strategy.base import Strategy
from ntp.strategy.code_hash import code_hash_of, source_hash
from ntp.strategy.declaration import Declaration, declaration_of


@dataclass(frozen=True, slots=True)
class LoadedStrategy:
    """A strategy class and where it came from.

    Attributes
    ----------
    name : str
        What it was asked for as.
    cls : type
        The class.
    path : Path or None
        Its file; None for classes registered by hand.
    code_hash : str
        Hash of the file's content and the class name, and of the files of indicators and assets it names.
    declaration : Declaration
        What the class declares.
    """

    name: str
    cls: type[Strategy]
    path: Path | None
    code_hash: str
    declaration: Declaration

    def make(self, parameters: dict[str, Any] | None = None) -> Strategy:
        """Make an instance with parameter values."""
        return self.cls(**(parameters or {}))


def describe_class(name: str, cls: type[Strategy], path: Path | None = None) -> LoadedStrategy:
    """Describe a class that is already there.

    Raises
    ------
    StrategyError
        ``no_callbacks`` if it defines nothing that would ever be called.
    NotFound
        ``no_such_asset`` if a file listed in `assets` is not there.
    """
    declaration = declaration_of(cls)
    if not declaration.callbacks - {"on_start", "on_stop"}:
        raise StrategyError(
            f"expected {cls.__name__} to define analyze or a callback, was without", code="no_callbacks",
            hint="define analyze(self, data)",
        )
    return LoadedStrategy(name, cls, path, _with_files(code_hash_of(cls), cls, declaration), declaration)


def _with_files(code_hash: str, cls: type, declaration: Declaration) -> str:
    """Hash that also covers the files of the indicators a strategy names, and its assets."""
    files = {getattr(type(each.custom), "_code_hash", None) for each in declaration.indicators.values()}
    found = sorted(each for each in files if each)
    found += [f"{name}={content}" for name, content in sorted(asset_hashes(cls, declaration.assets).items())]
    return sha256_bytes("\0".join((code_hash, *found)).encode()) if found else code_hash


def load_file(path: Path, class_name: str | None = None, *, name: str | None = None) -> LoadedStrategy:
    """Load a strategy class from a file, without touching the import path.

    Parameters
    ----------
    path : Path
        Python file.
    class_name : str, optional
        Class meant; may be left out where the file has one.
    name : str, optional
        What the strategy is called; by default the file's stem.

    Raises
    ------
    NotFound
        If the file or the class does not exist.
    StrategyError
        ``import_failed`` with the user's traceback, file and line; ``no_strategy`` or
        ``several_strategies`` if the file does not tell which class is meant.
    """
    try:
        source = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        details = {"file": str(path)}
        raise NotFound(f"expected a strategy file, was no file {path}", details=details) from error
    return load_source(path, source, class_name, name=name)


def load_source(path: Path, source: bytes, class_name: str | None = None, *, name: str | None = None) -> LoadedStrategy:
    """Load a strategy class from the content of a file that need not be there any more, see :func:`load_file`."""
    found = strategies_in(execute(path, source))
    cls = one_class(found, class_name, path, kind="strategy", base="Strategy", failed=StrategyError)
    if found.get(cls.__name__) is not cls:  # made of a template: it is called what the file calls it
        cls.__name__ = cls.__qualname__ = next(name for name, each in found.items() if each is cls)
    cls._code_hash = source_hash(source, cls.__name__)  # type: ignore[attr-defined]
    return describe_class(name or path.stem, cls, path)


def execute(path: Path, source: bytes) -> types.ModuleType:
    """Run a strategy file as a fresh module, see :func:`ntp.core.user_code.run_file`."""
    return run_file(path, source, kind="strategy", failed=StrategyError)


def strategies_in(module: types.ModuleType) -> dict[str, type[Strategy]]:
    """Strategy classes written in a module, in order; abstract ones and imported ones are left out.

    Where it writes none, those count that it makes of templates: ``Dip = templates["momentum"].customize(...)``.
    """
    return classes_in(module, Strategy) or {
        name: made for name, made in vars(module).items()
        if isinstance(made, type) and issubclass(made, Strategy) and "_entries" in vars(made)
    }
