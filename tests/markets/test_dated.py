"""Attributes that change: names, words of the venues, and what cannot change."""

from typing import Any

import pytest

from ntp.core import DataError
from ntp.markets import Instrument, changed

FIRST = Instrument(
    symbol="A", venue="kalshi", close_time=100, strike_low="5", fee_schedule={"rate": 1}, attributes={"x": 1, "y": 2}
)


def test_named_attributes_take_their_new_values_and_others_are_merged() -> None:
    after = changed(FIRST, {"close_time": 50, "strike_low": 6.5, "y": 3, "attributes": {"z": 4, "x": None}})
    assert (after.close_time, after.strike_low, after.attributes) == (50, "6.5", {"y": 3, "z": 4})
    assert after.id == FIRST.id
    assert FIRST.attributes == {"x": 1, "y": 2}


def test_fees_are_merged() -> None:
    assert changed(FIRST, {"fee_schedule": {"rate": None, "exponent": 2}}).fee_schedule == {"exponent": 2}


@pytest.mark.parametrize(
    ("changes", "bands"),
    [
        ({"tick_bands": [[0, 10_000, 10]]}, ((0, 10_000, 10),)),
        ({"tick_size": "0.001"}, ((0, 10_000, 10),)),
        ({"price_level_structure": "linear_cent"}, ((0, 10_000, 100),)),
        (
            {
                "price_level_structure": "linear_cent",
                "price_ranges": [{"start": "0", "end": "1", "step": "0.005"}],
            },
            ((0, 10_000, 50),),
        ),
    ],
)
def test_the_grid_in_the_words_of_the_venues(changes: dict[str, Any], bands: Any) -> None:
    assert changed(FIRST, changes).tick_bands == bands


@pytest.mark.parametrize(
    "changes",
    [
        {"symbol": "B"}, {"close_time": "soon"}, {"min_size": -1}, {"tick_bands": [[0, 1]]}, {"fee_schedule": 3},
        {"price_level_structure": "unheard_of"}, {"tick_size": "0.03"}, {"size_step": True},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(DataError):
        changed(FIRST, changes)
