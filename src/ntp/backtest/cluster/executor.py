"""Executor: the one contract between a sweep and whatever carries it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Protocol

from ntp.backtest.cluster.work import Work

TRIES: Final = 3
"""Times that an item may take its worker down before it is given up."""


class Executor(Protocol):
    """Does work somewhere: in this process, in others, or on a cluster.

    Whatever the executor and its number of workers, each batch comes back exactly once with the results of
    all its items; only the order in which batches come differs. A worker or a node that dies is no error: what
    it had is done again elsewhere. An item that takes its worker down :data:`TRIES` times is
    :class:`~ntp.backtest.cluster.work.Lost`. An exception raised by the work itself ends the map.

    Attributes
    ----------
    name : str
        What people call it.
    seconds : float
        How long a batch should take, so that handing it out costs little beside doing it.
    """

    name: str
    seconds: float

    @property
    def workers(self) -> int:
        """Batches that it does at once."""
        ...

    def map(self, work: Work, batches: Iterator[Sequence[Any]]) -> Iterator[tuple[Sequence[Any], list[Any]]]:
        """Do batches, and yield each with its results as soon as it is done.

        Parameters
        ----------
        work : Work
            What is done.
        batches : iterator
            Asked for the next batch whenever there is room, so that it may learn from what is done.
        """
        ...

    def close(self) -> None:
        """Give back all that it holds; what is under way is dropped."""
        ...
