"""How steps are compiled: once, kept on disk, without reference counting; and the loop over columns."""

import hashlib
import types
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

from numba import njit

COMPILED_FILES: Final = ("averages.py", "compiled.py", "momentum.py", "trend.py", "volatility.py", "windows.py")
"""Files whose text decides what the machine code is."""


def _digest() -> str:
    """Part of the names under which machine code is kept: the compiler sees changes in one file only."""
    folder = Path(__file__).parent
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in COMPILED_FILES)).hexdigest()[:8]


_DIGEST: Final = _digest()
_OPTIONS: Final[dict[str, Any]] = {"error_model": "numpy", "nogil": True, "_nrt": False, "no_cfunc_wrapper": True}
_njit: Any = njit  # its types do not name all of these options


def part(function: Callable[..., Any]) -> Any:
    """Compile what only steps call."""
    return _njit(no_cpython_wrapper=True, **_OPTIONS)(function)


def step(function: Callable[..., Any]) -> Any:
    """Compile a step; no fast arithmetic, so that its bits are the same wherever it is inlined."""
    function.__qualname__ = f"{function.__qualname__}_{_DIGEST}"
    return _njit(cache=True, **_OPTIONS)(function)


@cache
def loop_of(stepped: Any, inputs: int) -> Any:
    """Compile the loop of a step over columns: ``loop(state, table, *columns)``.

    The loop is one text for each number of inputs. Each step gets a function of its own from it, under a
    name of its own on disk; a closure over the step would be compiled anew in every process.
    """
    text = _LOOPS[inputs - 1]
    made = types.FunctionType(text.__code__, {"_step": stepped, "range": range, "len": len}, text.__name__)
    made.__module__ = __name__
    made.__qualname__ = f"{text.__name__}_{stepped.py_func.__qualname__}"
    return _njit(cache=True, **_OPTIONS)(made)


def _one(state, table, a):  # type: ignore[no-untyped-def]
    for row in range(len(a)):
        _step(state, a[row])
        for output in range(len(table)):
            table[output, row] = state[output]


def _two(state, table, a, b):  # type: ignore[no-untyped-def]
    for row in range(len(a)):
        _step(state, a[row], b[row])
        for output in range(len(table)):
            table[output, row] = state[output]


def _three(state, table, a, b, c):  # type: ignore[no-untyped-def]
    for row in range(len(a)):
        _step(state, a[row], b[row], c[row])
        for output in range(len(table)):
            table[output, row] = state[output]


def _four(state, table, a, b, c, d):  # type: ignore[no-untyped-def]
    for row in range(len(a)):
        _step(state, a[row], b[row], c[row], d[row])
        for output in range(len(table)):
            table[output, row] = state[output]


_LOOPS: Final = (_one, _two, _three, _four)
_step: Any = None
