"""A look back is what one would have written down by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp.core import Absent, StrategyError
from ntp.strategy.history import FIELDS, History

ONE = 10_000.0
_PRICES = st.sampled_from([-1, 4_900, 5_000, 5_100])
_CHANGES = st.lists(st.tuples(_PRICES, _PRICES, _PRICES), max_size=200)


def values_of(changes: list[tuple[int, int, int]], field: str) -> list[tuple[int, float]]:
    """Times and values of a field where it changed."""
    out: list[tuple[int, float]] = []
    for ts, (bid, ask, price) in enumerate(changes):
        parts = {"bid": (bid,), "ask": (ask,), "price": (price,)}.get(field, (bid, ask))
        if min(parts) < 0:
            continue
        numbers = [part / ONE for part in parts]
        value = numbers[0] if len(numbers) == 1 else sum(numbers) / 2 if field == "mid" else numbers[1] - numbers[0]
        if not out or out[-1][1] != value:
            out.append((ts * 10**9, value))
    return out


@given(_CHANGES, st.sampled_from(FIELDS), st.integers(-1, 12), st.lists(st.integers(0, 200), max_size=3))
def test_a_number_of_changes(changes: list[tuple[int, int, int]], field: str, last: int, asked: list[int]) -> None:
    history = History(ONE)
    for ts, change in enumerate(changes):
        history.note(ts * 10**9, *change)
        if ts in asked:  # being asked in between changes nothing
            history._up_to_date(field)
    expected = [value for _, value in values_of(changes, field)]
    if last < 1 or len(expected) < last:
        with pytest.raises(Absent):
            history.look_back(field, last, 0)
    else:
        assert history.look_back(field, last, 0).tolist() == expected[-last:]


@given(_CHANGES, st.integers(1, 50))
def test_a_duration_begins_with_the_value_in_force(changes: list[tuple[int, int, int]], seconds: int) -> None:
    history, now = History(ONE), len(changes) * 10**9
    for ts, change in enumerate(changes):
        history.note(ts * 10**9, *change)
    known = values_of(changes, "mid")
    before = [place for place, (ts, _) in enumerate(known) if ts <= now - seconds * 10**9]
    if not before:
        with pytest.raises(Absent):
            history.look_back("mid", f"{seconds}s", now)
    else:
        assert history.look_back("mid", f"{seconds}s", now).tolist() == [value for _, value in known[before[-1] :]]


def test_what_was_given_away_does_not_change() -> None:
    history = History(ONE)
    history.note(0, 4_000, 6_000, -1)
    kept = history.look_back("bid", 1, 0)
    for ts in range(1, 1_000):
        history.note(ts, 4_000 + ts, 6_000, -1)
        history.look_back("bid", 2, ts)
    assert kept.tolist() == [0.4]
    with pytest.raises(ValueError, match="read-only"):
        kept[0] = 1.0
    assert history.look_back("bid", 1_000, 0).tolist() == [(4_000 + ts) / ONE for ts in range(1_000)]
    assert isinstance(kept, np.ndarray)


def test_an_unknown_field_is_told() -> None:
    with pytest.raises(StrategyError, match="history"):
        History(ONE).look_back("bdi", 1, 0)
