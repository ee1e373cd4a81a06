from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntp.core import SECOND, DataError
from ntp.markets import Aggregation, Comparison, Observable, SettlementSpec
from ntp.pricing import (
    MinimumOfPath,
    Tails,
    Underlying,
    digital_greeks,
    digital_price,
    expected_payoff,
    fair_values,
    forecast_difference,
    mean_difference_variance,
    parse_tails,
    settlement_forecast,
    trimmed_mean,
)
from ntp.pricing.contract_price import contract_price, mean_law

YEAR = 365 * 86_400
NOW = Underlying(spot=100_000.0, volatility=0.5, seconds_left=300.0)


def spec(comparison=Comparison.GREATER, low=None, high=None, aggregation=Aggregation.MEAN, window=60, step="0.01",
         trim=0):  # fmt: skip
    return SettlementSpec(
        observable=Observable(
            source="cfbenchmarks:BRTI", aggregation=aggregation, window_ns=window * SECOND,
            step=None if step is None else Decimal(step), trim=Fraction(trim),
        ),
        comparison=comparison, low=None if low is None else Decimal(low), high=None if high is None else Decimal(high),
    )  # fmt: skip


def test_published_prices_of_means():
    assert fair_values([spec(low="100050", step=None)], NOW)[0].value == pytest.approx(0.36394, abs=1e-5)
    inside = Underlying(spot=100_040.0, volatility=0.5, seconds_left=30.0, seen=30, seen_mean=100_020.0)
    assert fair_values([spec(low="100050", step=None)], inside)[0].value == pytest.approx(0.08295, abs=1e-5)


def test_a_last_price_is_the_published_digital():
    now = Underlying(spot=100_000.0, volatility=0.6, seconds_left=86_400.0)
    found = fair_values([spec(low="101000", aggregation=Aggregation.LAST, window=0, step=None)], now)[0]
    greeks = digital_greeks(100_000, 101_000, 0.6, 1 / 365)
    assert found.value == pytest.approx(0.369741755266, abs=1e-6)
    assert found.delta == pytest.approx(float(greeks.delta), rel=1e-3)
    assert found.vega == pytest.approx(float(greeks.vega), rel=1e-2)
    assert found.theta == pytest.approx(float(greeks.theta), rel=1e-2)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(20_000, 150_000), st.floats(0.1, 2), st.floats(61, 200_000), st.integers(1, 40),
    st.sampled_from([Tails(), Tails("t", (4.0,)), Tails("nig", (2.0, -0.2))]), st.floats(0, 40),
)  # fmt: skip
def test_a_ladder_sums_to_one_and_thresholds_fall(spot, volatility, left, count, tails, basis_sd):
    now = Underlying(spot=spot, volatility=volatility, seconds_left=left, tails=tails, basis_sd=basis_sd)
    edges = [Decimal(round(spot)) + 50 * each for each in range(-count, count + 1)]
    cent = Decimal("0.01")
    ladder = [
        spec(Comparison.LESS, high=edges[0]),
        *(spec(Comparison.BETWEEN, a, b - cent) for a, b in pairwise(edges)),
        spec(Comparison.GREATER, low=edges[-1] - cent),
    ]
    found = fair_values(ladder, now)
    assert sum(each.value for each in found) == pytest.approx(1, abs=1e-6 * len(found))
    assert all(0 <= each.low <= each.value + 1e-6 and each.value - 1e-6 <= each.high <= 1 for each in found)
    above = [each.value for each in fair_values([spec(low=each) for each in edges], now)]
    assert all(b <= a for a, b in pairwise(above))


@pytest.mark.parametrize("tails", ["normal", "t:3", "nig:1:-0.3"])
def test_unrounded_a_ladder_sums_to_one_exactly(tails):
    """Pitfall E20: whatever the value, one of the ranges owns it, half a cent beyond either end included."""
    edges = [Decimal(99_000) + 50 * each for each in range(40)]
    cent = Decimal("0.01")
    ladder = [
        spec(Comparison.LESS, high=edges[0]),
        *(spec(Comparison.BETWEEN, a, b - cent) for a, b in pairwise(edges)),
        spec(Comparison.GREATER, low=edges[-1] - cent),
    ]
    law = settlement_forecast(ladder[0].observable, replace(NOW, tails=parse_tails(tails)))
    assert sum(expected_payoff(each, law) for each in ladder) == pytest.approx(1.0, abs=1e-12)


def test_yes_and_no_of_one_strike_are_worth_a_dollar():
    for now in (NOW, replace(NOW, tails=Tails("t", (3.0,))), replace(NOW, seconds_left=20.0, seen=40, seen_mean=1e5)):
        above, below = fair_values([spec(low="100020"), spec(Comparison.LESS_OR_EQUAL, high="100020")], now)
        assert above.value + below.value == pytest.approx(1, abs=2e-6)
        assert above.delta == pytest.approx(-below.delta)


