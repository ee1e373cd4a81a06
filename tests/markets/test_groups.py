from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp.core import SIZE_ONE, DataError
from ntp.markets import Instrument
from ntp.markets.groups import OutcomeGroup, Relation, group_of
from ntp.markets.settlement import Observed


def strike(symbol, kind, low=None, high=None, series="KXHIGHNY", **attributes):
    return Instrument(
        symbol=symbol,
        venue="kalshi",
        series=series,
        event="E",
        strike_type=kind,
        strike_low=low,
        strike_high=high,
        attributes=attributes,
    )


LADDER = [
    strike("T73", "less", high="73"),
    strike("B73.5", "between", "73", "74"),
    strike("B75.5", "between", "75", "76"),
    strike("T76", "greater", "76"),
]
CHAIN = [strike(f"T{k}", "greater", f"{k}", series="KXBTCD") for k in (100, 200, 300)]
TEAMS = ["CAR", "ATL", "DRAW"]


def game(**attributes):
    return [strike(name, "structured", **attributes) for name in TEAMS]


def test_a_temperature_ladder_is_exclusive_and_exhaustive():
    group = group_of("E", LADDER)
    assert group.relation is Relation.EXCLUSIVE
    assert group.exhaustive
    assert sorted(group.states()) == sorted(tuple(int(i == j) for j in range(4)) for i in range(4))


@given(st.decimals(0, 150, places=1))
def test_exactly_one_rung_pays_at_any_temperature(value):
    group = group_of("E", LADDER)
    assert sum(spec.payoff(Observed(value)) for _, spec in group.members) == 1


def test_a_ladder_with_a_gap_is_not_exhaustive():
    group = group_of("E", LADDER[:2] + LADDER[3:])
    assert group.relation is Relation.EXCLUSIVE
    assert not group.exhaustive


def test_thresholds_are_nested():
    group = group_of("E", CHAIN)
    assert group.relation is Relation.NESTED
    assert sorted(group.states()) == [(0, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 1)]


def test_games_are_what_the_venue_says():
    assert group_of("E", game()).relation is Relation.INDEPENDENT
    exclusive = group_of("E", game(mutually_exclusive=True))
    assert (exclusive.relation, exclusive.exhaustive) == (Relation.EXCLUSIVE, False)
    assert (0, 0, 0) in set(exclusive.states())
    assert group_of("E", game(negRisk=True, exhaustive=True)).exhaustive


def test_an_open_field_is_never_exhaustive():
    # Pitfall E14.
    assert not group_of("E", game(negRisk=True, exhaustive=True, negRiskAugmented=True)).exhaustive


def test_contracts_on_different_observables_are_independent():
    mixed = [CHAIN[0], strike("H", "greater", "80")]
    assert group_of("E", mixed).relation is Relation.INDEPENDENT


def test_worst_state_of_holdings():
    group = group_of("E", CHAIN)
    one = SIZE_ONE
    assert group.worst_value({"T100": (one, 0), "T200": (0, one)}) == one
    assert group.worst_value({"T100": (0, one), "T200": (one, 0)}) == 0
    ladder = group_of("E", LADDER)
    assert ladder.worst_value({name: (one, 0) for name, _ in ladder.members}) == one
    assert ladder.worst_value({name: (0, one) for name, _ in ladder.members}) == 3 * one
    assert ladder.worst_loss({"T73": (one, 0)}, 400_000) == 400_000
    assert ladder.worst_loss({"T73": (one, one)}, 400_000) == 0
    free = group_of("E", game())
    assert free.worst_value({"CAR": (one, 0), "ATL": (0, one)}) == 0
    with pytest.raises(DataError):
        free.worst_value({"NYJ": (one, 0)})


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)), min_size=4, max_size=4))
def test_no_state_pays_less_than_the_worst(pairs):
    group = group_of("E", LADDER)
    holdings = {name: pair for (name, _), pair in zip(group.members, pairs, strict=True)}
    worst = group.worst_value(holdings)
    for degrees in range(60, 90):
        state = Observed(Decimal(degrees))
        paid = sum(
            holdings[name][0] * spec.payoff(state) + holdings[name][1] * (1 - spec.payoff(state))
            for name, spec in group.members
        )
        assert paid >= worst


def test_an_empty_group_is_refused():
    with pytest.raises(DataError):
        group_of("E", [])
    assert OutcomeGroup("E", Relation.INDEPENDENT, False, ()).worst_value({}) == 0
