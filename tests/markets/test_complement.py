import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp.core import PRICE_ONE, DataError
from ntp.markets import Side
from ntp.markets.complement import bid_of_no, complement, is_yes, to_yes

PRICES = st.integers(0, PRICE_ONE)


def test_buying_no_is_selling_yes():
    assert to_yes(Side.BUY, 4400, "NO") == (Side.SELL, 5600)
    assert to_yes(Side.SELL, 4400, "no") == (Side.BUY, 5600)
    assert to_yes(Side.BUY, 4400, "YES") == (Side.BUY, 4400)
    assert bid_of_no(6700, 5) == (Side.SELL, 3300, 5)  # a recorded book: NO bid .67 is YES ask .33


@given(PRICES, st.sampled_from(Side))
def test_the_complement_of_the_complement_is_the_price(price, side):
    assert complement(complement(price)) == price
    turned = to_yes(side, price, "NO")
    assert to_yes(*turned, "NO") == (side, price)


@pytest.mark.parametrize("price", [-1, PRICE_ONE + 1])
def test_prices_outside_a_dollar_have_no_complement(price):
    with pytest.raises(DataError):
        complement(price)


def test_other_outcomes_are_refused():
    with pytest.raises(DataError):
        is_yes("UP")
