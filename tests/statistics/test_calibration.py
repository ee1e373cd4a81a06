import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss
from sklearn.metrics import log_loss as sklearn_log_loss

from ntp.core import DataError
from ntp.statistics import (
    brier_decomposition,
    brier_score,
    expected_calibration_error,
    isotonic,
    log_loss,
    reliability_diagram,
    venn_abers,
    wilson_interval,
)

FORECASTS = np.array([0.1] * 4 + [0.4] * 3 + [0.7] * 2 + [0.9])
OUTCOMES = np.array([0, 0, 0, 1, 0, 1, 0, 1, 1, 1], dtype=float)


def random_forecasts(seed):
    rng = np.random.default_rng(seed)
    forecasts = rng.beta(0.8, 1.2, 300)
    return forecasts, (rng.random(300) < forecasts**1.3).astype(float)


def test_the_parts_of_the_example():
    """Science S13."""
    parts = brier_decomposition(FORECASTS, OUTCOMES)
    assert brier_score(FORECASTS, OUTCOMES) == pytest.approx(0.171)
    assert parts.reliability == pytest.approx(0.029333, abs=1e-6)
    assert parts.resolution == pytest.approx(0.108333, abs=1e-6)
    assert parts.uncertainty == 0.25
    assert log_loss(FORECASTS, OUTCOMES) == pytest.approx(0.537531902, abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_scores_are_those_of_scikit_learn(seed):
    forecasts, outcomes = random_forecasts(seed)
    assert brier_score(forecasts, outcomes) == pytest.approx(brier_score_loss(outcomes, forecasts))
    assert log_loss(forecasts, outcomes) == pytest.approx(sklearn_log_loss(outcomes, forecasts))
    rounded = np.round(forecasts, 1)
    parts = brier_decomposition(rounded, outcomes)
    whole = parts.reliability - parts.resolution + parts.uncertainty
    assert whole == pytest.approx(brier_score_loss(outcomes, rounded))


@pytest.mark.parametrize("cuts", ["uniform", "quantile"])
@pytest.mark.parametrize("seed", range(5))
def test_diagrams_are_those_of_scikit_learn(seed, cuts):
    forecasts, outcomes = random_forecasts(seed)
    diagram = reliability_diagram(forecasts, outcomes, bins=8, cuts=cuts)
    happened, forecast = calibration_curve(outcomes, forecasts, n_bins=8, strategy=cuts)
    assert diagram.forecast == pytest.approx(forecast)
    assert diagram.happened == pytest.approx(happened)
    assert diagram.count.sum() == 300
    assert (diagram.low[0], diagram.high[0]) == wilson_interval(
        diagram.happened[0] * diagram.count[0], float(diagram.count[0])
    )
    assert diagram.calibration_error == pytest.approx(np.sum(diagram.count * abs(forecast - happened)) / 300)


def test_no_forecast_has_no_score():
    nothing = np.empty(0)
    for score in (log_loss, brier_decomposition, reliability_diagram, expected_calibration_error):
        assert score(nothing, nothing) is None
    assert log_loss(np.array([1.0]), np.array([0.0])) == pytest.approx(34.54, abs=0.01)
    assert expected_calibration_error(FORECASTS, OUTCOMES) == pytest.approx(
        (4 * 0.15 + 3 * abs(0.4 - 1 / 3) + 2 * 0.3 + 0.1) / 10
    )
    for wrong in ({"bins": 0}, {"cuts": "equal"}):
        with pytest.raises(DataError, match="uniform or quantile"):
            reliability_diagram(FORECASTS, OUTCOMES, **wrong)


def test_the_isotonic_example():
    """Science S13."""
    assert isotonic(np.array([0, 0, 1, 0, 1, 0, 1, 1.0])).tolist() == [0, 0, 0.5, 0.5, 0.5, 0.5, 1, 1]
    assert len(isotonic(np.empty(0))) == 0


@pytest.mark.parametrize("seed", range(5))
def test_isotonic_fits_are_those_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    values, weights = rng.random(50), rng.integers(1, 5, 50).astype(float)
    theirs = IsotonicRegression().fit_transform(np.arange(50), values, sample_weight=weights)
    assert isotonic(values, weights) == pytest.approx(theirs)


def test_the_venn_abers_example():
    """Science S13, checked there with venn-abers 1.5.4."""
    scores = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
    outcomes = np.array([0, 0, 1, 0, 1, 0, 1, 1.0])
    at = venn_abers(scores, outcomes, 0.55)
    assert (at.low, at.high, at.probability) == pytest.approx((0.4, 2 / 3, 0.526316), abs=1e-6)
    assert venn_abers(scores, outcomes, 0.25).probability == pytest.approx(0.375)


@pytest.mark.parametrize("seed", range(4))
def test_venn_abers_is_two_isotonic_fits(seed):
    rng = np.random.default_rng(seed)
    scores, score = rng.integers(0, 12, 40) / 12, float(rng.integers(0, 12)) / 12
    outcomes = (rng.random(40) < scores).astype(float)
    found = venn_abers(scores, outcomes, score)
    for assumed, value in ((0.0, found.low), (1.0, found.high)):
        model = IsotonicRegression().fit(np.append(scores, score), np.append(outcomes, assumed))
        assert value == pytest.approx(model.predict([score])[0])
    assert found.low <= found.probability <= found.high
    with pytest.raises(DataError, match="to calibrate by"):
        venn_abers(np.empty(0), np.empty(0), 0.5)
