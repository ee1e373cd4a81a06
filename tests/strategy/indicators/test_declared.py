"""What a class may declare of indicators, and what it is told otherwise."""

import pytest

from ntp import CustomIndicator, Indicator, Param, Strategy
from ntp.core import ConfigError, NotFound, StrategyError
from ntp.strategy import declaration_of
from ntp.strategy.loader import load_file


class Own(CustomIndicator):
    """The mid."""

    n: int = Param(3, ge=1)
    word: str = Param("a")

    def calculate(self, data):
        return data.mid


def declare(**body):
    return type("Declares", (Strategy,), {"analyze": lambda self, data: None, **body})


def test_a_class_tells_its_indicators_and_those_of_its_bases():
    class Base(Strategy):
        n: int = Param(14, ge=1)
        rsi = Indicator("rsi", n, on="bid", bar="1m")
        gone = Indicator("SMA", 3)

        def analyze(self, data):
            return None

    class Derived(Base):
        own = Own(n=2, bar="5s")
        mean = Indicator("SMA", n="n")
        gone = None

    found = declaration_of(Derived).indicators
    assert list(found) == ["rsi", "own", "mean"]
    assert [found[name].span for name in found] == [60 * 10**9, 5 * 10**9, None]
    assert found["rsi"].on == "bid"
    assert found["mean"].indicator.values(Derived(n=7)) == (7.0,)
    told = declaration_of(Derived).to_dict()["indicators"]["rsi"]["indicator"]
    assert told == "Indicator('rsi', n, on='bid', bar='1m')"


@pytest.mark.parametrize(("make", "message"), [
    (lambda: Indicator("VWAP"), "expected a bar for VWAP, which counts volume, was none"),
    (lambda: Indicator("SMA", 3, on="high"), "expected a bar for an indicator on 'high', was none"),
    (lambda: Indicator("ATR", 3, on="high", bar="1m"), "expected a field of a view or an input"),
    (lambda: Indicator("SMA", 3, bar="soon"), "a duration such as '1m' as bar of 'SMA', was 'soon'"),
    (lambda: Indicator("SMA", 3, bar=5), "a duration such as '1m' as bar of 'SMA', was 5"),
    (lambda: Indicator("SMA", 3, bar="0s"), "a duration above 0"),
    (lambda: Indicator("SMA", 0), "a whole number from 1"), (lambda: Indicator(14), "the name of an indicator, was 14"),
    (lambda: declare(mean=Indicator("SMA", "lenght")), "numbers and parameters of the strategy for the indicator"),
    (lambda: declare(mean=Indicator("SMA", on="middle")), "was 'middle'"),
    (lambda: declare(mean=Indicator("SMA", "position_size")), "a whole number from 1"),
    (lambda: Own(m=3), "a parameter of Own, was 'm'"), (lambda: Own(bar="x"), "a duration"),
])  # fmt: skip
def test_what_does_not_fit_is_refused(make, message):
    with pytest.raises(ConfigError, match=message) as raised:
        make()
    assert raised.value.code == "bad_indicator"


def test_values_out_of_bounds_are_refused():
    with pytest.raises(ConfigError, match="at least 1"):
        Own(n=0)
    with pytest.raises(ConfigError, match="at least 1"):
        declare(own=Own(n="max_position"))


def test_unknown_names_get_a_suggestion():
    with pytest.raises(NotFound) as raised:
        Indicator("MACDD")
    assert raised.value.hint == "did you mean 'MACD'?"
    with pytest.raises(ConfigError) as other:
        declare(mean=Indicator("SMA", on="mit"))
    assert other.value.hint == "did you mean 'mid'?"


def test_a_custom_indicator_must_calculate():
    with pytest.raises(StrategyError, match="expected Empty to define calculate") as raised:
        type("Empty", (CustomIndicator,), {})
    assert raised.value.code == "abstract_indicator"


def test_a_custom_indicator_may_have_an_init_of_its_own():
    class Old(CustomIndicator):
        def __init__(self, period=14):
            self.period = period

        def calculate(self, data):
            return self.period

    strategy = declare(old=Old(period=3))
    found = declaration_of(strategy).indicators["old"].custom.fresh(strategy)
    found.advance(None)
    assert (found.value, found.history(1).tolist(), found.get_signal()) == (3.0, [3.0], 1.0)


def test_text_parameters_of_custom_indicators_are_texts():
    assert Own(word="b").word == "b"


@pytest.mark.parametrize(("reads", "kept"), [("len(data.book.bids)", True), ("data.bid", False)])
def test_the_book_is_kept_where_an_indicator_reads_it(tmp_path, monkeypatch, reads, kept):
    (tmp_path / "ntp.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "indicators").mkdir()
    (tmp_path / "indicators" / "depth.py").write_text(
        "from ntp import CustomIndicator\n"
        f"class Depth(CustomIndicator):\n    def calculate(self, data):\n        return {reads}\n"
    )
    strategy = tmp_path / "uses.py"
    strategy.write_text(
        "from ntp import Indicator, Strategy\n"
        "class Uses(Strategy):\n    depth = Indicator('depth')\n    def analyze(self, data):\n        return None\n"
    )
    assert load_file(strategy).declaration.uses_book is kept
