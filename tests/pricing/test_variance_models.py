import sys

import numpy as np
import pytest
from arch.data import sp500
from arch.univariate import HARX

from ntp.core import ConfigError, DataError
from ntp.pricing import garch, har

RETURNS = (100 * sp500.load()["Adj Close"].pct_change().dropna()).to_numpy()


def test_published_garch():
    found = garch(RETURNS, horizon=2)
    assert [found.mu, found.omega, found.alpha, found.beta] == pytest.approx(
        [0.05635307, 0.01750675, 0.10215003, 0.88520557], abs=1e-6
    )
    assert found.log_likelihood == pytest.approx(-6936.7185, abs=1e-4)
    assert found.variances == pytest.approx([3.59647036, 3.56850191], abs=1e-5)
    assert found.variances[1] == pytest.approx(found.omega + found.persistence * found.variances[0])


def test_small_returns_are_as_good_as_large_ones():
    large, small = garch(RETURNS), garch(RETURNS / 10_000)
    assert small.persistence == pytest.approx(large.persistence, abs=1e-4)
    assert small.variances * 1e8 == pytest.approx(large.variances, rel=1e-3)
    assert small.log_likelihood == pytest.approx(large.log_likelihood + len(RETURNS) * np.log(10_000), rel=1e-6)


def test_published_har_is_that_of_the_library():
    found = har(RETURNS**2)
    assert found.constant == pytest.approx(0.23363954, abs=1e-8)
    assert found.weights == pytest.approx([-0.12122309, 0.38189673, 0.58031975], abs=1e-8)
    library = np.asarray(HARX(RETURNS**2, lags=[1, 5, 22]).fit(disp="off").params)[:4]
    assert [found.constant, *found.weights] == pytest.approx(list(library), rel=1e-10)


def test_a_har_forecast_stays_within_what_was_seen():
    rising = np.linspace(1.0, 2.0, 60)
    assert har(rising, (1, 3)).forecast == pytest.approx(2.0)
    steady = har(np.full(60, 4.0), (1, 3))
    assert steady.forecast == pytest.approx(4.0)
    values = RETURNS[:500] ** 2
    found = har(values)
    by_hand = found.constant + sum(
        weight * values[-lag:].mean() for weight, lag in zip(found.weights, found.lags, strict=True)
    )
    assert found.forecast == pytest.approx(float(np.clip(by_hand, values.min(), values.max())))


def test_without_the_library_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "arch", None)
    with pytest.raises(ConfigError) as error:
        garch(RETURNS)
    assert error.value.code == "missing_extra"
    assert "ntp[garch]" in error.value.hint


@pytest.mark.parametrize(
    "call",
    [
        lambda: garch(RETURNS[:50]), lambda: garch(np.zeros(200)), lambda: garch([]), lambda: garch(RETURNS, 0),
        lambda: garch([np.nan] * 200), lambda: har([1.0] * 20), lambda: har([-1.0] * 200),
        lambda: har([1.0] * 200, (5, 1)), lambda: har([1.0] * 200, ()),
    ],
)  # fmt: skip
def test_no_volatility_without_a_history(call):
    with pytest.raises(DataError) as error:
        call()
    assert error.value.code == "no_price"
