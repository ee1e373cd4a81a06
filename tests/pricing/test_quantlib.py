"""Digital prices against QuantLib, on random inputs."""

import numpy as np
import pytest
import QuantLib
from hypothesis import given, settings
from hypothesis import strategies as st

from ntp.pricing import digital_greeks, digital_price

TODAY = QuantLib.Date(1, 1, 2026)


def library(spot, strike, volatility, days, rate, carry):
    QuantLib.Settings.instance().evaluationDate = TODAY
    count = QuantLib.Actual365Fixed()
    curve = [QuantLib.YieldTermStructureHandle(QuantLib.FlatForward(TODAY, value, count)) for value in (carry, rate)]
    constant = QuantLib.BlackConstantVol(TODAY, QuantLib.NullCalendar(), volatility, count)
    vol = QuantLib.BlackVolTermStructureHandle(constant)
    process = QuantLib.BlackScholesMertonProcess(QuantLib.QuoteHandle(QuantLib.SimpleQuote(spot)), *curve, vol)
    payoff = QuantLib.CashOrNothingPayoff(QuantLib.Option.Call, strike, 1.0)
    option = QuantLib.VanillaOption(payoff, QuantLib.EuropeanExercise(TODAY + QuantLib.Period(days, QuantLib.Days)))
    option.setPricingEngine(QuantLib.AnalyticEuropeanEngine(process))
    return option


@settings(max_examples=150, deadline=None)
@given(
    st.floats(1, 200_000), st.floats(0.5, 2.0), st.floats(0.05, 3), st.integers(1, 800), st.floats(-0.05, 0.1),
    st.floats(-0.02, 0.05),
)  # fmt: skip
def test_prices_and_sensitivities_of_the_library(spot, moneyness, volatility, days, rate, carry):
    strike, years = spot * moneyness, days / 365
    option = library(spot, strike, volatility, days, rate, carry)
    found = float(digital_price(spot, strike, volatility, years, rate=rate, carry=carry))
    assert found == pytest.approx(option.NPV(), abs=1e-12)
    greeks = digital_greeks(spot, strike, volatility, years, rate=rate, carry=carry)
    assert float(greeks.delta) == pytest.approx(option.delta(), rel=1e-9, abs=1e-14)
    assert float(greeks.vega) == pytest.approx(option.vega(), rel=1e-9, abs=1e-12)
    assert float(greeks.theta) == pytest.approx(option.theta(), rel=1e-8, abs=1e-10)


def test_a_call_is_many_prices():
    random = np.random.default_rng(7)
    spots, strikes = random.uniform(50, 150, 40), random.uniform(50, 150, 40)
    found = digital_price(spots, strikes, 0.6, 30 / 365)
    each = [library(spot, strike, 0.6, 30, 0.0, 0.0).NPV() for spot, strike in zip(spots, strikes, strict=True)]
    assert found == pytest.approx(each, abs=1e-12)
    ladder = digital_price(spots[:, None], strikes[None, :], 0.6, 30 / 365)
    assert ladder.shape == (40, 40)
    assert np.diag(ladder) == pytest.approx(found)
