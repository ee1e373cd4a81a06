"""Parameters: declaration, values, text, schema."""

import math
from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntp.core import ConfigError
from ntp.strategy import Param, Strategy, coerce, parameter_schema, parameters_of


class Typed(Strategy):
    edge: float = Param(0.03, ge=0, le=0.5, sweep=(0.01, 0.10), live=True, unit="dollars", help="gap")
    count: int = Param(5, gt=0, lt=100, sweep=(1, 50, 7))
    fast: bool = Param(False)
    mode: str = Param("calm", choices=("calm", "bold"))
    limit: float | None = Param(None, ge=0)
    old_style: Optional[int] = Param(3)  # noqa: UP045 - people still write it so
    plain = Param(2.5)


def test_every_strategy_inherits_the_common_parameters():
    assert Strategy().parameters() == {
        "position_size": 0.05, "max_position": None, "stop_loss": None, "take_profit": None,
    }
    assert list(parameters_of(Typed))[:4] == ["position_size", "max_position", "stop_loss", "take_profit"]


def test_values_are_plain_instance_attributes():
    strategy = Typed(edge=0.05, count=7, fast=True, mode="bold", limit=3)
    assert strategy.__dict__["edge"] == strategy.edge == 0.05
    assert (strategy.count, strategy.fast, strategy.mode, strategy.limit) == (7, True, "bold", 3.0)
    assert isinstance(strategy.limit, float)
    assert parameters_of(Typed)["edge"].kind is float


def test_whole_floats_are_integers_where_an_integer_is_meant():
    value = Typed(count=7.0).count
    assert value == 7
    assert isinstance(value, int)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("edge", -0.01), ("edge", 0.51), ("edge", "0.03"), ("edge", None), ("edge", math.nan),
        ("edge", math.inf), ("edge", True), ("count", 0), ("count", 100), ("count", 1.5), ("fast", 1),
        ("mode", "wild"), ("mode", 3), ("limit", -1), ("stop_loss", 0), ("position_size", 0),
        ("edge", 10**400),
    ],
)
def test_values_that_are_not_allowed_are_refused(name, value):
    with pytest.raises(ConfigError) as caught:
        Typed(**{name: value})
    assert caught.value.code == "bad_parameter"
    assert name in caught.value.message
    assert "was" in caught.value.message


def test_unknown_parameters_get_a_suggestion():
    with pytest.raises(ConfigError) as caught:
        Typed(egde=0.05)
    assert caught.value.code == "unknown_parameter"
    assert "'edge'" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("edge", "0.05", 0.05), ("edge", " 5e-2 ", 0.05), ("count", "12", 12), ("fast", "true", True),
        ("fast", "off", False), ("mode", "bold", "bold"), ("limit", "none", None), ("limit", "4", 4.0),
        ("old_style", "", None), ("max_position", "100", 100.0),
    ],
)
def test_text_is_read_by_type(name, text, value):
    read = coerce(Typed, name, text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [("edge", "much"), ("edge", "0.9"), ("edge", "nan"), ("count", "1.5"), ("fast", "maybe"),
     ("mode", "wild")],
)
def test_text_that_is_no_value_is_refused(name, text):
    with pytest.raises(ConfigError, match=name):
        coerce(Typed, name, text)


@given(st.floats(0, 0.5))
def test_text_and_value_agree(edge):
    assert coerce(Typed, "edge", repr(edge)) == Typed(edge=edge).edge == edge


@given(st.one_of(st.floats(), st.integers(), st.text(), st.none(), st.booleans()))
def test_a_value_is_stored_within_bounds_or_refused(value):
    try:
        edge = Typed(edge=value).edge
    except ConfigError:
        return
    assert isinstance(edge, float)
    assert 0 <= edge <= 0.5


def test_the_schema_says_what_a_form_needs():
    schema = parameter_schema(Typed)
    assert schema["additionalProperties"] is False
    assert schema["properties"]["edge"] == {
        "type": "number", "default": 0.03, "minimum": 0, "maximum": 0.5, "description": "gap",
        "x-unit": "dollars", "x-sweep": [0.01, 0.10], "x-live": True,
    }
    assert schema["properties"]["count"]["exclusiveMaximum"] == 100
    assert schema["properties"]["mode"]["enum"] == ["calm", "bold"]
    assert schema["properties"]["limit"]["type"] == ["number", "null"]


def test_a_plain_value_is_a_new_default():
    class Bolder(Typed):
        edge = 0.2
        max_position = 50

    assert Bolder().edge == 0.2
    assert Bolder().max_position == 50.0
    assert Typed().edge == 0.03
    with pytest.raises(ConfigError):
        Bolder(edge=0.6)


def test_a_plain_default_is_held_to_the_bounds():
    with pytest.raises(ConfigError, match="edge") as caught:
        type("Wild", (Typed,), {"edge": 0.9})
    assert caught.value.code == "bad_declaration"


@pytest.mark.parametrize(
    "body",
    [
        {"a": Param(None)},
        {"a": Param(1.0), "__annotations__": {"a": "list"}},
        {"a": Param(1.0), "__annotations__": {"a": "int | str"}},
        {"a": Param(0.5, ge=1), "__annotations__": {"a": "float"}},
        {"a": Param(0.5, sweep=(1, 0)), "__annotations__": {"a": float}},
        {"a": Param(0.5, sweep=(0, 1), log=True), "__annotations__": {"a": float}},
        {"a": Param(0.5, le=1, sweep=(0, 2)), "__annotations__": {"a": float}},
        {"a": Param("x", ge=0), "__annotations__": {"a": str}},
        {"a": Param(0.5, sweep=(0, 1, 0)), "__annotations__": {"a": float}},
    ],
)
def test_declarations_that_contradict_themselves_are_refused(body):
    with pytest.raises(ConfigError) as caught:
        type("Broken", (Strategy,), body)
    assert caught.value.code == "bad_declaration"


def test_annotations_may_be_texts():
    cls = type("Texts", (Strategy,), {"a": Param(1), "__annotations__": {"a": "float | None"}})
    assert cls().a == 1.0
    assert isinstance(cls().a, float)
    assert cls(a=None).a is None


def test_mixins_pass_their_parameters_on():
    class First(Strategy):
        one: int = Param(1)

    class Second(Strategy):
        two: int = Param(2)

    class Both(First, Second):
        pass

    assert (Both().one, Both().two) == (1, 2)
