"""Batching: how many points are handed out at once, learnt from those that are done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

_MOST: Final = 256
_GROWTH: Final = 8
_SHARES: Final = 3
"""Batches of what is left that each worker should still get, so that none works while others wait."""


class Batches(Iterator[list[Any]]):
    """Splits items into batches that take about as long as the executor wishes.

    Parameters
    ----------
    items : sequence
        What is to be done.
    seconds : float
        How long a batch should take.
    workers : callable
        How many work at present.
    later : int
        Items that will follow when these are done.
    clock : callable
        Seconds, for tests.
    """

    def __init__(
        self, items: Sequence[Any], seconds: float, workers: Callable[[], int], *, later: int = 0,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._items, self._seconds, self._workers, self._clock = items, seconds, workers, clock
        self._at, self._done, self._size, self._later = 0, 0, 1, max(later, 0)
        self._since: float | None = None

    def __length_hint__(self) -> int:
        return len(self._items) - self._at + self._later

    def __next__(self) -> list[Any]:
        left = len(self._items) - self._at
        if not left:
            raise StopIteration
        fair = -(-left // (_SHARES * self._workers()))
        count = max(1, min(self._size, fair, _MOST))
        self._at += count
        return list(self._items[self._at - count : self._at])

    def learn(self, count: int) -> None:
        """Take note that so many more items are done; the first ones also opened the data and tell nothing."""
        now = self._clock()
        if self._since is None:
            self._since = now
            return
        self._done += count
        each = (now - self._since) * self._workers() / self._done
        self._size = min(self._size * _GROWTH, max(1, int(self._seconds / max(each, 1e-7))), _MOST)
