"""Play: the replay of one fill mode, one stretch of the tape after another."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ntp.backtest.quotes import QuoteSamples
from ntp.engine.replay import Replay
from ntp.engine.tape import Chunk
from ntp.rules import Gate
from ntp.strategy.runtime import EngineRuntime


@dataclass(slots=True)
class Play:
    """A strategy in one fill mode.

    Attributes
    ----------
    mode : str
        The fill mode.
    replay, runtime, gate
        Its market, its strategy and the rules between them.
    quotes : QuoteSamples or None
        Takes samples of best prices on the way.
    begun : bool
        Whether any of it happened.
    spent : float
        Seconds it took.
    """

    mode: str
    replay: Replay
    runtime: EngineRuntime
    gate: Gate
    quotes: QuoteSamples | None = None
    begun: bool = False
    spent: float = 0.0

    def advance(self, chunk: Chunk | None, first: int, progress: Callable[[int], None] | None) -> None:
        """Replay the next stretch; None: there is no more, so run to the end."""
        since = time.perf_counter()
        try:
            if not self.begun:
                self.begun = True
                self.runtime.start(first)
            if chunk is None:
                self.replay.finish()
            else:
                self.replay.feed(chunk.columns, chunk.candles, chunk.payloads, checked=True)
            self.runtime.run(self._passed(progress))
            if chunk is None:
                self.runtime.stop()
        finally:
            self.spent += time.perf_counter() - since
        if self.quotes is not None:
            self.quotes.take()
        if progress is not None:
            progress(self.replay.row)

    def _passed(self, progress: Callable[[int], None] | None) -> Callable[[int], None] | None:
        quotes = self.quotes
        if quotes is None:
            return progress

        def passed(row: int) -> None:
            quotes.take()
            if progress is not None:
                progress(row)

        return passed


__all__ = ["Play"]
