"""Random markets and random scripts as plain data, so that both can be mirrored: YES read as NO."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ntp.data.schema import FLAG_BLOCK, FLAG_INFERRED
from ntp.engine.tape import SourceFrames

from .build import BUY, SELL, Act, Market, Step, source_of

TICK = 100


@dataclass(frozen=True)
class Row:
    """One row of a market in the terms of :class:`Market`."""

    kind: str
    symbol: str
    when: float
    side: int = 0
    price: int = 0
    size: float = 0.0
    end: bool = True
    flags: int = 0
    quote: tuple[int | None, int | None, float | None, float | None] = (None, None, None, None)


@dataclass(frozen=True)
class Wish:
    """One call of a strategy."""

    kind: str
    symbol: str
    when: float
    name: str
    side: int = 0
    price: int = 0
    price2: int = 0
    size: float = 0.0
    tif: str = "gtc"
    post_only: bool = True
    reduce_only: bool = False


def mirrored(row: Row) -> Row:
    """Read a row of YES as the row of NO."""
    bid, ask, bid_size, ask_size = row.quote
    quote = (None if ask is None else 10_000 - ask, None if bid is None else 10_000 - bid, ask_size, bid_size)
    price = row.price if row.kind in {"settle", "life", "clear"} else 10_000 - row.price
    size = 1.0 - row.size if row.kind == "settle" else row.size
    return replace(row, side=-row.side, price=price, size=size, quote=quote)


def mirrored_wish(wish: Wish) -> Wish:
    """Read a call about YES as the call about NO."""
    if wish.kind == "quote":
        return replace(wish, price=10_000 - wish.price2, price2=10_000 - wish.price)
    return replace(wish, side=-wish.side, price=10_000 - wish.price)


class _Book:
    """Levels of one side while rows are made up."""

    def __init__(self, rng: np.random.Generator, side: int) -> None:
        self.side = side
        best = 4_900 if side > 0 else 5_100
        self.levels = {best - side * TICK * n: float(rng.integers(1, 40)) for n in range(5)}

    @property
    def best(self) -> int:
        return max(self.levels) if self.side > 0 else min(self.levels)


def l2_rows(seed: int, count: int, symbol: str = "C", *, settle: float | None = 1.0) -> list[Row]:
    """Make up a book of one contract: sets, prints that really reduce, crosses, blocks, gaps and a result."""
    rng = np.random.default_rng(seed)
    books = {side: _Book(rng, side) for side in (BUY, SELL)}
    rows = [
        Row("level", symbol, 0.0, side, price, size)
        for side, book in books.items() for price, size in book.levels.items()
    ]  # fmt: skip
    when = 0.0
    for _ in range(count):
        when += float(rng.choice([0.0, 0.01, 0.2, 1.0], p=[0.1, 0.3, 0.4, 0.2]))
        side = BUY if rng.random() < 0.5 else SELL
        book = books[side]
        what = rng.random()
        if what < 0.30:
            rows += _print(rng, symbol, when, book)
        elif what < 0.33:
            flags = FLAG_BLOCK if rng.random() < 0.5 else FLAG_INFERRED
            rows.append(Row("trade", symbol, when, -side, book.best, float(rng.integers(1, 60)), flags=flags))
        elif what < 0.36:
            rows.append(Row("trade", symbol, when, 0, book.best, float(rng.integers(1, 9))))
        elif what < 0.38:
            rows += [Row("life", symbol, when, price=0), Row("life", symbol, when + 0.3, price=1)]
            when += 0.3
        else:
            rows.append(_change(rng, symbol, when, book, books[-side].best))
    if settle is not None:
        rows.append(Row("settle", symbol, when + 5.0, size=settle))
    return rows


def _print(rng: np.random.Generator, symbol: str, when: float, book: _Book) -> list[Row]:
    wanted = float(rng.integers(1, 50))
    rows = []
    while wanted > 0 and len(book.levels) > 1:
        price = book.best
        here = min(wanted, book.levels[price])
        left = book.levels[price] - here
        rows += [
            Row("trade", symbol, when, -book.side, price, here, end=False),
            Row("level", symbol, when, book.side, price, left, end=False),
        ]
        wanted -= here
        if left:
            book.levels[price] = left
        else:
            del book.levels[price]
    return [*rows[:-1], replace(rows[-1], end=True)] if rows else []


def _change(rng: np.random.Generator, symbol: str, when: float, book: _Book, opposite: int) -> Row:
    steps = int(rng.integers(-4, 3))
    price = book.best + book.side * TICK * steps
    beyond = 0 if rng.random() < 0.1 else book.side * TICK  # one in ten may lock or cross the book
    if (price - opposite + beyond) * book.side > 0:
        price = book.best
    price = min(max(price, TICK), 10_000 - TICK)
    size = 0.0 if rng.random() < 0.25 and len(book.levels) > 2 else float(rng.integers(1, 40))
    if size:
        book.levels[price] = size
    else:
        book.levels.pop(price, None)
    return Row("level", symbol, when, book.side, price, size)


def quote_rows(seed: int, count: int, symbol: str = "C", *, sizes: bool = True) -> list[Row]:
    """Make up best bids and asks of one contract, with prints between them."""
    rng = np.random.default_rng(seed)
    rows, when, middle = [], 0.0, 5_000
    for _ in range(count):
        when += float(rng.choice([0.05, 0.2, 1.0]))
        middle = min(max(middle + TICK * int(rng.integers(-1, 2)), 1_000), 9_000)
        bid, ask = middle - TICK * int(rng.integers(0, 3)), middle + TICK * int(rng.integers(1, 3))
        shown = (float(rng.integers(1, 40)), float(rng.integers(1, 40))) if sizes else (None, None)
        if rng.random() < 0.3:
            side = BUY if rng.random() < 0.5 else SELL
            rows.append(Row("trade", symbol, when, side, ask if side > 0 else bid, float(rng.integers(1, 60))))
        else:
            rows.append(Row("quote", symbol, when, quote=(bid, ask, *shown)))
    return [*rows, Row("settle", symbol, when + 5.0, size=1.0)]


def wishes(seed: int, count: int, symbols: Sequence[str] = ("C",), *, span: float = 60.0) -> list[Wish]:
    """Make up a script of orders, cancels, changes, quotes and targets."""
    rng = np.random.default_rng(seed)
    made: list[Wish] = []
    for number in range(count):
        when = round(float(rng.uniform(0.1, span)), 3)
        symbol = str(rng.choice(list(symbols)))
        side = BUY if rng.random() < 0.5 else SELL
        price = 5_000 + TICK * int(rng.integers(-8, 9))
        size = float(rng.integers(1, 4_000)) / 100 if rng.random() < 0.5 else float(rng.integers(1, 40))
        kind = str(rng.choice(["order", "order", "order", "cancel", "replace", "quote", "target"]))
        wish = Wish(kind, symbol, when, f"o{number}", side, price, price + 200, size)
        if kind == "order":
            wish = replace(
                wish, tif=str(rng.choice(["gtc", "gtc", "ioc", "fok"])), post_only=bool(rng.random() < 0.6),
                reduce_only=bool(rng.random() < 0.15),
            )  # fmt: skip
        elif kind in {"cancel", "replace"}:
            wish = replace(wish, name=f"o{int(rng.integers(0, number + 1))}")
        made.append(wish)
    return sorted(made, key=lambda wish: wish.when)


def markets_of(rows: Sequence[Row], venues: dict[str, str] | None = None, **attributes: Any) -> SourceFrames:
    """Frames of made-up rows, in the order in which they are given for each contract."""
    venues = venues or {}
    made: dict[str, Market] = {}
    for row in rows:
        market = made.get(row.symbol)
        if market is None:
            market = made[row.symbol] = Market(row.symbol, venues.get(row.symbol, "plain"), **attributes)
        if row.kind == "level":
            market.level(row.when, row.side, row.price, row.size, end=row.end)
        elif row.kind == "trade":
            market.trade(row.when, row.price, row.size, row.side, flags=row.flags)
        elif row.kind == "quote":
            market.quote(row.when, *row.quote)
        elif row.kind == "life":
            market.life(row.when, "open" if row.price else "halted")
        elif row.kind == "settle":
            market.settle(row.when, row.size)
    return source_of(list(made.values()))


def steps_of_wishes(made: Sequence[Wish]) -> list[Step]:
    """Script of made-up calls."""
    return [(wish.when, _act(wish)) for wish in made]


def _act(wish: Wish) -> Act:
    dollars = wish.price / 10_000

    def act(strategy: Any) -> None:
        known = strategy.sent.get(wish.name)
        if wish.kind == "order":
            call = strategy.buy if wish.side > 0 else strategy.sell
            taking = wish.tif in {"ioc", "fok"}
            strategy.sent[wish.name] = call(
                wish.symbol, wish.size, dollars, tif=wish.tif, post_only=wish.post_only and not taking,
                reduce_only=wish.reduce_only,
            )  # fmt: skip
        elif wish.kind == "cancel" and known is not None:
            strategy.cancel(known)
        elif wish.kind == "replace" and known is not None:
            strategy.sent[wish.name] = strategy.replace(known, dollars, wish.size)
        elif wish.kind == "quote":
            strategy.quote(wish.symbol, bid=dollars, ask=wish.price2 / 10_000, size=wish.size)
        elif wish.kind == "target":
            strategy.target(wish.symbol, wish.side * wish.size, price=dollars)

    return act
