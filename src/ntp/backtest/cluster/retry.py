"""Retry: what becomes of batches whose worker died."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from ntp.backtest.cluster.executor import TRIES
from ntp.backtest.cluster.work import Lost


class Attempts:
    """Batches to do: new ones as they are asked for, and those that were lost with their worker.

    A lost batch comes back item by item, so that the one that takes workers down is found.

    Parameters
    ----------
    batches : iterator
        New batches.
    """

    def __init__(self, batches: Iterator[Sequence[Any]]) -> None:
        self._new = batches
        self._again: list[tuple[int, Sequence[Any]]] = []
        self._whole: dict[int, Sequence[Any]] = {}
        self._parts: dict[int, dict[int, Any]] = {}
        self._tries: Counter[tuple[int, int]] = Counter()
        self._numbers = 0
        self._items: dict[int, tuple[int, int]] = {}

    def next(self) -> tuple[int, Sequence[Any]] | None:
        """Take the next batch with a number of its own; None when there is none at the moment."""
        if self._again:
            return self._again.pop()
        batch = next(self._new, None)
        if batch is None:
            return None
        return self._numbered(batch)

    def _numbered(self, batch: Sequence[Any]) -> tuple[int, Sequence[Any]]:
        self._numbers += 1
        self._whole[self._numbers] = batch
        return self._numbers, batch

    def done(self, number: int, results: list[Any]) -> tuple[Sequence[Any], list[Any]] | None:
        """Take in the results of a batch; returns it once it is complete."""
        batch = self._whole.pop(number)
        if number not in self._items:
            return batch, results
        parent, place = self._items.pop(number)
        return self._part(parent, place, results[0])

    def lost(self, number: int, reason: str, deaths: int = 1) -> tuple[Sequence[Any], list[Any]] | None:
        """Take note that the workers of a batch died; returns a batch that is complete by giving up.

        Parameters
        ----------
        number : int
            Of the batch.
        reason : str
            What is known of it.
        deaths : int
            Workers that died of it.
        """
        batch = self._whole.pop(number)
        if number not in self._items and len(batch) == 1 and deaths >= TRIES:
            return batch, [Lost(reason)]
        if number not in self._items:
            self._whole[number], self._parts[number] = batch, {}
            for place, item in enumerate(batch):
                self._retry(number, place, item)
            return None
        parent, place = self._items.pop(number)
        self._tries[parent, place] += deaths - 1
        if self._tries[parent, place] >= TRIES:
            return self._part(parent, place, Lost(reason))
        self._retry(parent, place, batch[0])
        return None

    def back(self, number: int) -> None:
        """Take back a batch that its worker had not begun."""
        self._again.append((number, self._whole[number]))

    def _retry(self, parent: int, place: int, item: Any) -> None:
        self._tries[parent, place] += 1
        number, single = self._numbered([item])
        self._items[number] = parent, place
        self._again.append((number, single))

    def _part(self, parent: int, place: int, result: Any) -> tuple[Sequence[Any], list[Any]] | None:
        parts = self._parts[parent]
        parts[place] = result
        batch = self._whole[parent]
        if len(parts) < len(batch):
            return None
        del self._parts[parent], self._whole[parent]
        return batch, [parts[at] for at in range(len(batch))]
