"""Nothing that is resolved later can be found by whoever looks everywhere: two futures of one past look the same."""

import datetime
import json

import numpy as np
from tests.backtest.recording import T0, Recording, at, dataset

from ntp import Absent, Strategy
from ntp.backtest import Backtest
from ntp.core import SECOND, NtpError
from ntp.data.schema import Kind

PRESENT = 16
DEEP = 4
PLAIN = (bool, int, float, str, bytes, type(None), datetime.datetime, datetime.timedelta)
ASKED = {  # what is read by calling it
    "history": ("mid", 3), "get": ("bid",), "tick": (0.5,), "fair_value": (), "fair_values": (), "edge": ("BUY",),
    "net_edge": ("BUY",), "admits": ("BUY",), "touch": ("BUY",), "match": ("manifold",), "bars": ("5s", 1),
}  # fmt: skip
KEPT = []
"""What each replay noted."""
NOT_THE_MARKET = frozenset({"log", "rng", "told"})


def found(thing, path="", deep=DEEP, above=()):
    """Yield the path and the text of everything that can be read from an object."""
    if isinstance(thing, PLAIN):
        yield path, repr(thing)
    elif isinstance(thing, np.ndarray | np.generic):
        yield path, repr(thing.tolist())
    elif isinstance(thing, dict):
        for name, each in thing.items():
            yield from found(each, f"{path}[{getattr(name, 'id', name)}]", deep - 1, above)
    elif isinstance(thing, list | tuple | set | frozenset):
        for number, each in enumerate(thing):
            yield from found(each, f"{path}[{number}]", deep - 1, above)
    elif deep > 0 and not any(thing is each for each in above):
        yield path, type(thing).__name__
        for name in dir(thing):
            if not name.startswith("_") and name not in NOT_THE_MARKET:
                yield from _read(thing, name, f"{path}.{name}", deep - 1, (*above, thing))


def _read(thing, name, path, deep, above):
    try:
        value = getattr(thing, name)
        if callable(value) and not isinstance(thing, type):
            if name not in ASKED:
                return
            value = value(*ASKED[name])
    except Absent as error:
        yield path, f"absent {error.message}"
    except (NtpError, TypeError) as error:
        yield path, f"refused {type(error).__name__}"
    else:
        yield from found(value, path, deep, above)


class Sanitiser(Strategy):
    """Trades a little and writes down everything that it can reach."""

    wake = ("quote", "trade", "bar:5s")

    def on_start(self):
        self.told = []

    def note(self, what, *things):
        if self.ts < at(PRESENT):
            self.told.append((self.ts, what, [list(found(each)) for each in (*things, self)]))

    def analyze(self, data):
        self.quote(bid=data.bid, size=5)
        self.note("analyze", data)

    def on_fill(self, fill):
        self.note("fill", fill)

    def on_order(self, order):
        self.note("order", order)

    def on_lifecycle(self, contract, state):
        self.note("lifecycle", contract, state)

    def on_settlement(self, settlement):
        self.note("settlement", settlement)

    def on_stop(self):
        KEPT.append(self.told)


def recorded(folder, *, up, later):
    """Write a past that is always the same and a future of its own."""
    recordings = []
    for place, symbol in enumerate(("A", "B")):
        one = Recording(symbol, event="E", series="S", open_time=T0, close_time=at(300), known_at=T0)
        for second in range(0, PRESENT, 2):
            one.quote(second, 0.40 + 0.01 * (second % 5), 0.55, 20 + place)
            one.trade(second + 1, 0.39, 3, -1)
        for second in range(PRESENT, 100, 2):
            one.quote(second, 0.6 if up else 0.1, 0.7 if up else 0.2)
            one.trade(second + 1, 0.9 if up else 0.05, 900, -1)
        wins = up == (place == 0)
        if later == "void":
            one.settle(120, None, "voided")
        else:
            one.settle(120 if up else 200, float(wins), "determined").settle(300, float(wins))
        if later == "attributes":
            changed = {"close_time": at(110), "strike_low": 123.0}
            one._add(Kind.LIFECYCLE, 80, state="attributes", payload=json.dumps(changed))
        one.life(90, "halted" if up else "closed")
        recordings.append(one)
    if up:  # listed later
        new = Recording("C", event="E", series="S", open_time=at(80), close_time=at(300), known_at=at(80))
        recordings.append(new.quote(80, 0.3, 0.4).settle(120, 1.0))
    return dataset(folder, *recordings)


def seen(folder, **future):
    KEPT.clear()
    modes = Backtest(Sanitiser, recorded(folder, **future), capital=1_000, store=False).run(modes=("base",)).fill_modes
    assert len(modes) == len(KEPT) == 1
    return KEPT[0]


def test_what_the_future_brings_cannot_be_found_before(tmp_path):
    usual = seen(tmp_path / "up", up=True, later="")
    assert {"analyze", "order", "fill"} <= {what for _, what, _ in usual}
    for name, future in {
        "down": {"up": False, "later": ""}, "void": {"up": True, "later": "void"},
        "changed": {"up": False, "later": "attributes"},
    }.items():  # fmt: skip
        other = seen(tmp_path / name, **future)
        assert [row[:2] for row in usual] == [row[:2] for row in other]
        for (ts, what, things), (_, _, others) in zip(usual, other, strict=True):
            assert things == others, (name, (ts - T0) / SECOND, what)


def test_the_sanitiser_finds_what_is_there(tmp_path):
    base = seen(tmp_path / "one", up=True, later="")
    paths = dict(pair for _, _, things in base for each in things for pair in each)
    for path in (".bid", ".contract.close_time", ".position.size"):
        assert path in paths, path
    assert any(path.startswith(".event.contracts") and path.endswith(".symbol") for path in paths)
    assert any("markets" in path and path.endswith(".ask") for path in paths)
    assert "C" not in {text.strip("'") for path, text in paths.items() if path.endswith(".symbol")}
