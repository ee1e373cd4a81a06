"""The grammar of conditions, and what is said of a wrong one."""

import pytest

from ntp.core import ConfigError
from ntp.strategy.template.conditions import Condition, Known, read_conditions

KNOWN = Known({"RSI": (), "MACD": ("line", "signal", "histogram")}, ["poll"])


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"RSI": "<30"}, ("RSI", "<", 30.0)),
        ({"rsi": " <= 30.5 "}, ("RSI", "<=", 30.5)),
        ({"macd.Histogram": "crosses_above 0"}, ("MACD.histogram", "crosses_above", 0.0)),
        ({"MACD": "crosses_below MACD.signal"}, ("MACD", "crosses_below", "MACD.signal")),
        ({"mid": ">= .5"}, ("mid", ">=", 0.5)),
        ({"poll": "> mid"}, ("poll", ">", "mid")),
        ({"x_mood": ">-1e-3"}, ("x_mood", ">", -0.001)),
        ({"time_left": "<2m"}, ("time_left", "<", 120.0)),
        ({"held": ">250ms"}, ("held", ">", 0.25)),
        ({"profit": ">5%"}, ("profit", ">", 0.05)),
        ({"loss": ">= 12.5%"}, ("loss", ">=", 0.125)),
    ],
)
def test_what_is_written_is_what_is_read(given, read):
    (found,) = read_conditions(given, KNOWN, entry=False)
    assert (found.name, found.sign, found.limit) == read


def test_one_name_may_have_several_conditions():
    low, high = read_conditions({"RSI": [">20", "<30"]}, KNOWN, entry=True)
    assert (low.limit, high.limit) == (20.0, 30.0)


@pytest.mark.parametrize(
    ("given", "code", "hint"),
    [
        ({"RSJ": "<30"}, "unknown_condition", "'RSI'"),
        ({"ADX": "<30"}, "unknown_condition", "among indicators"),
        ({"MACD.histo": ">0"}, "unknown_condition", "MACD.histogram"),
        ({"mid": "> aks"}, "unknown_condition", "'ask'"),
        ({"profit": ">5%"}, "unknown_condition", "exit_conditions"),
        ({"RSI": 30}, "bad_condition", "'<30'"),
        ({"RSI": "30"}, "bad_condition", "'<30'"),
        ({"RSI": "=30"}, "bad_condition", "'<30'"),
        ({"RSI": "<"}, "bad_condition", "'<30'"),
        ({"RSI": "crosses_abov 0"}, "bad_condition", "'crosses_above'"),
        ({"RSI": "<30%"}, "bad_condition", "profit and loss"),
        ({"RSI": "<nan"}, "unknown_condition", "known"),
        ({"time_left": "<2"}, "bad_condition", "'<2m'"),
        ("RSI<30", "bad_condition", '{"RSI": "<30"}'),
        ({3: "<30"}, "bad_condition", '{"RSI": "<30"}'),
    ],
)  # fmt: skip
def test_wrong_conditions_say_what_is_expected(given, code, hint):
    with pytest.raises(ConfigError) as caught:
        read_conditions(given, KNOWN, entry=True)
    assert caught.value.code == code
    assert caught.value.message.startswith("expected ")
    assert hint in caught.value.hint


@pytest.mark.parametrize("text", [">5", ">five%", "crosses_above 5%"])
def test_a_profit_is_a_percentage(text):
    with pytest.raises(ConfigError, match="profit"):
        read_conditions({"profit": text}, KNOWN, entry=False)


@pytest.mark.parametrize(
    ("sign", "before", "now", "crossed"),
    [
        ("crosses_above", -1, 1, True), ("crosses_above", 0, 1, True), ("crosses_above", 1, 2, False),
        ("crosses_above", -1, 0, False), ("crosses_below", 1, -1, True), ("crosses_below", 0, -1, True),
        ("crosses_below", -1, -2, False), ("crosses_below", 1, 1, False),
    ],
)  # fmt: skip
def test_a_crossing_changes_sides(sign, before, now, crossed):
    assert Condition("MACD", sign, 0.0).crossed((before, 0.0), (now, 0.0)) is crossed
