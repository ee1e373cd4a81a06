"""Locks between processes: advisory, on a file, given back by the system when a process dies."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file while the block runs; wait for whoever holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def hold(path: Path, *, wait: bool) -> IO[str] | None:
    """Take a lock that lasts until the returned file is closed.

    Parameters
    ----------
    path : Path
        The lock file, created if missing.
    wait : bool
        Whether to wait for another holder.

    Returns
    -------
    file or None
        The open file, None if another process holds it and `wait` is false.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file
