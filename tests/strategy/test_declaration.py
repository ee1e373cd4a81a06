"""What the runtime learns about a class before it runs."""

import json

import pytest

from ntp.core import ConfigError
from ntp.strategy import Pricing, Strategy, declaration_of, warmup_of
from ntp.strategy.code_names import names_read


class Full(Strategy):
    """Declares everything."""

    version = "3"
    universe = ("kalshi:KXBTC*", "kalshi:KXBTC*", "kalshi:KXETH*")
    watch = "polymarket:btc-*"
    inputs = {"spot": "coinbase:BTC-USD"}  # noqa: RUF012 - as people write it
    wake = ("best", "timer:5s")
    warmup = 20
    pricing = Pricing(vol="ewma:5m", blend=0.5)
    short = False
    assets = ("model.json",)

    class State:
        count = 0

    def analyze(self, data):
        data.state.count += 1

    def on_fill(self, fill):
        return None

    def helper(self):
        return None


def test_everything_is_read():
    declaration = declaration_of(Full)
    assert declaration.universe == ("kalshi:KXBTC*", "kalshi:KXETH*")
    assert declaration.watch == ("polymarket:btc-*",)
    assert declaration.inputs == {"spot": "coinbase:BTC-USD"}
    assert declaration.callbacks == {"analyze", "on_fill"}
    assert declaration.state is Full.State
    assert (declaration.warmup, declaration.version, declaration.short) == (20, "3", False)
    assert declaration.pricing.vol_ns == 300 * 10**9
    assert declaration_of(Full()) is declaration
    assert json.loads(json.dumps(declaration.to_dict()))["callbacks"] == ["analyze", "on_fill"]


def test_declarations_are_not_inherited():
    class Child(Full):
        def on_start(self):
            return None

    declaration_of(Full)
    assert declaration_of(Child).callbacks == {"analyze", "on_fill", "on_start"}
    assert declaration_of(Child).name == "Child"


def test_warmup_may_be_a_property():
    class Warm(Strategy):
        @property
        def warmup(self):
            return 3 if self.position_size > 0.01 else -1

    assert declaration_of(Warm).warmup is None
    assert warmup_of(Warm()) == 3
    with pytest.raises(ConfigError, match="warmup"):
        warmup_of(Warm(position_size=0.005))


def strategy(source, name="Own"):
    """Class of a source text in a module of its own, so that no other code is seen."""
    import sys
    import types

    module = types.ModuleType(f"declared_{abs(hash(source))}")
    sys.modules[module.__name__] = module
    try:
        exec(f"from ntp.strategy import Strategy\n{source}", module.__dict__)
        cls = getattr(module, name)
        return declaration_of(cls)
    finally:
        del sys.modules[module.__name__]


@pytest.mark.parametrize(
    ("source", "uses"),
    [
        ("class Own(Strategy):\n def analyze(self, data): return data.bid", False),
        ("class Own(Strategy):\n def analyze(self, data): return data.book.bids[0]", True),
        ("class Own(Strategy):\n def analyze(self, data): return data.get('book')", True),
        ("class Own(Strategy):\n def on_book(self, data): pass", True),
        ("class Own(Strategy):\n wake = 'book'\n def analyze(self, data): pass", True),
        ("class Own(Strategy):\n def analyze(self, data): return [d.book for d in [data]]", True),
        ("class Own(Strategy):\n def analyze(self, data): return (lambda: data.book)()", True),
        ("class Own(Strategy):\n def analyze(self, data): return f(data)\ndef f(d): return d.book", True),
        ("class H:\n def f(self, d): return d.book\nclass Own(Strategy):\n analyze = lambda s, d: 0", True),
        ("class B(Strategy):\n def f(self, d): return d.book\nclass Own(B):\n pass", True),
        ("class Own(Strategy):\n @property\n def p(self): return self.d.book", True),
        ("def w(f): return lambda *a: f(*a)\nclass Own(Strategy):\n @w\n def analyze(s, d): d.book", True),
        ("book = 3\nclass Own(Strategy):\n 'book'\n def analyze(self, data): return data.bid", False),
    ],
)
def test_the_book_is_kept_only_for_those_who_read_it(source, uses):
    assert strategy(source).uses_book is uses


def test_names_of_the_sdk_itself_do_not_count():
    class Empty(Strategy):
        pass

    assert "calculate_position_size" not in names_read(Empty) - names_read(Full)
    assert not strategy("class Own(Strategy):\n pass").reads
