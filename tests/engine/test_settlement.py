"""Results: payment, voids, amendments, scalar values; and assets, which have none."""

import pytest

from ntp.engine import records as r

from .build import BUY, SECOND, SELL, T0, Market, Played, cancel, order, play, take

CASH = 1_000_000_000
FEE = {"model": r.MODEL_QUADRATIC, "taker_rate": 70_000, "rounding": r.ROUND_CENT}


def settled(value: float | None, side: int = BUY, *results: tuple[float, float | None, str]) -> Played:
    market = Market().book(0, {4_800: 50}, {5_200: 100}).trade(3, 5_200, 1, BUY)
    for when, each, state in results or ((10, value, "settled"),):
        market.settle(when, each, state)
    return play(market, [(1, take(side, 10, 5_200 if side > 0 else 4_800))], cash=1_000, fees=[FEE])


@pytest.mark.parametrize("value", [0.0, 1.0, 0.5, 0.375, 0.000001])
@pytest.mark.parametrize("side", [BUY, SELL])
def test_the_holding_pays_the_value_of_its_side(value: float, side: int) -> None:
    played = settled(value, side)
    fee = 180_000  # 0.07 * 10 * 0.52 * 0.48, up to the cent
    cost = 5_200_000
    pays = round((value if side > 0 else 1 - value) * 10_000_000)
    assert played.cash() == CASH - cost - fee + pays


@pytest.mark.parametrize("side", [BUY, SELL])
def test_a_void_refunds_cost_and_fees(side: int) -> None:
    played = settled(None, side, (10, None, "voided"))
    assert played.cash() == CASH
    assert int(played.table("settlements")["state"][0]) == r.VOIDED


def test_a_void_refunds_what_was_traded_in_and_out() -> None:
    market = Market().book(0, {4_800: 50}, {5_200: 100}).settle(10, None, "voided")
    steps = [(1, take(BUY, 10, 5_200)), (2, take(SELL, 4, 4_800, "b")), (3, take(SELL, 9, 4_800, "c"))]
    assert play(market, steps, cash=1_000, fees=[FEE]).cash() == CASH


def test_an_amended_result_is_the_one_that_pays() -> None:
    results = ((10, 1.0, "determined"), (20, 0.0, "amended"), (30, 0.0, "settled"))
    played = settled(None, BUY, *results)
    assert played.cash() == CASH - 5_200_000 - 180_000


def test_a_result_without_a_recorded_payment_pays_after_the_delay_of_the_venue() -> None:
    market = Market(attributes={"settlement_timer_seconds": 60}).book(0, {4_800: 50}, {5_200: 100})
    market.settle(10, 1.0, "determined").settle(20, 0.0, "amended")
    played = play(market, [(1, take(BUY, 10, 5_200))], cash=1_000)
    assert int(played.table("settlements")["ts"][0]) == T0 + 80 * SECOND
    assert played.cash() == CASH - 5_200_000


def test_a_determined_market_takes_no_more_orders() -> None:
    market = Market().book(0, {4_800: 50}, {5_200: 100}).settle(5, 1.0, "determined").settle(60, 1.0)
    steps = [(1, order(BUY, 1, 4_800)), (6, order(BUY, 1, 4_800, "b")), (7, cancel())]
    assert play(market, steps).ends == ["market_closed", "market_inactive"]


def test_a_settlement_pays_once() -> None:
    played = settled(None, BUY, (10, 1.0, "settled"), (20, 1.0, "settled"))
    assert len(played.table("settlements")) == 1


def test_equity_counts_a_known_result_before_it_pays() -> None:
    market = Market().book(0, {4_800: 50}, {5_200: 100}).settle(10, 1.0, "determined").settle(200, 1.0)
    played = play(market, [(1, take(BUY, 10, 5_200))], cash=1_000, equity_every=5 * SECOND)
    rows = {(int(row["ts"]) - T0) // SECOND: int(row["equity"]) for row in played.table("equity")}
    assert rows[5] == CASH - 5_200_000 + 4_800_000
    assert rows[15] == CASH - 5_200_000 + 10_000_000
