import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ntp.statistics import kaplan_meier


def test_known_curve():
    curve = kaplan_meier(np.array([1.0, 2.0, 2.0, 3.0, 5.0]), np.array([True, True, False, True, False]))
    assert curve.times.tolist() == [1.0, 2.0, 3.0]
    assert curve.surviving == pytest.approx([0.8, 0.6, 0.3])
    assert curve.median == 3.0


def test_median_that_never_comes():
    assert kaplan_meier(np.array([1.0, 9.0, 9.0]), np.array([True, False, False])).median is None


def test_nothing_happened():
    assert kaplan_meier(np.array([1.0, 2.0]), np.array([False, False])).median is None
    assert kaplan_meier(np.empty(0), np.empty(0, dtype=bool)).median is None


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=60))
def test_equals_scipy(rows):
    durations = np.array([float(row[0]) for row in rows])
    happened = np.array([row[1] for row in rows])
    curve = kaplan_meier(durations, happened)
    data = stats.CensoredData(uncensored=durations[happened], right=durations[~happened])
    oracle = stats.ecdf(data).sf.evaluate(curve.times)
    assert curve.surviving == pytest.approx(oracle, abs=1e-12)
