"""Signals as values."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp.core import StrategyError
from ntp.strategy import Signal, TradingSignal, yes_terms


def test_defaults_and_other_name():
    signal = Signal("buy")
    assert (signal.action, signal.confidence, signal.size, signal.outcome) == ("BUY", 1.0, None, "YES")
    assert TradingSignal is Signal


@pytest.mark.parametrize(
    "arguments",
    [
        {"action": "BYU"}, {"action": 1}, {"action": "BUY", "confidence": 1.1},
        {"action": "BUY", "confidence": math.nan}, {"action": "BUY", "size": -1},
        {"action": "BUY", "size": math.inf}, {"action": "BUY", "price": math.nan},
        {"action": "BUY", "outcome": "MAYBE"},
    ],
)
def test_what_is_no_signal_is_refused(arguments):
    with pytest.raises(StrategyError) as caught:
        Signal(**arguments)
    assert caught.value.code == "bad_signal"


def test_a_misspelt_action_gets_a_suggestion():
    with pytest.raises(StrategyError) as caught:
        Signal("BYU")
    assert "'BUY'" in caught.value.hint


@pytest.mark.parametrize(
    ("action", "outcome", "side"),
    [
        ("BUY", "YES", "BUY"), ("SELL", "YES", "SELL"), ("BUY", "NO", "SELL"), ("SELL", "NO", "BUY"),
        ("CLOSE", "NO", "CLOSE"), ("HOLD", "NO", "HOLD"),
    ],
)
def test_no_turns_the_side_round(action, outcome, side):
    assert Signal(action, outcome=outcome).side == side


def test_no_turns_the_price_round_but_not_the_fair_value():
    signal = Signal("BUY", price=0.30, fair=0.6, outcome="no")
    assert signal.yes_price == pytest.approx(0.70)
    assert signal.probability == 0.6
    assert Signal("BUY", outcome="NO").yes_price is None


def test_confidence_is_about_the_side_taken():
    assert Signal("BUY", confidence=0.8).probability == 0.8
    assert Signal("SELL", confidence=0.8).probability == pytest.approx(0.2)
    assert Signal("BUY", confidence=0.8, outcome="NO").probability == pytest.approx(0.2)


@given(st.sampled_from(["BUY", "SELL"]), st.integers(1, 99))
def test_stating_a_wish_in_no_terms_changes_nothing(side, cents):
    mirrored = yes_terms("SELL" if side == "BUY" else "BUY", (100 - cents) / 100, "NO")
    assert mirrored[0] == side
    assert mirrored[1] == pytest.approx(cents / 100, abs=1e-12)
    assert yes_terms(side.lower(), cents / 100, "yes") == (side, cents / 100)


def test_yes_terms_refuses_other_words():
    with pytest.raises(StrategyError):
        yes_terms("HOLD", None, "YES")
    with pytest.raises(StrategyError):
        yes_terms("BUY", None, "MAYBE")
