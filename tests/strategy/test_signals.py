"""From what analyze returned to targets."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp.core import StrategyError
from ntp.strategy import Param, Signal, Strategy, apply_analysis, exit_reason, exit_side, marked, signal_of

from .fake_runtime import HOME, OTHER, bound

positions = st.floats(-500, 500).map(lambda size: round(size, 2))
sizes = st.floats(0, 500).map(lambda size: round(size, 2))
signals = st.builds(
    Signal, st.sampled_from(["BUY", "SELL", "CLOSE", "HOLD"]), size=sizes,
    outcome=st.sampled_from(["YES", "NO"]),
)


class LongOnly(Strategy):
    short = False


def wanted(result, *, held=0.0, strategy=None):
    strategy = strategy or Strategy()
    runtime = bound(strategy)
    runtime.view(HOME).position.size = held
    apply_analysis(strategy, runtime.view(HOME), result)
    return [call["position"] for call in runtime.called("target")]


@given(positions, sizes)
def test_buy_raises_to_at_least_the_size(held, size):
    assert wanted(Signal("BUY", size=size), held=held) == [max(held, size)]


@given(positions, sizes)
def test_sell_lowers_to_at_most_minus_the_size(held, size):
    assert wanted(Signal("SELL", size=size), held=held) == [min(held, -size)]


@given(positions, sizes)
def test_a_long_only_strategy_closes_instead_of_selling(held, size):
    assert wanted(Signal("SELL", size=size), held=held, strategy=LongOnly()) == [0.0]
    assert wanted(Signal("BUY", size=size, outcome="NO"), held=held, strategy=LongOnly()) == [0.0]


@given(positions)
def test_close_hold_and_none(held):
    assert wanted(Signal("CLOSE"), held=held) == [0.0]
    assert wanted(Signal("HOLD"), held=held) == [held]
    assert wanted(None, held=held) == []
    assert wanted([], held=held) == []


@given(signals, positions)
def test_repeating_a_signal_never_adds_up(signal, held):
    strategy = Strategy()
    runtime = bound(strategy, fill_targets=True)
    view = runtime.view(HOME)
    view.position.size = held
    apply_analysis(strategy, view, signal)
    once = view.position.size
    apply_analysis(strategy, view, signal)
    assert view.position.size == once


@given(signals, positions)
def test_the_mirrored_signal_wants_the_mirrored_position(signal, held):
    flipped = "NO" if signal.outcome == "YES" else "YES"
    mirrored = Signal(signal.action, size=signal.size, outcome=flipped)
    assert wanted(mirrored, held=-held) == [-position for position in wanted(signal, held=held)]


def test_all_arguments_reach_the_target():
    strategy = Strategy()
    runtime = bound(strategy)
    signal = Signal(
        "SELL", size=5, price=0.3, contract=OTHER, outcome="NO", fair=0.8, match="m", ttl="5s", tag="t"
    )
    runtime.view(OTHER).position.size = 2
    apply_analysis(strategy, runtime.view(HOME), signal)
    assert runtime.called("target") == [
        {"contract": OTHER, "position": 5, "price": pytest.approx(0.7), "ttl": "5s", "fair": 0.8,
         "match": "m", "tag": "t"}
    ]


def test_a_list_is_followed_in_order():
    assert wanted([Signal("BUY", size=3), None, "CLOSE", -1]) == [3, 0, pytest.approx(-500 / 0.56)]


def test_a_signal_without_size_is_sized():
    # 0.05 * 0.5 * 10,000 dollars at the best bid of 0.40, or at 1 - 0.44 for NO.
    assert wanted(Signal("BUY", confidence=0.5)) == [pytest.approx(625)]
    assert wanted(Signal("SELL", confidence=0.5)) == [pytest.approx(-250 / 0.56)]
    assert wanted(Signal("BUY", price=0.20)) == [pytest.approx(2500)]
    assert wanted(Signal("BUY", price=0.30, outcome="NO")) == [pytest.approx(-500 / 0.30)]


def test_the_position_size_is_the_strategys():
    class Sized(Strategy):
        def calculate_position_size(self, signal):
            assert signal.contract is HOME
            return 7

    assert wanted(Signal("BUY"), strategy=Sized()) == [7.0]
    assert wanted(Signal("BUY", size=2), strategy=Sized()) == [2]


@pytest.mark.parametrize("size", [None, -1.0, math.nan, math.inf, "7", True])
def test_a_size_that_is_none_is_refused(size):
    class Sized(Strategy):
        def calculate_position_size(self, signal):
            return size

    with pytest.raises(StrategyError) as caught:
        wanted(Signal("BUY"), strategy=Sized())
    assert caught.value.code == "bad_size"


@pytest.mark.parametrize(
    ("analysis", "action"),
    [(0.3, "BUY"), (-2, "SELL"), (0, "CLOSE"), (Fraction(1, 3), "BUY"), ("hold", "HOLD"), ("SELL", "SELL")],
)
def test_numbers_and_names_are_signals(analysis, action):
    assert signal_of(analysis).action == action


@pytest.mark.parametrize("analysis", [math.nan, "BYU", True, {"edge": 1}, object()])
def test_anything_else_needs_generate_signal(analysis):
    with pytest.raises(StrategyError) as caught:
        signal_of(analysis)
    assert caught.value.code == "bad_signal"


def test_generate_signal_turns_objects_into_signals():
    class Own(Strategy):
        size: float = Param(4.0)

        def generate_signal(self, analysis):
            return [Signal("BUY", size=self.size)] if analysis["buy"] else None

    assert wanted({"buy": True}, strategy=Own()) == [4.0]
    assert wanted({"buy": False}, strategy=Own()) == []


def test_generate_signal_must_return_signals():
    class Own(Strategy):
        def generate_signal(self, analysis):
            return "BUY"

    with pytest.raises(StrategyError, match="generate_signal"):
        wanted(3, strategy=Own())


@pytest.mark.parametrize(
    ("profit", "reason"),
    [(-30.0, "stop_loss"), (-29.99, None), (0.0, None), (49.99, None), (50.0, "take_profit")],
)
def test_exits_are_fractions_of_cost(profit, reason):
    assert exit_reason(100.0, profit, 0.30, 0.50) == reason
    assert exit_reason(100.0, profit, None, None) is None


def test_a_flat_position_has_no_exit():
    assert exit_reason(0.0, 0.0, 0.1, 0.1) is None


def test_positions_are_marked_where_they_would_leave():
    assert exit_side(10) == "SELL"
    assert exit_side(-10) == "BUY"
    assert marked(10, 0.40, 0.30) == pytest.approx(-1.0)
    assert marked(-10, 0.40, 0.30) == pytest.approx(1.0)
    # 10 NO bought at 0.60, worth 0.42 now: a loss of 30 % of 6 dollars.
    assert exit_reason(6.0, marked(-10, 0.40, 0.58), 0.30, None) == "stop_loss"
