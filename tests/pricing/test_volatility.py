import numpy as np
import pytest

from ntp.core import DataError
from ntp.pricing import (
    Bars,
    annual,
    close_variance,
    ewma_variance,
    garman_klass_variance,
    parkinson_variance,
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
        lambda: annual(-1, 60), lambda: annual(1, 0),
    ],
)  # fmt: skip
def test_no_volatility_without_its_inputs(call):
    with pytest.raises(DataError) as error:
        call()
    assert error.value.code == "no_price"
