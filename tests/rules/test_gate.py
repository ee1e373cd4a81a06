"""The gate: which orders it refuses and what it counts."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp.core import ConfigError
from ntp.rules import (
    COULD_TAKE,
    DISAGREEMENT,
    EV_NOT_POSITIVE,
    EV_UNKNOWN,
    FAIR_ABSENT,
    FAIR_STALE,
    MASK_COUNT,
    MASKS,
    REASONS,
    REDUCES,
    RULES,
    UNMATCHED,
    UNTESTED,
    Gate,
    broken,
    could_take,
    first_rule,
    mask_of,
    reasons_of,
)

masks = st.integers(0, MASK_COUNT - 1)
RESTING = broken(False, None, False, False)


@pytest.mark.parametrize(
    ("post_only", "tif", "taking"),
    [
        (True, "gtc", False), (True, "gtd", False), (False, "gtc", True), (False, "gtd", True),
        (True, "ioc", True), (True, "fok", True), (False, "ioc", True),
    ],
)
def test_what_could_take(post_only, tif, taking):
    assert could_take(post_only, tif) is taking


def test_reasons():
    assert RESTING == FAIR_ABSENT | EV_UNKNOWN | UNMATCHED | UNTESTED
    assert broken(True, 0.01, True, True) == COULD_TAKE
    assert broken(False, 0.01, True, True) == 0
    assert broken(False, 0.0, True, True) == EV_NOT_POSITIVE
    assert broken(False, float("nan"), True, True) == EV_NOT_POSITIVE
    assert broken(False, None, True, True, has_fair=True) == EV_UNKNOWN
    assert broken(False, None, True, True, stale=True) == EV_UNKNOWN | FAIR_STALE
    assert reasons_of(RESTING) == ["fair_value_absent", "ev_unknown", "unmatched", "not_ab_tested"]
    assert first_rule(RESTING) == "fair_value"
    assert first_rule(0) == ""


def test_each_reason_belongs_to_one_rule():
    assert sum(MASKS.values()) == sum(REASONS) - UNMATCHED  # nothing to validate against breaks nothing
    assert len({bit.bit_count() for bit in REASONS}) == 1
    assert max(REASONS) < REDUCES < MASK_COUNT
    assert {rule for rule, _ in REASONS.values()} == set(RULES)


def test_research_refuses_takers_only():
    gate = Gate()
    assert gate.admit(RESTING) == 0
    assert gate.admit(RESTING | COULD_TAKE) == COULD_TAKE
    assert gate.to_dict() == {
        "waived": [], "refused": {"maker_only": 1},
        "breaches": {"fair_value_absent": 1, "ev_unknown": 1, "unmatched": 1, "not_ab_tested": 1},
    }
    assert gate.breaches() == {"fair_value": 1, "positive_ev": 1, "ab_tested": 1}
    assert gate.breach_stamps() == ["breached:fair_value", "breached:positive_ev", "breached:ab_tested"]
    assert gate.refusal_reasons() == {"could_take": 1}
    assert gate.admitted() == 1


def test_a_waiver_lets_pass_is_logged_and_stamped(caplog):
    with caplog.at_level(logging.INFO):
        gate = Gate(waive=["maker_only"])
    assert "maker_only" in caplog.text
    assert gate.admit(RESTING | COULD_TAKE) == 0
    assert gate.stamps() == ["waived:maker_only"]
    assert gate.refused() == {}
    assert "maker_only" not in gate.breaches()
    assert gate.waiver_uses() == {"maker_only": 1}


def test_all_rules_may_be_enforced():
    gate = Gate(waive=("ab_tested",), enforce=RULES)
    assert gate.admit(UNTESTED) == 0
    assert gate.admit(UNMATCHED) == 0
    assert gate.admit(UNMATCHED | DISAGREEMENT) == DISAGREEMENT
    assert gate.admit(EV_UNKNOWN | FAIR_STALE) == EV_UNKNOWN | FAIR_STALE
    assert gate.refused() == {"cross_venue": 1, "fair_value": 1}
    assert gate.breach_reasons() == {"unmatched": 1}


def test_what_only_reduces_is_kept_from_taking_and_from_nothing_else():
    gate = Gate(enforce=RULES)
    assert gate.admit(REDUCES | RESTING | DISAGREEMENT) == 0
    assert gate.admit(REDUCES | RESTING | COULD_TAKE) == COULD_TAKE
    assert gate.refused() == {"maker_only": 1}
    assert gate.breaches() == {"fair_value": 1, "positive_ev": 1, "cross_venue": 1, "ab_tested": 1}


def test_unknown_rules_get_a_suggestion():
    with pytest.raises(ConfigError) as caught:
        Gate(waive=["maker_olny"])
    assert caught.value.code == "unknown_rule"
    assert "'maker_only'" in caught.value.hint
    with pytest.raises(ConfigError):
        Gate(enforce=["all"])
    assert mask_of("maker_only") == COULD_TAKE


@given(st.lists(masks), st.sets(st.sampled_from(RULES)), st.sets(st.sampled_from(RULES)))
def test_every_order_is_refused_or_passes_and_is_counted_once(orders, waived, enforced):
    gate = Gate(sorted(waived), sorted(enforced))
    refused = [mask for mask in orders if gate.admit(mask)]
    assert sum(gate.counts) == len(orders)
    assert sum(gate.refused().values()) == len(refused)
    assert not set(gate.refused()) & waived
    assert not set(gate.breaches()) & waived
    assert gate.admitted() == len(orders) - len(refused)
    passed = [mask for mask in orders if mask not in refused]
    for rule in set(RULES) - waived:
        assert gate.breaches().get(rule, 0) == sum(1 for mask in passed if mask & MASKS[rule])
