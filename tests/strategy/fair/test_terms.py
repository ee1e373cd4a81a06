"""What contracts on coins settle on, from their names alone."""

from decimal import Decimal
from itertools import pairwise

import pytest

from ntp.core import SECOND
from ntp.engine import fair as f
from ntp.markets import Instrument, InstrumentKind, named_contracts, opening_of
from ntp.pricing.contract_price import DIFFERENCE, LAST, MEAN
from ntp.strategy.fair.terms import follows, terms_of

NAMED = {
    "KXBTCD-26AUG2017-T73749.99": (MEAN, 60, 0),
    "KXETHD-26AUG2017-T2749.99": (MEAN, 60, 0),
    "KXSOLD-26AUG2017-T149.99": (MEAN, 60, 0),
    "KXBTC15M-26SEP131715-15": (DIFFERENCE, 60, 900),
    "KXETH15M-26SEP131715-15": (DIFFERENCE, 60, 900),
    "btc-updown-15m-1771633800": (DIFFERENCE, 1, 900),  # before means: the last value against the first
    "btc-updown-15m-1786500000": (DIFFERENCE, 60, 900),
    "btc-updown-5m-1786500000": (DIFFERENCE, 30, 300),
    "sol-updown-5m-1786900200": (DIFFERENCE, 60, 300),
    "bitcoin-up-or-down-november-25-2025-6pm-et": (DIFFERENCE, 1, 3_600),
    "bitcoin-above-100k-on-november-25-2025": (LAST, 0, 0),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_name_tells_functional_window_and_opening(name):
    (contract,) = named_contracts(name)
    terms = terms_of(contract)
    functional, window, length = NAMED[name]
    assert terms.refused == f.PRICED
    assert (terms.functional, terms.window) == (functional, window)
    assert terms.end == contract.close_time
    assert terms.open_end == (contract.close_time - length * SECOND if length else 0)


def test_a_known_strike_takes_the_place_of_the_opening():
    (contract,) = named_contracts("KXBTC15M-26SEP131715-15", strikes=[Decimal("64000.12")])
    terms = terms_of(contract)
    assert (terms.functional, terms.open_end) == (MEAN, 0)
    assert terms.low == (pytest.approx(64_000.115), True)


def test_ranges_tile_the_line():
    edges = [Decimal(73_200), Decimal(73_300), Decimal(73_400)]
    found = [terms_of(each) for each in named_contracts("KXBTC-26SEP2901", strikes=edges)]
    assert [each.refused for each in found] == [f.PRICED] * 4
    for below, above in pairwise(found):
        assert below.high[0] == pytest.approx(above.low[0], abs=1e-9)


def test_openings_are_those_of_contracts_on_a_change():
    assert opening_of(Instrument(symbol="KXBTCD-X", venue="kalshi", series="KXBTCD", close_time=1)) is None
    assert opening_of(Instrument(symbol="KXBTC15M-X", venue="kalshi", series="KXBTC15M")) is None
    assert opening_of(Instrument(symbol="btc-updown-soon-1", venue="polymarket", close_time=1)) is None


@pytest.mark.parametrize(
    ("name", "feed", "expected"),
    [
        ("KXBTCD-26AUG2017-T73749.99", "BTC-USD", True), ("KXBTCD-26AUG2017-T73749.99", "ETH-USD", False),
        ("KXBTCD-26AUG2017-T73749.99", "KNYC", False), ("btc-updown-15m-1771633800", "BTC/USD", True),
    ],
)  # fmt: skip
def test_only_a_feed_of_the_same_coin_stands_for_the_index(name, feed, expected):
    (contract,) = named_contracts(name)
    assert follows(contract, Instrument(symbol=feed, venue="feed", kind=InstrumentKind.REFERENCE)) is expected


def test_a_temperature_is_no_price():
    high = Instrument(
        symbol="KXHIGHNY-26AUG10-T80", venue="kalshi", series="KXHIGHNY", close_time=1, strike_type="greater",
        strike_low="80",
    )  # fmt: skip
    assert terms_of(high).refused == f.NOT_A_PRICE
