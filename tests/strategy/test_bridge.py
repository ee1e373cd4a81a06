"""The compiled side of a Python strategy does what its Python side does, and leaves the rest to it."""

from __future__ import annotations

import copy
import gc
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.build import BUY, SELL, Market, Played, play, prepare, settings
from ntp.core import Absent, StrategyError
from ntp.engine import records as r
from ntp.engine.tape import build_tape
from ntp.strategy import Strategy
from ntp.strategy.runtime import EngineRuntime

_NUMBERS = st.one_of(
    st.none(), st.floats(0, 1), st.floats(allow_nan=True), st.integers(-(10**30), 10**30), st.booleans(),
    st.floats(0, 1).map(np.float64), st.sampled_from(["0.5", np.float32(0.5)]),
)  # fmt: skip
_WISHES = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("bid", "ask", "size", "bid_size", "ask_size", "fair"), _NUMBERS)
    | {"tag": st.sampled_from([None, "a"]), "match": st.none(), "contract": st.sampled_from([None, "C"])},
)


class Silent(Strategy):
    """Does nothing by itself."""

    def on_quote(self, data: Any) -> None: ...

    def calculate_position_size(self, signal: Any) -> float:
        return 7.0


def started(market: Market) -> Played:
    played = prepare(build_tape([market.source()]), Silent(), settings(), 1e9)
    played.runtime.start(0)
    return played


def market() -> Market:
    return Market().book(0, {4_800: 10, 4_700: 5}, {5_200: 20})


def sent_by(played: Played, call: Any, wish: dict[str, Any]) -> Any:
    state, view = played.replay.state, played.runtime.views[0]
    state.context["n_commands"] = 0
    played.runtime._view = view
    try:
        call(**wish)
    except Exception as error:  # whatever one side raises the other must raise too
        return type(error), str(error)
    commands = state.tables["commands"][: int(state.context["n_commands"][0])]
    fields = ["kind", "contract", "price", "price2", "size", "size2", "tag", "exit", "expire", "fair"]
    return [str(row) for row in commands[fields]]


@given(_WISHES)
def test_a_quote_means_the_same_compiled_and_in_python(wish: dict[str, Any]) -> None:
    played = _SHARED
    compiled = sent_by(played, played.strategy.quote, wish)
    assert compiled == sent_by(played, lambda **w: EngineRuntime.quote(played.runtime, **w), wish)


_SHARED = started(market())


def test_a_quote_of_unknown_arguments_is_an_error() -> None:
    with pytest.raises(TypeError, match="bit"):
        sent_by_or_raise(_SHARED, bit=None)


def sent_by_or_raise(played: Played, **wish: Any) -> None:
    played.runtime._view = played.runtime.views[0]
    played.strategy.quote(**wish)


def test_a_quote_without_a_contract_is_an_error() -> None:
    _SHARED.runtime._view = None
    with pytest.raises(StrategyError, match="expected a contract"):
        _SHARED.strategy.quote(bid=0.4, size=1)


class Reader(Silent):
    """Writes down what its views show."""

    def on_start(self) -> None:
        self.seen: list[Any] = []

    def on_quote(self, data: Any) -> None:
        names = ("bid", "ask", "mid", "spread", "bid_size", "ask_size", "price", "volume")
        self.seen.append([data.get(name) for name in names] + [data.position.size])


def test_views_read_the_same_numbers_compiled() -> None:
    made = market().trade(1, 4_800, 3, SELL).level(2, BUY, 4_900, 4).level(3, SELL, 5_200, 0).level(4, SELL, 5_300, 1)
    seen = play(made, Reader()).strategy.seen
    assert seen[0] == [0.48, 0.52, 0.5, 0.52 - 0.48, 10.0, 20.0, None, None, 0.0]
    assert seen[1] == [0.49, 0.52, 0.505, 0.52 - 0.49, 4.0, 20.0, 0.48, 3.0, 0.0]
    assert seen[2] == [0.49, None, None, None, 4.0, None, 0.48, 3.0, 0.0]


def test_a_view_that_was_never_made_does_not_read_memory() -> None:
    view = _SHARED.runtime.views[0]
    with pytest.raises(AttributeError):
        _ = object.__new__(type(view)).bid
    assert copy.copy(view).get("bid_size") == view.get("bid_size")


def test_readings_keep_their_documentation() -> None:
    view = type(_SHARED.runtime.views[0])
    assert view.bid.__doc__ == "Best bid in dollars."
    assert view.mid.__doc__ == "Mean of best bid and ask."


class Several(Silent):
    """Has a part for every call of a wake; what it looks at first may be absent."""

    wake = ("best", "book", "trade")

    def on_start(self) -> None:
        self.told: list[str] = []

    def on_quote(self, data: Any) -> None:
        self.told.append("quote")
        _ = data.ask

    def on_book(self, data: Any) -> None:
        self.told.append("book")
        _ = data.mid

    def analyze(self, data: Any) -> Any:
        self.told.append("analyze")
        return "HOLD"

    def on_trade(self, data: Any) -> None:
        self.told.append("trade")
        _ = data.ask


