"""What has no compiled form is refused with its file and line, before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from ntp import Backtest
from ntp.core import StrategyError
from ntp.strategy.compiled.assembly import program_of
from ntp.strategy.loader import load_file

HEAD = '''
import math
import random
import time
from datetime import datetime

import numpy as np

from ntp import Array, Indicator, Param, Signal, Strategy

TABLE = {"a": 1.0}


class Odd(Strategy):
    """Has something that does not compile."""

    wake = ("best", "bar:1m")
    size: float = Param(2.0, gt=0)
    lookback: int = Param(5, ge=1)

    class State:
        n: int = 0
        x: float = 0.0
        past = Array(4)

'''
IN_ANALYZE = {
    "list comprehension": "x = [i for i in range(3)]",
    "generator": "x = sum(i for i in range(3))",
    "dict": "x = {'a': 1}",
    "set": "x = {1, 2}",
    "lambda": "f = lambda a: a",
    "formatted text": "x = f'{data.bid}'",
    "try": "try:\n    x = data.bid\nexcept ValueError:\n    x = 1.0",
    "with": "with open('x') as f:\n    pass",
    "raise": "raise ValueError('no')",
    "assert": "assert data.bid > 0",
    "import": "import os",
    "global": "global TABLE",
    "nested function": "def f(): return 1",
    "delete": "x = 1\ndel x",
    "random": "x = random.random()",
    "wall clock": "x = time.time()",
    "datetime": "x = datetime.now()",
    "NumPy function that differs from the library's": "x = np.log(0.5)",
    "hypot, of which the C library's differs": "x = math.hypot(3.0, data.bid)",
    "a chain of an integer and floats": "x = 0 < self.ts < data.bid",
    "NumPy array": "x = np.zeros(3)",
    "NumPy random": "x = np.random.rand()",
    "print": "print(data.bid)",
    "open": "x = open('a')",
    "global dict": "x = TABLE['a']",
    "call of a dict": "x = TABLE('a')",
    "unknown name": "x = nothing_of_that_name",
    "unknown field": "x = data.volatility",
    "text of a contract": "x = data.contract.symbol",
    "custom fields": "x = data.custom_fields['a']",
    "unknown part of a fair value": "x = data.fair_value().volatility",
    "edge of a side": "x = data.edge(self.side)",
    "match": "x = data.match('kalshi')",
    "book": "x = data.book.bids[0]",
    "aware time": "x = data.time.hour",
    "rng": "x = self.rng.random()",
    "log": "self.log.info('x')",
    "unset attribute": "x = self.total",
    "setting an undeclared attribute": "self.total = 1.0",
    "undeclared state": "data.state.y = 1.0",
    "state of another kind": "data.state.n = Signal('BUY')",
    "orders": "x = len(data.orders)",
    "open orders": "x = self.open_orders",
    "replace": "self.replace(None, price=0.5)",
    "bracket sizing": "x = self.bracket_sizing({})",
    "asset": "x = self.asset('model.bin')",
    "history of an unknown field": "x = data.history('bid_size', 3)",
    "bars that are not kept": "x = data.bars('5m', 3)",
    "duration that is computed": "x = data.bars(self.version, 3)",
    "text arithmetic": "x = 'a' + 'b'",
    "variable of two kinds": "x = data.bid\nx = Signal('BUY')",
    "variable without a value": "if data.bid > 0.5:\n    x = 1\nreturn x  # here",
    "spread arguments": "x = max(*data.history('mid', 3))",
    "slice with a step": "x = data.history('mid', 4)[::2]",
    "array arithmetic": "x = data.history('mid', 4) * 2",
    "contracts as condition": "x = 1 if self.markets else 2",
    "length of contracts": "x = len(data.event.contracts)",
    "array as condition": "x = 1 if data.history('mid', 4) else 2",
    "while else": "while data.state.n < 3:\n    data.state.n += 1\nelse:\n    data.state.n = 0  # here",
    "bits": "x = data.state.n & 1",
    "matrix": "x = data.bid @ data.ask",
    "power of variables": "x = data.state.n ** data.state.n",
    "signal that does not exist": "return Signal('HODL')",
    "matched contract": "return Signal('BUY', match='polymarket:x')",
    "text result": "return 'MAYBE'",
    "state as result": "return data.state",
    "argument that does not exist": "self.quote(bid=0.5, depth=3)",
    "computed tif": "self.buy(size=1, tif=self.version + 'x')",
    "order within a condition": "x = data.bid > 0.5 and self.kelly_sizing(Signal('BUY')) > 1",
    "walrus": "x = (y := 3)",
    "star target": "a, *b = (1, 2, 3)",
    "super": "super().analyze(data)",
    "isinstance": "x = isinstance(data.bid, float)",
    "getattr": "x = getattr(data, 'bid')",
    "enumerate": "for i, x in enumerate(data.history('mid', 3)):\n    pass",
    "zip": "for a, b in zip((1, 2), (3, 4)):\n    pass",
    "method of a float": "x = data.bid.is_integer()",
    "big integer": "x = 10 ** 30 + 100000000000000000000000",
    "identity": "x = data.bid is data.ask",
    "setting a past value": "data.history('mid', 3)[0] = 1.0",
    "an array of the state as a whole": "data.state.past = 1.0",
    "recursion": "x = self.again(3)",
}
LATER = {
    "on_order": "    def on_order(self, order): ...\n",
    "on_lifecycle": "    def on_lifecycle(self, contract, state): ...\n",
    "on_custom": "    def on_custom(self, event): ...\n", "on_game": "    def on_game(self, game): ...\n",
    "on_forecast": "    def on_forecast(self, forecast): ...\n",
}


def refusal(path: Path, text: str) -> StrategyError:
    path.write_text(text)
    strategy = load_file(path).make()
    with pytest.raises(StrategyError) as caught:
        program_of(strategy)
    return caught.value


@pytest.mark.parametrize("body", IN_ANALYZE.values(), ids=IN_ANALYZE)
def test_what_does_not_compile_is_named_with_its_line(body, tmp_path):
    path = tmp_path / "odd.py"
    lines = body.split("\n")
    marked = next((place for place, line in enumerate(lines) if "# here" in line), None)
    first = (HEAD + "    def analyze(self, data):\n").count("\n") + 1
    tail = "\n\n    def again(self, n):\n        return self.again(n - 1)\n"
    method = "    def analyze(self, data):\n" + "\n".join("        " + line for line in lines) + tail
    error = refusal(path, HEAD + method)
    assert error.code == "not_compilable"
    assert error.details["file"] == str(path)
    expected = range(first, first + len(lines)) if marked is None else [first + marked]
    if "self.again" in body:
        expected = [first + len(lines) + 2]
    assert error.details["line"] in expected
    assert f"line {error.details['line']} of {path}" in error.message
    assert error.hint


@pytest.mark.parametrize("method", LATER.values(), ids=LATER)
def test_callbacks_without_a_compiled_form_are_named(method, tmp_path):
    error = refusal(tmp_path / "odd.py", HEAD + method)
    assert (error.code, error.details["line"]) == ("not_compilable", HEAD.count("\n") + 1)


def test_a_helper_in_the_same_file_is_named_where_it_stands(tmp_path):
    text = "def helper(x):\n    return [x]\n" + HEAD + "    def analyze(self, data):\n        return helper(data.bid)\n"
    error = refusal(tmp_path / "odd.py", text)
    assert (error.code, error.details["line"]) == ("not_compilable", 2)


def test_a_run_is_refused_before_it_begins(tmp_path):
    path = tmp_path / "odd.py"
    path.write_text(HEAD + "    compiled = True\n\n    def analyze(self, data):\n        return sorted((1, 2))[0]\n")
    with pytest.raises(StrategyError, match="sorted") as caught:
        Backtest(path, "sample").run(start="2026-01-05T00:00", end="2026-01-05T00:10")
    assert caught.value.code == "not_compilable"
