import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntp.core import ConfigError
from ntp.core.config import EdgeConfig, parse_config
from ntp.engine.compile import entry
from ntp.pricing.edge import (
    EdgeCosts,
    EntryRule,
    adverse_selection,
    edge_columns,
    edge_costs,
    edge_parts,
    entry_rule,
    gross_edge,
    lock_up,
    model_uncertainty,
    net_edge,
)

prices = st.integers(1, 99).map(lambda cents: cents / 100)
fairs = st.floats(0.0, 1.0)
sides = st.sampled_from([1, -1])
maybe = st.one_of(st.just(math.nan), st.floats(0.0, 0.2))
spans = st.one_of(st.just(math.nan), st.floats(-10.0, 1e8))


def test_an_edge_decomposed_by_hand():
    """Buying at 40 cents what is worth 48 +- 2, settled in 73 days: 8 - 0.42 - 0.48 - 1 - 0.323 cents."""
    parts = edge_parts(1, 0.48, 0.40, 0.0042, fair_sd=0.02, seconds=73 * 86_400)
    assert parts.gross == pytest.approx(0.08)
    assert parts.fee == 0.0042
    assert parts.adverse_selection == pytest.approx(0.005 * 4 * 0.4 * 0.6)
    assert parts.uncertainty == pytest.approx(0.01)
    assert parts.lock_up == pytest.approx(0.04 * 0.4042 * 0.2)
    assert parts.net == pytest.approx(0.057766, abs=1e-6)


def test_a_taker_is_not_selected_against_and_a_missing_band_takes_nothing_off():
    parts = edge_parts(-1, 0.30, 0.40, 0.0168, seconds=0.0, maker=False)
    assert parts.adverse_selection == parts.uncertainty == parts.lock_up == 0.0
    assert parts.net == pytest.approx(0.10 - 0.0168, abs=1e-6)


def test_without_a_fair_value_or_a_known_fee_there_is_no_net_edge():
    assert math.isnan(edge_parts(1, math.nan, 0.40, 0.0).net)
    assert math.isnan(edge_parts(1, 0.50, 0.40, math.nan).net)
    assert not EntryRule(0.0).admits(edge_parts(1, 0.50, 0.40, math.nan), 0.40)


def test_an_unknown_settlement_counts_as_the_time_assumed():
    assumed = edge_parts(1, 0.5, 0.4, 0.0, costs=EdgeCosts(unknown_settlement_s=1000.0))
    assert assumed == edge_parts(1, 0.5, 0.4, 0.0, seconds=1000.0)


@given(sides, fairs, prices, st.floats(-0.01, 0.03), maybe, spans, st.booleans())
def test_parts_add_up_and_both_sides_mirror_each_other(side, fair, price, fee, band, seconds, maker):
    parts = edge_parts(side, fair, price, fee, fair_sd=band, seconds=seconds, maker=maker)
    rest = parts.gross - parts.fee - parts.adverse_selection - parts.uncertainty - parts.lock_up
    assert parts.net == pytest.approx(rest, abs=6e-7)
    mirror = edge_parts(-side, 1.0 - fair, 1.0 - price, fee, fair_sd=band, seconds=seconds, maker=maker)
    assert mirror.net == pytest.approx(parts.net, abs=1.1e-6)
    assert min(parts.adverse_selection, parts.uncertainty, parts.lock_up) >= 0.0


