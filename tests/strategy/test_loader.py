"""Strategies from files."""

import sys
from pathlib import Path

import pytest

from ntp.core import ConfigError, NotFound, StrategyError
from ntp.strategy import load_file

GOOD = """
from __future__ import annotations
from dataclasses import dataclass
from ntp import Param, Signal, Strategy

@dataclass
class Memory:
    seen: int = 0

class Mine(Strategy):
    edge: float = Param(0.03, ge=0)
    State = Memory

    def analyze(self, data):
        return Signal("BUY", size=1)
"""
SECOND = """
class Yours(Mine):
    edge = 0.05
"""


@pytest.fixture
def write(tmp_path):
    def writer(text, name="mine.py"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return writer


def test_the_only_class_of_a_file(write):
    loaded = load_file(write(GOOD))
    assert (loaded.name, loaded.cls.__name__) == ("mine", "Mine")
    assert loaded.make({"edge": 0.1}).edge == 0.1
    assert loaded.declaration.callbacks == {"analyze"}
    assert loaded.path.name == "mine.py"


def test_two_classes_need_a_name(write):
    path = write(GOOD + SECOND)
    with pytest.raises(StrategyError) as caught:
        load_file(path)
    assert caught.value.code == "several_strategies"
    assert "mine:Mine" in caught.value.hint
    assert load_file(path, "Yours").make().edge == 0.05
    with pytest.raises(NotFound) as missing:
        load_file(path, "Yuors")
    assert "'Yours'" in missing.value.hint


def test_the_import_path_is_left_alone(write):
    before = list(sys.path)
    cls = load_file(write(GOOD)).cls
    assert sys.path == before
    assert cls.__module__.startswith("ntp_strategy_mine_")
    assert "mine" not in sys.modules


def test_each_load_is_fresh_and_changes_are_seen(write):
    path = write(GOOD)
    first, again = load_file(path), load_file(path)
    assert first.cls is not again.cls
    assert first.code_hash == again.code_hash
    changed = load_file(write(GOOD.replace("0.03", "0.04")))
    assert changed.make().edge == 0.04
    assert changed.code_hash != first.code_hash
    assert changed.cls.__module__ != first.cls.__module__


def test_the_hash_is_of_content_and_class_not_of_the_place(write):
    one, two = write(GOOD + SECOND, "a.py"), write(GOOD + SECOND, "b.py")
    assert load_file(one, "Mine").code_hash == load_file(two, "Mine").code_hash
    assert load_file(one, "Mine").code_hash != load_file(one, "Yours").code_hash


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("x = 1\ny = 1 / 0\n", 2, "ZeroDivisionError"),
        ("def f(:\n    pass\n", 1, "SyntaxError"),
        ("\n\nimport a_module_nobody_has\n", 3, "ModuleNotFoundError"),
        ("def f():\n    raise SystemExit(3)\nf()\n", 2, "SystemExit"),
    ],
)
def test_import_errors_name_file_and_line(write, text, line, words):
    path = write(text)
    modules = set(sys.modules)
    with pytest.raises(StrategyError) as caught:
        load_file(path)
    assert caught.value.code == "import_failed"
    assert words in caught.value.message
    assert caught.value.details["line"] == line
    assert caught.value.details["file"] == str(path)
    assert "loader.py" not in caught.value.details["traceback"]
    assert set(sys.modules) == modules


def test_declaration_errors_gain_file_and_line(write):
    text = "from ntp import Strategy\n\nclass Wrong(Strategy):\n    wake = 'bset'\n"
    with pytest.raises(ConfigError) as caught:
        load_file(write(text))
    assert caught.value.code == "bad_wake"
    assert caught.value.details["line"] == 3


def test_a_failed_load_leaves_an_earlier_one_alone(write):
    path = write(GOOD + "\nimport os\nif 'NTP_FAIL' in os.environ:\n    1 / 0\n")
    module = load_file(path).cls.__module__
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NTP_FAIL", "1")
        with pytest.raises(StrategyError):
            load_file(path)
    assert module in sys.modules


def test_files_without_a_strategy(write):
    with pytest.raises(StrategyError) as caught:
        load_file(write("from ntp import Strategy\n"))
    assert caught.value.code == "no_strategy"
    with pytest.raises(StrategyError) as idle:
        load_file(write("from ntp import Strategy\nclass Idle(Strategy):\n    pass\n"))
    assert idle.value.code == "no_callbacks"
    with pytest.raises(NotFound):
        load_file(Path("nowhere.py"))


def test_abstract_and_private_bases_are_not_meant(write):
    text = GOOD.replace("class Mine(Strategy)", "class _Base(Strategy)") + "\nclass Mine(_Base):\n    pass\n"
    assert load_file(write(text)).cls.__name__ == "Mine"


def test_odd_file_names_load(write):
    assert load_file(write(GOOD, "my-strategy v2.py")).name == "my-strategy v2"


def test_a_file_may_make_its_strategy_of_a_template(tmp_path):
    path = tmp_path / "dip.py"
    path.write_text(
        "from ntp import templates\n"
        'Dip = templates["momentum"].customize(indicators=["RSI"], entry_conditions={"RSI": "<30"}, size=5)\n'
    )
    dip = load_file(path)
    assert (dip.name, dip.cls.__name__) == ("dip", "Dip")
    assert load_file(path, dip.cls.__name__).code_hash == dip.code_hash
    path.write_text(path.read_text().replace("<30", "<20"))
    assert load_file(path).code_hash != dip.code_hash
    path.write_text(path.read_text() + 'class Deeper(Dip):\n    """Written out."""\n')
    assert load_file(path).cls.__name__ == "Deeper"