def test_the_band_widens_with_what_is_not_known():
    plain = fair_values([spec(low="100050")], NOW)[0]
    unsure = fair_values([spec(low="100050")], replace(NOW, volatility_error=0.3, basis_sd=10.0))[0]
    assert unsure.sd > 2 * plain.sd > 0
    assert unsure.high - unsure.low == pytest.approx(2 * unsure.sd)


def test_a_basis_moves_and_widens():
    moved = fair_values([spec(low="100050")], replace(NOW, basis=50.0))[0]
    assert moved.value == pytest.approx(0.5, abs=1e-3)
    wide = fair_values([spec(low="100300")], replace(NOW, basis_sd=100.0))[0]
    assert wide.value > fair_values([spec(low="100300")], NOW)[0].value


def test_what_was_seen_was_seen_of_the_feed():
    """A history and one moment of it agree, basis and all; an index that was watched itself has none."""
    inside = replace(NOW, seconds_left=30.0, seen=30, seen_mean=100_000.0, basis=8.0, basis_sd=4.0)
    shifted = replace(inside, spot=100_008.0, seen_mean=100_008.0, basis=0.0)
    one, other = (fair_values([spec(low="100010")], each)[0] for each in (inside, shifted))
    assert one.value == pytest.approx(other.value, abs=1e-4)
    over = replace(inside, seconds_left=0.0, seen=60)
    assert 0.2 < fair_values([spec(low="100010")], over)[0].value < 0.4
    assert fair_values([spec(low="100010")], replace(over, basis_sd=0.0))[0].value == 0.0


def test_before_the_open_nobody_knows_more_than_a_coin():
    waits = replace(NOW, seconds_left=1_000.0, seconds_to_open=100.0)
    rule = spec(Comparison.GREATER_OR_EQUAL, low="0", aggregation=Aggregation.MEAN_AGAINST_MEAN, step=None)
    assert fair_values([rule], waits)[0].value == pytest.approx(0.5)
    # half of the opening window was seen below the price of now: the closing mean is likelier above the opening one
    opening = replace(waits, seconds_left=930.0, seconds_to_open=30.0, seen=30, seen_mean=99_900.0)
    found = fair_values([rule], opening)[0]
    assert found.value > 0.55
    random = np.random.default_rng(3)
    second = 100_000 * 0.5 / np.sqrt(YEAR)
    paths = 100_000 + second * np.cumsum(random.standard_normal((4_000, 930)), axis=1)
    means = (30 * 99_900 + paths[:, :30].sum(axis=1)) / 60
    assert found.value == pytest.approx((paths[:, -60:].mean(axis=1) >= means).mean(), abs=0.03)


def test_the_difference_of_means_is_the_published_one():
    found = forecast_difference(100_000, 0.5, 400, 900)
    second = 100_000 * 0.5 / np.sqrt(YEAR)
    assert (found.sd / second) ** 2 == pytest.approx(mean_difference_variance(900, 60)) == pytest.approx(880.0056)


def test_a_trimmed_mean_is_that_of_simulated_paths():
    rule = spec(low="100100", aggregation=Aggregation.TRIMMED_MEAN, step=None, trim="1/5")
    random = np.random.default_rng(4)
    second = 100_000 * 0.5 / np.sqrt(YEAR)
    paths = 100_000 + second * np.cumsum(random.standard_normal((8_000, 300)), axis=1)
    expected = (trimmed_mean(paths[:, -60:], 0.2) > 100_100).mean()
    found = fair_values([rule], NOW)[0]
    assert found.value == pytest.approx(expected, abs=0.02)
    assert found == fair_values([rule], NOW)[0], "the same inputs give the same price"


@pytest.mark.parametrize("aggregation", [Aggregation.MAXIMUM, Aggregation.MINIMUM])
def test_an_extreme_is_that_of_simulated_paths(aggregation):
    now = Underlying(spot=100.0, volatility=0.8, seconds_left=86_400.0)
    random = np.random.default_rng(5)
    steps, spread = 2_000, 0.8 / np.sqrt(365)
    small = spread / np.sqrt(steps)
    paths = 100 * np.exp(np.cumsum(random.normal(-(small**2) / 2, small, (4_000, steps)), axis=1))
    up = aggregation is Aggregation.MAXIMUM
    extreme = paths.max(axis=1) if up else paths.min(axis=1)
    for level in (98.0, 101.0) if not up else (99.0, 103.0):
        rule = spec(low=str(level), aggregation=aggregation, window=0, step=None)
        shift = np.exp((0.5826 if up else -0.5826) * small)  # a sampled extreme falls short of the path's
        assert fair_values([rule], now)[0].value == pytest.approx((extreme * shift > level).mean(), abs=0.03)
    seen = replace(now, extreme=104.0 if up else 97.0)
    rule = spec(low="103" if up else "98", aggregation=aggregation, window=0, step=None)
    assert fair_values([rule], seen)[0].value == (1.0 if up else 0.0)


