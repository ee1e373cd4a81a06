"""Small works for executors, and what they leave behind."""

import os
import signal
import time
from functools import partial
from pathlib import Path


def squares():
    """Open work that squares numbers and says where."""
    return lambda batch: [(item * item, os.getpid()) for item in batch]


def slow_squares(folder):
    """Open work that takes a while and leaves a mark for each item it has done."""
    Path(folder, f"opened-{os.getpid()}-{time.monotonic_ns()}").touch()

    def do(batch):
        found = []
        for item in batch:
            time.sleep(0.1)
            Path(folder, f"done-{item}-{os.getpid()}").touch()
            found.append((item * item, os.getpid()))
        return found

    return do


def deadly(folder, poison, often):
    """Open work that takes its worker down at some items, so often."""
    def do(batch):
        for item in batch:
            deaths = len(list(Path(folder).glob(f"death-{item}-*")))
            if item in poison and deaths < often:
                Path(folder, f"death-{item}-{deaths}").touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return [(item * item, os.getpid()) for item in batch]

    return do


def faulty():
    """Open work that raises at some items."""
    def do(batch):
        if 7 in batch:
            raise ValueError("seven is not to be squared")
        return [(item * item, os.getpid()) for item in batch]

    return do


def opener(function, *arguments):
    """Return a function without arguments that opens work."""
    return partial(function, *arguments)


def dying():
    """Open work that no worker survives."""
    os.kill(os.getpid(), signal.SIGKILL)
