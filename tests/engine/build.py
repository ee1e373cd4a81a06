"""Tiny markets from single rows, and a strategy that does given things at given times."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ntp.data.schema import (
    BOOK_CLEAR,
    BOOK_DELTA,
    BOOK_SET,
    FLAG_GROUP_END,
    OPTIONAL,
    SCHEMAS,
    Kind,
)
from ntp.engine import records as r
from ntp.engine.replay import WINDOW, Replay
from ntp.engine.state import EngineSettings
from ntp.engine.tape import SourceFrames, Tape, build_tape
from ntp.markets.instrument import Instrument
from ntp.rules import RESEARCH, Gate
from ntp.strategy import Contract, Strategy
from ntp.strategy.runtime import EngineRuntime

SECOND = 1_000_000_000
T0 = 1_760_000_000 * SECOND
ONE = 1_000_000
BUY, SELL = 1, -1
PLAIN = "plain"
"""An unknown venue: no fees, no minimum, no delay, nets and reserves."""
Act = Callable[[Any], Any]
Step = tuple[float, Act]


def at(seconds: float) -> int:
    """Nanoseconds of a time given in seconds after the beginning."""
    return T0 + round(seconds * SECOND)


def contracts(size: float) -> int:
    """Engine units of a number of contracts."""
    return round(size * ONE)


class Market:
    """Rows of one contract; prices in 0.0001 dollar, sizes in contracts, times in seconds."""

    def __init__(self, symbol: str = "C", venue: str = PLAIN, **attributes: Any) -> None:
        self.instrument = Instrument(symbol=symbol, venue=venue, event="E", **attributes)
        self.rows: dict[Kind, list[dict[str, Any]]] = {}
        self._count = 0

    def _add(self, kind: Kind, when: float, flags: int, recv: float | None = None, **values: Any) -> Market:
        self._count += 1
        header = {
            "ts_event": at(when),
            "ts_recv": None if recv is None else at(recv),
            "symbol": self.instrument.symbol,
            "sequence": self._count,
            "flags": flags,
        }
        self.rows.setdefault(kind, []).append(header | values)
        return self

    def level(
        self, when: float, side: int, price: int, size: float, *, end: bool = True, recv: float | None = None
    ) -> Market:
        """Give a level of the book its new total."""
        values = {"side": side, "action": BOOK_SET, "price": price, "size": contracts(size)}
        return self._add(Kind.BOOK, when, FLAG_GROUP_END * end, recv, **values)

    def delta(self, when: float, side: int, price: int, size: float) -> Market:
        """Change a level of the book."""
        values = {"side": side, "action": BOOK_DELTA, "price": price, "size": contracts(size)}
        return self._add(Kind.BOOK, when, FLAG_GROUP_END, **values)

    def named(self, when: float, side: int, price: int, size: float, order_id: int, *, end: bool = True) -> Market:
        """Change the size of one order of the book."""
        values = {"side": side, "action": BOOK_DELTA, "price": price, "size": contracts(size), "order_id": order_id}
        return self._add(Kind.BOOK, when, FLAG_GROUP_END * end, **values)

    def clear(self, when: float) -> Market:
        """Empty the book."""
        return self._add(Kind.BOOK, when, 0, side=0, action=BOOK_CLEAR, price=0, size=0)

    def trade(
        self, when: float, price: int, size: float, taker: int, *, flags: int = 0, recv: float | None = None
    ) -> Market:
        """Print a trade; `flags` adds ``FLAG_BLOCK`` or ``FLAG_INFERRED``."""
        values = {"price": price, "size": contracts(size), "taker": taker}
        return self._add(Kind.TRADE, when, FLAG_GROUP_END | flags, recv, **values)

    def quote(
        self, when: float, bid: int | None, ask: int | None, bid_size: float | None = None,
        ask_size: float | None = None, *, recv: float | None = None,
    ) -> Market:  # fmt: skip
        """Show best bid and ask."""
        sizes = [None if size is None else contracts(size) for size in (bid_size, ask_size)]
        values = {"bid": bid, "ask": ask, "bid_size": sizes[0], "ask_size": sizes[1], "volume": None}
        return self._add(Kind.QUOTE, when, FLAG_GROUP_END, recv, **values)

    def candle(self, when: float, interval: float, **values: int | None) -> Market:
        """Add a candle that ends at `when`; ``volume`` in contracts."""
        volume = values.pop("volume", None)
        filled = {name: values.get(name) for name in SCHEMAS[Kind.CANDLE] if name not in _HEADER}
        filled |= {"interval": round(interval * SECOND), "volume": None if volume is None else volume * ONE}
        return self._add(Kind.CANDLE, when, FLAG_GROUP_END, **filled)

    def life(self, when: float, state: str, payload: str = "{}") -> Market:
        """Change the state of the contract."""
        return self._add(Kind.LIFECYCLE, when, FLAG_GROUP_END, state=state, payload=payload)

    def settle(self, when: float, value: float | None, state: str = "settled") -> Market:
        """Tell a result in dollars per YES."""
        units = None if value is None else round(value * ONE)
        return self._add(Kind.SETTLEMENT, when, FLAG_GROUP_END, value=units, state=state)

    def book(self, when: float, bids: Mapping[int, float], asks: Mapping[int, float]) -> Market:
        """Show a whole book in one group."""
        levels = [(BUY, p, s) for p, s in bids.items()] + [(SELL, p, s) for p, s in asks.items()]
        for number, (side, price, size) in enumerate(levels):
            self.level(when, side, price, size, end=number == len(levels) - 1)
        return self

    def source(self, feed_latency: float = 0.0) -> SourceFrames:
        """Frames of this contract alone."""
        return source_of([self], feed_latency)


def _schema(kind: Kind, rows: Sequence[Mapping[str, Any]]) -> dict[str, pl.DataType]:
    more = {name: dtype for name, dtype in OPTIONAL.get(kind, {}).items() if any(name in row for row in rows)}
    return SCHEMAS[kind] | more


_HEADER = {"ts_event", "ts_recv", "symbol", "sequence", "flags"}


def source_of(markets: Sequence[Market], feed_latency: float = 0.0) -> SourceFrames:
    """Frames of several contracts, each kind sorted by time and sequence."""
    rows: dict[Kind, list[dict[str, Any]]] = {}
    for market in markets:
        for kind, made in market.rows.items():
            rows.setdefault(kind, []).extend(made)
    frames = {
        kind: pl.DataFrame(made, schema=_schema(kind, made)).sort("ts_event", maintain_order=True)
        for kind, made in rows.items()
    }
    latency = round(feed_latency * SECOND)
    return SourceFrames("made", [market.instrument for market in markets], frames, latency)


class Scripted(Strategy):
    """Does what it is told, when it is told."""

    def on_start(self) -> None:
        self.sent = {}
        for number, (when, _) in enumerate(self.steps):
            self.call_at(at(when), str(number))

    def on_timer(self, timer: Any) -> None:
        self.steps[int(timer.name)][1](self)


def scripted(steps: Sequence[Step]) -> Strategy:
    """Strategy that carries out some steps."""
    strategy = Scripted()
    strategy.steps = list(steps)
    return strategy


def order(
    side: int, size: float, price: int, name: str = "a", *, contract: str | None = "C", **options: Any
) -> Act:
    """Send one order and keep it under a name."""

    def act(strategy: Any) -> None:
        call = strategy.buy if side > 0 else strategy.sell
        strategy.sent[name] = call(contract, size, price / 10_000, **options)

    return act


def take(side: int, size: float, price: int, name: str = "a", **options: Any) -> Act:
    """Send an order that may take, immediate or cancel unless told otherwise."""
    return order(side, size, price, name, **{"post_only": False, "tif": "ioc", **options})


def cancel(name: str = "a") -> Act:
    """Cancel the order of a name."""
    return lambda strategy: strategy.cancel(strategy.sent[name])


def replace(name: str = "a", **changes: Any) -> Act:
    """Change the order of a name."""

    def act(strategy: Any) -> None:
        strategy.sent[name] = strategy.replace(strategy.sent[name], **changes)

    return act


@dataclass
class Played:
    """What came of a replay."""

    replay: Replay
    runtime: EngineRuntime
    strategy: Any

    def table(self, name: str) -> np.ndarray[Any, Any]:
        """Rows written to one of the engine's logs."""
        state = self.replay.state
        return state.tables[name][: int(state.context[f"n_{name}"][0])].copy()

    @property
    def fills(self) -> list[tuple[float, int, int, float]]:
        """(seconds, side, price, contracts) of every fill."""
        return [
            ((int(f["ts"]) - T0) / SECOND, int(f["side"]), int(f["price"]), int(f["size"]) / ONE)
            for f in self.table("fills")
        ]

    @property
    def ends(self) -> list[str]:
        """Why orders ended, in that order."""
        return [r.REASONS[int(row["reason"])] for row in self.table("done")]

    @property
    def through(self) -> list[bool]:
        """Which fills were flagged as traded through."""
        return [bool(row["flags"] & r.F_THROUGH) for row in self.table("fills")]

    @property
    def maker(self) -> list[bool]:
        """Which fills were passive."""
        return [bool(row["flags"] & r.F_MAKER) for row in self.table("fills")]

    def cash(self, venue: str = PLAIN) -> int:
        """Cash at the end in 0.000001 dollar."""
        return int(self.replay.state.accounts["cash"][self.replay.tape.accounts.index(venue)])

    def reserved(self, venue: str = PLAIN) -> int:
        """Cash that orders bind at the end."""
        return int(self.replay.state.accounts["reserved"][self.replay.tape.accounts.index(venue)])

    def queue(self, order_id: int = 1) -> float:
        """Contracts ahead of a resting order."""
        orders = self.replay.state.tables["orders"]
        row = orders[(orders["id"] == order_id) & (orders["state"] == r.RESTING)]
        assert len(row) == 1
        return float(row["queue"][0]) / ONE