def test_a_minimum_is_a_mirrored_maximum():
    law = MinimumOfPath(100.0, 0.1)
    assert [float(law.cdf(level)) for level in (100.0, 120.0)] == [1.0, 1.0]
    assert float(law.cdf(0.0)) == 0.0
    assert np.all(np.diff(law.cdf(np.linspace(50, 100, 400))) >= 0)
    # no drift in price, so it must touch the barrier at least twice as often as it ends below (and a bit more)
    below = 1 - float(digital_price(100, 95, 0.1, 1.0))
    assert float(law.cdf(95.0)) == pytest.approx(2 * below, rel=0.1)


@settings(max_examples=150, deadline=None)
@given(
    st.floats(-200, 200), st.floats(0.2, 1.5), st.integers(1, 3_000), st.integers(0, 60), st.sampled_from([0, 3, 4]),
    st.floats(0, 30), st.booleans(),
)  # fmt: skip
def test_the_formulas_of_the_engine_agree(away, volatility, left, seen, freedom, basis_sd, last):
    if last:
        seen = 0
    elif left < 60:
        seen = 60 - left
    else:
        seen = 0
    now = Underlying(
        spot=100_000.0, volatility=volatility, seconds_left=float(left), seen=seen, seen_mean=99_990.0,
        basis_sd=basis_sd, tails=Tails("t", (float(freedom),)) if freedom else Tails(), volatility_error=0.1,
    )  # fmt: skip
    level = 100_000.0 + away
    kind = Aggregation.LAST if last else Aggregation.MEAN
    ours = fair_values([spec(low=str(level), step=None, aggregation=kind)], now)[0]
    variance = volatility**2 / YEAR
    law = (0.0, 0.0, float(left), 1.0) if last else mean_law(100_000.0, 60, seen, seen * 99_990.0, float(left))
    theirs = contract_price(
        0 if last else 1, True, level, False, False, 0.0, False, 100_000.0, variance, 0.2 * variance, *law, 0.0,
        basis_sd, freedom,
    )  # fmt: skip
    assert ours.value == pytest.approx(theirs[0], abs=2e-6)
    assert ours.delta == pytest.approx(theirs[2], rel=2e-2, abs=2e-7)
    assert ours.vega == pytest.approx(theirs[3], rel=2e-2, abs=2e-4)


@pytest.mark.parametrize("text", ["t", "t:2", "t:x", "nig", "nig:2:1", "cauchy", "normal:3", "t:inf"])
def test_tails_that_are_none(text):
    with pytest.raises(DataError) as error:
        parse_tails(text)
    assert error.value.code == "no_price"


def test_tails_by_name():
    assert parse_tails("normal") == Tails()
    assert parse_tails("t:4") == Tails("t", (4.0,))
    assert parse_tails("nig:2:-0.1") == Tails("nig", (2.0, -0.1))
    far = spec(low="100500")
    fat, thin = (fair_values([far], replace(NOW, tails=parse_tails(text)))[0].value for text in ("t:3", "normal"))
    assert fat > 3 * thin > 0


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"seconds_left": 30.0}, {}), ({"seconds_left": 0.0}, {"aggregation": Aggregation.LAST}),
        ({"seconds_left": 30.0, "seen": 80, "seen_mean": 1e5}, {}), ({}, {"aggregation": Aggregation.COUNT}),
        ({"seconds_left": 0.0}, {"aggregation": Aggregation.MAXIMUM}),
        ({}, {"aggregation": Aggregation.MINIMUM, "trim": "1/5"}),
        ({"seconds_left": 30.0}, {"aggregation": Aggregation.TRIMMED_MEAN, "trim": "1/5"}),
    ],
)  # fmt: skip
def test_no_price_and_a_reason(changes, rule):
    with pytest.raises(DataError) as error:
        fair_values([spec(low="100000", **rule)], replace(NOW, **changes))
    assert error.value.code == "no_price"


@pytest.mark.parametrize(
    "changes",
    [
        {"spot": 0.0}, {"spot": float("nan")}, {"volatility": 0.0}, {"seconds_left": -1.0}, {"basis": -2e5},
        {"basis_sd": -1.0}, {"volatility_error": -0.1},
    ],
)  # fmt: skip
def test_no_underlying_without_its_inputs(changes):
    with pytest.raises(DataError) as error:
        replace(NOW, **changes)
    assert error.value.code == "no_price"


def test_a_window_that_is_over_is_known():
    settled = settlement_forecast(Observable(source="x", window_ns=60 * SECOND, aggregation=Aggregation.MEAN),
                                  replace(NOW, seconds_left=0.0, seen=60, seen_mean=1e5))  # fmt: skip
    assert [float(settled.cdf(level)) for level in (99_999.0, 100_000.0)] == [0.0, 1.0]
