import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from ntp.statistics import clustered_mean, clustered_regression


def sample(seed, clusters=40, most=6):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, most, clusters)
    group = np.repeat(np.arange(clusters), sizes)
    x = rng.normal(0.03, 0.02, len(group))
    y = 0.8 * x + rng.normal(0, 0.1, clusters)[group] + rng.normal(0, 0.2, len(group))
    return x, y, group, rng.integers(1, 50, len(group)).astype(float)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("intercept", [True, False])
def test_it_agrees_with_statsmodels(seed, intercept):
    x, y, group, weights = sample(seed)
    found = clustered_regression(x, y, group, weights, intercept=intercept)
    design = sm.add_constant(x, prepend=False) if intercept else x
    fit = sm.WLS(y, design, weights).fit(cov_type="cluster", cov_kwds={"groups": group})
    assert found.slope == pytest.approx(fit.params[0])
    assert found.slope_error == pytest.approx(fit.bse[0])
    if intercept:
        assert (found.intercept, found.intercept_error) == pytest.approx((fit.params[1], fit.bse[1]))
    low, high = found.slope_interval()
    assert high - low == pytest.approx(2 * stats.t.ppf(0.95, 39) * found.slope_error)
    assert (found.clusters, found.observations) == (40, len(x))


def test_observations_repeated_within_a_cluster_say_nothing_new():
    x, y, group, _ = sample(7, most=2)
    once = clustered_regression(x, y, group, intercept=False)
    thrice = clustered_regression(np.repeat(x, 3), np.repeat(y, 3), np.repeat(group, 3), intercept=False)
    assert thrice.slope == pytest.approx(once.slope)
    assert thrice.slope_error == pytest.approx(once.slope_error)


def test_a_mean_of_clusters():
    mean, error, clusters = clustered_mean([1.0, 1.0, 3.0, 3.0], ["a", "a", "b", "b"])
    assert (mean, clusters) == (2.0, 2)
    assert error == pytest.approx(np.std([1.0, 3.0], ddof=1) / np.sqrt(2))


@pytest.mark.parametrize(
    ("x", "clusters"), [([1.0, 2.0], ["a", "a"]), ([0.05, 0.05], ["a", "b"]), ([], []), ([0.0, 0.0], ["a", "b"])]
)
def test_without_variation_or_a_second_cluster_there_is_no_line(x, clusters):
    assert clustered_regression(x, [0.1] * len(x), clusters) is None


def test_a_line_through_the_origin_needs_no_variation():
    found = clustered_regression([0.05, 0.05], [0.02, 0.04], ["a", "b"], intercept=False)
    assert found.slope == pytest.approx(0.6)
