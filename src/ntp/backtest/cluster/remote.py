"""Remote: what executors on a cluster of others share: batches sent ahead, taken back as they end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, Final

from ntp.backtest.cluster.retry import Attempts
from ntp.backtest.cluster.work import Work

_AHEAD: Final = 2
"""Batches at the cluster for each of its workers, so that none waits for the next."""
Done = tuple[Sequence[Any], list[Any]]


class Remote(ABC):
    """Executor on a cluster, which gives a handle for each batch that it is sent.

    Attributes
    ----------
    seconds : float
        How long a batch should take.
    """

    seconds = 1.0

    @property
    @abstractmethod
    def workers(self) -> int:
        """Batches that it does at once."""

    @abstractmethod
    def _sent(self, work: Work, batch: Sequence[Any]) -> Any:
        """Send a batch; returns its handle."""

    @abstractmethod
    def _ended(self, handles: list[Any]) -> list[Any]:
        """Wait until some of these have ended."""

    @abstractmethod
    def _taken(self, handle: Any, number: int, attempts: Attempts) -> Done | None:
        """Tell the attempts how a batch ended; returns one that is complete, and raises what the work raised."""

    @abstractmethod
    def _dropped(self, handles: list[Any]) -> None:
        """Take back what nobody waits for any more."""

    def map(self, work: Work, batches: Iterator[Sequence[Any]]) -> Iterator[Done]:
        """Do batches; what dies with a worker or a node is done again elsewhere."""
        attempts = Attempts(batches)
        pending: dict[Any, int] = {}
        try:
            while True:
                while len(pending) < _AHEAD * self.workers and (task := attempts.next()) is not None:
                    pending[self._sent(work, task[1])] = task[0]
                if not pending:
                    return
                for handle in self._ended(list(pending)):
                    done = self._taken(handle, pending.pop(handle), attempts)
                    if done is not None:
                        yield done
        finally:
            if pending:
                self._dropped(list(pending))
