"""Joint Kelly stakes against a published table and against a numerical optimum."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from ntp.statistics import bracket_stakes

P = dict(enumerate((0.10, 0.25, 0.35, 0.20, 0.10)))
K = dict(enumerate((0.13, 0.20, 0.31, 0.24, 0.17)))


def growth(stakes, p, k):
    total = sum(stakes.values())
    rest = 1 - sum(p.values())
    found = rest * math.log(1 - total) if rest > 1e-12 else 0.0
    return found + sum(p[key] * math.log(1 - total + stakes[key] / k[key]) for key in p if p[key] > 0)


def test_the_published_table():
    stakes = bracket_stakes(P, K)
    assert stakes == pytest.approx({0: 0.0, 1: 0.09, 2: 0.102, 3: 0.008, 4: 0.0})
    assert P[3] < K[3]  # no edge alone, and yet a stake: it pays where the others lose
    assert growth(stakes, P, K) == pytest.approx(0.0171692, abs=5e-8)
    assert growth({0: 0, 1: 0.0625, 2: 0.058, 3: 0, 4: 0}, P, K) == pytest.approx(0.0151111, abs=5e-6)


def test_one_outcome_is_the_kelly_stake():
    assert bracket_stakes({"a": 0.6}, {"a": 0.5}) == pytest.approx({"a": 0.2})
    assert bracket_stakes({"a": 0.6}, {"a": 0.5175}) == pytest.approx({"a": 0.170984456})
    assert bracket_stakes({"a": 0.5}, {"a": 0.5}) == {"a": 0.0}


def test_an_arbitrage_stakes_the_probabilities_and_what_has_no_cost_nothing():
    p = {"a": 0.3, "b": 0.7}
    assert bracket_stakes(p, {"a": 0.4, "b": 0.5}) == pytest.approx(p)
    assert bracket_stakes(p, {"b": 0.5})["a"] == 0.0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.02, 1), st.floats(0.02, 0.9)), min_size=1, max_size=5), st.floats(0.5, 0.99))
def test_nothing_grows_faster(rows, certain):
    total = sum(row[0] for row in rows)
    p = {n: row[0] / total * certain for n, row in enumerate(rows)}
    k = {n: row[1] for n, row in enumerate(rows)}
    stakes = bracket_stakes(p, k)
    assert all(stake >= 0 for stake in stakes.values())
    best = growth(stakes, p, k)
    found = minimize(
        lambda f: -growth(dict(enumerate(f)), p, k), np.full(len(p), 0.01), method="SLSQP",
        bounds=[(0, 0.97)] * len(p), constraints={"type": "ineq", "fun": lambda f: 0.995 - sum(f)},
    )
    assert best >= -found.fun - 1e-6


@pytest.mark.parametrize(("p", "k"), [
    ({"a": 0.6, "b": 0.5}, {"a": 0.5, "b": 0.5}), ({"a": 1.2}, {"a": 0.5}), ({"a": -0.1}, {"a": 0.5}),
    ({"a": float("nan")}, {"a": 0.5}), ({"a": 0.5}, {"a": 0.0}),
])  # fmt: skip
def test_what_cannot_be_is_refused(p, k):
    with pytest.raises(ValueError, match="expected"):
        bracket_stakes(p, k)
