"""Charged against computed fees of a recorded account, and the page that shows them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations_with_replacement, product
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from ntp.core import to_ns
from ntp.markets import (
    FeeRounding,
    FeeStep,
    Instrument,
    Role,
    Side,
    fee_at,
    fee_steps,
    fill_fee,
    kalshi_structure,
)

EASTERN = ZoneInfo("America/New_York")
GRID = kalshi_structure("tapered_deci_cent")
HUNDREDTH = 10_000
LOT = 1_000_000
Fill = tuple[int, int]
"""(size, price)"""


@dataclass(frozen=True)
class Leg:
    """Entry or exit of a round trip: one or several orders with one total fee."""

    name: str
    market: str
    side: Side
    moments: tuple[datetime, ...]
    size: int
    notional: int
    fee: int
    orders: tuple[Fill, ...] = ()
    """What the bot's log says of its orders: filled size and price seen; empty where it is silent."""

    @property
    def price(self) -> int | None:
        price, rest = divmod(self.notional * 10_000, self.size)
        return price if not rest and GRID.contains(price) else None


@dataclass(frozen=True)
class Explanation:
    leg: Leg
    fills: tuple[Fill, ...] | None
    computed: int | None
    """Fee if the leg were one fill."""


def units(value: float, scale: int) -> int:
    return round(value * scale)


def read_legs(folder: Path) -> list[Leg]:
    trips = pl.read_parquet(folder / "round_trips.parquet")
    events = pl.read_parquet(folder / "order_events.parquet")
    answers = events.filter((pl.col("event_type") == "order_submit_success") & (pl.col("fill_count") > 0))
    legs = []
    for number, row in enumerate(trips.iter_rows(named=True)):
        for kind, side in (("entry", Side.BUY), ("exit", Side.SELL)):
            if row[f"{kind}_accounting_source"] != "kalshi_api":
                continue
            texts = row[f"{kind}_fill_event_ts_list"].split("|")
            moments = tuple(
                datetime.fromisoformat(text).replace(tzinfo=EASTERN).astimezone(UTC) for text in texts
            )
            size = units(row[f"{kind}_exchange_qty"], 100) * HUNDREDTH
            leg = Leg(
                name=f"{number} {kind}",
                market=row["market"],
                side=side,
                moments=moments,
                size=size,
                notional=units(row[f"{kind}_notional_dollars"], 10**6),
                fee=units(row[f"{kind}_fee_cents"], 10**4),
                orders=_orders(answers, row["market"], row["side"], kind, moments, size),
            )
            legs.append(leg)
    return legs


def _orders(
    answers: pl.DataFrame, market: str, side: str, kind: str, moments: tuple[datetime, ...], size: int
) -> tuple[Fill, ...]:
    found = []
    for moment in moments:
        near = answers.filter(
            (pl.col("market") == market)
            & (pl.col("side") == side)
            & pl.col("client_order_id").str.contains(f"-{kind}-")
            & pl.col("ts_wall").is_between(moment - timedelta(seconds=3), moment + timedelta(seconds=3))
        )
        if near.height != 1:
            return ()
        row = near.row(0, named=True)
        found.append((units(row["fill_count"], 10**6), units(row["top_of_book_limit_cents"], 100)))
    return tuple(found) if sum(count for count, _ in found) == size else ()


def step_of(leg: Leg) -> FeeStep:
    series = Instrument(symbol=leg.market, venue="kalshi", series="KXBTC15M")
    return fee_at(fee_steps(series, precision_class="non_direct"), to_ns(leg.moments[0]))


def charged(step: FeeStep, side: Side, fills: tuple[Fill, ...], *, one_order: bool) -> int:
    total = acc = 0
    for size, price in fills:
        fill = fill_fee(step, price=price, size=size, side=side, role=Role.TAKER, acc=acc)
        total += fill.fee
        acc = fill.acc if one_order else 0
    return total


