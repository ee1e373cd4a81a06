"""Names to strategies."""

import pytest

from ntp.core import ConfigError, NotFound, StrategyError
from ntp.strategy import Signal, Strategy, StrategyRegistry, as_strategy
from ntp.strategy.registry import SHIPPED
from ntp.strategy.shipped import Maker

DROPPED = """
from ntp import Signal, Strategy

class Dropped(Strategy):
    def analyze(self, data):
        return Signal("HOLD")
"""


class Handmade(Strategy):
    def analyze(self, data):
        return Signal("HOLD")


@pytest.fixture
def registry(tmp_path):
    folder = tmp_path / "strategies"
    folder.mkdir()
    return StrategyRegistry(folder)


def test_shipped_strategies_are_there():
    registry = StrategyRegistry()
    assert list(registry) == sorted(SHIPPED)
    assert isinstance(registry.load("maker", {"size": 3}), Maker)
    assert registry.resolve("maker:Maker").cls is Maker
    assert "v10" in registry
    assert len(registry) == len(SHIPPED)


def test_dropped_files_are_live_at_once(registry):
    assert "dropped" not in registry
    (registry.folder / "dropped.py").write_text(DROPPED)
    (registry.folder / "_helpers.py").write_text("")
    assert list(registry) == ["dropped", *sorted(SHIPPED)]
    assert type(registry.load("dropped")).__name__ == "Dropped"
    assert registry.resolve("dropped:Dropped").name == "dropped:Dropped"
    (registry.folder / "dropped.py").unlink()
    with pytest.raises(NotFound):
        registry.load("dropped")


def test_a_path_is_a_name(tmp_path):
    path = tmp_path / "elsewhere.py"
    path.write_text(DROPPED)
    registry = StrategyRegistry()
    assert registry.resolve(str(path)).name == "elsewhere"
    assert registry.resolve(f"{path}:Dropped").cls.__name__ == "Dropped"
    with pytest.raises(NotFound):
        registry.resolve(str(tmp_path / "missing.py"))


def test_unknown_names_get_a_suggestion(registry):
    with pytest.raises(NotFound) as caught:
        registry.load("makr")
    assert "'maker'" in caught.value.hint
    with pytest.raises(NotFound):
        registry.resolve("maker:Quoter")


def test_a_file_never_replaces_a_shipped_strategy_in_silence(registry):
    (registry.folder / "maker.py").write_text(DROPPED)
    with pytest.raises(ConfigError) as caught:
        registry.load("maker")
    assert caught.value.code == "ambiguous_name"
    assert type(registry.load(str(registry.folder / "maker.py"))).__name__ == "Dropped"


def test_registering_by_hand():
    registry = StrategyRegistry()
    registry.register("mine", Handmade)
    registry.register("mine", Handmade)
    assert registry.load("mine", {"position_size": 0.1}).position_size == 0.1

    @registry.register("yours")
    class Yours(Handmade):
        pass

    assert registry.resolve("yours").cls is Yours
    with pytest.raises(ConfigError, match="free"):
        registry.register("mine", Yours)
    with pytest.raises(ConfigError, match="free"):
        registry.register("maker", Yours)
    with pytest.raises(ConfigError, match="class"):
        registry.register("other", 3)


def test_parameters_are_checked():
    with pytest.raises(ConfigError) as caught:
        StrategyRegistry().load("maker", {"half_spred": 0.1})
    assert "'half_spread'" in caught.value.hint


def test_a_strategy_may_be_given_as_anything():
    given = Handmade(position_size=0.1)
    strategy, loaded = as_strategy(given, parameters={"stop_loss": 0.2})
    assert strategy is not given
    assert (strategy.position_size, strategy.stop_loss, loaded.name) == (0.1, 0.2, "Handmade")
    assert as_strategy(Handmade)[0].position_size == 0.05
    assert as_strategy("maker")[1].name == as_strategy(Maker)[1].name == "maker"
    assert as_strategy("maker")[1].code_hash == as_strategy(Maker())[1].code_hash
    with pytest.raises(StrategyError):
        as_strategy(3)
