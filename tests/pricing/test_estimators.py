"""Estimators in plain numbers are the vectorised ones."""

import numpy as np
import pytest

from ntp.pricing import Bars, garman_klass_variance, parkinson_variance, rogers_satchell_variance, thin_sampling
from ntp.pricing import estimators as e

OPEN = np.array([100, 101.5, 100.8, 102.2, 101.9, 103.4, 102.7, 104.1])
HIGH = np.array([102.3, 102.4, 102.9, 103.1, 104.2, 104, 104.9, 105.2])
LOW = np.array([99.1, 100.2, 100.1, 101, 101.2, 102.1, 102, 103.3])
CLOSE = np.array([101.2, 100.9, 102.4, 101.7, 103.6, 102.5, 104.3, 103.9])


@pytest.mark.parametrize(
    ("estimator", "vectorised", "oracle"),
    [
        (e.PARKINSON, parkinson_variance, 2.24419285e-4),
        (e.GARMAN_KLASS, garman_klass_variance, 2.60778590e-4),
        (e.ROGERS_SATCHELL, rogers_satchell_variance, 2.48634629e-4),
    ],
)
def test_a_bar_shows_what_the_vectorised_estimator_says(estimator, vectorised, oracle):
    rows = zip(OPEN, HIGH, LOW, CLOSE, strict=True)
    found = np.mean([e.bar_variance(estimator, *row, row[0]) for row in rows])
    assert found == pytest.approx(vectorised(Bars(OPEN, HIGH, LOW, CLOSE)), rel=1e-12)
    assert found == pytest.approx(oracle, rel=1e-8)


def test_the_true_range_reaches_back_to_the_close_before():
    assert e.bar_variance(e.ATR, 100.0, 101.0, 99.0, 100.0, 98.0) == pytest.approx(0.03)
    assert e.bar_variance(e.ATR, 100.0, 101.0, 99.0, 100.0, 103.0) == pytest.approx(0.04)


def test_few_prices_hide_as_much_as_the_vectorised_formula_says():
    for prices in (25.0, 60.0, 500.0):
        assert e.share_seen(e.PARKINSON, prices) == pytest.approx(thin_sampling(prices), rel=1e-12)


@pytest.mark.parametrize("estimator", [e.PARKINSON, e.GARMAN_KLASS, e.ROGERS_SATCHELL, e.ATR])
def test_what_few_prices_hide_is_given_back(estimator):
    steps = np.random.default_rng(3).standard_normal((20_000, 60)) * 1e-4 / np.sqrt(60)
    paths = np.exp(np.cumsum(np.concatenate([np.zeros((20_000, 1)), steps], axis=1), axis=1))
    rows = zip(paths[:, 0], paths.max(axis=1), paths.min(axis=1), paths[:, -1], strict=True)
    found = np.mean([e.bar_variance(estimator, *row, 1.0) for row in rows])
    if estimator == e.ATR:
        found = found**2 * np.pi / 8.0
    assert found / e.share_seen(estimator, 60.0) == pytest.approx(1e-8, rel=0.02)
