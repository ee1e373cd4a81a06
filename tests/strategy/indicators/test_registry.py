"""Indicators in files."""

import pytest

from ntp.core import ConfigError, NotFound, StrategyError
from ntp.statistics.indicators import INDICATORS
from ntp.strategy import IndicatorRegistry
from ntp.strategy.indicators import create_indicator_file
from ntp.strategy.loader import load_file

TEXT = """
from ntp import CustomIndicator
class {name}(CustomIndicator):
    \"\"\"Says one.\"\"\"
    def calculate(self, data):
        return 1.0
"""


def test_files_are_found_and_described(tmp_path):
    registry = IndicatorRegistry(tmp_path)
    assert set(registry) == set(INDICATORS)
    (tmp_path / "one.py").write_text(TEXT.format(name="One"))
    (tmp_path / "broken.py").write_text("import nothing_of_this_name")
    (tmp_path / "rsi.py").write_text(TEXT.format(name="Mine"))
    (tmp_path / "_helper.py").write_text("")
    assert set(registry) == {*INDICATORS, "one", "broken", "rsi"}
    assert registry.resolve("one")().calculate(None) == registry.resolve("one:One")().calculate(None) == 1.0
    rows = {row["name"]: row for row in registry.describe()}
    assert rows["one"] == {"name": "one", "kind": "indicator", "origin": "workspace", "summary": "Says one."}
    assert "ModuleNotFoundError" in rows["broken"]["error"]
    assert "expected one indicator named 'rsi'" in rows["rsi"]["error"]
    assert rows["RSI"]["summary"] == "relative strength index"


def test_bad_files_are_told(tmp_path):
    registry = IndicatorRegistry(tmp_path)
    (tmp_path / "two.py").write_text(TEXT.format(name="One") + TEXT.format(name="Two"))
    (tmp_path / "none.py").write_text("x = 1")
    with pytest.raises(StrategyError) as raised:
        registry.resolve("two")
    assert raised.value.code == "several_indicators"
    with pytest.raises(StrategyError) as raised:
        registry.resolve("none")
    assert raised.value.code == "no_indicator"
    with pytest.raises(NotFound):
        registry.resolve("two:Three")
    with pytest.raises(NotFound) as missing:
        registry.resolve("tow")
    assert missing.value.hint == "did you mean 'two'?"


def test_a_new_file_works_as_it_is_and_nothing_is_overwritten(tmp_path):
    path = create_indicator_file("my_trend", folder=tmp_path / "indicators")
    assert IndicatorRegistry(path.parent).resolve("my_trend").__name__ == "MyTrend"
    for name, code in (("my_trend", "file_exists"), ("rsi", "name_taken"), ("My Trend", "bad_name")):
        with pytest.raises(ConfigError) as raised:
            create_indicator_file(name, folder=path.parent)
        assert raised.value.code == code


def test_the_hash_of_a_strategy_covers_the_indicator_that_it_names(tmp_path, monkeypatch):
    (tmp_path / "ntp.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    indicator = create_indicator_file("my_trend", folder=tmp_path / "indicators")
    strategy = tmp_path / "uses.py"
    strategy.write_text(
        "from ntp import Indicator, Strategy\n"
        "class Uses(Strategy):\n"
        "    trend = Indicator('my_trend')\n"
        "    def analyze(self, data):\n"
        "        return data.indicators.trend\n"
    )
    before = load_file(strategy).code_hash
    assert load_file(strategy).code_hash == before
    indicator.write_text(indicator.read_text() + "\n")
    assert load_file(strategy).code_hash != before
