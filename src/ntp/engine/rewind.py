"""Rewinding: the memory of a replay put back to its beginning, so that many replays share one."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ntp.engine.records import CONTEXT, field
from ntp.engine.state import ReplayState

_NEXT_ORDER: Final = field(CONTEXT, "next_order")


class Rewind:
    """Remembers a replay that has not begun.

    Only of markets without books: levels are not put back.

    Parameters
    ----------
    state : ReplayState
        Its memory, the window set.
    """

    def __init__(self, state: ReplayState) -> None:
        self._state = state
        self._alarm = _words(state.tables["alarms"][:1]).copy()
        kept = [part for part in (state.contracts, state.accounts, state.underlyings, state.claims) if len(part)]
        self._parts = [(part, part.copy()) for part in map(_words, kept)]
        self._remember()

    def rewind(self) -> None:
        """Put everything back; what the logs held is no longer valid."""
        for part, begun in self._parts:
            part[:] = begun
        used = int(self._words[_NEXT_ORDER])  # at most so many records were taken, in order
        self._words[:] = self._context
        self._state.gate_counts[:] = 0
        if self._tables != self._held():
            self._state._point()  # tables that grew are elsewhere now
            self._remember()
        self._first_alarm[:] = self._alarm
        self._ids[:used], self._next[:used] = -1, self._links[:used]

    def _held(self) -> list[int]:
        return [id(table) for table in self._state.tables.values()]

    def _remember(self) -> None:
        state, orders = self._state, self._state.tables["orders"]
        self._tables = self._held()
        state.context["free_order"] = 0
        state.context["free_count"] = state.context["order_capacity"] = len(orders)
        self._words = _words(state.context)
        self._context = self._words.copy()
        self._first_alarm = _words(state.tables["alarms"][:1])
        self._ids, self._next = orders["id"], orders["next"]
        self._links = np.append(np.arange(1, len(orders)), -1)
        self._ids[:], self._next[:] = -1, self._links


def _words(records: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """View records as words: their fields one by one take many times as long to copy."""
    return records.view(np.int64)


__all__ = ["Rewind"]
