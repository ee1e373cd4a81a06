import numpy as np
import pytest
import talib

from ntp.core import DataError
from ntp.pricing import (
    Bars,
    annual,
    average_true_range,
    close_variance,
    ewma_variance,
    garman_klass_variance,
    parkinson_variance,
    qlike,
    range_variance,
    rogers_satchell_variance,
    thin_sampling,
    yang_zhang_variance,
)

TOY = Bars(
    open=np.array([100, 101.5, 100.8, 102.2, 101.9, 103.4, 102.7, 104.1]),
    high=np.array([102.3, 102.4, 102.9, 103.1, 104.2, 104, 104.9, 105.2]),
    low=np.array([99.1, 100.2, 100.1, 101, 101.2, 102.1, 102, 103.3]),
    close=np.array([101.2, 100.9, 102.4, 101.7, 103.6, 102.5, 104.3, 103.9]),
)


def test_published_values():
    assert close_variance(TOY.close) == pytest.approx(1.58162999951e-4, rel=1e-11)
    assert parkinson_variance(TOY) == pytest.approx(2.24419285e-4, rel=1e-8)
    assert garman_klass_variance(TOY) == pytest.approx(2.60778590e-4, rel=1e-8)
    assert rogers_satchell_variance(TOY) == pytest.approx(2.48634629e-4, rel=1e-8)
    assert yang_zhang_variance(TOY) == pytest.approx(2.15489370e-4, rel=1e-8)
    assert ewma_variance(TOY.close)[-1] == pytest.approx(5.89674412e-5, rel=1e-8)


def bars_of_walks(random, bars, steps, sd=0.01):
    paths = np.exp(np.cumsum(np.concatenate(
        (np.zeros((bars, 1)), random.normal(0, sd / np.sqrt(steps), (bars, steps))), axis=1
    ), axis=1))  # fmt: skip
    return Bars(paths[:, 0], paths.max(axis=1), paths.min(axis=1), paths[:, -1])


@pytest.mark.parametrize("steps", [30, 100, 400])
def test_ranges_of_few_prices_are_mended(steps):
    bars = bars_of_walks(np.random.default_rng(3), 20_000, steps)
    assert parkinson_variance(bars) / thin_sampling(steps) == pytest.approx(1e-4, rel=0.03)
    assert thin_sampling(steps) < 1


@pytest.mark.parametrize(
    ("estimator", "measure"), [("garman_klass", garman_klass_variance), ("rogers_satchell", rogers_satchell_variance)]
)
def test_other_ranges_of_few_prices_are_mended(estimator, measure):
    bars = bars_of_walks(np.random.default_rng(8), 20_000, 60)
    assert measure(bars) < 0.85e-4
    assert measure(bars) / thin_sampling(60, estimator) == pytest.approx(1e-4, rel=0.03)


def test_published_bias_of_ranges():
    assert thin_sampling(500) == pytest.approx(0.939, abs=3e-3)
    assert thin_sampling(500, "garman_klass") == pytest.approx(0.918, abs=2e-3)
    assert thin_sampling(500, "rogers_satchell") == pytest.approx(0.917, abs=2e-3)


def test_true_ranges_are_those_of_the_library():
    bars = bars_of_walks(np.random.default_rng(9), 200, 40)
    close = np.cumprod(bars.close)
    shifted = Bars(*(each * close / bars.close for each in (bars.open, bars.high, bars.low, bars.close)))
    expected = talib.ATR(shifted.high, shifted.low, shifted.close, 14)
    assert average_true_range(shifted, 14) == pytest.approx(expected[14:], rel=1e-12)
    assert range_variance(shifted) == pytest.approx(1e-4, rel=0.5)


def test_the_variance_of_ranges_is_that_of_the_walk():
    bars = bars_of_walks(np.random.default_rng(10), 2_000, 1_000)
    # without gaps a bar begins where the one before ended: its range is that of the walk
    level = np.concatenate(([1.0], np.cumprod(bars.close)[:-1]))
    walk = Bars(*(each * level for each in (bars.open, bars.high, bars.low, bars.close)))
    relative = np.mean(average_true_range(walk, 1)[500:] / level[501:])
    assert (relative / np.sqrt(8 / np.pi)) ** 2 == pytest.approx(1e-4, rel=0.08)
    names = ("open", "high", "low", "close")
    parts = [Bars(*(getattr(walk, name)[at : at + 40] for name in names)) for at in range(0, 1_900, 40)]
    assert np.mean([range_variance(each) for each in parts]) == pytest.approx(1e-4, rel=0.15)


def test_a_forecast_is_scored_best_where_it_is_right():
    random = np.random.default_rng(11)
    truth = np.exp(random.normal(size=5_000))
    proxy = truth * random.standard_normal(5_000) ** 2
    right, low, high = (qlike(truth * factor, proxy) for factor in (1.0, 0.7, 1.4))
    assert right < high < low, "too low costs more than too high"
    assert qlike([2.0, 3.0], [2.0, 3.0]) == 0.0


def test_ranges_are_more_efficient_than_closes():
    random = np.random.default_rng(4)
    found = []
    for _ in range(200):
        bars = bars_of_walks(random, 20, 100)
        found.append((close_variance(np.cumprod(bars.close)), parkinson_variance(bars)))
    closes, ranges = np.array(found).T
    assert np.var(closes / closes.mean()) > 3 * np.var(ranges / ranges.mean())


def test_a_year_has_365_days():
    assert float(annual(1e-4, 86_400)) == pytest.approx(0.01 * np.sqrt(365))


@pytest.mark.parametrize(
    "call",
    [
        lambda: close_variance([100, 101]), lambda: close_variance([100, -1, 2]), lambda: ewma_variance([1, 2], 1.0),
        lambda: Bars(np.array([10.0]), np.array([9.0]), np.array([8.0]), np.array([9.0])), lambda: thin_sampling(5),
        lambda: annual(-1, 60), lambda: annual(1, 0), lambda: thin_sampling(100, "close"), lambda: qlike([], []),
        lambda: qlike([0.0], [1.0]), lambda: average_true_range(TOY, 8), lambda: average_true_range(TOY, 0),
    ],
)  # fmt: skip
def test_no_volatility_without_its_inputs(call):
    with pytest.raises(DataError) as error:
        call()
    assert error.value.code == "no_price"
