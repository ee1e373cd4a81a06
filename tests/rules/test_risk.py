"""Position limits."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp.core import SIZE_ONE, ConfigError
from ntp.rules import UNLIMITED, limit_units, position_room, reduce_only_size, within_limit

sides = st.sampled_from([1, -1])
units = st.integers(0, 10**12)
positions = st.integers(-(10**12), 10**12)


def test_limits_are_exact():
    assert limit_units(100.0) == 100 * SIZE_ONE
    assert limit_units(0.1) == 100_000
    assert limit_units(Decimal("0.0000019")) == 1
    assert limit_units(None) == limit_units(1e300) == UNLIMITED


@pytest.mark.parametrize("limit", [-1, float("nan"), float("inf")])
def test_other_limits_are_refused(limit):
    with pytest.raises(ConfigError):
        limit_units(limit)


@given(sides, units, positions, units, units)
def test_the_limit_holds_even_if_everything_fills(side, size, position, resting, limit):
    allowed = within_limit(side, size, position, resting, limit)
    assert 0 <= allowed <= size
    if allowed:
        assert side * position + resting + allowed <= limit
    if side * position + resting + size <= limit:
        assert allowed == size


@given(sides, units, units)
def test_leaving_always_has_room(side, held, limit):
    assert position_room(side, -side * held, 0, limit) >= held


@given(sides, units, positions, units)
def test_reduce_only_never_turns_a_position_round(side, size, position, resting):
    allowed = reduce_only_size(side, size, position, resting)
    assert 0 <= allowed <= size
    if allowed:
        assert side * position < 0
        assert resting + allowed <= abs(position)


@given(sides, units, positions, units, units)
def test_sides_are_symmetric(side, size, position, resting, limit):
    assert within_limit(side, size, position, resting, limit) == within_limit(
        -side, size, -position, resting, limit
    )
