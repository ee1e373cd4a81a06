"""How the simulator's functions are compiled: once, kept on disk, without reference counting."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from numba import njit

COMPILED_FILES: Final = ("agents.py", "book.py", "compiled.py", "grid.py", "tape.py")


def _digest() -> str:
    folder = Path(__file__).parent
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in COMPILED_FILES)).hexdigest()[:8]


DIGEST: Final = _digest()
"""Part of the names under which compiled code is kept. The compiler's own check sees a change in the
function's file only, not in a file whose functions it calls."""


def inner(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that only compiled code calls and that allocates nothing.

    Leaving out reference counts and the entry from Python shortens the compilation.
    """
    return _compiled(function, {"_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True})


def entry(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that Python calls and that allocates nothing."""
    return _compiled(function, {"_nrt": False, "no_cfunc_wrapper": True})


def _compiled(function: Callable[..., Any], options: dict[str, Any]) -> Callable[..., Any]:
    function.__qualname__ = f"{function.__qualname__}_{DIGEST}"
    compiled: Callable[..., Any] = njit(cache=True, error_model="numpy", **options)(function)
    return compiled
