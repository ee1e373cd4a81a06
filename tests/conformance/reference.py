"""The rules both engines share, in the plainest form: one own order at a time against one tape.

It is slow and knows nothing but the conditions of the comparison; it needs no other package, so that the
engine can be compared with it where the peer is not installed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .hftbacktest_oracle import Model
from .tapes import CONTRACT, LEVEL, Fill, OwnOrder, QueuePosition, shown_at


def reference_run(
    tape: np.ndarray,
    orders: Sequence[OwnOrder],
    model: Model,
    probes: Sequence[tuple[int, int]] = (),
    *,
    literal: bool = False,
) -> tuple[list[Fill], list[QueuePosition]]:
    """Return fills and queue positions by the rules of the documentation's page on conformance.

    With `literal` the queue ahead may fall below zero between prints and the logarithm of a negative
    number is not a number, exactly as in hftbacktest; otherwise nobody is ever ahead by less than nothing.
    """
    fills: list[Fill] = []
    positions: list[QueuePosition] = []
    for order in orders:
        asked = sorted(at for order_id, at in probes if order_id == order.order_id)
        _follow(tape, order, model, asked, fills, positions, literal=literal)
    return sorted(fills, key=lambda f: (f.ts, f.order_id)), positions


def below_zero(tape: np.ndarray, order: OwnOrder, model: Model) -> bool:
    """Whether hftbacktest's estimate for this order ever falls below nobody ahead."""
    times = np.unique(tape["ts_event"]).tolist()
    places: list[QueuePosition] = []
    _follow(tape, order, model, times, [], places, literal=True)
    return any(place.ahead < -1e-9 for place in places)


def _follow(
    tape: np.ndarray,
    order: OwnOrder,
    model: Model,
    asked: list[int],
    fills: list[Fill],
    positions: list[QueuePosition],
    *,
    literal: bool,
) -> None:
    arrival, end = order.sent + model.entry_ns, order.cancel_sent + model.entry_ns
    if any((order.price - p) * order.side >= 0 for p in shown_at(tape, -order.side, arrival)):
        return  # post-only: it would take
    shown, front, traded, left = 0.0, 0.0, 0.0, order.size / CONTRACT
    joined = False
    pending = [at for at in asked if at >= arrival]
    level = tape["kind"] == LEVEL
    own = level & (tape["side"] == order.side) & (tape["price"] == order.price)
    concerned = tape[own | (~level & (tape["side"] == -order.side))]
    for ts, kind, price, units in concerned[["ts_event", "kind", "price", "size"]].tolist():
        size = units / CONTRACT
        if left <= 0:
            return
        if not joined and ts > arrival:
            joined, front = True, shown
        while pending and pending[0] < ts and joined:
            positions.append(QueuePosition(order.order_id, pending.pop(0), front))
        if ts > end:
            return
        if kind == LEVEL:
            if joined:
                front, traded = front_after(model, front, shown, size, traded), 0.0
                front = front if literal else max(front, 0.0)
            shown = size
        elif joined:
            done = 0.0
            if price == order.price:
                front, traded = front - size, traded + size
                done, front = min(max(-front, 0.0), left), max(front, 0.0)
            elif (order.price - price) * order.side > 0:
                done = min(size, left)
            left -= done
            lots = round(done * CONTRACT)
            if lots:
                fills.append(Fill(order.order_id, ts, order.price, lots))
    if left > 0:
        ahead = front if joined else shown
        positions.extend(QueuePosition(order.order_id, at, ahead) for at in pending if at <= end)


def front_after(model: Model, front: float, prev: float, new: float, traded: float) -> float:
    """Return the contracts ahead after a level went from `prev` to `new`."""
    change = prev - new - traded
    if model.name == "risk_averse" or change < 0:
        return min(front, new)
    back = prev - front
    behind = _share_behind(model, front, back)
    if math.isnan(behind):
        return new  # the peer's minimum of "not a number" and `new` is `new`: back to the end
    return min(front - (1 - behind) * change + min(back - behind * change, 0.0), new)


def _share_behind(model: Model, front: float, back: float) -> float:
    if front + back == 0:
        return 1.0
    if model.name == "log":
        if front <= -1 or back <= -1:
            return math.nan
        return math.log1p(back) / (math.log1p(back) + math.log1p(front))
    n = float(model.n or 1)
    if model.name == "power_front":
        return float(1 - (front / (front + back)) ** n)
    return float(back**n / (back**n + front**n))
