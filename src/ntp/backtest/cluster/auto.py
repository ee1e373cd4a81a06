"""Auto: this process as long as little is left to do, several where that is quicker."""

from __future__ import annotations

import operator
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

from ntp.backtest.cluster.inline import Inline
from ntp.backtest.cluster.local import Local
from ntp.backtest.cluster.work import Work

_WORTH_S: Final = 6.0
"""Seconds of work left above which starting processes pays."""


class Auto:
    """Executor that begins in this process and moves on to others once it knows that the work is long.

    Parameters
    ----------
    workers : int
        Processes to move on to.
    """

    name = "processes"
    seconds = 0.3

    def __init__(self, workers: int) -> None:
        self._most = workers
        self._inline = Inline()
        self._local: Local | None = None
        self._spent, self._done, self._begun = 0.0, 0, False

    @property
    def workers(self) -> int:
        """Batches that it does at once, at present."""
        return 1 if self._local is None else self._local.workers

    def map(self, work: Work, batches: Iterator[Sequence[Any]]) -> Iterator[tuple[Sequence[Any], list[Any]]]:
        """Do batches."""
        while self._local is None:
            left = operator.length_hint(batches)
            if self._most > 1 and self._done and left * self._spent / self._done > _WORTH_S:
                self._local = Local(self._most)
                break
            batch = next(batches, None)
            if batch is None:
                return
            since = time.perf_counter()
            results = next(self._inline.map(work, iter([batch])))[1]
            if self._begun:  # the first batch also opened the data
                self._spent += time.perf_counter() - since
                self._done += len(batch)
            self._begun = True
            yield batch, results
        yield from self._local.map(work, batches)

    def close(self) -> None:
        """End the processes."""
        self._inline.close()
        if self._local is not None:
            self._local.close()
