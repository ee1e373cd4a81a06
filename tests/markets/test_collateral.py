import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp.core import PRICE_ONE, SIZE_ONE, DataError
from ntp.markets import Instrument, Side
from ntp.markets.collateral import cash_change, convert_no, group_return, legs_of, order_reserve, void_refund
from ntp.markets.groups import group_of

PRICES = st.integers(1, PRICE_ONE - 1)
SIZES = st.integers(0, 10**9).map(lambda n: n * 10_000)


def teams(**attributes):
    return group_of(
        "E",
        [
            Instrument(
                symbol=name, venue="polymarket", event="E", strike_type="structured", attributes=attributes
            )
            for name in "ABC"
        ],
    )


def test_opening_either_side_costs_what_it_can_lose():
    assert order_reserve(Side.BUY, 5600, SIZE_ONE) == 560_000
    assert order_reserve(Side.SELL, 5600, SIZE_ONE) == 440_000
    assert order_reserve(Side.SELL, 5600, SIZE_ONE, fee=17_300) == 457_300
    assert order_reserve(Side.BUY, 5600, SIZE_ONE, reserves=False) == 0


def test_closing_locks_nothing():
    assert order_reserve(Side.SELL, 5600, SIZE_ONE, yes=SIZE_ONE) == 0
    assert order_reserve(Side.BUY, 5600, SIZE_ONE, no=2 * SIZE_ONE, fee=17_300) == 0
    assert order_reserve(Side.SELL, 5600, 3 * SIZE_ONE, yes=SIZE_ONE) == 2 * 440_000 - 560_000
    assert order_reserve(Side.SELL, 1, SIZE_ONE, yes=SIZE_ONE, fee=200) == 100


def test_legs():
    legs = legs_of(Side.SELL, 5600, 3 * SIZE_ONE, yes=SIZE_ONE, no=0)
    assert [(leg.outcome, leg.side, leg.price, leg.size) for leg in legs] == [
        ("YES", Side.SELL, 5600, SIZE_ONE),
        ("NO", Side.BUY, 4400, 2 * SIZE_ONE),
    ]


@given(st.sampled_from(Side), PRICES, SIZES, SIZES, SIZES)
def test_legs_move_the_cash_of_the_fill(side, price, size, yes, no):
    legs = legs_of(side, price, size, yes=yes, no=no)
    assert sum(leg.size for leg in legs) == size
    cash = sum(-leg.side * leg.price * leg.size for leg in legs)
    assert cash // PRICE_ONE == cash_change(side, price, size, yes=yes, no=no)


@given(PRICES, SIZES, SIZES, SIZES)
def test_cash_mirrors(price, size, yes, no):
    here = cash_change(Side.BUY, price, size, yes=yes, no=no)
    assert here == cash_change(Side.SELL, PRICE_ONE - price, size, yes=no, no=yes)


def test_no_of_an_exclusive_group_returns_what_cannot_be_lost():
    group = teams(negRisk=True)
    holdings = dict.fromkeys("ABC", (0, SIZE_ONE))
    assert group_return("MECNET", group, holdings) == 2 * SIZE_ONE
    assert group_return("MECNET", group, {"A": (SIZE_ONE, 0)}) == 0
    assert group_return("MECNET", group, {"A": (0, SIZE_ONE), "B": (0, 3 * SIZE_ONE)}) == SIZE_ONE


@pytest.mark.parametrize("rule", ["", "DIRECNET", "mecnet"])
def test_an_unknown_rule_returns_nothing(rule):
    assert group_return(rule, teams(negRisk=True), dict.fromkeys("ABC", (0, SIZE_ONE))) == 0
    assert group_return("MECNET", teams(), dict.fromkeys("ABC", (0, SIZE_ONE))) == 0


def test_conversion_of_no():
    group = teams(negRisk=True, exhaustive=True)
    assert convert_no(group, ("A", "B"), SIZE_ONE) == (SIZE_ONE, {"C": SIZE_ONE})
    assert convert_no(group, ("A",), SIZE_ONE) == (0, {"B": SIZE_ONE, "C": SIZE_ONE})
    with pytest.raises(DataError):
        convert_no(group, ("A", "Z"), SIZE_ONE)
    with pytest.raises(DataError):
        convert_no(teams(negRisk=True), ("A",), SIZE_ONE)


def test_a_void_gives_back_cost_and_fee():
    assert void_refund(560_000, 17_300) == 577_300
