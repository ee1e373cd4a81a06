"""The formulas in plain numbers: equal to the vectorised ones, to known oracles, and to their own slopes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntp.pricing import (
    AtLeast,
    MaximumOfPath,
    Normal,
    StudentT,
    digital_greeks,
    digital_price,
    forecast_mean,
    mean_difference_variance,
    window_variance,
)
from ntp.pricing.contract_price import (
    DIFFERENCE,
    LAST,
    MAXIMUM,
    MEAN,
    MINIMUM,
    YEAR_SECONDS,
    contract_price,
    difference_law,
    extreme_above,
    mean_law,
    tail,
)

_VOLATILITY = 0.5
_ABOVE = (False, 0.0, False)


def _second(volatility: float = _VOLATILITY) -> float:
    return volatility**2 / YEAR_SECONDS


def _mean_above(spot: float, strike: float, seen: int, total: float, left: float, **more: float) -> tuple[float, ...]:
    law = mean_law(spot, 60, seen, total, left)
    second, error, basis = _second(), more.get("error", 0.0), more.get("basis", 0.0)
    return contract_price(MEAN, True, strike, False, *_ABOVE, spot, second, error, *law, spot, basis, 0)


def test_the_window_knows_what_the_naive_digital_does_not() -> None:
    assert _mean_above(100_040, 100_050, 30, 30 * 100_020.0, 30)[0] == pytest.approx(0.08295, abs=5e-6)
    assert _mean_above(100_000, 100_050, 0, 0.0, 300)[0] == pytest.approx(0.36394, abs=5e-6)


@pytest.mark.parametrize(
    ("left", "factor"), [(60, 20.502778), (120, 80.502778), (300, 260.502778), (900, 860.502778), (3600, 3560.502778)]
)
def test_seconds_that_reach_a_mean_before_its_window(left: float, factor: float) -> None:
    assert mean_law(1.0, 60, 0, 0.0, left)[2] == pytest.approx(factor, abs=1e-6)


@pytest.mark.parametrize(("seen", "factor"), [(15, 8.720833), (30, 2.626389), (45, 0.344444), (59, 0.000277778)])
def test_seconds_that_reach_a_mean_inside_its_window(seen: int, factor: float) -> None:
    assert mean_law(1.0, 60, seen, 0.0, 60 - seen)[2] == pytest.approx(factor, abs=1e-6)


@given(
    spot=st.floats(10, 1e6), distance=st.floats(-0.05, 0.05), left=st.floats(61, 1e5), window=st.integers(1, 60),
    volatility=st.floats(0.05, 3.0), basis=st.floats(0, 1e-4),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_a_mean_before_its_window_is_that_of_the_vectorised_formula(
    spot: float, distance: float, left: float, window: int, volatility: float, basis: float
) -> None:
    strike, sd = spot * (1 + distance), spot * basis
    law = mean_law(spot, window, 0, 0.0, left)
    expected = forecast_mean(spot, volatility, left, window=window, basis_sd=sd)
    assert law[2] == pytest.approx(float(window_variance(left, window)), rel=1e-12)
    got = contract_price(MEAN, True, strike, False, *_ABOVE, spot, _second(volatility), 0.0, *law, spot, sd, 0)
    assert got[0] == pytest.approx(float(expected.above(strike)), abs=1e-9)


@given(
    spot=st.floats(10, 1e6), distance=st.floats(-0.003, 0.003), gone=st.floats(-0.003, 0.003),
    seen=st.integers(1, 60), volatility=st.floats(0.05, 3.0),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_a_mean_inside_its_window_is_that_of_the_vectorised_formula(
    spot: float, distance: float, gone: float, seen: int, volatility: float
) -> None:
    strike, total = spot * (1 + distance), seen * spot * (1 + gone)
    expected = forecast_mean(spot, volatility, 60 - seen, seen=seen, seen_sum=total)
    law = mean_law(spot, 60, seen, total, 60 - seen)
    got = contract_price(MEAN, True, strike, False, *_ABOVE, spot, _second(volatility), 0.0, *law, spot, 0.0, 0)
    assert got[0] == pytest.approx(float(expected.above(strike)), abs=1e-9)


@given(
    spot=st.floats(10, 1e6), distance=st.floats(-0.2, 0.2), left=st.floats(1, 1e6), volatility=st.floats(0.05, 3.0)
)
@settings(max_examples=200, deadline=None)
def test_the_last_value_is_priced_as_a_digital_and_so_are_its_slopes(
    spot: float, distance: float, left: float, volatility: float
) -> None:
    strike, years = spot * (1 + distance), left / YEAR_SECONDS
    got = contract_price(
        LAST, True, strike, False, *_ABOVE, spot, _second(volatility), 0.0, spot, 1.0, left, 1.0, spot, 0.0, 0
    )
    greeks = digital_greeks(spot, strike, volatility, years)
    assert got[0] == pytest.approx(float(digital_price(spot, strike, volatility, years)), abs=1e-9)
    assert got[2] == pytest.approx(float(greeks.delta), rel=1e-9, abs=1e-12)
    assert got[3] == pytest.approx(float(greeks.vega), rel=1e-9, abs=1e-12)
    assert got[4] == pytest.approx(float(greeks.theta), rel=1e-8, abs=1e-9)


@given(distance=st.floats(-0.05, 0.05), freedom=st.integers(3, 60), left=st.floats(1, 1e5))
@settings(max_examples=200, deadline=None)
def test_fat_tails_are_those_of_the_vectorised_distribution(distance: float, freedom: int, left: float) -> None:
    spot, strike = 100.0, 100.0 * (1 + distance)
    spread = _VOLATILITY * math.sqrt(left / YEAR_SECONDS)
    got = contract_price(LAST, True, strike, False, *_ABOVE, spot, _second(), 0.0, spot, 1.0, left, 1.0, spot, 0.0,
                         freedom)  # fmt: skip
    expected = 1.0 - float(StudentT(spot, spread, float(freedom)).cdf(strike))
    assert got[0] == pytest.approx(expected, abs=1e-9)


def test_the_tails_reach_the_normal() -> None:
    assert tail(1.3, 2_000) == pytest.approx(float(Normal(0.0, 1.0).cdf(1.3)), abs=1e-4)


def test_the_difference_of_two_means() -> None:
    law = difference_law(100.0, 60, 0, 0.0, 1_000.0, 1_900.0)
    assert law == pytest.approx((0.0, 0.0, mean_difference_variance(900.0, 60), 0.0))
    whole = difference_law(100.0, 60, 60, 60 * 99.0, 0.0, 900.0)
    assert whole[:3] == pytest.approx((1.0, 1.0, float(window_variance(900.0, 60))))


def test_the_difference_of_two_means_by_simulation() -> None:
    rng = np.random.default_rng(5)
    seen, left_open, left = 20, 40.0, 340.0
    paths = np.cumsum(rng.standard_normal((20_000, int(left))), axis=1)
    opening = (paths[:, : int(left_open)].sum(axis=1) + seen * 0.3) / 60  # what was seen stood at 0.3
    difference = paths[:, -60:].mean(axis=1) - opening
    mean, _, seconds, _ = difference_law(0.0, 60, seen, seen * 0.3, left_open, left)
    assert difference.mean() == pytest.approx(mean, abs=4 * difference.std() / math.sqrt(20_000))
    assert difference.var() == pytest.approx(seconds, rel=0.05)


@given(level=st.floats(90, 120), seen=st.floats(100, 110), left=st.floats(60, 1e6))
@settings(max_examples=100, deadline=None)
def test_a_running_maximum_is_that_of_the_vectorised_distribution(level: float, seen: float, left: float) -> None:
    law = AtLeast(seen, MaximumOfPath(100.0, _VOLATILITY * math.sqrt(left / YEAR_SECONDS)))
    got = extreme_above(level, False, 100.0, _second(), left, seen, False)
    assert got == pytest.approx(1.0 - float(law.cdf(level)), abs=1e-9)


def test_a_running_minimum_by_simulation() -> None:
    rng = np.random.default_rng(7)
    spread, steps = 0.05, 4_000
    walk = rng.standard_normal((4_000, steps)) * (spread / math.sqrt(steps)) - 0.5 * spread**2 / steps
    lows = 100.0 * np.exp(np.cumsum(walk, axis=1).min(axis=1))
    got = extreme_above(97.0, False, 100.0, spread**2 / 100.0, 100.0, 100.0, True)
    # a path of steps misses 0.58 of one of them at its ends
    shifted = 97.0 * math.exp(0.5826 * spread / math.sqrt(steps))
    assert got == pytest.approx(float((lows > shifted).mean()), abs=0.03)


_CASES = [(LAST, 0), (MEAN, 0), (MEAN, 4), (LAST, 5), (DIFFERENCE, 0), (MAXIMUM, 0), (MINIMUM, 0)]


@pytest.mark.parametrize(("functional", "freedom"), _CASES)
def test_slopes_are_those_of_the_price(functional: int, freedom: int) -> None:
    base = {"spot": 100.0, "variance": _second(), "left": 600.0}

    def price(**changed: float) -> tuple[float, ...]:
        given = {**base, **changed}
        spot, left = given["spot"], given["left"]
        if functional == MEAN:
            law = mean_law(spot, 60, 0, 0.0, left)
        elif functional == DIFFERENCE:
            law = difference_law(spot, 60, 45, 45 * 99.99, left - 585.0, left)
        else:
            law = (spot, 1.0, left, 1.0)
        low, high = (-0.05, 0.08) if functional == DIFFERENCE else (99.95, 100.08)
        basis = 0.0 if functional in (MAXIMUM, MINIMUM) else 0.03
        return contract_price(
            functional, True, low, False, True, high, False, spot, given["variance"], 0.0, *law, 100.02, basis, freedom
        )

    def slope(name: str, step: float) -> float:
        up, down = price(**{name: base[name] + step}), price(**{name: base[name] - step})
        return (up[0] - down[0]) / (2 * step)

    here = price()
    volatility = slope("variance", 1e-5 * base["variance"]) * 2 * math.sqrt(base["variance"] / YEAR_SECONDS)
    assert here[2] == pytest.approx(slope("spot", 1e-4), rel=1e-3, abs=1e-6)
    assert here[3] == pytest.approx(volatility, rel=1e-3, abs=1e-6)
    assert -here[4] / YEAR_SECONDS == pytest.approx(slope("left", 1e-3), rel=1e-3, abs=1e-9)


def test_what_is_known_is_sure_and_a_tie_counts_where_the_rules_say_so() -> None:
    law = mean_law(100.0, 60, 60, 6_000.0, 0.0)
    strict = contract_price(MEAN, True, 100.0, False, *_ABOVE, 100.0, _second(), 0.0, *law, 100.0, 0.0, 0)
    inclusive = contract_price(MEAN, True, 100.0, True, *_ABOVE, 100.0, _second(), 0.0, *law, 100.0, 0.0, 0)
    assert (strict[0], inclusive[0]) == (0.0, 1.0)


def test_the_band_is_what_volatility_and_basis_may_do() -> None:
    sure = _mean_above(100_000, 100_050, 0, 0.0, 300)
    vague = _mean_above(100_000, 100_050, 0, 0.0, 300, error=0.1 * _second())
    shifted = _mean_above(100_000, 100_050, 0, 0.0, 300, basis=20.0)
    assert sure[1] == 0.0
    # a tenth of the variance is a twentieth of the volatility
    assert vague[1] == pytest.approx(abs(sure[3]) * 0.05 * _VOLATILITY, rel=1e-6)
    assert shifted[1] == pytest.approx(20.0 * shifted[2], rel=0.05)
