"""Small seeded tapes on which two engines with different documented rules must still agree."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

LEVEL = 0  # a row that sets the absolute size of a level
TRADE = 3  # a row that is a print; its side is the aggressor's
BID, ASK = 1, -1
TICK = 100  # one cent in units of 1e-4 dollar
CONTRACT = 1_000_000  # one contract in units of 1e-6 contract

TAPE_DTYPE = np.dtype(
    [
        ("ts_event", np.int64),
        ("ts_recv", np.int64),
        ("contract", np.int32),
        ("kind", np.int8),
        ("side", np.int8),
        ("price", np.int32),
        ("size", np.int64),
    ]
)


@dataclass(frozen=True)
class OwnOrder:
    """One resting post-only limit order with its life known in advance.

    `sent` and `cancel_sent` are decision times; each reaches the venue one entry latency later.
    """

    order_id: int
    side: int
    price: int
    size: int
    sent: int
    cancel_sent: int


@dataclass(frozen=True)
class Fill:
    """One execution of an own order: what is compared between engines."""

    order_id: int
    ts: int
    price: int
    size: int


@dataclass(frozen=True)
class QueuePosition:
    """Contracts ahead of an own order after all venue events at or before `ts`."""

    order_id: int
    ts: int
    ahead: float


@dataclass
class _Book:
    """The generator's own book; it also enforces the conditions of the comparison."""

    rng: np.random.Generator
    order_size: int
    rows: list[tuple[int, int, int, int, int, int, int]] = field(default_factory=list)
    levels: dict[int, dict[int, int]] = field(default_factory=lambda: {BID: {}, ASK: {}})
    ts: int = 1_700_000_000_000_000_000
    feed_latency: int = 0

    def step(self) -> None:
        self.ts += int(self.rng.integers(1, 2_000)) * 1_000_000

    def put(self, kind: int, side: int, price: int, contracts: int) -> None:
        seen = self.ts + self.feed_latency
        self.rows.append((self.ts, seen, 0, kind, side, price, contracts * CONTRACT))

    def set_level(self, side: int, price: int, contracts: int) -> None:
        if contracts:
            self.levels[side][price] = contracts
        else:
            self.levels[side].pop(price, None)
        self.put(LEVEL, side, price, contracts)

    def best(self, side: int) -> int:
        prices = self.levels[side]
        return max(prices) if side == BID else min(prices)

    def print_at(self, resting_side: int, price: int, contracts: int) -> None:
        """Print against the resting side, then show the level reduced by as much."""
        self.put(TRADE, -resting_side, price, contracts)
        left = max(self.levels[resting_side].get(price, 0) - contracts, 0)
        if price in self.levels[resting_side]:
            self.set_level(resting_side, price, left)

    def cover(self, resting_side: int, until: int) -> None:
        """Print every price from the touch to `until` with more than rests there and one own order."""
        price = self.best(-resting_side) - resting_side * TICK
        while (price - until) * resting_side >= 0:
            shown = self.levels[resting_side].get(price, 0)
            self.print_at(resting_side, price, shown + self.order_size + 1)
            price -= resting_side * TICK


def make_tape(
    seed: int, steps: int = 800, *, order_contracts: int = 4, strict: bool = True, feed_latency: int = 0
) -> np.ndarray:
    """Return a tape of one contract that meets the conditions of the comparison.

    Every print is larger than one own order, and a price is crossed only after a print that covers
    all that is shown there and one own order. With `strict` a touch disappears only by such a print,
    so that no print ever trades through an own order that was joined at or behind the touch.
    """
    rng = np.random.default_rng(seed)
    book = _Book(rng, order_contracts, feed_latency=feed_latency)
    mid = int(rng.integers(40, 60)) * TICK
    for depth in range(1, 9):
        for side in (BID, ASK):
            book.set_level(side, mid - side * depth * TICK, int(rng.integers(12, 60)))
    for _ in range(steps):
        book.step()
        _random_step(book, order_contracts, strict=strict)
    book.ts += 3_600_000_000_000
    book.set_level(BID, TICK, 1)
    return np.array(book.rows, dtype=TAPE_DTYPE)


