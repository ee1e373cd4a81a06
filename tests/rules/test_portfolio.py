"""The worst state of an event's holdings and orders, against all states and all fills tried one by one."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntp.core import CASH_ONE, DataError
from ntp.markets import Instrument, group_of
from ntp.rules import LOST, REFUNDED, EventStates, Resting, event_states, worst_loss

HOUR = 3_600 * 10**9


def strike(symbol, kind, low=None, high=None, venue="kalshi", event="E", **attributes):
    return Instrument(
        symbol=symbol, venue=venue, series="KXHIGHNY", event=event, strike_type=kind, strike_low=low, strike_high=high,
        attributes=attributes,
    )


def ladder(venue="kalshi", **attributes):
    return [
        strike("T73", "less", high="73", venue=venue, **attributes),
        strike("B73.5", "between", "73", "74", venue=venue, **attributes),
        strike("T74", "greater", "74", venue=venue, **attributes),
    ]


def rows(states):
    return {tuple(row) for row in states.pays.tolist()}


ONE = CASH_ONE


def test_a_ladder_has_a_state_per_rung_and_a_stated_void_adds_none():
    (states,) = event_states(ladder())
    assert states.members == ("kalshi:B73.5", "kalshi:T73", "kalshi:T74")
    assert rows(states) == {(ONE, 0, 0), (0, ONE, 0), (0, 0, ONE)}


@pytest.mark.parametrize(("void", "row"), [("refund", REFUNDED), ("half", ONE // 2), ("unknown", LOST)])
def test_a_void_is_a_state_of_its_own(void, row):
    (states,) = event_states(ladder(settlement={"void": void}))
    assert (row, row, row) in rows(states)
    assert len(rows(states)) == 4


def test_what_cannot_be_told_is_taken_to_lose():
    teams = [strike(name, "structured") for name in ("CAR", "ATL")]  # nothing says that they exclude each other
    (states,) = event_states(teams)
    assert rows(states) == {(LOST, LOST)}
    assert worst_loss(states, [-0.4, -0.5], [1, 1]) == pytest.approx(0.9)


def test_matched_contracts_of_two_venues_are_one_event_and_a_void_at_one_breaks_the_hedge():
    here = strike("YES", "greater", "74", settlement={"void": "refund"})
    there = strike("UP", "structured", venue="polymarket", event="P", settlement={"void": "half"})
    (states,) = event_states([here, there], [("kalshi:YES", "polymarket:UP", False)])
    normal = {(ONE, ONE), (0, 0)}
    voids = {(REFUNDED, ONE), (REFUNDED, 0), (ONE, ONE // 2), (0, ONE // 2), (REFUNDED, ONE // 2)}
    assert rows(states) == normal | voids
    # bought YES at 40 cents here, NO at 55 there: safe but for a void
    flows, held = [-0.40, -0.55], [1, -1]
    assert worst_loss(EventStates(states.members, np.array(sorted(normal))), flows, held) == 0.0
    assert worst_loss(states, flows, held) == pytest.approx(0.55)  # refunded here, YES there


def test_a_turned_match_pays_the_other_way():
    here = strike("YES", "greater", "74")
    there = strike("DOWN", "structured", venue="manifold", event="P")
    (states,) = event_states([here, there], [("kalshi:YES", "manifold:DOWN", True)])
    assert {(ONE, 0), (0, ONE)} <= rows(states)
    # a value that one venue names is any that it could pay, whatever the other pays
    assert rows(states) - {(ONE, 0), (0, ONE)} == {(ONE, ONE), (0, 0), (ONE, REFUNDED), (0, REFUNDED)}


def test_events_that_share_nothing_are_apart():
    other = [strike("X1", "greater", "3", event="F"), strike("X2", "greater", "5", event="G")]
    assert len(event_states([*ladder(), *other])) == 3


amounts = st.integers(-20, 20)
orders = st.lists(
    st.builds(
        Resting, place=st.integers(0, 2), side=st.sampled_from([1, -1]),
        price=st.integers(1, 99).map(lambda cents: cents / 100), size=st.integers(1, 10).map(float),
        fee=st.integers(0, 5).map(lambda cents: cents / 100),
    ),
    max_size=5,
)


@settings(deadline=None)
@given(
    st.lists(st.tuples(amounts, amounts), min_size=3, max_size=3), orders, st.sampled_from(["stated", "refund", "half"])
)
def test_it_is_the_worst_of_all_states_and_all_fills(held, resting, void):
    """Every subset of the orders filled, in every state of every temperature, added up one by one."""
    (states,) = event_states(ladder(settlement={"void": void}))
    flows, positions = [float(flow) for flow, _ in held], [float(position) for _, position in held]
    worst = 0.0
    for row in rows(states):
        for filled in product([False, True], repeat=len(resting)):
            total = 0.0
            for place, pays in enumerate(row):
                if pays == REFUNDED:
                    continue  # all that was paid comes back
                worth = pays / ONE
                position = positions[place]
                total += flows[place] + (position * worth if position > 0 else -position * (1 - worth))
                for order, happens in zip(resting, filled, strict=True):
                    if happens and order.place == place:
                        total += order.side * order.size * (worth - order.price) - order.fee
            worst = max(worst, -total)
    assert worst_loss(states, flows, positions, resting) == pytest.approx(worst, abs=1e-9)


@given(st.lists(amounts, min_size=3, max_size=3))
def test_it_agrees_with_the_outcome_group_where_there_is_no_void(positions):
    (states,) = event_states(ladder())
    group = group_of("E", ladder())
    holdings = {
        name.partition(":")[2]: (max(size, 0) * ONE, max(-size, 0) * ONE)
        for name, size in zip(states.members, positions, strict=True)
    }
    cost = 50 * ONE
    expected = group.worst_loss(holdings, cost) / ONE
    assert worst_loss(states, [-50.0, 0.0, 0.0], positions) == pytest.approx(expected)


def test_an_empty_group_is_an_error_elsewhere_and_nothing_here():
    assert event_states([]) == []
    with pytest.raises(DataError):
        group_of("E", [])
