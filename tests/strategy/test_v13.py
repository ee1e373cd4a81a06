"""v13 at single moments: what the leader did, what this venue did, and the order between them."""

from types import SimpleNamespace

import pytest

from ntp.core import Absent
from ntp.strategy.registry import SHIPPED, StrategyRegistry
from ntp.strategy.shipped import V13

from .fake_runtime import HOME, OTHER, bound


def asked(*, before, there, here=0.50, held=0.0, left=600.0, venue="kalshi", matched=True, **parameters):
    """Answer of v13 where the leader's mid went from `before` to `there`."""
    strategy = V13(**parameters)
    view = bound(strategy).view(HOME)
    view.bid, view.ask, view.venue, view.seconds_to_close = here - 0.01, here + 0.01, venue, left
    view.position.size = held
    spans = []

    def history(field, span):
        spans.append((field, span))
        return [before, there]

    def match(name):
        assert name == strategy.leader
        if not matched:
            raise Absent("match")
        return SimpleNamespace(mid=there, history=history, contract=OTHER)

    view.match = match
    answer = strategy.analyze(view)
    assert spans in ([], [("mid", f"{strategy.window}s")])
    return answer


def test_it_follows_a_move_that_this_venue_has_not_made():
    signal = asked(before=0.51, there=0.55)
    assert (signal.action, signal.fair, signal.match) == ("BUY", 0.55, OTHER)
    signal = asked(before=0.49, there=0.45)
    assert (signal.action, signal.fair) == ("SELL", 0.45)


@pytest.mark.parametrize(
    "moment",
    [
        {"before": 0.545, "there": 0.55}, {"before": 0.51, "there": 0.55, "here": 0.54},
        {"before": 0.60, "there": 0.55, "here": 0.50},
    ],
)  # fmt: skip
def test_it_enters_nothing_without_both_a_move_and_a_gap(moment):
    assert asked(**moment).action == "HOLD"


def test_it_leaves_when_the_gap_has_closed_or_turned():
    assert asked(before=0.50, there=0.505, held=5.0).action == "CLOSE"
    assert asked(before=0.50, there=0.48, held=5.0, jolt=0.5).action == "CLOSE"
    assert asked(before=0.50, there=0.53, held=5.0, jolt=0.5).action == "HOLD"


def test_it_only_leaves_before_the_close():
    signal = asked(before=0.50, there=0.60, left=59.0)
    assert (signal.action, signal.tag) == ("CLOSE", "end")


def test_it_leaves_the_leader_and_what_has_no_match_alone():
    assert asked(before=0.50, there=0.60, venue="polymarket") is None
    with pytest.raises(Absent):
        asked(before=0.50, there=0.60, matched=False)


def test_the_whole_line_is_shipped():
    assert {f"v{number}" for number in range(10, 16)} <= SHIPPED.keys()
    for name in SHIPPED:
        assert StrategyRegistry().resolve(name).cls.__doc__
