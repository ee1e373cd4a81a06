"""What ends a run in Python ends it in compiled form too, with the same code and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ntp import Backtest
from ntp.core import StrategyError

HEAD = """
import math

from ntp import Array, Signal, Strategy


class Faulty(Strategy):
    \"\"\"Does what cannot be done.\"\"\"

    class State:
        n: int = 1
        past = Array(3)

    def on_start(self):
        self.big = 2**62

    def analyze(self, data):
        zero = data.position.size
"""
FAULTS = {
    "division by zero": "x = 1.0 / zero",
    "rest of a division by zero": "x = 5 % int(zero)",
    "logarithm of zero": "x = math.log(zero)",
    "root of a negative number": "x = math.sqrt(zero - 1.0)",
    "overflow": "x = math.exp(1000.0 + zero)",
    "index out of bounds": "x = data.state.past[data.state.n + 2]",
    "calculation with None": "x = None if zero == 0 else 1.0\n        y = x + 1.0",
    "no integer": "x = int(math.nan + zero)",
    "negative size": "self.quote(bid=0.5, size=zero - 1.0)",
    "no price": "self.target(position=1, price=math.nan)",
    "size of an order": "self.buy(size=zero)",
    "confidence": "return Signal('BUY', confidence=2.0 + zero)",
    "probability": "x = self.kelly_sizing(1.5 + zero)",
    "fraction": "x = self.kelly_sizing(0.5, fraction=zero - 1.0)",
    "signal of NaN": "return math.nan + zero",
}


def failure(path: Path, *, compiled: bool) -> StrategyError:
    with pytest.raises(StrategyError) as caught:
        Backtest(path, "sample", compiled=compiled).run(start="2026-01-05T00:00", end="2026-01-05T00:05")
    return caught.value


@pytest.mark.parametrize("body", FAULTS.values(), ids=FAULTS)
def test_an_error_names_the_same_line(body, tmp_path):
    path = tmp_path / "faulty.py"
    path.write_text(HEAD + "        " + body + "\n")
    plain, compiled = failure(path, compiled=False), failure(path, compiled=True)
    assert compiled.code == plain.code
    told = {"line", "file", "contract", "ts"} & set(plain.details)  # Python cannot say where all of them come from
    assert told or body.startswith("return")
    for key in told:
        assert compiled.details[key] == plain.details[key], key
    assert compiled.details["line"] == HEAD.count("\n") + 1 + body.count("\n")


def test_an_integer_beyond_64_bits_is_an_error_rather_than_a_wrong_number(tmp_path):
    path = tmp_path / "faulty.py"
    path.write_text(HEAD + "        self.record(x=self.big * 4 + zero)\n")
    error = failure(path, compiled=True)
    assert (error.code, error.details["line"]) == ("strategy_raised", HEAD.count("\n") + 1)
    assert "64 bits" in error.message


def test_a_time_is_not_kept_as_a_float_that_is_near_it(tmp_path):
    path = tmp_path / "faulty.py"
    path.write_text(HEAD.replace("n: int = 1", "last: float = 0.0") + "        data.state.last = self.ts\n")
    error = failure(path, compiled=True)
    assert error.code == "not_compilable"
    assert error.details["line"] == len(path.read_text().splitlines())
    assert "last: int = 0" in (error.hint or "")
