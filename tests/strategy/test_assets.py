"""Files that strategies read."""

import pytest

from ntp import Backtest
from ntp.core import NotFound, StrategyError
from ntp.strategy.loader import load_file

TEXT = """
import json

from ntp import Strategy


class Reads(Strategy):
    assets = ("levels.json",)
    name = "levels.json"

    def on_start(self):
        self.levels = json.loads(self.asset(self.name).read_text())

    def analyze(self, data):
        self.record(level=self.levels["a"])
"""


def test_an_asset_lies_beside_the_strategy_and_is_part_of_its_hash(tmp_path, monkeypatch):
    strategy, asset = tmp_path / "reads.py", tmp_path / "levels.json"
    strategy.write_text(TEXT)
    with pytest.raises(NotFound, match=r"expected the asset 'levels\.json' of Reads at") as raised:
        load_file(strategy)
    assert raised.value.code == "no_such_asset"
    asset.write_text('{"a": 3}')
    before = load_file(strategy).code_hash
    run = Backtest(str(strategy), "sample", store=False).run(modes=("base",))
    assert set(run.records["value"]) == {3.0}
    asset.write_text('{"a": 4}')
    assert load_file(strategy).code_hash != before


def test_a_file_that_is_not_listed_is_refused(tmp_path):
    strategy = tmp_path / "reads.py"
    strategy.write_text(TEXT.replace('name = "levels.json"', 'name = "level.json"'))
    (tmp_path / "levels.json").write_text("{}")
    with pytest.raises(StrategyError, match=r"expected a file listed in assets, was 'level\.json'") as raised:
        Backtest(str(strategy), "sample", store=False).run(modes=("base",))
    assert raised.value.code == "unknown_asset"
    assert raised.value.hint == "did you mean 'levels.json'?"
