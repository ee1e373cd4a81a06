from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntp.core import SECOND, DataError
from ntp.markets import Aggregation, Comparison, Observable, SettlementSpec
from ntp.pricing import Tails, Underlying, fair_values, price_history

END = 1_780_000_000 * SECOND
CENT = Decimal("0.01")


def spec(comparison=Comparison.GREATER_OR_EQUAL, low=None, high=None, aggregation=Aggregation.MEAN, window=60):
    return SettlementSpec(
        observable=Observable(
            source="cfbenchmarks:BRTI", aggregation=aggregation, window_ns=window * SECOND, at_ns=END, step=CENT,
        ),
        comparison=comparison, low=None if low is None else Decimal(low), high=None if high is None else Decimal(high),
    )  # fmt: skip


def seconds(count=200, seed=1):
    times = END - np.arange(count, -1, -1, dtype=np.int64) * SECOND
    walk = np.random.default_rng(seed).normal(0, 8, count + 1)
    return times, 100_000 + np.cumsum(walk)


@pytest.mark.parametrize("tails", [Tails(), Tails("t", (4.0,))])
def test_a_history_is_one_price_after_the_other(tails):
    times, spots = seconds()
    specs = [
        spec(low="100010"), spec(Comparison.LESS, high="99990"), spec(Comparison.BETWEEN, "99990", "100009.99"),
        spec(low="100010", aggregation=Aggregation.LAST, window=0),
    ]  # fmt: skip
    found = price_history(specs, times, spots, 0.5, tails=tails)
    assert found.shape == (4, 201)
    assert found[:3].sum(axis=0) == pytest.approx(np.ones(201), abs=2e-6)
    for at in (0, 100, 139, 140, 141, 150, 180, 199, 200):
        left = float(200 - at)
        seen = int(max(60 - left, 0))
        now = Underlying(
            spot=spots[at], volatility=0.5, seconds_left=left, seen=seen, tails=tails,
            seen_mean=float(spots[141 : 141 + seen].mean()) if seen else 0.0,
        )  # fmt: skip
        expected = [each.value for each in fair_values(specs[:3], now)]
        assert found[:3, at] == pytest.approx(expected, abs=2e-6), at
        if left:
            assert found[3, at] == pytest.approx(fair_values([specs[3]], replace(now, seen=0))[0].value, abs=2e-6)


def test_the_future_changes_nothing():
    times, spots = seconds()
    other = spots.copy()
    other[171:] += 500
    plain, moved = (price_history(spec(low="100000"), times, each, 0.5) for each in (spots, other))
    assert (plain[:171] == moved[:171]).all()
    assert not (plain[171:] == moved[171:]).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 300), st.floats(0.1, 2), st.floats(0, 20), st.integers(2, 12))
def test_ladders_sum_to_one_at_every_moment(seed, count, volatility, basis_sd, rungs):
    times, spots = seconds(count, seed)
    edges = [Decimal(100_000 + 20 * each) for each in range(rungs)]
    ladder = [
        spec(Comparison.LESS, high=edges[0]),
        *(spec(Comparison.BETWEEN, a, b - CENT) for a, b in pairwise(edges)),
        spec(Comparison.GREATER_OR_EQUAL, low=edges[-1]),
    ]
    found = price_history(ladder, times, spots, volatility, basis_sd=basis_sd)
    known = ~np.isnan(found[0])
    assert known[: max(count - 60, 0)].all()
    assert found[:, known].sum(axis=0) == pytest.approx(np.ones(known.sum()), abs=1e-6 * len(ladder))
    assert ((found[:, known] >= 0) & (found[:, known] <= 1)).all()


def test_what_is_not_known_has_no_price():
    times, spots = seconds()
    spots[150:160] = np.nan
    volatility = np.full(201, 0.5)
    volatility[:20] = np.nan
    found = price_history(spec(low="100000"), times, spots, volatility, max_age_ns=5 * SECOND)
    assert np.isnan(found[:20]).all()
    assert not np.isnan(found[20:150]).any()
    assert np.isnan(found[150:]).all(), "seconds of the window were not seen"
    patient = price_history(spec(low="100000"), times, spots, 0.5, max_age_ns=20 * SECOND)
    assert not np.isnan(patient[160:]).any()
    after = price_history(spec(low="1"), times + 300 * SECOND, spots, 0.5)
    assert np.isnan(after[-1])
    assert np.isnan(price_history(spec(low="1", aggregation=Aggregation.LAST), times, spots, 0.5)[-1])


def test_a_window_that_is_over_is_known():
    times, spots = seconds()
    mean = spots[-60:].mean()
    for low, expected in ((mean - 0.02, 1.0), (mean + 0.02, 0.0)):
        assert price_history(spec(low=f"{low:.2f}"), times, spots, 0.5)[-1] == expected


def test_a_basis_moves_and_widens():
    times, spots = seconds()
    plain = price_history(spec(low="100400"), times, spots, 0.5)[100]
    assert price_history(spec(low="100430"), times, spots, 0.5, basis=30.0)[100] == pytest.approx(plain)
    assert price_history(spec(low="100400"), times, spots, 0.5, basis_sd=200.0)[100] > plain
    assert 0 < price_history(spec(low=f"{spots[-60:].mean() + 3:.2f}"), times, spots, 0.5, basis_sd=5.0)[-1] < 0.5


@pytest.mark.parametrize(
    "call",
    [
        lambda t, s: price_history(spec(low="1"), t, s[1:], 0.5), lambda t, s: price_history(spec(low="1"), t, -s, 0.5),
        lambda t, s: price_history(spec(low="1"), t[::-1], s, 0.5), lambda t, s: price_history(spec(low="1"), t, s, 0),
        lambda t, s: price_history(spec(low="1", aggregation=Aggregation.MAXIMUM), t, s, 0.5),
        lambda t, s: price_history(spec(Comparison.LINEAR, "1", "2"), t, s, 0.5),
        lambda t, s: price_history(spec(low="1"), t, s, 0.5, tails=Tails("nig", (2.0,))),
        lambda t, s: price_history(spec(low="1"), t, s, 0.5, basis_sd=-1.0),
        lambda t, s: price_history(
            replace(spec(low="1"), observable=replace(spec(low="1").observable, at_ns=None)), t, s, 0.5),
    ],
)  # fmt: skip
def test_no_history_without_its_inputs(call):
    with pytest.raises(DataError) as error:
        call(*seconds())
    assert error.value.code == "no_price"
