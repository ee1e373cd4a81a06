import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from ntp.core import DataError
from ntp.pricing import bracket_prices, digital_greeks, digital_price, smile_digital_price

CASES = [
    ((100, 100, 0.2, 365, 0.0), 0.460172162723),
    ((100, 105, 0.5, 7, 0.0), 0.229877936708),
    ((100_000, 101_000, 0.6, 1, 0.0), 0.369741755266),
    ((90_000, 92_500, 0.55, 30, 0.04), 0.407024631200),
    ((100, 100, 0.2, 365, 0.05), 0.532324815454),
]


@pytest.mark.parametrize(("case", "expected"), CASES)
def test_published_prices(case, expected):
    spot, strike, volatility, days, rate = case
    assert float(digital_price(spot, strike, volatility, days / 365, rate=rate)) == pytest.approx(expected, abs=1e-12)


def test_haug_cash_or_nothing_put():
    """Haug: 10 dollars below 80, spot 100, nine months, rate 6 %, cost of carry 0, volatility 35 %."""
    above = float(digital_price(100, 80, 0.35, 0.75, rate=0.06, carry=0.06))
    assert 10 * (np.exp(-0.06 * 0.75) - above) == pytest.approx(2.6710, abs=5e-5)


@settings(max_examples=60, deadline=None)
@given(st.floats(50, 200), st.floats(50, 200), st.floats(0.05, 2), st.floats(0.01, 3), st.floats(-0.05, 0.1))
def test_a_price_is_the_integral_of_the_lognormal_density(spot, strike, volatility, years, rate):
    law = stats.lognorm(volatility * np.sqrt(years), scale=spot * np.exp((rate - volatility**2 / 2) * years))
    expected = np.exp(-rate * years) * law.sf(strike)
    assert float(digital_price(spot, strike, volatility, years, rate=rate)) == pytest.approx(expected, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.floats(80, 120), st.floats(80, 120), st.floats(0.1, 1), st.floats(0.05, 2), st.floats(-0.05, 0.1))
def test_sensitivities_are_slopes(spot, strike, volatility, years, rate):
    def price(spot=spot, volatility=volatility, years=years):
        return float(digital_price(spot, strike, volatility, years, rate=rate))

    found = digital_greeks(spot, strike, volatility, years, rate=rate)
    step = 1e-5
    assert float(found.delta) == pytest.approx((price(spot + step) - price(spot - step)) / (2 * step), abs=1e-6)
    up, down = price(volatility=volatility + step), price(volatility=volatility - step)
    assert float(found.vega) == pytest.approx((up - down) / (2 * step), abs=1e-5)
    later, sooner = price(years=years - step), price(years=years + step)
    assert float(found.theta) == pytest.approx((later - sooner) / (2 * step), abs=1e-4)


def test_published_sensitivities():
    found = digital_greeks(100, 100, 0.2, 1.0)
    assert [float(found.delta), float(found.vega)] == pytest.approx([0.019848, -0.198476], abs=1e-6)


@pytest.mark.parametrize(
    ("strike", "flat", "skewed"),
    [(90, 0.693376, 0.713777), (100, 0.465730, 0.482823), (110, 0.257944, 0.267422)],
)
def test_a_smile_moves_digitals(strike, flat, skewed):
    years = 30 / 365
    x = np.log(strike / 100)
    volatility, slope = 0.60 - 0.15 * x + 0.25 * x**2, (-0.15 + 0.5 * x) / strike
    assert float(digital_price(100, strike, volatility, years)) == pytest.approx(flat, abs=1e-6)
    found = float(smile_digital_price(100, strike, volatility, slope, years))
    assert found == pytest.approx(skewed, abs=1e-6)

    def call(level):
        y = np.log(level / 100)
        spread = (0.60 - 0.15 * y + 0.25 * y**2) * np.sqrt(years)
        d1 = (np.log(100 / level) + spread**2 / 2) / spread
        return 100 * stats.norm.cdf(d1) - level * stats.norm.cdf(d1 - spread)

    assert found == pytest.approx(-(call(strike + 1e-3) - call(strike - 1e-3)) / 2e-3, abs=1e-8)


def test_a_smile_with_arbitrage_is_refused():
    with pytest.raises(DataError) as error:
        smile_digital_price(100, 100, 0.2, 0.5, 1.0)
    assert error.value.code == "arbitrage"


def test_brackets_sum_to_one():
    strikes = np.linspace(80, 120, 21)
    found = bracket_prices(strikes, digital_price(100, strikes, 0.4, 0.1))
    assert found.sum() == pytest.approx(1, abs=1e-12)
    assert (found >= 0).all()
    middle, _ = integrate.quad(stats.lognorm(0.4 * np.sqrt(0.1), scale=100 * np.exp(-0.08 * 0.1)).pdf, 98, 100)
    assert found[10] == pytest.approx(middle, abs=1e-9)


@pytest.mark.parametrize(
    ("inputs", "what"),
    [
        ((0, 100, 0.2, 1), "spot"), ((100, -1, 0.2, 1), "strike"), ((100, 100, 0, 1), "volatility"),
        ((100, 100, 0.2, 0), "time"), ((100, 100, 0.2, -1), "time"), ((float("nan"), 100, 0.2, 1), "spot"),
        (([100, float("inf")], 100, 0.2, 1), "spot"),
    ],
)  # fmt: skip
def test_no_price_without_its_inputs(inputs, what):
    with pytest.raises(DataError) as error:
        digital_price(*inputs)
    assert error.value.code == "no_price"
    assert what in error.value.message


def test_strikes_out_of_order_have_no_ladder():
    with pytest.raises(DataError):
        bracket_prices([100, 90], [0.5, 0.7])
    with pytest.raises(DataError):
        bracket_prices([90, 100], [0.5, 0.7])
