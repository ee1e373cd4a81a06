"""How the simulator's functions are compiled: once, kept on disk, without reference counting."""

from collections.abc import Callable
from typing import Any

from numba import njit


def inner(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that only compiled code calls and that allocates nothing.

    Leaving out reference counts and the entry from Python halves the time of compilation.
    """
    options: dict[str, Any] = {"_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    compiled: Callable[..., Any] = njit(cache=True, error_model="numpy", **options)(function)
    return compiled


def entry(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that Python calls and that allocates nothing."""
    options: dict[str, Any] = {"_nrt": False, "no_cfunc_wrapper": True}
    compiled: Callable[..., Any] = njit(cache=True, error_model="numpy", **options)(function)
    return compiled
