"""Sizing against published and computed values."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp.core import Absent, StrategyError
from ntp.strategy import Signal, Strategy, affordable, kelly_contracts, kelly_fraction, unit_cost

from .fake_runtime import ASSET, HOME, OTHER, bound

chances = st.floats(0.0, 1.0)
prices = st.integers(1, 99).map(lambda cents: cents / 100)


def growth(p, cost, stake):
    """Expected logarithmic growth of staking a share at a cost per claim."""
    return p * math.log(1 + stake * (1 - cost) / cost) + (1 - p) * math.log(1 - stake)


@pytest.mark.parametrize(
    ("p", "price", "fee", "fraction"),
    [(0.6, 0.5, 0.0, 0.2), (0.6, 0.5, 0.0175, 0.170984456), (0.12, 0.10, 0.0, 0.0222222222)],
)
def test_kelly_oracles(p, price, fee, fraction):
    assert kelly_fraction(p, price, fee=fee) == pytest.approx(fraction, abs=1e-9)


def test_kelly_oracle_with_the_quadratic_fee():
    fee = 0.07 * 0.10 * 0.90
    assert kelly_fraction(0.12, 0.10, fee=fee) == pytest.approx(0.015330, abs=1e-6)


def test_kelly_oracle_growth():
    assert growth(0.6, 0.5175, kelly_fraction(0.6, 0.5, fee=0.0175)) == pytest.approx(0.013745529, abs=1e-9)


@given(chances, prices, st.floats(0.0, 0.05))
def test_no_stake_without_an_edge_after_the_fee(p, price, fee):
    fraction = kelly_fraction(p, price, fee=fee)
    assert 0.0 <= fraction <= 1.0
    assert (fraction > 0.0) == (p > price + fee and price + fee < 1.0)


@given(st.floats(0.01, 0.99), prices)
def test_the_stake_grows_fastest(p, price):
    best = kelly_fraction(p, price)
    for other in (best - 0.01, best + 0.01):
        if 0.0 <= other < 1.0:
            assert growth(p, price, best) >= growth(p, price, other) - 1e-12


@given(chances, prices)
def test_selling_is_buying_the_complement(p, price):
    assert kelly_fraction(p, price, "SELL") == pytest.approx(kelly_fraction(1 - p, 1 - price), abs=1e-9)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (kelly_fraction, (1.2, 0.5)), (kelly_fraction, (math.nan, 0.5)), (kelly_fraction, (0.5, 1.2)),
        (kelly_contracts, (0.6, 0.5, "BUY", 0.0, 100.0, -1.0)), (affordable, (-1.0, 0.5)),
        (affordable, (math.nan, 0.5)), (unit_cost, (-0.1, "BUY")),
    ],
)
def test_numbers_that_mean_nothing_are_refused(function, arguments):
    with pytest.raises(StrategyError) as caught:
        function(*arguments)
    assert caught.value.code == "bad_size"


def test_kelly_sizing_buys_a_quarter_of_the_stake():
    strategy = Strategy()
    bound(strategy, equity=1_000.0)
    assert strategy.kelly_sizing(0.6, 0.5) == pytest.approx(0.25 * 0.2 * 1_000 / 0.5)
    assert strategy.kelly_sizing(0.6, 0.5, fraction=1.0) == pytest.approx(400)
    assert strategy.kelly_sizing(0.4, 0.5, "SELL") == pytest.approx(100)
    assert strategy.kelly_sizing(0.4, 0.5) == 0.0


def test_kelly_sizing_takes_fee_and_touch_from_the_runtime():
    strategy = Strategy()
    bound(strategy, equity=1_000.0, fee=0.0175)
    assert strategy.kelly_sizing(0.6, 0.5) == pytest.approx(0.25 * 0.170984456 * 1_000 / 0.5175)
    assert strategy.kelly_sizing(0.6) == strategy.kelly_sizing(0.6, 0.40)
    assert strategy.kelly_sizing(0.3, side="SELL") == strategy.kelly_sizing(0.3, 0.44, "SELL")


def test_kelly_sizing_of_a_signal():
    strategy = Strategy()
    bound(strategy, equity=1_000.0)
    assert strategy.kelly_sizing(Signal("BUY", fair=0.6, price=0.5)) == pytest.approx(100)
    assert strategy.kelly_sizing(Signal("BUY", confidence=0.6), 0.5) == pytest.approx(100)
    assert strategy.kelly_sizing(Signal("SELL", confidence=0.6, price=0.5)) == pytest.approx(100)
    assert strategy.kelly_sizing(Signal("BUY", confidence=0.6, price=0.5, outcome="NO")) == pytest.approx(100)
    assert strategy.kelly_sizing(Signal("CLOSE")) == 0.0
    assert strategy.kelly_sizing(Signal("BUY", fair=0.5, contract=OTHER)) > 0.0


def test_sizes_follow_no_price_that_is_absent():
    strategy = Strategy()
    bound(strategy).view(HOME).bid = None
    for call in (
        lambda: strategy.kelly_sizing(0.6), lambda: strategy.contracts(10),
        lambda: strategy.calculate_position_size(Signal("BUY")),
    ):
        with pytest.raises(Absent):
            call()


def test_contracts_for_an_amount_of_money():
    strategy = Strategy()
    bound(strategy, fee=0.01)
    assert strategy.contracts(41) == pytest.approx(100)
    assert strategy.contracts(51, 0.50) == pytest.approx(100)
    assert strategy.contracts(51, 0.50, "SELL") == pytest.approx(100)


def test_assets_cost_their_price_either_way():
    strategy = Strategy()
    view = bound(strategy).view(ASSET)
    view.bid, view.ask = 100.0, 101.0
    assert strategy.calculate_position_size(Signal("BUY", contract=ASSET)) == pytest.approx(5.0)
    assert strategy.calculate_position_size(Signal("SELL", contract=ASSET)) == pytest.approx(500 / 101)
    with pytest.raises(StrategyError, match="asset"):
        strategy.kelly_sizing(Signal("BUY", contract=ASSET))


def test_nothing_is_bought_with_nothing():
    strategy = Strategy()
    bound(strategy, equity=-5.0)
    assert strategy.calculate_position_size(Signal("BUY")) == 0.0
    assert strategy.kelly_sizing(0.9, 0.5) == 0.0
    assert strategy.calculate_position_size(Signal("HOLD")) == 0.0
    assert affordable(10.0, 0.0) == 0.0


def test_brackets_are_sized_together():
    class Sizes(Strategy):
        def analyze(self, data):
            return None

    strategy = Sizes()
    runtime = bound(strategy, equity=1_000.0, fee=0.01)
    runtime.views[str(HOME)].bid, runtime.views[str(OTHER)].bid = 0.39, 0.29
    sizes = strategy.bracket_sizing({HOME: 0.5, str(OTHER): 0.4}, fraction=0.5)
    kept = (1 - 0.9) / (1 - 0.7)
    assert sizes == pytest.approx({
        HOME: 0.5 * 1_000 * (0.5 - 0.40 * kept) / 0.40, str(OTHER): 0.5 * 1_000 * (0.4 - 0.30 * kept) / 0.30,
    })
    runtime.views[str(OTHER)].bid = None
    alone = strategy.bracket_sizing({HOME: 0.5, OTHER: 0.4}, fraction=1.0)
    assert alone == pytest.approx({HOME: 1_000 * kelly_fraction(0.5, 0.39, fee=0.01) / 0.40, OTHER: 0.0})
    for wrong, message in (({HOME: 0.7, OTHER: 0.4}, "sum to at most 1"), ({HOME: "x"}, "not supported between")):
        with pytest.raises(StrategyError, match=message) as raised:
            strategy.bracket_sizing(wrong)
        assert raised.value.code == "bad_size"
    with pytest.raises(StrategyError, match="fraction of at least 0"):
        strategy.bracket_sizing({HOME: 0.5}, fraction=-1)
    with pytest.raises(StrategyError, match="contracts of one event"):
        strategy.bracket_sizing({HOME: 0.5, ASSET: 0.1})


def test_a_side_is_a_word_in_any_case_and_nothing_else():
    class Sizes(Strategy):
        def analyze(self, data):
            return None

    strategy = Sizes()
    bound(strategy, equity=1_000.0)
    assert strategy.contracts(40, side="buy") == pytest.approx(100)
    assert strategy.kelly_sizing(0.6, 0.5, "buy") == strategy.kelly_sizing(0.6, 0.5, "BUY") > 0
    with pytest.raises(StrategyError, match="expected side BUY or SELL, was 'BYU'"):
        strategy.contracts(40, side="BYU")