def settings(latency: float = 0.0, **changes: Any) -> EngineSettings:
    """Settings with an order latency in seconds and, unless told, the risk-averse queue and no inferring."""
    values = {"queue_model": r.Q_RISK_AVERSE, "queue_power": 1.0, "inferred_prints": False, **changes}
    return EngineSettings(order_latency=round(latency * SECOND), **values)


def prepare(
    tape: Tape, strategy: Any, made: EngineSettings, cash: float, *, window: int = WINDOW, fed: bool = False,
    track_book: bool = False, params: Sequence[float] = (), waive: Sequence[str] = ("maker_only",),
    enforce: Sequence[str] = RESEARCH,
) -> Played:  # fmt: skip
    """Bind a strategy to a replay of all contracts of a tape."""
    money = dict.fromkeys(tape.accounts, round(cash * ONE))
    replay = Replay(tape, made, money, window=window, fed=fed, track_book=track_book, params=params)
    replay.state.start_clock(int(tape.columns["ts"][0]), int(tape.columns["ts"][-1]))
    traded = {number: Contract.of(each) for number, each in enumerate(tape.instruments)}
    runtime = EngineRuntime(strategy, replay, Gate(waive, enforce), traded, {}, {}, {}, 0)
    replay.state.contracts["tradable"] = 1
    return Played(replay, runtime, strategy)


