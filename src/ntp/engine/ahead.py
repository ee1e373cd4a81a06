"""Compile the kernel in a process of its own while this one still reads its data.

A first compilation takes some ten seconds of one core, and a first run has other things to do meanwhile.
The machine code on disk is what the processes share: whoever needs the kernel looks there, waits for the
other process if there is one, and compiles it itself if that failed.
"""

import atexit
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

PART: Final = "run"
"""The function that is compiled elsewhere; nearly all of the work."""
_COMPILE: Final = "import gc; gc.disable(); from ntp.engine.warm import compile_and_leave; compile_and_leave()"
"""No search for garbage among the millions of objects of a compiler, all of which go at once."""
_PATIENCE: Final = 300.0  # seconds; a process that takes longer is no help
_helpers: list[subprocess.Popen[bytes]] = []
_meanwhile: list[Callable[[], None]] = []


def begin(folder: Path, meanwhile: Callable[[], None]) -> bool:
    """Start compiling the kernel elsewhere; False if it is on disk already or nothing would be gained.

    Parameters
    ----------
    folder : Path
        Where its machine code is kept.
    meanwhile : callable
        What to do here before waiting for it.
    """
    if _helpers or _cores() < 2 or any(folder.rglob(f"*.{PART}-*.nbc")):
        return False
    try:
        helper = subprocess.Popen(  # noqa: S603 - this very interpreter, no words of others
            [sys.executable, "-c", _COMPILE],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except OSError:
        return False  # it is compiled here
    _helpers.append(helper)
    _meanwhile.append(meanwhile)
    atexit.register(_stop)
    return True


def finished(name: str) -> bool:
    """Wait until a function is compiled elsewhere; False if nobody does."""
    if name != PART or not _helpers:
        return False
    while _meanwhile:
        _meanwhile.pop()()
    try:
        _helpers[0].wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        _stop()
    return True


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _stop() -> None:
    """End what is still being compiled: nobody waits for it."""
    for helper in _helpers:
        if helper.poll() is None:
            helper.kill()
            helper.wait()
