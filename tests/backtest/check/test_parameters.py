"""A profit that only one value of a parameter makes is found, where the parameter is declared."""

from pathlib import Path

import pytest
from tests.backtest.check.market import examined, fair, line_of

from ntp import Param, Strategy

EVENTS = 10


class Taking(Strategy):
    """Takes the side of every contract that comes true, or the other, at the touch."""

    def take(self, data, right, size):
        buy = (int(data.symbol) % 2 == 0) == right
        self.quote(bid=data.bid if buy else None, ask=None if buy else data.ask, size=size)


class Fragile(Taking):
    """Is right with one lot and wrong with every other."""

    lot: int = Param(7, ge=1)  # fragile

    def analyze(self, data):
        self.take(data, self.lot == 7, 10)


class Sharp(Taking):
    """Is right with every lot, and takes ten times as much with one."""

    lot: int = Param(7, ge=1)  # sharp

    def analyze(self, data):
        self.take(data, True, 100 if self.lot == 7 else 10)


class Flat(Taking):
    """Is right with every lot."""

    lot: int = Param(7, ge=1)

    def analyze(self, data):
        self.take(data, True, 10)


def found(strategy, folder):
    result = examined(folder, strategy, fair(folder, EVENTS, range(0, EVENTS, 2)))
    return [finding for finding in result.findings if finding.check == "parameters"], result


@pytest.mark.parametrize(("strategy", "severity"), [(Fragile, "error"), (Sharp, "warning")])
def test_a_peak_is_found_where_its_parameter_is_declared(strategy, severity, tmp_path):
    (finding,), result = found(strategy, tmp_path)
    word = strategy.__name__.lower()
    assert finding.severity == severity
    assert finding.message.startswith(f"a {word} peak: lot = 7 makes ")
    assert "6 makes " in finding.message
    assert "8 makes " in finding.message
    assert finding.place.line == line_of(Path(__file__).read_text(), f"ge=1)  # {word}")
    assert result.passed == (severity == "warning")


def test_a_profit_that_every_value_makes_is_no_peak(tmp_path):
    findings, result = found(Flat, tmp_path)
    (parameters,) = (each for each in result.examined if each.check == "parameters")
    assert not findings
    assert parameters.reruns == 2
    assert not parameters.unchecked
