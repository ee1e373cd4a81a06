import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp.engine.compile import entry
from ntp.pricing.edge import size_factor, weighed_slope


@pytest.mark.parametrize(
    ("slope", "factor"),
    [(1.0, 1.0), (0.7, 1.0), (1.3, 1.0), (0.5, 0.5), (0.1, 0.25), (-3.0, 0.25), (2.0, 0.5), (9.0, 0.25)],
)
def test_a_slope_that_is_known_decides(slope, factor):
    assert size_factor(slope, 0.0, 30) == factor


def test_a_slope_that_is_hardly_known_decides_nothing():
    """Off by 0.9, but with a standard error of 3: nine parts of ten are the prior."""
    assert weighed_slope(0.1, 3.0) == pytest.approx(0.91)
    assert size_factor(0.1, 3.0, 50) == 1.0


def test_too_few_events_and_an_unknown_slope_leave_sizes_alone():
    assert size_factor(0.1, 0.0, 29) == size_factor(math.nan, 0.1, 99) == size_factor(0.1, math.nan, 99) == 1.0


@given(st.floats(-50, 50), st.floats(0, 50), st.integers(0, 10_000))
def test_it_is_always_from_a_quarter_to_one(slope, error, events):
    assert 0.25 <= size_factor(slope, error, events) <= 1.0


def test_compiled_it_is_the_same():
    compiled = entry(size_factor)
    for slope in (-1.0, 0.3, 0.69, 0.71, 1.0, 1.31, 4.0):
        for error in (0.0, 0.4, 2.0):
            assert compiled(slope, error, 40) == size_factor(slope, error, 40)
