"""Python files of users: found in a folder, run as fresh modules, their classes chosen, told with file and line."""

import importlib.util
import inspect
import sys
import traceback
import types
import zlib
from pathlib import Path
from typing import TypeVar

from ntp.core.errors import NotFound, NtpError
from ntp.core.hashing import sha256_bytes
from ntp.core.suggest import suggest

Base = TypeVar("Base")


def python_files(folder: Path | None) -> dict[str, Path]:
    """Python files of a folder by their stems, sorted; none that begins with an underscore or a dot."""
    if folder is None or not folder.is_dir():
        return {}
    return {
        path.stem: path for path in sorted(folder.glob("*.py"))
        if not path.name.startswith(("_", ".")) and path.is_file()
    }


def run_file(path: Path, source: bytes, *, kind: str, failed: type[NtpError]) -> types.ModuleType:
    """Run a file's source as a fresh module whose name carries the hash of path and content.

    Parameters
    ----------
    path : Path
        Where it came from, for messages and as the module's ``__file__``.
    source : bytes
        Its content.
    kind : str
        What it is, for example ``strategy``.
    failed : type
        Error to raise where it cannot be imported.

    Raises
    ------
    NtpError
        ``import_failed`` of the type `failed`; an NtpError raised inside keeps its code and gains file and line.
    """
    content = source + b"\0" + str(path.resolve()).encode()
    digest = sha256_bytes(content).removeprefix("sha256:")[:16]
    stem = path.stem if path.stem.isidentifier() else f"file_{zlib.crc32(path.stem.encode()):08x}"
    module_name = f"ntp_{kind}_{stem}_{digest}"
    spec = importlib.util.spec_from_loader(module_name, loader=None, origin=str(path))
    if spec is None:
        raise failed(f"expected a Python file, was {path}", code="import_failed")
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(path)
    previous = sys.modules.get(module_name)
    sys.modules[module_name] = module
    try:
        exec(compile(source, str(path), "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - loads code
    except BaseException as error:
        sys.modules.pop(module_name, None)
        if previous is not None:
            sys.modules[module_name] = previous
        if isinstance(error, KeyboardInterrupt | GeneratorExit):
            raise
        raise _failure(error, path, kind, failed) from error
    return module


def classes_in(module: types.ModuleType, base: type[Base]) -> dict[str, type[Base]]:
    """Classes of a kind written in a module, in order; abstract, imported and underscored ones are left out."""
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, base)
        and value.__module__ == module.__name__
        and not inspect.isabstract(value)
        and not name.startswith("_")
    }


def one_class(
    found: dict[str, type[Base]], name: str | None, path: Path, *, kind: str, base: str, failed: type[NtpError]
) -> type[Base]:
    """Choose the class that is meant by name, or the only one of a file.

    Raises
    ------
    NotFound
        If the file has no class of that name.
    NtpError
        Of the type `failed`, ``no_strategy`` or ``several_strategies`` (of a source accordingly), if the file does
        not tell which is meant.
    """
    details = {"file": str(path), "classes": list(found)}
    code = kind.split()[-1]
    if name is not None:
        if name not in found:
            raise NotFound(
                f"expected a {kind} class in {path.name}, was {name!r}", hint=suggest(name, found), details=details
            )
        return found[name]
    if not found:
        raise failed(
            f"expected a subclass of {base} in {path}, was none", code=f"no_{code}", details=details,
            hint=f"class My{code.capitalize()}({base}): ...",
        )
    if len(found) > 1:
        raise failed(
            f"expected one {kind} class in {path}, was {len(found)}: {', '.join(found)}",
            code="several_strategies" if code == "strategy" else f"several_{code}s", details=details,
            hint=f"name it: {path.stem}:{next(iter(found))}",
        )
    return next(iter(found.values()))


def summary_of(cls: type) -> str:
    """First line of what a class says about itself."""
    return inspect.cleandoc(cls.__doc__ or "").partition("\n")[0]


def own_traceback(error: BaseException, file: str) -> tuple[str, int | None]:
    """Traceback from the first frame in a file on, and the last line of that file in it.

    What is raised on purpose further down says itself what is wrong: only the file's frames are shown then.
    """
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == file]
    line = error.lineno if isinstance(error, SyntaxError) else own[-1].lineno if own else None
    first = frames.index(own[0]) if own else len(frames)
    shown = own if isinstance(error, NtpError) else frames[first:]
    lines = [
        "Traceback (most recent call last):\n", *traceback.format_list(shown),
        *traceback.format_exception_only(error),
    ]
    return "".join(lines), line


def _failure(error: BaseException, path: Path, kind: str, failed: type[NtpError]) -> NtpError:
    text, line = own_traceback(error, str(path))
    details = {"file": str(path), "line": line, "traceback": text}
    if isinstance(error, NtpError):
        error.details = {**details, **error.details}
        return error
    hint = ""
    if isinstance(error, ModuleNotFoundError):
        hint = f"a {kind} file imports installed packages only; keep helpers in the same file"
    where = f"{path}:{line}" if line else str(path)
    return failed(
        f"expected a file that can be imported, was {type(error).__name__} at {where}: {error}",
        code="import_failed", hint=hint, details=details,
    )
