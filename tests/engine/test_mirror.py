"""YES and NO are one market: everything read from the other side gives the same money."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntp.engine import records as r

from .build import BUY, SELL, Market, Played, play
from .random_markets import (
    Row,
    l2_rows,
    markets_of,
    mirrored,
    mirrored_wish,
    quote_rows,
    steps_of_wishes,
    wishes,
)

SEEDS = st.integers(0, 2**32 - 1)
VENUES = ("plain", "sim_a", "sim_b", "kalshi", "polymarket")


def _money(played: Played, *, sign: int = 1) -> list[tuple[Any, ...]]:
    names = ("ts", "contract", "size", "fee", "rebate", "flags", "cash", "wait")
    rows = []
    for fill in played.table("fills"):
        price = int(fill["price"])
        side = (sign * int(fill["side"]), price if sign > 0 else 10_000 - price)
        rows.append((*(int(fill[name]) for name in names), float(fill["queue_ahead"]), *side))
    return sorted(rows)  # numbers of orders at one instant follow the side, nothing else does


def _ends(played: Played) -> list[tuple[int, ...]]:
    names = ("size", "filled", "arrived", "done", "reason", "passive")
    return sorted(tuple(int(row[name]) for name in names) for row in played.table("done"))


def _both(rows: list[Row], seed: int, venue: str, **options: Any) -> tuple[Played, Played]:
    symbols = sorted({row.symbol for row in rows})
    venues = dict.fromkeys(symbols, venue)
    script = wishes(seed, 60, symbols)
    one = play([markets_of(rows, venues)], steps_of_wishes(script), latency=0.05, **options)
    other = play(
        [markets_of([mirrored(row) for row in rows], venues)],
        steps_of_wishes([mirrored_wish(wish) for wish in script]), latency=0.05, **options,
    )  # fmt: skip
    return one, other


def _same(one: Played, other: Played, venue: str) -> None:
    assert _money(one) == _money(other, sign=-1)
    assert _ends(one) == _ends(other)
    assert one.cash(venue) == other.cash(venue)


@given(SEEDS, st.sampled_from(VENUES), st.sampled_from([r.Q_RISK_AVERSE, r.Q_POWER, r.Q_LOG, r.Q_POWER3]))
@settings(max_examples=40, deadline=None)
def test_a_mirrored_book_gives_mirrored_fills_and_the_same_cash(seed: int, venue: str, model: int) -> None:
    rows = l2_rows(seed, 150, "A") + l2_rows(seed + 1, 100, "B", settle=0.0)
    _same(*_both(rows, seed, venue, queue_model=model, inferred_prints=True, cash=2_000), venue)


@given(SEEDS, st.sampled_from(VENUES), st.booleans(), st.booleans())
@settings(max_examples=40, deadline=None)
def test_mirrored_quotes_give_mirrored_fills(seed: int, venue: str, sizes: bool, touch: bool) -> None:
    rows = quote_rows(seed, 150, "A", sizes=sizes)
    _same(*_both(rows, seed, venue, touch_fills=touch, inferred_prints=True, cash=500), venue)


@pytest.mark.parametrize("yes_first", [True, False])
def test_two_prints_at_one_instant_fill_both_sides_whatever_their_order(yes_first: bool) -> None:
    market = Market().book(0, {4_800: 1}, {5_200: 1})
    prints = [(5_200, 5.0, BUY), (4_800, 5.0, SELL)]
    for price, size, taker in prints if yes_first else prints[::-1]:
        market.trade(2, price, size, taker)

    def both(strategy: Any) -> None:
        strategy.quote("C", bid=0.48, ask=0.52, size=3)

    played = play(market, [(1, both)])
    assert sorted(fill[1:] for fill in played.fills) == [(SELL, 5_200, 3), (BUY, 4_800, 3)]
    assert played.cash() == 1_000_000_000_000_000 + 3 * 40_000


def test_a_target_is_rounded_to_the_step_alike_on_both_sides() -> None:
    market = Market().book(0, {4_800: 1}, {5_200: 1}).level(20, BUY, 100, 1)
    for sign in (1, -1):
        played = play(market, [(1, lambda s, sign=sign: s.target("C", sign * 2.6))], patch={"size_step": 1_000_000})
        orders = played.replay.state.tables["orders"]
        assert orders["size"][orders["id"] == 1].tolist() == [2_000_000]