def test_an_absent_value_ends_one_call_and_not_the_wake() -> None:
    made = market().level(1, SELL, 5_200, 0).trade(2, 4_700, 1, SELL)
    played = play(made, Several(), track_book=True)
    assert played.strategy.told == ["quote", "book", "analyze"] * 2 + ["trade", "analyze"]
    assert played.runtime.absent == {"ask": 2, "mid": 1}


class Failing(Silent):
    """Divides by nothing."""

    def on_quote(self, data: Any) -> None:
        _ = 1 / 0


def test_an_error_of_a_strategy_tells_where_it_was() -> None:
    with pytest.raises(StrategyError, match="Failing to run, it raised ZeroDivisionError") as caught:
        play(market(), Failing())
    assert caught.value.details["file"].endswith("test_bridge.py")
    assert caught.value.details["contract"] == "plain:C"


class Undecided(Silent):
    """Changes its mind within one call, in the end for what stands already."""

    def on_quote(self, data: Any) -> None:
        self.quote(bid=0.40, size=5)
        self.quote(bid=0.30, size=5)
        self.quote(bid=0.40, size=5)


def test_the_last_of_several_quotes_in_one_call_stands() -> None:
    made = market().level(1, BUY, 4_900, 4).level(2, BUY, 4_950, 4).level(9, BUY, 4_950, 3)
    played = play(made, Undecided())
    orders = played.replay.state.tables["orders"]
    assert orders["price"][orders["state"] == r.RESTING].tolist() == [4_000]


class Keeper(Silent):
    """Keeps its fills and looks at them when all is over."""

    wake = ("best", "fill")

    def on_start(self) -> None:
        self.fills: list[Any] = []

    def on_quote(self, data: Any) -> None:
        self.quote(bid=data.bid, size=2, tag="entry", fair=0.6)

    def on_fill(self, fill: Any) -> None:
        self.fills.append(fill)


def test_fills_can_be_looked_at_later() -> None:
    made = market().trade(1, 4_800, 11, SELL).trade(2, 4_700, 90, SELL).level(3, BUY, 4_750, 3).trade(4, 4_750, 9, SELL)
    played = play(made, Keeper(), latency=0.01)
    fills = played.strategy.fills
    assert [(f.side, f.price, f.size, f.is_maker, f.fee, f.tag, f.fair) for f in fills] == [
        ("BUY", price / 1e4, size, True, 0.0, "entry", 0.6) for _, _, price, size in played.fills
    ]
    assert len(fills) > 1
    assert fills[0] != fills[1]
    assert fills[0].order is fills[0].order
    assert (fills[0].order.side, fills[0].order.price, fills[0].order.status) == ("BUY", 0.48, "open")
    assert repr(fills[0]).startswith("ToldFill(order=Order(")
    with pytest.raises(AttributeError):
        fills[0].price = 0.5


def test_what_is_kept_of_a_run_stays_readable_after_it() -> None:
    played = play(market(), Silent())
    view = played.runtime.views[0]
    del played
    gc.collect()
    assert view.bid == 0.48
    assert math.isclose(view.position.size, 0.0)


class Stopping(Silent):
    """Raises an absence of its own on a fill."""

    wake = ("best", "fill")

    def on_quote(self, data: Any) -> None:
        self.quote(bid=data.bid, size=2)

    def on_fill(self, fill: Any) -> None:
        raise Absent("mine")


def test_an_absence_on_a_fill_withdraws_quotes_and_is_counted() -> None:
    made = market().trade(1, 4_800, 12, SELL).trade(2, 4_800, 1, SELL)
    played = play(made, Stopping())
    assert played.runtime.absent == {"mine": len(played.fills)}
    assert played.fills


class Collector(Keeper):
    """Keeps every other fill, and what it saw of each when it was told."""

    def on_start(self) -> None:
        self.fills, self.seen = [], []

    def on_fill(self, fill: Any) -> None:
        self.seen.append((fill.ts, fill.order.id, fill.price, fill.size))
        if len(self.seen) % 2:
            self.fills.append(fill)


def rising(count: int) -> Market:
    """Best bids that rise by a tick and are sold to."""
    made = Market().book(0, {4_800: 10}, {9_900: 20})
    for step in range(1, count + 1):
        made.level(step, BUY, 4_800 + 100 * step, 3).trade(step + 0.5, 4_800 + 100 * step, 9, SELL)
    return made


def test_the_object_of_a_fill_serves_again_only_where_nobody_kept_it() -> None:
    played = play(rising(8), Collector())
    strategy = played.strategy
    assert len(strategy.seen) > 3
    assert [(f.ts, f.order.id, f.price, f.size) for f in strategy.fills] == strategy.seen[::2]
    assert [(ts, price) for ts, _, price, _ in strategy.seen] == [
        (int(row["ts"]), row["price"] / 1e4) for row in played.table("fills")
    ]


class Single(Collector):
    """Sends single orders beside its quotes."""

    def on_start(self) -> None:
        self.sent: list[Any] = []
        super().on_start()

    def on_quote(self, data: Any) -> None:
        self.sent.append(self.buy(price=data.bid, size=1))
        self.quote(bid=data.bid, size=2)


def test_fills_of_single_orders_bring_the_order_up_to_date() -> None:
    played = play(rising(1), Single())
    orders = {fill.order for fill in played.strategy.fills}
    assert played.strategy.sent[-1] in orders
    assert [order.filled for order in played.strategy.sent] == [0.0, 1.0]
