"""Tape files: the decoded rows of a tape on disk, which every process maps instead of holding a copy."""

from __future__ import annotations

import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from ntp.backtest.store import alive
from ntp.core import DataError
from ntp.engine.tape import Chunk, Tape

_PLAN: Final = "tape.pickle"
_READY: Final = "ready"
_PAGE: Final = 4096
"""Bytes below which a file is read, not mapped."""


@dataclass(frozen=True, slots=True)
class TapeFiles:
    """A folder with the rows of one tape.

    Attributes
    ----------
    folder : Path
        Where it is, for whoever shares this machine's files.
    key : str
        Digest of what the tape holds.
    """

    folder: Path
    key: str

    @property
    def ready(self) -> bool:
        """Whether all of it is there."""
        return (self.folder / _READY).is_file()

    def write(self, tape: Tape) -> None:
        """Decode a tape, once for all who replay it; a chunk is in memory at a time.

        Written beside its place and renamed into it, so that what is there is whole.
        """
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{self.folder.name}.", dir=self.folder.parent))
        try:
            count = 0
            for chunk in tape.chunks():
                place = beside / str(count)
                place.mkdir()
                for name, column in chunk.columns.items():
                    np.save(place / f"{name}.npy", column)
                np.save(place / "candles", chunk.candles)
                (place / "payloads.pickle").write_bytes(pickle.dumps(chunk.payloads))
                count += 1
            plan = replace(tape, chunks=_none, columns={name: column[:0] for name, column in tape.columns.items()})
            (beside / _PLAN).write_bytes(pickle.dumps((plan, count), pickle.HIGHEST_PROTOCOL))
            (beside / _READY).write_text(self.key, encoding="utf-8")
            beside.rename(self.folder)
        except OSError:
            if not self.ready:  # else another process was quicker
                raise
        finally:
            shutil.rmtree(beside, ignore_errors=True)

    def open(self) -> Tape:
        """Map the tape.

        Raises
        ------
        DataError
            ``tape_gone`` if it is not there.
        """
        if not self.ready:
            raise DataError(f"expected a decoded tape in {self.folder}, was none", code="tape_gone")
        tape, count = pickle.loads((self.folder / _PLAN).read_bytes())  # noqa: S301 - written by ourselves
        chunks = [_mapped(self.folder / str(number)) for number in range(count)]
        made: Callable[[], Iterator[Chunk]] = lambda: iter(chunks)  # noqa: E731
        return replace(tape, chunks=made)  # type: ignore[no-any-return]


@contextmanager
def scratch_folder(root: Path | None) -> Iterator[Path]:
    """Make a folder for the tape of a sweep, and delete it afterwards.

    Parameters
    ----------
    root : Path, optional
        The workspace's ``.ntp`` folder, where it goes; what killed processes left there is deleted.
    """
    if root is None:
        with tempfile.TemporaryDirectory(prefix="ntp-sweep-") as name:
            yield Path(name)
        return
    cache = root / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for left in cache.glob("sweep-*-*"):
        pid = left.name.split("-")[1]
        if pid.isdecimal() and not alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"sweep-{os.getpid()}-", dir=cache) as name:
        yield Path(name)


def _none() -> Iterator[Chunk]:
    return iter(())


def _mapped(folder: Path) -> Chunk:
    columns: dict[str, Any] = {}
    for file in sorted(folder.glob("*.npy")):
        columns[file.stem] = np.asarray(np.load(file, mmap_mode="r" if file.stat().st_size > _PAGE else None))
    candles = columns.pop("candles")
    return Chunk(columns, candles, pickle.loads((folder / "payloads.pickle").read_bytes()))  # noqa: S301
