"""Rewinding: the memory of a replay put back to its beginning, so that many replays share one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ntp.engine.state import ReplayState


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
        self._begun = [(part, part.copy()) for part in map(_words, (state.contracts, state.accounts))]
        self._alarm = _words(state.tables["alarms"][:1]).copy()
        self._remember()
        self._chain()

    def rewind(self) -> None:
        """Put everything back; what the logs held is no longer valid."""
        state = self._state
        for part, begun in self._begun:
            part[:] = begun
        _words(state.tables["alarms"][:1])[:] = self._alarm
        _words(state.context)[:] = self._context
        if self._tables != self._held():
            state._point()  # tables that grew are elsewhere now
            self._remember()
        self._chain()

    def _held(self) -> list[int]:
        return [id(table) for table in self._state.tables.values()]

    def _remember(self) -> None:
        state, orders = self._state, self._state.tables["orders"]
        self._tables = self._held()
        self._links = np.append(np.arange(1, len(orders)), -1)
        state.context["free_order"] = 0
        state.context["free_count"] = state.context["order_capacity"] = len(orders)
        self._context = _words(state.context).copy()

    def _chain(self) -> None:
        """Chain all order records anew."""
        orders: Any = self._state.tables["orders"]
        orders["id"], orders["next"] = -1, self._links


def _words(records: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """View records as words: their fields one by one take many times as long to copy."""
    return records.view(np.int64)


__all__ = ["Rewind"]
