"""Threads: work done side by side in this process, by code that leaves Python's lock alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Final

from ntp.backtest.cluster.work import Work, close_all, opened

_AHEAD: Final = 2
"""Batches at hand for each thread, so that it never waits for the next."""


class Threads:
    """Executor of threads: nothing to start and nothing to carry, for work that allows several batches at once.

    Parameters
    ----------
    workers : int
        How many threads.
    """

    name = "threads"
    seconds = 0.05

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool = ThreadPoolExecutor(workers, "ntp-sweep")

    def map(self, work: Work, batches: Iterator[Sequence[Any]]) -> Iterator[tuple[Sequence[Any], list[Any]]]:
        """Do batches."""
        pending: dict[Future[list[Any]], Sequence[Any]] = {}
        try:
            while True:
                while len(pending) < _AHEAD * self.workers and (batch := next(batches, None)) is not None:
                    pending[self._pool.submit(_do, work, batch)] = batch
                if not pending:
                    return
                for future in wait(pending, return_when=FIRST_COMPLETED).done:
                    yield pending.pop(future), future.result()
        finally:
            for future in pending:
                future.cancel()

    def close(self) -> None:
        """Let go of the data; what is under way is waited for, as threads cannot be ended."""
        self._pool.shutdown(cancel_futures=True)
        close_all()


def _do(work: Work, batch: Sequence[Any]) -> list[Any]:
    return opened(work)(batch)
