"""Local: worker processes on this machine, started anew where one dies."""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, Final

from ntp.backtest.cluster.retry import Attempts
from ntp.backtest.cluster.work import Work
from ntp.core import NtpError

_AHEAD: Final = 2
"""Batches given to a worker at once, so that it never waits for the next."""
_THREADS: Final = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")
_ONE_THREAD: Final = dict.fromkeys(_THREADS, "1")
"""The workers are what runs side by side: more threads in each would only stand in each other's way."""
_HOPELESS: Final = 8
"""Workers that may die in a row before any of them has answered."""
_GONE: Final = (EOFError, ConnectionError)


@dataclass
class _Worker:
    """A process, the line to it, and what it has been given and not yet answered."""

    process: subprocess.Popen[bytes]
    line: Connection
    known: set[str] = field(default_factory=set)
    given: list[int] = field(default_factory=list)


class Local:
    """Executor of processes that share the columns of the data by mapping the same files.

    They are started as programs of their own, so neither a script without a ``__main__`` guard nor the threads
    of this process are any trouble to them.

    Parameters
    ----------
    workers : int
        How many processes.
    """

    name = "processes"
    seconds = 0.5

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool: list[_Worker] = []
        self._deaths = 0

    def map(self, work: Work, batches: Iterator[Sequence[Any]]) -> Iterator[tuple[Sequence[Any], list[Any]]]:
        """Do batches; what a dead worker had is done again."""
        attempts = Attempts(batches)
        try:
            while True:
                yield from self._hand_out(work, attempts)
                busy = {worker.line: worker for worker in self._pool if worker.given}
                if not busy:
                    return
                for line in wait(list(busy)):
                    yield from self._hear(busy[line], attempts)  # type: ignore[index]
        except BaseException:
            self.close()  # what is under way belongs to nobody now
            raise

    def _hand_out(self, work: Work, attempts: Attempts) -> Iterator[tuple[Sequence[Any], list[Any]]]:
        """Give each worker something to do while there is anything; workers are started as they are needed."""
        for depth in range(1, _AHEAD + 1):
            for place in range(self.workers):
                if place < len(self._pool) and len(self._pool[place].given) >= depth:
                    continue
                task = attempts.next()
                if task is None:
                    return
                if place == len(self._pool):
                    self._pool.append(self._started())
                worker, (number, batch) = self._pool[place], task
                worker.given.append(number)
                packed = None if work.key in worker.known else work.packed
                try:
                    worker.line.send_bytes(pickle.dumps((number, work.key, packed, batch), pickle.HIGHEST_PROTOCOL))
                    worker.known.add(work.key)
                except _GONE:
                    yield from self._bury(worker, attempts)

    def _hear(self, worker: _Worker, attempts: Attempts) -> Iterator[tuple[Sequence[Any], list[Any]]]:
        try:
            number, results, error = pickle.loads(worker.line.recv_bytes())  # noqa: S301 - from our own worker
        except _GONE:
            yield from self._bury(worker, attempts)
            return
        if error is not None:
            raise error
        self._deaths = 0
        worker.given.remove(number)
        done = attempts.done(number, results)
        if done is not None:
            yield done

    def _bury(self, worker: _Worker, attempts: Attempts) -> Iterator[tuple[Sequence[Any], list[Any]]]:
        """Put a new worker in the place of a dead one; what it had goes back. Only its first batch was begun."""
        code = _ended(worker)
        self._deaths += 1
        if self._deaths >= _HOPELESS + self.workers:
            raise NtpError(
                f"expected workers that answer, {self._deaths} in a row ended, the last one with exit code {code}",
                code="workers_die", hint="--workers 1 runs the sweep in this process, where the cause can be seen",
            )
        self._pool[self._pool.index(worker)] = self._started()
        for number in worker.given[:1]:
            done = attempts.lost(number, f"its worker ended with exit code {code}")
            if done is not None:
                yield done
        for number in worker.given[1:]:
            attempts.back(number)

    def _started(self) -> _Worker:
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter
                [sys.executable, "-m", "ntp.backtest.cluster.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=2, env={**os.environ, **_ONE_THREAD},
                start_new_session=True,  # Ctrl-C is for this process, which then ends its workers
            )  # fmt: skip
        line = Connection(ours.detach())
        line.send_bytes(pickle.dumps(sys.path))
        return _Worker(process, line)

    def close(self) -> None:
        """End the processes."""
        for worker in self._pool:
            worker.process.kill()
            _ended(worker)
        self._pool.clear()


def _ended(worker: _Worker) -> int:
    worker.line.close()
    try:
        return worker.process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        worker.process.kill()
        return worker.process.wait()