def play(
    sources: Market | Sequence[SourceFrames], steps: Sequence[Step] | Strategy = (), *, latency: float = 0.0,
    cash: float = 1e9, patch: Mapping[str, int] | None = None, window: int = WINDOW, fed: bool = False,
    fees: Sequence[Mapping[str, int]] | None = None, track_book: bool = False,
    compiled: tuple[int, Sequence[float]] = (0, ()), waive: Sequence[str] = ("maker_only",),
    enforce: Sequence[str] = RESEARCH, recounts: bool = False, **changes: Any,
) -> Played:  # fmt: skip
    """Replay rows with a script or a strategy.

    `patch` changes fields of every contract's record, `fees` replaces the fee steps, other keywords are
    fields of the engine's settings; latencies are in seconds, cash in dollars. `recounts` counts all
    reserves anew whenever an order comes or goes.
    """
    tape = build_tape([sources.source()] if isinstance(sources, Market) else sources)
    for name, value in (patch or {}).items():
        tape.contracts[name] = value
    if fees is not None:
        tape.steps = steps_of(fees)
        tape.contracts["step_first"] = tape.contracts["step_now"] = 0
        tape.contracts["step_last"] = len(fees)
    if "feed_latency" in changes:
        changes["feed_latency"] = round(changes["feed_latency"] * SECOND)
    strategy = steps if isinstance(steps, Strategy) else scripted(steps)
    played = prepare(
        tape, strategy, settings(latency, **changes), cash, window=window, fed=fed, track_book=track_book,
        params=compiled[1], waive=waive, enforce=enforce,
    )  # fmt: skip
    played.replay.state.context["strategy"] = compiled[0]
    played.replay.state.context["recounts"] = recounts
    first = int(tape.columns["ts"][0])
    played.runtime.start(first)
    if fed:
        for row in range(tape.rows):
            played.replay.feed({name: column[row : row + 1] for name, column in tape.columns.items()})
            played.runtime.run()
        played.replay.finish()
    played.runtime.run()
    played.runtime.stop()
    return played


def steps_of(fees: Sequence[Mapping[str, int]]) -> np.ndarray[Any, Any]:
    """Fee steps of the engine from the fields of ``ntp.markets.FeeStep``."""
    made = np.zeros(len(fees), r.STEP)
    made["exponent"], made["precision"] = 1, 100
    for number, fields in enumerate(fees):
        for name, value in fields.items():
            made[name][number] = value
    return made
