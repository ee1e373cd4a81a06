"""The process of one command: short-lived, so that some care that a long-lived one needs is only delay."""

import atexit
import gc
import os
import sys
from typing import Final

_ALLOCATIONS: Final = 50_000
"""New objects between two searches for unreachable ones. Python's 700 mean hundreds of searches while the packages
are imported, which all live on: a tenth of a short command's time."""

_codes: list[int] = []


def begin() -> None:
    """Settle this process as that of one command; before any of the heavy packages is imported."""
    gc.set_threshold(_ALLOCATIONS)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # its threads wait for their next work on a busy core
    atexit.register(_leave)  # the first that is registered is the last to be called


def end(code: int) -> int:
    """Return the exit code of the command, which its process ends with."""
    _codes.append(code)
    return code


def _leave() -> None:
    """End the process without taking its packages apart, which the operating system does in no time."""
    if _codes:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_codes[-1])