def explain(leg: Leg) -> Explanation:
    """Find fills that give the charged fee: one fill, else the first partition of a small search."""
    step = step_of(leg)
    one = None
    if leg.price is not None and len(leg.moments) == 1:
        one = charged(step, leg.side, ((leg.size, leg.price),), one_order=True)
        if one == leg.fee:
            return Explanation(leg, ((leg.size, leg.price),), one)
    for fills in _partitions(leg):
        if charged(step, leg.side, fills, one_order=len(leg.moments) == 1) == leg.fee:
            return Explanation(leg, fills, one)
    return Explanation(leg, None, one)


def whole_contract_explanations(folder: Path) -> tuple[int, int, int]:
    """Legs of one order that one fill does not explain; how many whole-contract fills explain if
    what aligning the balance took is kept, and if the order's accumulator gives it back."""
    left = [
        e.leg for e in map(explain, read_legs(folder)) if len(e.leg.moments) == 1 and len(e.fills or ()) != 1
    ]
    found = [0, 0]
    for leg in left:
        kept = step_of(leg)
        for index, step in enumerate((kept, replace(kept, rounding=FeeRounding.KALSHI_ACCUMULATOR))):
            splits = (fills for fills in _partitions(leg) if all(size % LOT == 0 for size, _ in fills))
            found[index] += any(charged(step, leg.side, f, one_order=True) == leg.fee for f in splits)
    return len(left), found[0], found[1]


def _partitions(leg: Leg) -> Iterator[tuple[Fill, ...]]:
    orders = len(leg.moments)
    lots, rest = divmod(leg.size, LOT)
    if leg.orders:
        yield from _by_order(leg)
    if not rest:
        for count in range(max(orders, 2), 5):
            for sizes in combinations_with_replacement(range(1, lots + 1), count):
                if sum(sizes) == lots:
                    yield from _priced(leg, tuple(size * LOT for size in sizes), 800 if count < 4 else 0)
    hundredths = leg.size // HUNDREDTH
    for first in range(1, hundredths):
        yield from _priced(leg, (first * HUNDREDTH, leg.size - first * HUNDREDTH), 600)


def _by_order(leg: Leg) -> Iterator[tuple[Fill, ...]]:
    choices = [_near(price, 300) for _, price in leg.orders]
    sizes = [size for size, _ in leg.orders]
    for prices in product(*choices):
        fills = tuple(zip(sizes, prices, strict=True))
        if sum(size * price for size, price in fills) != leg.notional * 10_000:
            continue
        yield fills
        for index, (size, price) in enumerate(fills):
            for part in range(LOT, size, LOT):
                yield (*fills[:index], (part, price), (size - part, price), *fills[index + 1 :])


def _near(price: int, reach: int) -> list[int]:
    near = [p for p in range((price - reach) // 10 * 10, price + reach + 1, 10) if GRID.contains(p)]
    return sorted(near, key=lambda p: (abs(p - price), p))


def _priced(leg: Leg, sizes: tuple[int, ...], reach: int) -> Iterator[tuple[Fill, ...]]:
    if leg.price is not None:
        yield tuple((size, leg.price) for size in sizes)
    if not reach:
        return
    middle = leg.notional * 10_000 // leg.size
    for prices in product(_near(middle, reach), repeat=len(sizes) - 1):
        left = leg.notional * 10_000 - sum(s * p for s, p in zip(sizes, prices, strict=False))
        last, rest = divmod(left, sizes[-1])
        if not rest and GRID.contains(last) and abs(last - middle) <= reach:
            yield tuple(zip(sizes, (*prices, last), strict=True))


@dataclass(frozen=True)
class Summary:
    legs: int
    single: int
    one_fill: int
    partitions: int
    unexplained: tuple[Explanation, ...]
    explanations: tuple[Explanation, ...]


def summarise(folder: Path) -> Summary:
    explanations = tuple(explain(leg) for leg in read_legs(folder))
    return Summary(
        legs=len(explanations),
        single=sum(len(e.leg.moments) == 1 for e in explanations),
        one_fill=sum(e.fills is not None and len(e.fills) == 1 for e in explanations),
        partitions=sum(e.fills is not None and len(e.fills) > 1 for e in explanations),
        unexplained=tuple(e for e in explanations if e.fills is None),
        explanations=explanations,
    )