@given(sides, fairs, prices, st.floats(0.0, 0.03), st.floats(0.0, 0.1))
def test_more_of_any_cost_leaves_less(side, fair, price, fee, more):
    base = edge_parts(side, fair, price, fee, fair_sd=0.01, seconds=1e6).net
    worse = EdgeCosts(adverse_selection=0.005 + more, uncertainty=0.5 + more, lock_up_rate=0.04 + more)
    assert edge_parts(side, fair, price, fee, fair_sd=0.01, seconds=1e6, costs=worse).net <= base
    assert edge_parts(side, fair, price, fee + more, fair_sd=0.01, seconds=1e6).net <= base
    assert edge_parts(side, fair, price, fee, fair_sd=0.01 + more, seconds=1e6 + more * 1e7).net <= base


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31))
def test_arrays_and_compiled_code_agree_with_the_scalar(seed):
    rng = np.random.default_rng(seed)
    count = 50
    side, maker = rng.choice([-1, 1], count), rng.random(count) < 0.5
    fair, price, fee = rng.random(count), rng.integers(1, 100, count) / 100, rng.random(count) * 0.02
    band = np.where(rng.random(count) < 0.3, np.nan, rng.random(count) * 0.1)
    seconds = np.where(rng.random(count) < 0.3, np.nan, rng.random(count) * 1e7)
    costs = EdgeCosts()
    found = edge_columns(side, fair, price, fee, fair_sd=band, seconds=seconds, maker=maker, costs=costs)
    for n in range(count):
        one = edge_parts(
            int(side[n]), float(fair[n]), float(price[n]), float(fee[n]), fair_sd=float(band[n]),
            seconds=float(seconds[n]), maker=bool(maker[n]),
        )
        for name in ("gross", "fee", "adverse_selection", "uncertainty", "lock_up", "net"):
            assert getattr(found, name)[n] == getattr(one, name)


def test_compiled_parts_are_the_same():
    rng = np.random.default_rng(1)
    compiled = entry(net_edge)
    for _ in range(200):
        row = (
            int(rng.choice([-1, 1])), rng.random(), rng.random() / 10, rng.integers(1, 100) / 100, rng.random() / 50,
            int(rng.integers(0, 2)), rng.random() * 1e7, 0.005, 0.5, 0.04, 1e6,
        )
        assert compiled(*row) == net_edge(*row)
        missing = (*row[:2], math.nan, *row[3:6], math.nan, *row[7:])
        assert compiled(*missing) == net_edge(*missing)
    assert entry(gross_edge)(1, 0.5, 0.4) == gross_edge(1, 0.5, 0.4)
    assert entry(adverse_selection)(0.005, 0.3, 1) == adverse_selection(0.005, 0.3, 1)
    assert entry(model_uncertainty)(0.5, math.nan) == 0.0
    assert entry(lock_up)(0.04, -1, 0.3, 0.01, 1e6) == lock_up(0.04, -1, 0.3, 0.01, 1e6)


def test_a_threshold_that_follows_the_variance_is_whole_at_half():
    rule = EntryRule(0.05, "variance")
    assert rule.required(0.5) == 0.05
    assert rule.required(0.1) == pytest.approx(0.018) == rule.required(0.9)


def test_an_edge_that_reaches_the_threshold_is_admitted_and_one_below_is_not():
    rule = EntryRule()
    assert rule.admits(edge_parts(1, 0.55, 0.50, 0.0), 0.50)
    assert not rule.admits(edge_parts(1, 0.549, 0.50, 0.0), 0.50)
    assert not rule.admits(edge_parts(1, 0.56, 0.50, 0.055), 0.50)  # nothing left after the fee


@pytest.mark.parametrize("bad", [{"threshold": -0.01}, {"threshold": 1.0}, {"scale": "flatt"}])
def test_a_rule_that_cannot_be_is_refused(bad):
    with pytest.raises(ConfigError) as caught:
        EntryRule(**bad)
    assert caught.value.code == "bad_edge"
    if "scale" in bad:
        assert "flat" in caught.value.hint


@pytest.mark.parametrize("bad", [{"uncertainty": -1.0}, {"smallest_fill": 0.0}, {"lock_up_rate": math.nan}])
def test_costs_that_cannot_be_are_refused(bad):
    with pytest.raises(ConfigError, match=next(iter(bad))):
        EdgeCosts(**bad)


def test_the_configuration_has_the_same_defaults():
    assert edge_costs(EdgeConfig()) == EdgeCosts()
    assert entry_rule(EdgeConfig()) == EntryRule()


def test_the_configuration_is_read():
    from decimal import Decimal

    document = {"edge": {"threshold": Decimal("0.03"), "scale": "variance", "unknown_settlement": "1d"}}
    config = parse_config(document, origin="here").edge
    assert entry_rule(config) == EntryRule(0.03, "variance")
    assert edge_costs(config).unknown_settlement_s == 86_400.0
