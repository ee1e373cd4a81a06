"""What passes, and what the document and the exit code say."""

import json
from pathlib import Path

import pytest
from tests.backtest.check.market import errors, examined, line_of, made

from ntp import Param, Signal, Strategy
from ntp.backtest import Backtest
from ntp.cli.main import main
from ntp.strategy.create import TEMPLATES, create_strategy_file


@pytest.mark.parametrize("name", ["maker", "v10"])
def test_shipped_strategies_pass(name):
    result = Backtest(name, "sample", store=False).check()
    assert result.passed
    assert not result.findings
    assert result.data["decisions"] > 1_000
    assert {each.check for each in result.examined} >= {"look_ahead", "determinism", "state", "start", "outside"}
    assert sum(each.reruns for each in result.examined) > 10


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_create_writes_passes(template, tmp_path):
    file = create_strategy_file("mine", template=template, folder=tmp_path)
    result = Backtest(file, made(tmp_path), store=False).check(quick=True)
    assert result.passed, result.findings


OUTSIDE = """
import os
import random
import time
import urllib.request
from datetime import datetime

import numpy as np

from ntp import Signal, Strategy


class Planted(Strategy):
    def analyze(self, data):
        if data.mid > 5:
            urllib.request.urlopen("http://example.com")  # not reached
        chance = random.random()  # random
        hour = datetime.now().hour  # now
        fast = time.time()  # time
        noise = np.random.default_rng().normal()  # rng
        steady = np.random.default_rng(1).normal()  # seeded
        home = os.environ.get("HOME")  # home
        return Signal("BUY" if chance + noise > 0.5 + steady else "SELL", size=1)
"""


def test_clock_chance_and_environment_are_found_on_their_lines(tmp_path):
    result = examined(tmp_path, OUTSIDE)
    lines = {finding.place.line for finding in errors(result, "outside")}
    assert lines == {line_of(OUTSIDE, f"# {mark}") for mark in ("random", "now", "time", "rng", "home")}
    warned = [each for each in result.findings if each.severity == "warning" and each.check == "outside"]
    assert [each.place.line for each in warned] == [line_of(OUTSIDE, "# not reached")]
    assert errors(result, "determinism")


HASHED = """
from ntp import Signal, Strategy


class Planted(Strategy):
    def analyze(self, data):
        self.record(chance=hash("this process") % 1_000_003)  # here
        return Signal("BUY", size=1)
"""


def test_what_rests_on_hash_is_found_in_another_process(tmp_path):
    found = errors(examined(tmp_path, HASHED), "determinism")
    assert "PYTHONHASHSEED" in found[0].message
    assert found[0].place.line == line_of(HASHED)


def test_the_document_names_file_line_and_column_and_the_command_fails(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NTP_HOME", str(tmp_path / "home"))
    (tmp_path / "planted.py").write_text(OUTSIDE)
    (tmp_path / "quotes.csv").write_text("timestamp,bid,ask\n" + "".join(
        f"2026-03-01T00:{row // 60:02}:{row % 60:02}Z,{0.40 + row % 7 / 100:.2f},{0.44 + row % 7 / 100:.2f}\n"
        for row in range(600)
    ))  # fmt: skip
    assert main(["check", "--strategy", "planted.py", "--data", "quotes.csv", "--quick", "--json"]) == 7
    document = json.loads(capsys.readouterr().out)
    assert document["passed"] is False
    first = document["findings"][0]
    assert set(first) == {"check", "severity", "file", "line", "column", "message"}
    assert (first["severity"], Path(first["file"]).name, first["column"] > 1) == ("error", "planted.py", True)
    assert all(set(each) >= {"check", "reruns", "seconds", "unchecked"} for each in document["checks"])
    assert main(["check", "planted.py", "quotes.csv", "--quick"]) == 7
    assert "planted.py:" in capsys.readouterr().out


class Sums(Strategy):
    """Never forgets where it began."""

    class State:
        total = 0.0
        count = 0

    def analyze(self, data):
        state = data.state
        state.total += data.mid
        state.count += 1
        return Signal("BUY" if data.mid > state.total / state.count else "SELL", size=1)


class Mixed(Strategy):
    """Keeps the last mid of a contract where the next contract overwrites it."""

    def on_start(self):
        self.last = 0.5

    def analyze(self, data):
        up = data.mid > self.last
        self.last = data.mid  # here
        return Signal("BUY" if up else "SELL", size=1)


class Leader(Strategy):
    """Compares all contracts with one of them on purpose."""

    def on_start(self):
        self.lead = 0.5

    def analyze(self, data):
        if data.symbol == "MADE-0-A":
            self.lead = data.mid
        return Signal("BUY" if data.mid > self.lead else "SELL", size=1)


class Steady(Strategy):
    """Does one thing."""

    size: float = Param(2.0, gt=0)

    def analyze(self, data):
        return Signal("BUY" if data.mid < 0.5 else "SELL", size=self.size)


def test_the_example_of_the_page_runs(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NTP_HOME", raising=False)
    page = (Path(__file__).resolve().parents[3] / "docs" / "check.md").read_text()
    exec(page.partition("```python\n")[2].partition("```")[0], {})
    assert capsys.readouterr().out.startswith("True")


def test_a_sum_without_end_depends_on_the_start(tmp_path):
    assert errors(examined(tmp_path, Sums), "start")


def test_state_of_a_contract_on_self_is_found(tmp_path):
    found = errors(examined(tmp_path, Mixed), "state")
    assert "self.last" in found[0].message
    assert found[0].place.line == line_of(Path(__file__).read_text(), "self.last = data.mid  # here")


@pytest.mark.parametrize("strategy", [Leader, Steady])
def test_what_is_meant_to_be_shared_is_left_alone(strategy, tmp_path):
    result = examined(tmp_path, strategy)
    assert not errors(result, "state"), result.findings
    assert not errors(result, "look_ahead"), result.findings
