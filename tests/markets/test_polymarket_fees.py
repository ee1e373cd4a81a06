import pytest

from ntp.core import DataError
from ntp.markets import FeeModel, FeeRounding, Instrument, fee_steps
from ntp.markets.dates import day_ns


def step(category="", day=None, **more):
    opened = None if day is None else day_ns(*day)
    symbol = more.pop("symbol", "x")
    return fee_steps(
        Instrument(symbol=symbol, venue="polymarket", category=category, open_time=opened, **more)
    )[0]


def test_the_markets_own_schedule_wins():
    recorded = {"rate": 0.07, "exponent": 1, "takerOnly": True, "rebateRate": 0.2}
    got = step("sports", (2026, 8, 1), fee_schedule=recorded)
    assert (got.taker_rate, got.maker_rate, got.exponent, got.rebate_rate) == (70_000, 0, 1, 200_000)
    assert got.rounding is FeeRounding.POLYMARKET_FLOOR5
    assert step(fee_schedule={"r": "0.04", "e": 1, "to": False}).maker_rate == 40_000
    assert step(fee_schedule={"rate": 0}).model is FeeModel.ZERO


@pytest.mark.parametrize(
    "schedule",
    [{"exponent": 1}, {"rate": "x"}, {"rate": 0.05, "exponent": 3}, {"rate": 0.05, "theta": 1}, {"rate": -1}],
)
def test_schedules_that_cannot_be_computed_are_refused(schedule):
    with pytest.raises(DataError) as raised:
        step(fee_schedule=schedule)
    assert raised.value.code == "unknown_fee"


@pytest.mark.parametrize(
    ("category", "day", "symbol", "expected"),
    [
        ("crypto", (2026, 1, 4), "btc-updown-15m-1", (0, 1)),
        ("crypto", (2026, 1, 5), "btc-updown-15m-1", (250_000, 2)),
        ("", (2026, 1, 5), "btc-updown-15m-1", (250_000, 2)),
        ("crypto", (2026, 2, 11), "btc-updown-5m-1", (0, 1)),
        ("crypto", (2026, 2, 12), "btc-updown-5m-1", (250_000, 2)),
        ("crypto", (2026, 3, 5), "bitcoin-above-on-march-6", (0, 1)),
        ("crypto", (2026, 3, 6), "bitcoin-above-on-march-7", (250_000, 2)),
        ("crypto", (2026, 3, 30), "bitcoin-above-on-march-31", (70_000, 1)),
        ("sports", (2026, 2, 17), "ncaab-duke-unc", (0, 1)),
        ("sports", (2026, 2, 18), "ncaab-duke-unc", (17_500, 1)),
        ("sports", (2026, 2, 18), "nba-lal-bos", (0, 1)),
        ("sports", (2026, 7, 9), "nfl-car-atl", (30_000, 1)),
        ("sports", (2026, 7, 10), "nfl-car-atl", (50_000, 1)),
        ("Politics", (2026, 10, 1), "x", (40_000, 1)),
        ("weather", (2026, 10, 1), "x", (50_000, 1)),
        ("geopolitics", (2026, 10, 1), "x", (0, 1)),
    ],
)
def test_categories_by_date_of_creation(category, day, symbol, expected):
    got = step(category, day, symbol=symbol)
    assert (got.taker_rate, got.exponent) == expected


def test_what_is_not_known_is_unknown():
    assert step("crypto").model is FeeModel.UNKNOWN
    assert step("", (2026, 10, 1)).model is FeeModel.UNKNOWN
    assert step("no such category", (2026, 10, 1)).model is FeeModel.UNKNOWN
    assert step("", (2026, 2, 1)).model is FeeModel.UNKNOWN


def test_markets_without_fees():
    assert step("sports", (2026, 10, 1), attributes={"feesEnabled": False}).model is FeeModel.ZERO
    assert step("sports", (2026, 10, 1), attributes={"feeType": "zero_fees"}).model is FeeModel.ZERO
    created = {"created_time": day_ns(2025, 12, 1)}
    assert step("crypto", (2026, 10, 1), attributes=created).model is FeeModel.ZERO
