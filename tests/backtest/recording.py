"""Small recordings written by hand, row by row, and a strategy that does given things at given times."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from ntp import Strategy
from ntp.backtest import Backtest, Run
from ntp.core import SECOND
from ntp.data import Catalog
from ntp.data.dataset import Dataset
from ntp.data.schema import FLAG_GROUP_END, SCHEMAS, Kind
from ntp.markets import Instrument

T0 = 1_784_000_000 * SECOND
ONE = 1_000_000
Step = tuple[float, Callable[[Any], Any]]


def at(seconds: float) -> int:
    """Nanoseconds of a time in seconds after the beginning."""
    return T0 + round(seconds * SECOND)


class Recording:
    """Rows of one contract: prices in dollars, sizes in contracts, times in seconds."""

    def __init__(self, symbol: str, venue: str = "kalshi", **attributes: Any) -> None:
        event = attributes.pop("event", f"EVENT-{symbol}")
        self.instrument = Instrument(symbol=symbol, venue=venue, event=event, **attributes)
        self.rows: dict[Kind, list[dict[str, Any]]] = {}

    def _add(self, kind: Kind, when: float, **values: Any) -> "Recording":
        rows = self.rows.setdefault(kind, [])
        rows.append({
            "ts_event": at(when), "ts_recv": None, "symbol": self.instrument.symbol,
            "sequence": sum(len(each) for each in self.rows.values()), "flags": FLAG_GROUP_END, **values,
        })
        return self

    def quote(self, when: float, bid: float | None, ask: float | None, size: float = 100) -> "Recording":
        prices = {name: None if price is None else round(price * 10_000) for name, price in
                  (("bid", bid), ("ask", ask))}
        sizes = {f"{name}_size": None if price is None else round(size * ONE) for name, price in prices.items()}
        return self._add(Kind.QUOTE, when, **prices, **sizes, volume=None)

    def trade(self, when: float, price: float, size: float, taker: int) -> "Recording":
        return self._add(Kind.TRADE, when, price=round(price * 10_000), size=round(size * ONE), taker=taker)

    def life(self, when: float, state: str) -> "Recording":
        return self._add(Kind.LIFECYCLE, when, state=state, payload="{}")

    def settle(self, when: float, value: float | None, state: str = "settled") -> "Recording":
        return self._add(
            Kind.SETTLEMENT, when, value=None if value is None else round(value * ONE), state=state
        )


def dataset(folder: Path, *recordings: Recording, name: str = "made") -> Dataset:
    """Store recordings as one data set, a source per venue."""
    catalog = Catalog(folder)
    for venue in sorted({each.instrument.venue for each in recordings}):
        own = [each for each in recordings if each.instrument.venue == venue]
        with catalog.writer(name, source=venue) as writer:
            writer.add_instruments([each.instrument for each in own])
            for kind in {kind for each in own for kind in each.rows}:
                rows = [row for each in own for row in each.rows.get(kind, ())]
                writer.add(kind, pl.DataFrame(rows, schema=SCHEMAS[kind]).sort("ts_event", "sequence"))
    return catalog.dataset(name)


class Steps(Strategy):
    """Carries out its steps, each at its time."""

    steps: Sequence[Step] = ()

    def on_start(self) -> None:
        self.sent: dict[str, Any] = {}
        for number, (when, _) in enumerate(self.steps):
            self.call_at(at(when), str(number))

    def on_timer(self, timer: Any) -> None:
        self.steps[int(timer.name)][1](self)


def take(contract: str, side: int, size: float, price: float, **options: Any) -> Callable[[Any], Any]:
    """Send an order that takes, immediate or cancel."""
    return lambda strategy: (strategy.buy if side > 0 else strategy.sell)(
        contract, size, price, post_only=False, tif="ioc", **options
    )


def rest(contract: str, side: int, size: float, price: float, **options: Any) -> Callable[[Any], Any]:
    """Send a passive order."""
    return lambda strategy: (strategy.buy if side > 0 else strategy.sell)(contract, size, price, **options)


def play(data: Any, steps: Sequence[Step], **options: Any) -> Run:
    """Replay with no latency; takers are let through."""
    made = type("Made", (Steps,), {"steps": list(steps), "__module__": __name__})
    engine = {"feed_latency": "0s", "order_latency": "0s", **options.pop("engine", {})}
    return Backtest(made, data, engine=engine, waive=("maker_only",), capital=1_000, **options).run()
