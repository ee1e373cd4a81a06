"""What quick replays are told in compiled code, held against the statistics that say it slowly."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ntp.backtest.columns.figures import _QUICK, _quantile
from ntp.backtest.columns.waits import _median
from ntp.backtest.metrics import METRICS
from ntp.engine.memory import address_of
from ntp.statistics import kaplan_meier


def test_every_metric_without_random_draws_has_a_quick_form():
    assert set(_QUICK) == {metric.id for metric in METRICS if not metric.resampled}


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=60))
def test_the_median_wait_is_that_of_the_product_limit_estimate(waits):
    codes = np.sort(np.array([2 * wait + (not filled) for wait, filled in waits]))
    lengths, filled = np.array([float(wait) for wait, _ in waits]), np.array([filled for _, filled in waits])
    expected = kaplan_meier(lengths, filled).median
    found = int(_median(address_of(codes), len(codes)))
    assert found == (-1 if expected is None else expected)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=40), st.sampled_from([0.05, 1.0 - 0.95, 0.5, 0.95]))
def test_quantiles_are_those_of_numpy(values, share):
    assert np.isclose(_quantile(sorted(values), share), np.quantile(values, share), rtol=1e-12, atol=1e-15)
