from itertools import permutations

import pytest

from ntp.core import ConfigError
from ntp.data import instrument_from_dict, instrument_to_dict, merge_instruments
from ntp.data.instruments_io import read_instruments, write_instruments
from ntp.markets.instrument import Instrument, InstrumentKind

FULL = Instrument(
    symbol="A",
    venue="kalshi",
    kind=InstrumentKind.CONTRACT,
    series="S",
    tick_bands=((0, 10_000, 100),),
    close_time=5,
    strike_low="3.5",
    fee_schedule={"rate": 0.07},
    attributes={"x": [1]},
)


def test_instruments_survive_json_and_parquet(tmp_path):
    assert instrument_from_dict(instrument_to_dict(FULL)) == FULL
    assert instrument_to_dict(Instrument(symbol="A", venue="")) == {"symbol": "A", "venue": ""}
    write_instruments([FULL], tmp_path / "i.parquet")
    assert read_instruments(tmp_path / "i.parquet") == [FULL]


def test_unknown_attributes_are_refused():
    with pytest.raises(ConfigError) as caught:
        instrument_from_dict({"symbol": "A", "venue": "", "close_tme": 3})
    assert "close_time" in caught.value.hint


def test_merging_does_not_depend_on_the_order():
    records = [
        Instrument(symbol="A", venue=""),
        Instrument(symbol="A", venue="kalshi", close_time=5, attributes={"x": 1}),
        Instrument(symbol="A", venue="kalshi", close_time=7, series="S", attributes={"y": 2}),
        Instrument(symbol="A", venue="kalshi", known_at=9, close_time=8),
    ]
    results = [merge_instruments(order) for order in permutations(records)]
    assert all(result == results[0] for result in results)
    assert results[0] == [
        Instrument(symbol="A", venue="kalshi", close_time=7, series="S", attributes={"x": 1, "y": 2}),
        Instrument(symbol="A", venue="kalshi", known_at=9, close_time=8),
    ]


def test_a_symbol_of_two_venues_stays_two():
    records = [Instrument(symbol="A", venue=venue) for venue in ("", "kalshi", "polymarket")]
    assert [item.venue for item in merge_instruments(records)] == ["", "kalshi", "polymarket"]
