"""Inline: work done in this very process, one batch after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ntp.backtest.cluster.work import Work, close_all, do_batch


class Inline:
    """Executor without workers of its own: nothing to start, and a debugger sees everything."""

    name = "this process"
    seconds = 0.2
    workers = 1

    def map(self, work: Work, batches: Iterator[Sequence[Any]]) -> Iterator[tuple[Sequence[Any], list[Any]]]:
        """Do batches in order."""
        for batch in batches:
            yield batch, do_batch(work, batch)

    def close(self) -> None:
        """Let go of the data."""
        close_all()
