import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ntp.core import DataError
from ntp.statistics import benjamini_hochberg, holm

P_VALUES = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=60)


@given(P_VALUES)
def test_benjamini_hochberg_is_that_of_scipy(p_values):
    assert benjamini_hochberg(p_values) == pytest.approx(stats.false_discovery_control(p_values), abs=1e-12)


@given(P_VALUES)
def test_holm_rejects_step_by_step(p_values):
    """By its definition: walk up the sorted p-values while p <= level / (tests left)."""
    adjusted = holm(p_values)
    for level in (0.01, 0.05, 0.2):
        rejected = set()
        for step, place in enumerate(np.argsort(p_values, kind="stable")):
            if p_values[place] * (len(p_values) - step) > level:
                break
            rejected.add(int(place))
        assert {place for place, value in enumerate(adjusted) if value <= level} == rejected


@given(P_VALUES)
def test_corrections_never_help_and_keep_the_order(p_values):
    for adjusted in (holm(p_values), benjamini_hochberg(p_values)):
        assert np.all(adjusted >= np.array(p_values) - 1e-15)
        assert np.all(np.diff(adjusted[np.argsort(p_values, kind="stable")]) >= 0.0)
    assert np.all(holm(p_values) >= benjamini_hochberg(p_values) - 1e-15)


def test_the_best_of_several_pays_for_all():
    assert holm([0.01, 0.5, 0.9]).tolist() == pytest.approx([0.03, 1.0, 1.0])
    assert holm([0.2]).tolist() == [0.2]
    assert len(holm([])) == len(benjamini_hochberg([])) == 0


@pytest.mark.parametrize("bad", [[-0.1], [1.1], [float("nan")], [[0.1, 0.2]]])
def test_what_is_no_probability_is_refused(bad):
    for correct in (holm, benjamini_hochberg):
        with pytest.raises(DataError, match="p-values from 0 to 1"):
            correct(bad)
