"""Compile the kernel ahead of its first use: ``python -m ntp.engine.warm``."""

import os
import shutil
import sys
from typing import NoReturn

from numba import float64, int64

from ntp.engine import ahead
from ntp.engine.bridge import ENTRIES
from ntp.engine.compile import address_of_function, cache_folder
from ntp.engine.fair import value_of
from ntp.engine.gate import judge
from ntp.engine.kernel import run, sample_last


def begin() -> bool:
    """Start compiling the kernel in another process unless it is on disk; False if nothing was started."""
    return ahead.begin(cache_folder(), compile_callbacks)


def compile_kernel() -> None:
    """Compile the kernel into its cache, without what speaks to Python."""
    for part in (run, sample_last):
        part.compile((int64,))
    value_of.compile((int64, int64))
    judge.compile((*(int64,) * 6, float64, int64))


def compile_and_leave() -> NoReturn:
    """Compile the kernel into its cache and end this process: to take the compiler apart would take a second."""
    compile_kernel()
    os._exit(0)


def compile_callbacks() -> None:
    """Compile what speaks to Python into its cache."""
    for part, arguments in ENTRIES:
        address_of_function(part, arguments)


def warm() -> None:
    """Compile the kernel into its cache and drop what older sources left there."""
    compile_kernel()
    compile_callbacks()
    current = cache_folder()
    for older in current.parent.glob("kernel-*"):
        if older != current and older.is_dir():
            shutil.rmtree(older, ignore_errors=True)  # compiled from sources that are gone


if __name__ == "__main__":
    if not cache_folder().exists():
        sys.stderr.write("compiling the engine, once for this version\n")
    warm()
