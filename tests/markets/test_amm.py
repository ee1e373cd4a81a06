"""Worked examples of Manifold's market maker and laws of any pool."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntp.core import DataError
from ntp.markets import Instrument, is_amm
from ntp.markets.amm import Pool, buy, mana_to_reach, sell

D = Decimal
MICRO = D("0.000001")


@pytest.mark.parametrize(
    ("pool", "outcome", "mana", "shares", "before", "after"),
    [
        (Pool(D(1000), D(1000)), "YES", 100, "190.909091", ".5", ".547511"),
        (Pool(D(1000), D(1000), D(".3")), "YES", 100, "299.397268", ".3", ".370611"),
        (Pool(D(1000), D(1000), D(".3")), "NO", 100, "140.024216", ".3", ".272207"),
        (Pool(D(500), D(1500)), "YES", 25, "33.196721", ".75", ".756147"),
    ],
)
def test_worked_examples(pool, outcome, mana, shares, before, after):
    trade = buy(pool, outcome, D(mana))
    # The venue shows the nearest millionth, a trader here gets the millionths that are complete.
    assert D(shares) - MICRO <= trade.shares <= D(shares)
    assert pool.probability.quantize(MICRO) == D(before)
    assert trade.pool.probability.quantize(MICRO) == D(after)


def test_mana_to_move_the_price():
    pool = Pool(D(1000), D(1000))
    mana = mana_to_reach(pool, D("0.6"))
    assert mana == D("224.744872")
    assert buy(pool, "YES", mana).shares.quantize(D("0.00001")) == D("408.24829")
    assert mana_to_reach(pool, D("0.5")) == 0
    assert mana_to_reach(pool, D("0.4")) == mana


POOLS = st.builds(
    Pool,
    st.decimals(50, 5000, places=2),
    st.decimals(50, 5000, places=2),
    st.decimals("0.3", "0.7", places=2),
)
OUTCOMES = st.sampled_from(["YES", "NO"])


@settings(max_examples=25, deadline=None)
@given(POOLS, OUTCOMES, st.decimals("0.1", 50, places=2))
def test_a_round_trip_never_pays(pool, outcome, mana):
    bought = buy(pool, outcome, mana)
    assert bought.shares >= mana
    back = sell(bought.pool, outcome, bought.shares)
    assert mana - D("0.001") <= back.mana <= mana
    assert abs(back.pool.probability - pool.probability) < D("0.00001")


@settings(max_examples=25, deadline=None)
@given(POOLS, st.decimals("0.05", "0.95", places=2))
def test_the_target_is_reached_and_not_overshot(pool, target):
    mana = mana_to_reach(pool, target)
    if mana == 0:
        return
    outcome = "YES" if target > pool.probability else "NO"
    reached = buy(pool, outcome, mana).pool.probability
    assert abs(reached - target) < D("0.000001")


def test_impossible_trades_are_refused():
    pool = Pool(D(100), D(100))
    for call in (
        lambda: buy(pool, "YES", D(0)),
        lambda: sell(pool, "NO", D(-1)),
        lambda: mana_to_reach(pool, D(1)),
        lambda: Pool(D(0), D(1)),
        lambda: buy(pool, "MAYBE", D(1)),
    ):
        with pytest.raises(DataError):
            call()


def test_contracts_of_manifold_trade_against_it_unless_they_say_otherwise():
    assert is_amm(Instrument(symbol="A", venue="manifold"))
    assert is_amm(Instrument(symbol="A", venue="manifold", attributes={"mechanism": "cpmm-1"}))
    assert not is_amm(Instrument(symbol="A", venue="manifold", attributes={"mechanism": "book"}))
    assert not is_amm(Instrument(symbol="A", venue="kalshi"))
