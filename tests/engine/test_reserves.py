"""Money is never spent twice: reserves, insufficient funds, closed books."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntp.engine import records as r
from ntp.ledger import audit

from .build import BUY, ONE, SELL, Market, Played, order, play, take
from .random_markets import l2_rows, markets_of, quote_rows, steps_of_wishes, wishes

SEEDS = st.integers(0, 2**32 - 1)
FEES: list[dict[str, int]] = [
    {},
    {"model": r.MODEL_QUADRATIC, "taker_rate": 70_000, "maker_rate": 17_500, "rounding": r.ROUND_KALSHI},
    {
        "model": r.MODEL_QUADRATIC, "taker_rate": 70_000, "maker_rate": 70_000, "rounding": r.ROUND_KALSHI,
        "precision": 10_000,
    },
    {"model": r.MODEL_QUADRATIC, "taker_rate": 70_000, "maker_rate": 17_500, "rounding": r.ROUND_CENT},
    {
        "model": r.MODEL_FLAT_MAKER, "taker_rate": 70_000, "maker_rate": 2_500, "rounding": r.ROUND_CENTICENT,
        "precision": 10_000,
    },
    {
        "model": r.MODEL_QUADRATIC, "taker_rate": 250_000, "exponent": 2, "rounding": r.ROUND_FLOOR5,
        "rebate_rate": 200_000,
    },
    {
        "model": r.MODEL_QUADRATIC, "taker_rate": 50_000, "maker_rate": -12_500, "rounding": r.ROUND_BANKERS_CENT,
    },
    {"model": r.MODEL_FLAT, "taker_rate": 20_000, "maker_rate": 20_000, "rounding": r.ROUND_EXACT6},
]  # fmt: skip


def running_cash(played: Played, start: int) -> list[int]:
    """Cash after each fill and settlement, in the order in which they were booked."""
    moves = [(int(row["ts"]), 0, int(row["cash"])) for row in played.table("fills")]
    moves += [(int(row["ts"]), 1, int(row["cash"])) for row in played.table("settlements")]
    moves.sort(key=lambda move: move[:2])
    return list(np.cumsum([start, *(cash for _, _, cash in moves)]))


def check_books(played: Played, start: int) -> None:
    contracts = played.replay.state.contracts
    fills = [
        tuple(int(row[name]) for name in ("contract", "side", "price", "size", "fee"))
        for row in played.table("fills")
    ]
    settled = [
        (int(row["contract"]), int(row["value"]) // 100, int(row["position"]), int(row["cash"]))
        for row in played.table("settlements") if row["state"] == r.SETTLED
    ]  # fmt: skip
    result = audit(fills, settled, start, played.cash(), reserved=played.reserved())
    assert result.positions == {
        number: int(row["position"]) for number, row in enumerate(contracts) if row["position"]
    }
    assert result.fees == int(played.replay.state.accounts["fees"].sum())
    assert played.reserved() == int(contracts["reserved"].sum())


@given(
    SEEDS, st.integers(0, 1), st.sampled_from(range(len(FEES))), st.sampled_from([20, 100, 1_000]),
    st.sampled_from([0, 250_000_000]),
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_cash_never_falls_below_zero_and_books_close(
    seed: int, nets: int, fees: int, cash: int, delay: int
) -> None:
    rows = l2_rows(seed, 150, "A") + l2_rows(seed + 7, 120, "B", settle=0.35) + quote_rows(seed, 80, "Q")
    script = steps_of_wishes(wishes(seed, 90, ["A", "B", "Q"]))
    played = play(
        [markets_of(rows)], script, latency=0.05, cash=cash, fees=[FEES[fees]],
        patch={"nets": nets, "taker_delay": delay}, inferred_prints=True,
    )  # fmt: skip
    assert min(running_cash(played, cash * ONE)) >= 0
    assert played.cash() >= 0
    check_books(played, cash * ONE)
    assert played.reserved() == 0  # every contract has settled


def calm() -> Market:
    return Market().book(0, {4_800: 50}, {5_200: 100, 5_300: 100}).level(20, BUY, 100, 1)


def test_what_rests_reserves_cost_and_fee() -> None:
    step = FEES[1]
    played = play(calm(), [(1, order(BUY, 10, 4_800))], fees=[step], cash=100)
    fee = -(-70_000 * 10 * 48 * 52 // 10_000)
    assert played.reserved() == 4_800_000 + fee + 100


def test_a_seller_of_what_is_not_held_reserves_the_no_side() -> None:
    assert play(calm(), [(1, order(SELL, 10, 5_200))], cash=100).reserved() == 4_800_000


def test_a_second_order_beyond_the_cash_is_rejected() -> None:
    steps = [(1, order(BUY, 10, 4_800, "a")), (2, order(BUY, 10, 4_800, "b")), (3, order(BUY, 1, 4_800, "c"))]
    played = play(calm(), steps, cash=9)
    assert played.ends == ["insufficient_funds"]
    assert played.strategy.sent["b"].status == "rejected"
    assert played.reserved() == 11 * 480_000


def test_orders_waiting_out_a_delay_bind_their_cash_too() -> None:
    steps = [(1, take(BUY, 10, 5_200, "a")), (1.1, take(BUY, 10, 5_200, "b"))]
    played = play(calm(), steps, cash=6, patch={"taker_delay": 250_000_000})
    assert played.ends == ["insufficient_funds", "filled"]


def test_an_order_that_ends_on_arrival_leaves_nothing_bound() -> None:
    steps = [(1, take(BUY, 5, 4_900)), (2, take(BUY, 500, 5_200, "b", tif="fok"))]
    played = play(calm(), steps, cash=1_000)
    assert played.ends == ["not_immediately_filled", "not_fully_filled"]
    assert played.reserved() == 0


@pytest.mark.parametrize(("nets", "reserved"), [(1, 5 * 480_000), (0, 15 * 480_000)])
def test_a_holding_covers_part_of_an_order_only_where_the_venue_nets(nets: int, reserved: int) -> None:
    steps = [(1, take(BUY, 10, 5_200)), (2, order(SELL, 15, 5_200, "b"))]
    market = Market().book(0, {4_800: 50}, {5_200: 10, 5_300: 100}).level(1.5, SELL, 5_200, 0)
    played = play(market.level(9, BUY, 100, 1), steps, cash=100, patch={"nets": nets})
    assert played.reserved() == reserved


def test_roundings_of_many_small_fills_end_the_order_before_cash_is_gone() -> None:
    market = Market().book(0, {4_800: 1}, {5_200: 100})
    for number in range(20):
        market.trade(2 + number, 4_800, 2 if number == 0 else 1, SELL)
    fee = {"model": r.MODEL_QUADRATIC, "maker_rate": 17_500, "rounding": r.ROUND_CENT}
    played = play(market, [(1, order(BUY, 15, 4_800))], fees=[fee], cash=7.3)
    assert played.ends == ["insufficient_funds"]
    assert min(running_cash(played, 7_300_000)) >= 0
    assert played.reserved() == 0


def test_a_position_locks_its_cost_until_settlement() -> None:
    market = calm().settle(30, 1.0, "determined").settle(90, 1.0)
    later: dict[str, Any] = {}

    def look(strategy: Any) -> None:
        later["cash"] = strategy.cash

    played = play(market, [(1, take(BUY, 10, 5_200)), (40, look), (45, order(BUY, 1, 4_800))], cash=10)
    assert later["cash"] == pytest.approx(4.8)
    assert played.ends == ["filled", "market_inactive"]
    assert played.cash() == 14_800_000


def counted(seed: int, *, recounts: bool, fees: list[dict[str, int]], cash: float, nets: int) -> str:
    rows = l2_rows(seed, 120, "A") + l2_rows(seed + 1, 120, "B", settle=0.0) + quote_rows(seed, 80, "Q")
    played = play(
        [markets_of(rows, {"A": "sim_a", "B": "sim_b", "Q": "kalshi"})],
        steps_of_wishes(wishes(seed, 80, ["A", "B", "Q"])), latency=0.05, feed_latency=0.02, cash=cash,
        fees=fees, patch={"reserves": 1, "nets": nets}, recounts=recounts,
    )  # fmt: skip
    state = played.replay.state
    tables = [played.table(name).tolist() for name in ("fills", "done", "settlements", "equity")]
    ends = [state.contracts[name].tolist() for name in ("reserved", "position", "cost")]
    return repr([tables, state.accounts.tolist(), ends])  # absent numbers are not equal to themselves


@given(SEEDS, st.sampled_from(FEES), st.sampled_from([20.0, 60.0, 500.0, 1e6]), st.integers(0, 1))
@settings(max_examples=30, deadline=None)
def test_reserves_counted_order_by_order_are_those_counted_anew(
    seed: int, step: dict[str, int], cash: float, nets: int
) -> None:
    quick = counted(seed, recounts=False, fees=[step], cash=cash, nets=nets)
    assert quick == counted(seed, recounts=True, fees=[step], cash=cash, nets=nets)
