from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp.core import PRICE_ONE, ConfigError, DataError, from_units, to_units
from ntp.markets import (
    Instrument,
    InstrumentKind,
    TickGrid,
    grid_of,
    kalshi_price_ranges,
    kalshi_structure,
    polymarket_amounts,
    polymarket_grid,
)
from ntp.markets.ticks import KALSHI_STRUCTURES, POLYMARKET_ROUNDING

GRIDS = [*KALSHI_STRUCTURES.values(), *(polymarket_grid(step) for step in POLYMARKET_ROUNDING)]
grids = st.sampled_from(GRIDS)


@pytest.mark.parametrize(
    ("name", "count", "finest"),
    [
        ("linear_cent", 99, 100),
        ("tapered_deci_cent", 279, 10),
        ("deci_cent", 999, 10),
        ("center_half_edge_half_cent", 199, 50),
        ("center_centi_edge_centi_cent", 9999, 1),
        ("center_deci_edge_centi_cent", 100 + 980 + 99, 1),
    ],
)
def test_named_structures(name, count, finest):
    grid = kalshi_structure(name)
    assert len(grid.all_prices()) == count
    assert grid.finest_step == finest
    assert grid.all_prices()[0] == finest
    assert grid.all_prices()[-1] == PRICE_ONE - finest


@given(grids, st.integers(-10, PRICE_ONE + 10))
def test_rounding_agrees_with_the_list_of_prices(grid, price):
    prices = grid.all_prices()
    assert grid.contains(price) == (price in prices)
    assert grid.round_down(price) == max((p for p in prices if p <= price), default=None)
    assert grid.round_up(price) == min((p for p in prices if p >= price), default=None)
    assert grid.next_down(price) == max((p for p in prices if p < price), default=None)
    assert grid.next_up(price) == min((p for p in prices if p > price), default=None)


@given(grids, st.integers(1, PRICE_ONE - 1))
def test_a_makers_price_is_rounded_away_from_the_touch(grid, price):
    # Pitfall E34: a bid is never rounded up, an ask never down.
    bid, ask = grid.round_down(price), grid.round_up(price)
    assert bid is None or bid <= price
    assert ask is None or ask >= price


@given(grids, st.integers(0, PRICE_ONE))
def test_the_complement_lives_on_the_mirrored_grid(grid, price):
    assert grid.mirrored().contains(PRICE_ONE - price) == grid.contains(price)
    assert grid.mirrored().mirrored() == grid


@pytest.mark.parametrize("decimals", [2, 3])
def test_every_cent_and_deci_cent_text_round_trips(decimals):
    # Pitfall E1: int(float(x) * 100).
    step = 10 ** (4 - decimals)
    for units in range(step, PRICE_ONE, step):
        text = f"{Decimal(units) / PRICE_ONE:.{decimals}f}"
        assert to_units(text, 4) == units
        assert from_units(units, 4) == Decimal(text)


def test_prices_that_binary_floats_get_wrong():
    assert [to_units(text, 4) for text in ("0.29", "0.57", "0.58")] == [2900, 5700, 5800]
    assert [int(float(text) * 100) for text in ("0.29", "0.57", "0.58")] != [29, 57, 58]


def test_steps_of_a_tapered_grid():
    grid = kalshi_structure("tapered_deci_cent")
    assert [grid.step_at(p) for p in (500, 1000, 5000, 9000, 9500)] == [10, 100, 100, 10, 10]
    assert grid.next_down(1000) == 990
    assert grid.next_up(1000) == 1100
    assert grid.next_up(9000) == 9010
    assert grid.next_up(9990) is None
    assert grid.next_down(10) is None


def test_price_ranges_of_the_wire():
    ranges = [
        {"start": "0.9000", "end": "1.0000", "step": "0.0010"},
        {"start": "0.0000", "end": "0.1000", "step": "0.0010"},
        {"start": "0.1000", "end": "0.9000", "step": "0.0100"},
    ]
    assert kalshi_price_ranges(ranges) == kalshi_structure("tapered_deci_cent")


@pytest.mark.parametrize(
    "bands",
    [
        (),
        ((0, 100, 0),),
        ((100, 100, 1),),
        ((0, 1000, 300),),
        ((0, 500, 10), (400, 1000, 10)),
        ((0, 20000, 100),),
    ],
)
def test_bands_that_make_no_grid(bands):
    with pytest.raises(DataError) as raised:
        TickGrid(bands)
    assert raised.value.code == "bad_ticks"


def test_unknown_names_are_refused():
    with pytest.raises(DataError) as raised:
        kalshi_structure("tapered_decicent")
    assert "tapered_deci_cent" in raised.value.hint
    with pytest.raises(DataError):
        polymarket_grid("0.02")
    with pytest.raises(DataError):
        kalshi_price_ranges([{"start": "0", "end": "1"}])
    with pytest.raises(DataError):
        polymarket_amounts(5000, 1_000_000, 20)


def test_grid_of_an_instrument():
    plain = Instrument(symbol="A", venue="kalshi")
    assert grid_of(plain) == kalshi_structure("linear_cent")
    banded = Instrument(symbol="A", venue="kalshi", tick_bands=((0, 10_000, 10),))
    assert grid_of(banded).finest_step == 10
    asset = grid_of(Instrument(symbol="GOOG", venue="cash", kind=InstrumentKind.ASSET, price_scale=2))
    assert asset.contains(123_456)
    assert asset.round_down(10_000) == 10_000
    with pytest.raises(ConfigError):
        asset.all_prices()


@pytest.mark.parametrize(
    ("price", "size", "tick", "expected"),
    [
        (5600, 100_000_000, 100, (100_000_000, 56_000_000)),
        (5600, 7_042_251, 100, (7_040_000, 3_942_400)),
        (1234, 1_239_999, 1, (1_230_000, 151_782)),
        (9710, 5_149_310, 10, (5_140_000, 4_990_940)),
        (3000, 3_330_000, 1000, (3_330_000, 999_000)),
    ],
)
def test_amounts_of_polymarket_orders(price, size, tick, expected):
    assert polymarket_amounts(price, size, tick) == expected
