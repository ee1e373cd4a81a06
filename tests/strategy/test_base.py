"""The base class: construction, copies, the classes built on it."""

import threading

import pytest

from ntp.core import ConfigError, StrategyError
from ntp.strategy import (
    BaseStrategy,
    CustomStrategy,
    Param,
    Signal,
    Strategy,
    StrategyWarning,
    declaration_of,
)

from .fake_runtime import HOME, bound


class Edged(Strategy):
    edge: float = Param(0.03, ge=0)

    def analyze(self, data):
        return Signal("BUY", size=1) if data.bid < self.edge else None


def test_parameters_are_keywords():
    assert Edged(edge=0.1).parameters()["edge"] == 0.1
    assert repr(Edged(edge=0.1)) == "Edged(edge=0.1)"
    assert repr(Edged()) == "Edged()"


def test_copies_are_independent():
    original = Edged(edge=0.1)
    original.memory = [1]
    bound(original)
    twin = original.copy(stop_loss=0.2)
    twin.memory.append(2)
    assert original.memory == [1]
    assert (twin.edge, twin.stop_loss, original.stop_loss) == (0.1, 0.2, None)
    assert twin._runtime is None
    assert "buy" not in twin.__dict__
    with pytest.raises(ConfigError):
        original.copy(egde=1)


def test_what_cannot_be_copied_is_told():
    original = Edged()
    original.lock = threading.Lock()
    with pytest.raises(StrategyError) as caught:
        original.copy()
    assert caught.value.code == "not_copyable"


def test_defaults_are_there_without_super_init():
    with pytest.warns(StrategyWarning, match="__init__"):

        class Forgetful(Strategy):
            edge: float = Param(0.03)

            def __init__(self, **parameters):
                self.started = False

    assert Forgetful().edge == 0.03


def test_a_deleted_parameter_has_its_default_again():
    strategy = Edged(edge=0.2)
    del strategy.edge
    assert strategy.edge == Edged.edge == 0.03


def test_base_strategy_trades_a_signal_only_if_one_is_defined():
    class Priced(BaseStrategy):
        pass

    class Signalled(BaseStrategy):
        def calculate_signal(self, data):
            return data.fair - data.ask

    class Analysed(BaseStrategy):
        def analyze(self, data):
            return self.calculate_signal(data) - data.ask

    runtime = bound(Priced())
    assert Priced().calculate_signal(runtime.view(HOME)) == 0.5
    assert declaration_of(Priced).callbacks == frozenset()
    assert declaration_of(Signalled).callbacks == {"analyze"}
    assert Signalled().analyze(runtime.view(HOME)) == pytest.approx(0.06)
    assert Analysed().analyze(runtime.view(HOME)) == pytest.approx(0.06)


def test_custom_strategy_states_all_three_steps():
    class Half(CustomStrategy):
        def analyze(self, data):
            return data

    with pytest.raises(StrategyError, match="calculate_position_size, generate_signal") as caught:
        Half()
    assert caught.value.code == "abstract_strategy"

    class Whole(Half):
        def generate_signal(self, analysis):
            return None

        def calculate_position_size(self, signal):
            return 1.0

    assert Whole().parameters()["position_size"] == 0.05


def test_saving_and_selecting_have_defaults():
    strategy = Strategy()
    assert strategy.on_save() == {}
    assert strategy.on_load({}) is None
    assert strategy.select(HOME)
