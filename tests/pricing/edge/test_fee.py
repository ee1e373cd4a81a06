import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntp.engine.compile import entry
from ntp.markets import FeeModel, FeeRounding, FeeStep, Role, Side, fill_fee
from ntp.pricing.edge import fee_per_contract, fees_per_contract

KALSHI = FeeStep(
    model=FeeModel.QUADRATIC, taker_rate=70_000, maker_rate=17_500, rounding=FeeRounding.KALSHI_ACCUMULATOR
)
rates = st.one_of(st.just(0), st.integers(1_000, 80_000))
steps = st.builds(
    FeeStep, model=st.sampled_from(FeeModel), taker_rate=rates, maker_rate=rates,
    exponent=st.sampled_from([1, 2]), rounding=st.sampled_from(FeeRounding), precision=st.sampled_from([100, 10_000]),
)


def arguments(step, role, side, price, size, smallest=1.0):
    rate = step.maker_rate if role is Role.MAKER else step.taker_rate
    return (
        int(step.model), rate, step.exponent, int(step.rounding), step.precision, int(role is Role.MAKER), int(side),
        price / 10_000, size, smallest,
    )


def of(step, role, side, price, size, smallest=1.0):
    return fee_per_contract(*arguments(step, role, side, price, size, smallest))


@pytest.mark.parametrize(("price", "maker", "taker"), [(100, 0.02, 0.07), (500, 0.09, 0.34), (2500, 0.33, 1.32)])
def test_a_hundred_contracts_at_kalshi_cost_what_is_published(price, maker, taker):
    """Totals of a fill of 100 in cents; the balance of others than direct members is kept in cents."""
    step = FeeStep(
        model=FeeModel.QUADRATIC, taker_rate=70_000, maker_rate=17_500, rounding=FeeRounding.KALSHI_ACCUMULATOR,
        precision=10_000,
    )
    assert of(step, Role.MAKER, Side.BUY, price, 100) * 100 == pytest.approx(maker)
    assert of(step, Role.TAKER, Side.BUY, price, 100) * 100 == pytest.approx(taker)


def test_one_contract_pays_the_whole_rounding():
    assert of(KALSHI, Role.MAKER, Side.BUY, 5000, 1) == pytest.approx(0.0044)
    assert of(KALSHI, Role.MAKER, Side.BUY, 5000, 100) == pytest.approx(0.004375)


def test_unknown_fees_are_not_a_number():
    assert math.isnan(of(FeeStep(model=FeeModel.UNKNOWN), Role.MAKER, Side.BUY, 5000, 1))


def test_a_maker_who_is_paid_has_a_negative_fee():
    paid = FeeStep(model=FeeModel.QUADRATIC, maker_rate=-12_500, rounding=FeeRounding.EXACT6)
    assert of(paid, Role.MAKER, Side.BUY, 5000, 1) == pytest.approx(-0.003125)


@settings(max_examples=300, deadline=None)
@given(
    steps, st.sampled_from(Role), st.sampled_from(Side), st.integers(1, 9_999), st.integers(1, 500), st.integers(1, 40)
)
def test_it_is_never_less_than_what_a_fill_pays(step, role, side, price, size, smallest):
    """Of all multiples of the smallest fill where each fill is rounded, of the whole order where roundings add up."""
    if step.model is FeeModel.UNKNOWN:
        return
    stated = of(step, role, side, price, size, smallest)
    whole = step.rounding in (FeeRounding.KALSHI_ACCUMULATOR, FeeRounding.CENTICENT_CEIL_REBATE)
    piece = size if whole else min(size, smallest)
    for filled in {piece, size // piece * piece}:
        paid = fill_fee(step, price=price, size=filled * 10**6, side=side, role=role).fee / filled / 1e6
        assert paid <= stated + 1e-9
    exact = fill_fee(step, price=price, size=piece * 10**6, side=side, role=role).fee / piece / 1e6
    if step.rounding not in (FeeRounding.BANKERS_CENT, FeeRounding.POLYMARKET_FLOOR5):
        assert stated == pytest.approx(exact, abs=1e-9)
    else:
        assert stated - exact <= 0.01 / piece + 1e-9


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 9_999), st.lists(st.integers(1, 60), min_size=1, max_size=12), st.sampled_from(Side))
def test_an_order_filled_in_pieces_pays_no_more_than_stated(price, pieces, side):
    """Kalshi gives back what rounding took too much; a millionth per fill and one precision may be outstanding."""
    acc = paid = 0
    for size in pieces:
        found = fill_fee(KALSHI, price=price, size=size * 10**6, side=side, role=Role.MAKER, acc=acc)
        acc, paid = found.acc, paid + found.fee
    total = sum(pieces)
    assert paid <= of(KALSHI, Role.MAKER, side, price, total) * total * 1e6 + len(pieces) + KALSHI.precision


def test_arrays_and_compiled_code_agree_with_the_scalar():
    rng = np.random.default_rng(4)
    count = 400
    columns = (
        rng.integers(0, 5, count), rng.integers(-20_000, 80_000, count), rng.integers(1, 3, count),
        rng.integers(0, 6, count), rng.choice([100, 10_000], count), rng.integers(0, 2, count),
        rng.choice([-1, 1], count), rng.integers(1, 10_000, count) / 10_000, rng.integers(0, 300, count) / 1.0,
    )
    smallest = 3.0
    compiled = entry(fee_per_contract)
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    one = np.array([fee_per_contract(*row, smallest) for row in rows])
    np.testing.assert_array_equal(fees_per_contract(*columns, smallest), one)
    np.testing.assert_array_equal([compiled(*row, smallest) for row in rows], one)
