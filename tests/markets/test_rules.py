import pytest

from ntp.core import SECOND, SIZE_ONE
from ntp.markets import AmendPriority, Instrument, SelfTrade, order_rules, rules_at
from ntp.markets.dates import day_ns


def rules(day=(2026, 10, 1), **instrument):
    return rules_at(order_rules(Instrument(symbol=instrument.pop("symbol", "X"), **instrument)), day_ns(*day))


def test_kalshi():
    got = rules(venue="kalshi", series="KXBTCD", attributes={"settlement_timer_seconds": 60})
    assert (got.min_size, got.size_step) == (10_000, 10_000)
    assert got.can_amend
    assert got.amend_keeps_priority is AmendPriority.DECREASE_SAME_PRICE
    assert got.nets
    assert got.reserves
    assert got.cancels_on_close
    assert got.cancels_on_reactivation
    assert got.self_trade is SelfTrade.CANCEL_TAKER
    assert got.settlement_delay_ns == 60 * SECOND
    assert rules(venue="kalshi", series="KXBTC15M").settlement_delay_ns == SECOND
    assert rules((2025, 1, 1), venue="kalshi").min_size == SIZE_ONE


@pytest.mark.parametrize(
    ("day", "ms"), [((2026, 8, 16), 250), ((2026, 8, 17), 50), ((2026, 9, 3), 50), ((2026, 9, 4), 150)]
)
def test_delay_of_takers_in_crypto_markets(day, ms):
    got = rules(day, venue="polymarket", symbol="btc-updown-15m-1771633800", category="crypto")
    assert got.taker_delay_ns == ms * SECOND // 1000


def test_polymarket():
    got = rules(venue="polymarket", category="sports")
    assert got.taker_delay_ns == SECOND
    assert got.min_size == 5 * SIZE_ONE
    assert not got.nets
    assert not got.can_amend
    assert got.amend_keeps_priority is AmendPriority.NEVER
    assert (got.gtd_minimum_ns, got.gtd_early_ns) == (180 * SECOND, 60 * SECOND)
    assert rules(venue="polymarket", category="politics").taker_delay_ns == 0
    assert rules(venue="polymarket", attributes={"seconds_delay": 3}).taker_delay_ns == 3 * SECOND


def test_an_instruments_own_sizes_come_first():
    got = rules(venue="polymarket", min_size=15 * SIZE_ONE, size_step=SIZE_ONE)
    assert (got.min_size, got.size_step) == (15 * SIZE_ONE, SIZE_ONE)


@pytest.mark.parametrize("venue", ["", "cash", "manifold", "polymarket_us", "sim_a", "sim_b", "predictit"])
def test_every_venue_has_rules_from_the_beginning(venue):
    assert order_rules(Instrument(symbol="X", venue=venue))[0].from_ns == 0
