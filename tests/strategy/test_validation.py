"""Mistakes in a class show when it is created."""

from dataclasses import dataclass

import pytest

from ntp.core import ConfigError, StrategyError
from ntp.strategy import Param, Strategy, StrategyWarning
from ntp.strategy.validation import SEALED


@pytest.mark.parametrize("name", sorted(SEALED - {"_parameters", "_declaration"}))
def test_sdk_names_cannot_be_hidden(name):
    with pytest.raises(StrategyError) as caught:
        type("Hider", (Strategy,), {name: 1})
    assert caught.value.code == "hides_sdk_method"
    assert caught.value.details["attribute"] == name


def test_neither_as_parameter_nor_annotation_nor_mixin_nor_method():
    with pytest.raises(StrategyError, match="position"):
        type("P", (Strategy,), {"position": Param(1)})
    with pytest.raises(StrategyError, match="cash"):
        type("A", (Strategy,), {"__annotations__": {"cash": float}})

    class Mixin:
        def market(self):
            return None

    with pytest.raises(StrategyError, match="market"):
        type("M", (Mixin, Strategy), {})
    assert type("Behind", (Strategy, Mixin), {})


def test_attributes_set_in_methods_are_seen():
    with pytest.raises(StrategyError, match=r"'target'.*analyze"):

        class Setter(Strategy):
            def analyze(self, data):
                self.price = 1
                self.target = data.bid


def test_other_objects_may_have_these_attributes():
    class Fine(Strategy):
        def analyze(self, data):
            data.state.cash = 1
            self.memory = data
            self.memory.target = 2

    assert Fine()


@pytest.mark.parametrize("name", ["analyze", "on_quote", "on_start", "generate_signal", "select"])
def test_async_callbacks_are_refused(name):
    async def callback(self, *arguments):
        return None

    with pytest.raises(StrategyError) as caught:
        type("Waiter", (Strategy,), {name: callback})
    assert caught.value.code == "async_callback"
    assert caught.value.details["line"] > 0


def test_generators_are_refused():
    with pytest.raises(StrategyError, match="generator"):

        class Yielder(Strategy):
            def analyze(self, data):
                yield 1


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("analyze", lambda self: None),
        ("on_start", lambda self, data: None),
        ("on_lifecycle", lambda self, contract: None),
        ("on_fill", lambda self, fill, order: None),
        ("select", lambda: True),
    ],
)
def test_callbacks_take_what_they_are_given(name, function):
    with pytest.raises(StrategyError) as caught:
        type("Odd", (Strategy,), {name: function})
    assert caught.value.code == "bad_signature"


def test_further_arguments_with_defaults_are_fine():
    class Fine(Strategy):
        def analyze(self, data, scale=2, *rest, **more):
            return None

        @staticmethod
        def on_quote(data):
            return None

    assert Fine()


@pytest.mark.parametrize(
    "body",
    [
        {"wake": "bset"}, {"wake": ("best", "bar")}, {"wake": 5}, {"universe": 7}, {"universe": ("a", 1)},
        {"inputs": ["spot"]}, {"inputs": {"my spot": "a:b"}}, {"inputs": {"spot": ""}}, {"warmup": -1},
        {"warmup": 1.5}, {"pricing": "ewma"}, {"short": 1}, {"frame_by": "day"}, {"State": 3},
        {"version": 1}, {"assets": 1}, {"independent": "yes"},
    ],
)
def test_wrong_class_attributes_are_refused(body):
    with pytest.raises(ConfigError, match="was"):
        type("Wrong", (Strategy,), body)


def test_init_must_pass_parameters_on():
    with pytest.raises(StrategyError) as caught:

        class Rigid(Strategy):
            def __init__(self, edge):
                self.edge = edge

    assert caught.value.code == "bad_signature"


def test_init_is_warned_of():
    with pytest.warns(StrategyWarning, match="on_start"):

        class Keeper(Strategy):
            def __init__(self, **parameters):
                super().__init__(**parameters)
                self.seen = 0

    assert Keeper(position_size=0.1).position_size == 0.1


def test_callbacks_that_are_never_called_are_warned_of():
    with pytest.warns(StrategyWarning, match="'on_quote'"):

        class Misspelt(Strategy):
            def on_qoute(self, data):
                return None

    with pytest.warns(StrategyWarning, match="'analyze'"):

        class British(Strategy):
            def analyse(self, data):
                return None


def test_a_dataclass_may_be_mixed_in():
    @dataclass
    class Memory:
        seen: int = 0

    class Fine(Strategy):
        State = Memory

        def analyze(self, data):
            data.state.seen += 1

    assert Fine()
