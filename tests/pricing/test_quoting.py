import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp.engine.compile import entry
from ntp.pricing.quoting import logit_drift, logit_quotes, optimal_spread, quotes_around, reservation_price

SIGMA2, DECAY, RATE, STEP, PATHS = 4.0, 1.5, 140.0, 0.005, 1_000


def simulate(risk_aversion, *, lean, seed):
    """Final P&L and inventory of the paper's market maker: price 100, sigma 2, one day of 200 steps."""
    rng = np.random.default_rng(seed)
    price, cash, held = np.full(PATHS, 100.0), np.zeros(PATHS), np.zeros(PATHS)
    spreads = []
    for step in range(round(1 / STEP)):
        left = 1.0 - step * STEP
        spread = optimal_spread(risk_aversion, SIGMA2, left, DECAY)
        middle = reservation_price(price, held, risk_aversion, SIGMA2, left) if lean else price
        spreads.append(spread)
        bid, ask = middle - spread / 2, middle + spread / 2
        bought = rng.random(PATHS) < RATE * np.exp(-DECAY * (price - bid)) * STEP
        sold = rng.random(PATHS) < RATE * np.exp(-DECAY * (ask - price)) * STEP
        cash += np.where(sold, ask, 0.0) - np.where(bought, bid, 0.0)
        held += bought.astype(float) - sold
        price = price + np.where(rng.random(PATHS) < 0.5, 1.0, -1.0) * math.sqrt(SIGMA2 * STEP)
    return float(np.mean(spreads)), cash + held * price, held


@pytest.mark.parametrize(
    ("risk_aversion", "lean", "spread", "mean", "deviation", "held"),
    [
        (0.1, True, 1.49, 64.9, 6.6, 3.0), (0.1, False, 1.49, 68.2, 13.2, 8.6),
        (0.01, True, 1.35, 68.3, 9.2, None), (0.5, True, 2.15, 48.5, 5.8, None),
    ],
)
def test_the_published_table_is_reproduced(risk_aversion, lean, spread, mean, deviation, held):
    """Avellaneda and Stoikov (2008), tables 1 to 3: leaning against the inventory halves the risk for little."""
    found, profit, inventory = simulate(risk_aversion, lean=lean, seed=1)
    assert found == pytest.approx(spread, abs=0.011)
    assert profit.mean() == pytest.approx(mean, abs=1.3)
    assert profit.std() == pytest.approx(deviation, rel=0.09)
    if held is not None:
        assert inventory.std() == pytest.approx(held, rel=0.09)


def test_quotes_of_a_longshot_in_logits():
    middle, bid, ask = logit_quotes(0.10, 5, 0.1, 0.5, 1.0, 1.5)
    assert (middle, bid, ask) == pytest.approx((0.07964, 0.04239, 0.14469), abs=5e-6)


def test_a_diffusing_logit_keeps_its_probability():
    rng = np.random.default_rng(3)
    at = np.full(20_000, math.log(0.2 / 0.8))
    for _ in range(200):
        p = 1 / (1 + np.exp(-at))
        at += logit_drift(p, 1.0) * 0.005 + math.sqrt(0.005) * rng.standard_normal(len(at))
    assert float(np.mean(1 / (1 + np.exp(-at)))) == pytest.approx(0.20, abs=0.004)


amounts = st.floats(0.01, 5.0)


@given(st.floats(1, 200), st.integers(-20, 20), amounts, amounts, st.floats(0, 2), amounts, st.floats(0.01, 100))
def test_another_unit_of_money_changes_nothing_but_the_unit(price, held, risk_aversion, variance, left, decay, unit):
    """Dollars to cents: prices times 100, variance times 100 squared, risk aversion and decay per cent."""
    bid, ask = quotes_around(price, held, risk_aversion, variance, left, decay)
    scaled = quotes_around(price * unit, held, risk_aversion / unit, variance * unit**2, left, decay / unit)
    assert scaled == pytest.approx((bid * unit, ask * unit), rel=1e-9, abs=1e-9 * unit * price)


@given(st.floats(0.01, 0.99), st.integers(-20, 20), amounts, amounts, st.floats(0, 2), amounts)
def test_quotes_of_a_contract_stay_within_0_and_1_and_lean_against_the_inventory(p, held, gamma, variance, left, decay):
    middle, bid, ask = logit_quotes(p, held, gamma, variance, left, decay)
    assert 0.0 <= bid <= middle <= ask <= 1.0
    more = logit_quotes(p, held + 1, gamma, variance, left, decay)
    assert all(after <= before + 1e-12 for after, before in zip(more, (middle, bid, ask), strict=True))
    mirrored = logit_quotes(1 - p, -held, gamma, variance, left, decay)
    assert (1 - mirrored[0], 1 - mirrored[2], 1 - mirrored[1]) == pytest.approx((middle, bid, ask), abs=1e-9)


def test_little_risk_aversion_is_close_to_none():
    assert optimal_spread(1e-9, 4.0, 1.0, 1.5) == pytest.approx(optimal_spread(0.0, 4.0, 1.0, 1.5))


def test_compiled_code_agrees():
    for function, arguments in (
        (reservation_price, (0.4, 3.0, 0.1, 0.2, 0.5)), (optimal_spread, (0.1, 0.2, 0.5, 1.5)),
        (logit_quotes, (0.4, 3.0, 0.1, 0.2, 0.5, 1.5)), (logit_drift, (0.3, 0.7)),
    ):
        assert entry(function)(*arguments) == pytest.approx(function(*arguments), rel=1e-14)
