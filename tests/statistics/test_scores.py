import numpy as np
import pytest

from ntp.statistics import brier_score, signed_edge


def test_brier_of_the_known_table():
    # science S13: 0.171
    forecasts = np.array([0.1] * 4 + [0.4] * 3 + [0.7] * 2 + [0.9])
    outcomes = np.array([0, 0, 0, 1, 0, 1, 0, 1, 1, 1], dtype=float)
    assert brier_score(forecasts, outcomes) == pytest.approx(0.171)
    assert brier_score(np.empty(0), np.empty(0)) is None


def test_edge_favours_the_side_and_weighs_by_size():
    side = np.array([1.0, -1.0])
    price = np.array([0.40, 0.60])
    value = np.array([0.45, 0.50])
    assert signed_edge(side, price, value, np.array([1.0, 3.0])) == pytest.approx((0.05 + 0.30) / 4)


def test_fills_without_a_value_are_left_out():
    nothing = np.array([np.nan])
    assert signed_edge(np.ones(1), np.ones(1), nothing, np.ones(1)) is None
    value = np.array([0.5, np.nan])
    assert signed_edge(np.ones(2), np.full(2, 0.4), value, np.array([1.0, 9.0])) == pytest.approx(0.1)