def _random_step(book: _Book, order_contracts: int, *, strict: bool) -> None:
    rng = book.rng
    side = BID if rng.random() < 0.5 else ASK
    prices = book.levels[side]
    if len(prices) < 4:  # new depth behind what is left
        last = min(prices) if side == BID else max(prices)
        fresh = [last - side * depth * TICK for depth in range(1, 5)]
        for price in fresh:
            if TICK <= price <= 99 * TICK:
                book.set_level(side, price, int(rng.integers(12, 60)))
        return
    touch = book.best(side)
    draw = rng.random()
    if draw < 0.4:  # a small print at the touch
        if strict and prices[touch] <= order_contracts + 1:
            book.set_level(side, touch, prices[touch] + 40)
            return
        largest = prices[touch] - 1 if strict else prices[touch] + 10
        size = int(rng.integers(order_contracts, max(order_contracts + 1, min(largest, 30)) + 1))
        book.print_at(side, touch, min(size, max(largest, order_contracts)))
    elif draw < 0.88:  # additions and cancels somewhere in the first three prices
        price = touch - side * int(rng.integers(0, 3)) * TICK
        if TICK <= price <= 99 * TICK:
            shown = prices.get(price, 0)
            floor = 1 if (price == touch and strict) or len(prices) < 3 else 0
            new = int(rng.integers(floor, 61)) if rng.random() < 0.5 else max(floor, shown - shown // 2)
            book.set_level(side, price, new)
    elif draw < 0.92:  # the opposite side moves into this one after a sweep
        target = touch - side * int(rng.integers(0, 2)) * TICK
        if len([p for p in prices if (p - target) * side < 0]) >= 3:
            book.cover(side, target)
            book.set_level(-side, target, int(rng.integers(12, 60)))
    else:  # the touch improves when there is room
        better = touch + side * TICK
        if (book.best(-side) - better) * side > 0:
            book.print_at(-side, better, order_contracts + 1)  # an own order of the other side may rest here
            book.set_level(side, better, int(rng.integers(12, 60)))


def make_orders(
    tape: np.ndarray, seed: int, *, entry_latency: int, order_contracts: int = 4, behind: int = 1
) -> list[OwnOrder]:
    """Return own orders that never overlap on a side, joining at or up to `behind` ticks below the touch."""
    rng = np.random.default_rng([seed, 1])
    orders: list[OwnOrder] = []
    free_from = {BID: int(tape["ts_event"][0]) + 1, ASK: int(tape["ts_event"][0]) + 1}
    last = int(tape["ts_event"][-2])  # the last row only closes the tape, an hour later
    while True:
        side = min(free_from, key=lambda s: (free_from[s], -s))
        arrival = free_from[side] + int(rng.integers(1, 8_000)) * 1_000_000
        life = int(rng.integers(5_000, 120_000)) * 1_000_000
        if arrival + life >= last:
            return orders
        price = _touch_at(tape, side, arrival) - side * int(rng.integers(0, behind + 1)) * TICK
        if TICK <= price <= 99 * TICK:
            size = order_contracts * CONTRACT - CONTRACT // 2
            sent = arrival - entry_latency
            orders.append(OwnOrder(len(orders) + 1, side, price, size, sent, sent + life))
        free_from[side] = arrival + life + 1


def _touch_at(tape: np.ndarray, side: int, ts: int) -> int:
    prices = shown_at(tape, side, ts)
    return max(prices) if side == BID else min(prices)


def shown_at(tape: np.ndarray, side: int, ts: int) -> list[int]:
    """Return the prices at which anything is shown on a side after all rows up to `ts`."""
    rows = tape[(tape["ts_event"] <= ts) & (tape["kind"] == LEVEL) & (tape["side"] == side)]
    shown: dict[int, int] = {}
    for price, size in zip(rows["price"].tolist(), rows["size"].tolist(), strict=True):
        shown[price] = size
    return [p for p, size in shown.items() if size > 0]
