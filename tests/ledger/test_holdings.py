import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp.core import PRICE_ONE, SIZE_ONE, VerificationFailed
from ntp.ledger import Holdings, payout
from ntp.markets import Side


def test_what_is_held_is_given_up_first():
    held = Holdings(yes=2 * SIZE_ONE)
    assert held.change(Side.SELL, 3 * SIZE_ONE) == (-2 * SIZE_ONE, SIZE_ONE)
    assert held.proceeds(Side.SELL, 6000, 3 * SIZE_ONE) == 1_200_000 - 400_000


def test_a_venue_that_does_not_net_may_hold_both():
    held = Holdings(nets=False, yes=SIZE_ONE)
    assert held.change(Side.SELL, SIZE_ONE, hold_both=True) == (0, SIZE_ONE)
    assert held.proceeds(Side.SELL, 6000, SIZE_ONE, hold_both=True) == -400_000
    assert held.change(Side.SELL, SIZE_ONE) == (-SIZE_ONE, 0)


def test_more_than_is_held_cannot_be_given_up():
    with pytest.raises(VerificationFailed):
        Holdings(yes=1).move(-2, 0)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, PRICE_ONE))
def test_a_payout_is_between_nothing_and_one_dollar_each(yes, no, value):
    paid = payout(yes, no, value)
    assert 0 <= paid <= yes + no
    assert payout(no, yes, PRICE_ONE - value) == paid
    assert payout(yes, yes, value) == yes
