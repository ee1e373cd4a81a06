"""Runtime of compiled strategies: everything as ever, but the strategy's methods are machine code."""

from __future__ import annotations

from ntp.strategy.compiled.seat import Seat
from ntp.strategy.runtime import EngineRuntime


class CompiledRuntime(EngineRuntime):
    """Runs the methods of a strategy inside the kernel; `on_start` and `on_stop` stay in Python."""

    def start(self, first_ts: int) -> None:
        """Bind the strategy, call `on_start`, set its timers and compile the rest.

        Raises
        ------
        StrategyError
            ``not_compilable``, with file and line.
        """
        super().start(first_ts)
        self._drive = Seat(self).drive
