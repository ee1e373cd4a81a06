"""The command buffer: what a strategy asks of the engine, written into the engine's memory."""

from __future__ import annotations

import math
from struct import Struct
from typing import Final

from ntp.engine import records as r
from ntp.engine.state import ReplayState

_RECORD: Final = Struct("<17qd")
_BYTES: Final = r.COMMAND.itemsize
_N_COMMANDS: Final = r.field(r.CONTEXT, "n_commands")
_NEXT_ORDER: Final = r.field(r.CONTEXT, "next_order")


class CommandBuffer:
    """Writes commands in the order they are given; the kernel carries them out when it goes on.

    Parameters
    ----------
    state : ReplayState
        Memory of the replay.
    """

    __slots__ = ("_memory", "_words", "numbers", "tags")

    def __init__(self, state: ReplayState) -> None:
        self._memory = state
        self._words = state.words
        self.numbers: dict[str, int] = {}
        self.tags: list[str] = []

    def new_order(self) -> int:
        """Take the next order number."""
        number = self._words[_NEXT_ORDER]
        self._words[_NEXT_ORDER] = number + 1
        return number

    def tag(self, text: str | None) -> int:
        """Return the number of a tag; -1 for none."""
        if text is None:
            return -1
        found = self.numbers.get(text)
        if found is None:
            found = self.numbers[text] = len(self.tags)
            self.tags.append(text)
        return found

    def send(
        self, kind: int, contract: int, side: int = 0, price: int = 0, size: int = 0, price2: int = 0, size2: int = 0,
        order_id: int = 0, tif: int = 0, post_only: int = 1, reduce_only: int = 0, expire: int = 0, tag: int = -1,
        exit_tag: int = 0, watched: int = 0, slot: int = 0, fair: float | None = None, match: int = -1,
    ) -> None:
        """Write one command; the arguments are the fields of ``records.COMMAND``."""
        words = self._words
        count = words[_N_COMMANDS]
        if (count + 2) * _BYTES > len(self._memory.command_bytes):
            self._memory.grow_commands()
        _RECORD.pack_into(
            self._memory.command_bytes, count * _BYTES, kind, contract, side, price, size, price2, size2, order_id,
            tif, post_only, reduce_only, expire, tag, exit_tag, watched, slot, match,
            math.nan if fair is None else fair,
        )
        words[_N_COMMANDS] = count + 1
