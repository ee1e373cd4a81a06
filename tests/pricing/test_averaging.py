import numpy as np
import pytest

from ntp.core import DataError
from ntp.pricing import digital_price, forecast_mean, mean_difference_variance, window_variance


def test_published_variance_factors():
    found = window_variance([60, 120, 300, 900, 3600])
    assert found == pytest.approx([20.502778, 80.502778, 260.502778, 860.502778, 3560.502778], abs=1e-6)
    ratios = np.sqrt(found / [60, 120, 300, 900, 3600])
    assert ratios == pytest.approx([0.58456, 0.81906, 0.93185, 0.97781, 0.99450], abs=1e-5)


def test_the_factor_is_the_mean_of_the_least_times():
    for left, window in ((60, 60), (95.5, 60), (10, 1), (7, 7)):
        times = left - window + np.arange(1, window + 1)
        assert float(window_variance(left, window)) == pytest.approx(np.minimum.outer(times, times).mean())


@pytest.mark.parametrize(
    ("seen", "factor"), [(0, 20.502778), (15, 8.720833), (30, 2.626389), (45, 0.344444), (59, 0.000277778)]
)
def test_inside_the_window_only_the_rest_is_uncertain(seen, factor):
    spot, volatility = 100_000.0, 0.5
    second = spot * volatility / np.sqrt(365 * 86_400)
    found = forecast_mean(spot, volatility, 60 - seen, seen=seen, seen_sum=seen * spot)
    assert (found.sd / second) ** 2 == pytest.approx(factor, rel=1e-5)


def test_published_example():
    found = forecast_mean(100_040, 0.5, 30, seen=30, seen_sum=30 * 100_020)
    assert (found.mean, found.sd) == (pytest.approx(100_030), pytest.approx(14.435, abs=5e-4))
    assert float(found.above(100_050)) == pytest.approx(0.08295, abs=5e-6)
    assert float(digital_price(100_040, 100_050, 0.5, 30 / (365 * 86_400))) == pytest.approx(0.4188, abs=2e-4)
    assert float(forecast_mean(100_000, 0.5, 300).above(100_050)) == pytest.approx(0.36394, abs=1e-5)


def test_the_mean_of_simulated_paths():
    random = np.random.default_rng(11)
    spot, volatility, left, window = 100_000.0, 0.6, 90, 60
    second = spot * volatility / np.sqrt(365 * 86_400)
    means = (spot + second * np.cumsum(random.standard_normal((40_000, left)), axis=1))[:, -window:].mean(axis=1)
    found = forecast_mean(spot, volatility, left, window=window)
    assert found.sd == pytest.approx(means.std(), rel=0.02)
    assert float(found.above(100_010)) == pytest.approx((means > 100_010).mean(), abs=0.01)


def test_closing_mean_against_opening_mean():
    assert mean_difference_variance(900, 60) == pytest.approx(880.0056, abs=1e-4)
    random = np.random.default_rng(12)
    steps = np.cumsum(random.standard_normal((20_000, 260)), axis=1)
    difference = steps[:, -60:].mean(axis=1) - steps[:, :60].mean(axis=1)
    assert mean_difference_variance(200, 60) == pytest.approx(difference.var(), rel=0.03)


def test_what_is_over_is_known():
    found = forecast_mean(100_000, 0.5, 0, seen=60, seen_sum=60 * 100_010.0)
    assert (found.sd, float(found.above(100_010)), float(found.above(100_009.99))) == (0.0, 0.0, 1.0)


def test_the_basis_to_the_index_widens_the_rest():
    plain, wide = (forecast_mean(100_000, 0.5, 600, basis_sd=sd).sd for sd in (0.0, 20.0))
    assert wide**2 - plain**2 == pytest.approx(400)


@pytest.mark.parametrize(
    "call",
    [
        lambda: forecast_mean(100, 0.5, -1), lambda: forecast_mean(100, 0, 600), lambda: forecast_mean(0, 0.5, 600),
        lambda: forecast_mean(100, 0.5, 60, seen=61), lambda: forecast_mean(100, 0.5, 500, seen=10, seen_sum=1_000),
        lambda: window_variance(30, 60), lambda: mean_difference_variance(30, 60), lambda: window_variance(60, 0),
    ],
)  # fmt: skip
def test_no_forecast_without_its_inputs(call):
    with pytest.raises(DataError) as error:
        call()
    assert error.value.code == "no_price"
