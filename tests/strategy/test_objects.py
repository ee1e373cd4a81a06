"""Objects users meet."""

import pytest

from ntp.core import Absent
from ntp.markets.instrument import Instrument, InstrumentKind
from ntp.strategy import Contract, EventView, Order, Position


def test_contracts_are_equal_by_id():
    one, same, other = Contract("kalshi:A", "kalshi"), Contract("kalshi:A"), Contract("kalshi:B")
    assert one == same
    assert one != other
    assert one != "kalshi:A"
    assert {one: 1}[same] == 1
    assert str(one) == "kalshi:A"


def test_a_contract_is_made_from_an_instrument():
    instrument = Instrument(
        symbol="KXHIGHNY-1-T80", venue="kalshi", series="KXHIGHNY", event="KXHIGHNY-1", strike_low="80.5",
        close_time=7, tick_bands=((10, 990, 10), (1000, 9000, 100), (9010, 9990, 10)),
    )
    contract = Contract.of(instrument)
    assert (contract.id, contract.event, contract.strike_low) == ("kalshi:KXHIGHNY-1-T80", "KXHIGHNY-1", 80.5)
    assert contract.strike_high is None
    assert contract.tick(0.05) == pytest.approx(0.001)
    assert contract.tick(0.50) == pytest.approx(0.01)
    with pytest.raises(Absent):
        contract.tick(1.5)


def test_unknown_grids_are_cents_for_contracts_and_units_for_assets():
    assert Contract("a:b").tick(0.5) == 0.01
    asset = Contract.of(Instrument(symbol="GOOG", venue="cash", kind=InstrumentKind.ASSET, price_scale=2))
    assert asset.is_asset
    assert asset.tick(150.0) == 0.01


def test_positions_have_no_average_while_flat():
    assert Position().unrealised_usd == 0.0
    with pytest.raises(Absent):
        _ = Position().average_price
    held = Position(-100.0, 60.0, 0.40, 0.35)
    assert held.average_price == 0.40
    assert held.unrealised_usd == pytest.approx(5.0)
    with pytest.raises(Absent):
        _ = Position(1.0, 0.4, 0.4).unrealised_usd


def test_orders_know_what_remains():
    order = Order(1, Contract("a:b"), "BUY", 0.4, 10.0, filled=4.0)
    assert order.remaining == 6.0
    assert order.is_open
    order.status = "refused"
    assert not order.is_open


def test_events_know_their_close():
    event = EventView("E", close_time=3_000_000_000, ts=1_000_000_000)
    assert event.seconds_to_close == 2.0
    with pytest.raises(Absent):
        _ = EventView("E").seconds_to_close
