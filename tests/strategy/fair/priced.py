"""Contracts on an index of given values, and a strategy that asks what they are worth."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.build import ONE, T0, Market, Played, at, settings, source_of
from ntp.core import SECOND, Absent
from ntp.data.schema import FLAG_GROUP_END, Kind
from ntp.engine.replay import WINDOW, Replay
from ntp.engine.tape import build_tape
from ntp.markets.instrument import InstrumentKind
from ntp.rules import Gate
from ntp.strategy import Contract, Pricing, Strategy
from ntp.strategy.runtime import EngineRuntime

INDEX = "BRTI"
START = 100_000.0
VOLATILITY = 0.5


class Feed(Market):
    """Values of an index."""

    def __init__(self, symbol: str = INDEX, venue: str = "feed") -> None:
        super().__init__(symbol, venue, kind=InstrumentKind.REFERENCE)

    def value(self, when: float, value: float) -> "Feed":
        """Publish a value."""
        self._add(Kind.INDEX, when, FLAG_GROUP_END, value=value)
        return self

    def walk(self, seconds: int, *, seed: int = 1, first: int = 0, every: int = 1) -> "Feed":
        """Publish a random walk, a value a second or fewer of it."""
        for second, value in enumerate(walk(seconds, seed)):
            if second % every == 0:
                self.value(first + second, float(value))
        return self


def walk(seconds: int, seed: int = 1) -> Any:
    """Values of a random walk of 50 % a year, one a second."""
    sd = START * VOLATILITY / np.sqrt(365 * 86_400)
    return START + sd * np.concatenate([[0.0], np.cumsum(np.random.default_rng(seed).standard_normal(seconds - 1))])


def contract(symbol: str = "C", close: float = 900.0, **attributes: Any) -> Market:
    """Contract on the mean of the last minute of the index being at least `strike_low`."""
    given: dict[str, Any] = {
        "strike_type": "greater_or_equal", "strike_low": "100000", "close_time": at(close), "open_time": at(0),
        "attributes": {"underlying": INDEX, "settlement": {
            "source": "cfbenchmarks:BRTI", "aggregation": "mean", "window": "60s", "step": "0.01",
        }},
    }  # fmt: skip
    return Market(symbol, **{**given, **attributes})


class Asking(Strategy):
    """Writes down the fair value of all contracts at given times."""

    pricing = Pricing(max_spot_age="5s")
    times: Sequence[float] = ()

    def on_start(self) -> None:
        self.told: dict[float, dict[str, Any]] = {}
        for when in self.times:
            self.call_at(at(when), str(when))

    def on_timer(self, timer: Any) -> None:
        found: dict[str, Any] = {}
        for view in self.markets:
            try:
                found[view.symbol] = view.fair_value()
            except Absent as error:
                found[view.symbol] = error.field.removeprefix("fair_value: ")
        self.told[float(timer.name)] = found


def asked(
    feed: Feed, contracts: Sequence[Market], times: Sequence[float], pricing: Pricing | None = None, **how: Any
) -> dict[float, dict[str, Any]]:
    """What contracts were worth at given times."""

    class Asked(Asking):
        """With its own options."""

    if pricing is not None:
        Asked.pricing = pricing
    for each in contracts:
        if not each.rows:
            each.quote(0, 4_000, 6_000)  # without data it is not there
    strategy = Asked()
    strategy.times = list(times)
    priced(feed, contracts, strategy, **how)
    return dict(strategy.told)


def priced(
    feed: Feed, contracts: Sequence[Market], strategy: Strategy, *, fed: bool = False, window: int = WINDOW,
    feed_latency: float = 0.0, run: bool = True,
) -> Played:  # fmt: skip
    """Replay an index and contracts with a strategy that prices them."""
    tape = build_tape([source_of([feed, *contracts], feed_latency)])
    numbers = {each.symbol: place for place, each in enumerate(tape.instruments)}
    index = numbers[feed.instrument.symbol]
    traded = {place: Contract.of(tape.instruments[place]) for name, place in numbers.items() if place != index}
    replay = Replay(
        tape, settings(feed_latency=round(feed_latency * SECOND)), dict.fromkeys(tape.accounts, 10**9 * ONE),
        window=window, fed=fed,
    )
    replay.state.start_clock(int(tape.columns["ts"][0]), int(tape.columns["ts"][-1]))
    spots = dict.fromkeys(traded, index)
    runtime = EngineRuntime(strategy, replay, Gate(("maker_only",)), traded, {}, {}, spots, 0)
    replay.state.contracts["tradable"] = 1
    if not run:
        return Played(replay, runtime, strategy)
    runtime.start(int(tape.columns["ts"][0]))
    if fed:
        for row in range(tape.rows):
            replay.feed({name: column[row : row + 1] for name, column in tape.columns.items()})
            runtime.run()
        replay.finish()
    runtime.run()
    runtime.stop()
    return Played(replay, runtime, strategy)


__all__ = ["INDEX", "START", "T0", "VOLATILITY", "Asking", "Feed", "asked", "contract", "priced", "walk"]
