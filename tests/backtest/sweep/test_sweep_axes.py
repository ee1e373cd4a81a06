"""What a grid may say, and what it may not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from swept import Fader

from ntp import Param, Strategy
from ntp.backtest.sweep.axes import read_axes
from ntp.core import ConfigError


class Scales(Strategy):
    rate: float = Param(0.1, gt=0, le=1, sweep=(0.001, 1.0), log=True)
    days: int = Param(3, ge=1, le=90, sweep=(1, 90))
    on: bool = Param(True)

    def on_quote(self, data):
        pass


def values(strategy, **grid):
    return {axis.name: axis.values for axis in read_axes(strategy, grid)}


@pytest.mark.parametrize(("given", "expected"), [
    ("0:0.03:0.01", (0.0, 0.01, 0.02, 0.03)), ((0, 0.03, 0.01), (0.0, 0.01, 0.02, 0.03)),
    ("0.01,0.05", (0.01, 0.05)), ([0.05, 0.01, 0.05], (0.05, 0.01)), (np.array([0.02]), (0.02,)),
    ("0.1:0.1:0.01", (0.1,)), (0.04, (0.04,)), (None, (0.0, 0.01, 0.02, 0.03)), ("0:0.1:0.03", (0, 0.03, 0.06, 0.09)),
])  # fmt: skip
def test_values_are_given_as_texts_tuples_and_lists(given, expected):
    assert values(Fader(), offset=given)["offset"] == expected


def test_what_is_no_number_is_listed():
    assert values(Fader(), side="buy,sell")["side"] == ("buy", "sell")
    assert values(Fader(), side=None)["side"] == ("both", "buy", "sell")
    assert values(Scales(), on="yes,no")["on"] == (True, False)
    assert values(Scales(), on=None)["on"] == (False, True)


def test_by_default_all_vary_that_say_how():
    assert [axis.name for axis in read_axes(Fader(), None)] == ["offset", "size", "side"]
    assert values(Fader(), position_size=None)["position_size"][0] == 0.01  # an inherited one only by name


def test_ranges_without_a_step_are_spread_evenly():
    found = values(Scales(), rate=None, days=(1, 4))
    assert len(found["rate"]) == 10
    assert np.diff(np.log(found["rate"])) == pytest.approx(np.log(1000) / 9)
    assert found["days"] == (1, 2, 3, 4)


@given(st.integers(0, 500), st.integers(0, 200), st.integers(1, 50))
def test_steps_never_drift(low, count, step):
    class Wide(Strategy):
        level: float = Param(0.0)

        def on_quote(self, data):
            pass

    a, d = low / 1000, step / 1000
    found = values(Wide(), level=f"{a}:{(low + count * step) / 1000}:{d}")["level"]
    assert found == tuple((low + place * step) / 1000 for place in range(count + 1))


@pytest.mark.parametrize(("grid", "code", "words"), [
    ({"ofset": [1]}, "unknown_parameter", "did you mean 'offset'"),
    ({"offset": "0:0.1:0"}, "bad_grid", "step above 0"),
    ({"offset": "0:0.1:-0.01"}, "bad_grid", "step above 0"),
    ({"offset": "0.1:0:0.01"}, "bad_grid", "end is not below its beginning"),
    ({"offset": "a:b:c"}, "bad_grid", "a:b or a:b:step of numbers"),
    ({"offset": "0:1:2:3"}, "bad_grid", "of numbers"),
    ({"offset": (0.0, float("inf"), 0.1)}, "bad_grid", "of numbers"),
    ({"offset": "0:0.5:0.1"}, "bad_parameter", "at most 0.1"),
    ({"offset": ["high"]}, "bad_parameter", "a float"),
    ({"offset": []}, "empty_grid", "expected values for parameter 'offset'"),
    ({"size": "1.5,2"}, "bad_parameter", "an int"),
    ({"side": "up"}, "bad_parameter", "one of 'both', 'buy', 'sell'"),
    ({"max_position": None}, "bad_grid", "declaration names none"),
])  # fmt: skip
def test_impossible_grids_are_refused(grid, code, words):
    with pytest.raises(ConfigError) as refused:
        read_axes(Fader(), grid)
    assert refused.value.code == code
    assert words in f"{refused.value.message} {refused.value.hint}"


def test_a_strategy_without_ranges_says_how_to_name_them():
    class Plain(Strategy):
        edge: float = Param(0.01)

        def on_quote(self, data):
            pass

    with pytest.raises(ConfigError, match="expected parameters to sweep") as refused:
        read_axes(Plain(), None)
    assert refused.value.code == "empty_grid"
    assert "edge=a:b:step" in refused.value.hint
