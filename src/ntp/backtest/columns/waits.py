"""Waits: how long the passive orders of a replay of one contract waited, and behind how much, in compiled code."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ntp.core import SECOND
from ntp.engine import records as r
from ntp.engine.compile import entry, kernel
from ntp.engine.memory import address_of, load_i64, record_at, store_i64
from ntp.engine.records import DONE, context_at, done_at, fill_at, order_at

_HALF: Final = 0.5 + 1e-12  # the product of fractions may miss one half by a rounding
_NOTES: Final = r.record("context worked firsts waits queues end waited queued")
"""Addresses of a context, of which reasons end an order that was at work, of room for the first fill of each order,
for waits and for queues; the end of the data. `waited` and `queued` say how many were written."""

_notes_at = record_at(_NOTES)
_queue_at = record_at(r.record("", "ahead"))
_put: Any = store_i64  # its types do not say that compiled code passes less


@kernel
def _note(notes, number, arrived, until, ahead):  # type: ignore[no-untyped-def]
    """Write down one order: twice its wait in nanoseconds, one more where it was not filled."""
    if ahead >= 0.0:
        _queue_at(notes.queues, notes.queued).ahead = ahead / 1e6
        notes.queued += 1
    if arrived <= 0:
        return
    first = load_i64(notes.firsts, number)
    wait = max((first if first > 0 else until) - arrived, 0)
    _put(notes.waits, notes.waited, 2 * wait if first > 0 else 2 * wait + 1)
    notes.waited += 1


@entry
def _gather(address):  # type: ignore[no-untyped-def]
    """Write down all passive orders that the venue accepted."""
    notes = _notes_at(address, 0)
    ctx = context_at(notes.context, 0)
    for back in range(ctx.n_fills):  # what is written last is the first of an order
        fill = fill_at(ctx.fills, ctx.n_fills - 1 - back)
        _put(notes.firsts, fill.order_id, fill.ts)
    for index in range(ctx.n_done):
        ended = done_at(ctx.done, index)
        if ended.passive and load_i64(notes.worked, np.int64(ended.reason)):
            _note(notes, ended.order_id, ended.arrived, ended.done, ended.queue_ahead)
    if ctx.free_count == ctx.order_capacity:
        return
    for slot in range(ctx.order_capacity):
        order = order_at(ctx.orders, slot)
        if order.id > 0 and order.state != DONE and order.passive:
            _note(notes, order.id, order.arrived, notes.end, order.queue_joined)


@entry
def _median(waits, count):  # type: ignore[no-untyped-def]
    """Kaplan-Meier median of sorted waits as :func:`_note` writes them; -1 where less than half are filled.

    At equal times what happened stands, and counts, before what was cut short.
    """
    surviving, place = 1.0, 0
    while place < count:
        code = load_i64(waits, place)
        if code & 1:
            place += 1
            continue
        risk, filled = count - place, 0
        while place < count and load_i64(waits, place) == code:
            filled += 1
            place += 1
        surviving *= 1.0 - filled / risk
        if surviving <= _HALF:
            return code // 2
    return -1


class Waits:
    """Waits of the passive orders of a replay.

    Parameters
    ----------
    context : int
        Address of its context.
    worked : ndarray of int64
        Of each reason, whether an order that ended for it was at work before.
    orders : int
        More than the number of any order.
    passive : int
        How many passive orders there are.
    end : int
        Until when the orders that rest are watched.
    """

    def __init__(self, context: int, worked: npt.NDArray[np.int64], orders: int, passive: int, end: int) -> None:
        firsts, waits, queues = np.zeros(orders, np.int64), np.empty(passive, np.int64), np.empty(passive)
        given = (address_of(each) for each in (worked, firsts, waits, queues))
        notes = np.array([(context, *given, end, 0, 0)], _NOTES)
        _gather(address_of(notes))
        self._waits, self._queues = waits[: int(notes["waited"][0])], queues[: int(notes["queued"][0])]

    def __len__(self) -> int:
        return len(self._waits)

    @property
    def median(self) -> float | None:
        """Median wait for the first fill in seconds; None where less than half are filled."""
        waits = np.sort(self._waits)
        found = int(_median(address_of(waits), len(waits)))
        return None if found < 0 else found / SECOND

    @property
    def queue(self) -> float | None:
        """Median of the contracts ahead at joining; None where none is known."""
        return float(np.median(self._queues)) if len(self._queues) else None


__all__ = ["Waits"]
