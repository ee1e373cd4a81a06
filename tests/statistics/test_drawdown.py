import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp.statistics import drawdowns, max_drawdown


def test_fall_from_the_peak_over_the_peak():
    assert max_drawdown(np.array([100.0, 120.0, 90.0, 130.0, 110.0]), 100.0) == pytest.approx(-0.25)


def test_the_opening_is_a_peak():
    assert max_drawdown(np.array([90.0, 95.0]), 100.0) == pytest.approx(-0.1)


def test_no_samples_no_fall():
    assert max_drawdown(np.empty(0), 100.0) == 0.0


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=50))
def test_drawdown_is_never_positive_and_matches_the_slow_way(values):
    falls = drawdowns(np.array(values), 1.0)
    slow = [value / max([1.0, *values[: at + 1]]) - 1.0 for at, value in enumerate(values)]
    assert (falls <= 0).all()
    assert falls == pytest.approx(slow, abs=1e-12)
