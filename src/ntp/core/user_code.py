"""Python files of users: run as fresh modules, and told with file and line where they fail."""

import importlib.util
import sys
import traceback
import types
import zlib
from pathlib import Path

from ntp.core.errors import NtpError
from ntp.core.hashing import sha256_bytes


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
