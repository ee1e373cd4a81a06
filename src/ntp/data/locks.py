"""Locks between processes: advisory, on a file, given back by the system when a process dies."""

import fcntl
import os
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


def hold(path: Path) -> IO[str]:
    """Take a lock that lasts until the returned file is closed; wait for whoever holds it.

    The holder before may have removed the file together with its folder: then it is made anew, so that
    what is returned is always the lock of the file now at `path`.

    Parameters
    ----------
    path : Path
        The lock file, created if missing.

    Returns
    -------
    file
        The open file.
    """
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("a")
        except (FileExistsError, FileNotFoundError):  # the folder went away in between
            continue
        fcntl.flock(file, fcntl.LOCK_EX)
        if _is_at(file, path):
            return file
        file.close()


def is_held(path: Path) -> bool:
    """Whether somebody holds the lock file; a file that does not exist is held by nobody."""
    try:
        file = path.open("r+")
    except FileNotFoundError:
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _is_at(file: IO[str], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
