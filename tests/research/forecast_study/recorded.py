"""Made events, whose truth is known."""

from decimal import Decimal

import numpy as np
import polars as pl

from ntp.core import SECOND
from ntp.data import Catalog, Kind
from ntp.data.recorded.frames import finish
from ntp.markets import Instrument, InstrumentKind

FIRST = 1_780_000_200 * SECOND - 1_780_000_200 * SECOND % (900 * SECOND)
YEAR = 365 * 86_400


def dataset(root, events=40, volatility=0.5, basis=7.0, noise=0.0, seed=1):
    """Consecutive 15-minute contracts on a walk; the market knows the walk's own truth but for some noise."""
    random = np.random.default_rng(seed)
    seconds = (events + 1) * 900
    times = FIRST - 900 * SECOND + np.arange(1, seconds + 1, dtype=np.int64) * SECOND
    feed = 80_000 + np.cumsum(80_000 * volatility / np.sqrt(YEAR) * random.standard_normal(seconds))
    means = [float(feed[(number + 1) * 900 - 60 : (number + 1) * 900].mean()) + basis for number in range(events + 1)]
    instruments, quotes, ends = [Instrument(symbol="BTC-USD", venue="coinbase", kind=InstrumentKind.REFERENCE)], [], []
    for number in range(events):
        opened = FIRST + number * 900 * SECOND
        name = f"KXBTC15M-T{number:03d}"
        strike = Decimal(means[number]).quantize(Decimal("0.01"))
        instruments.append(Instrument(
            symbol=name, venue="kalshi", series="KXBTC15M", event=name, open_time=opened,
            close_time=opened + 900 * SECOND, strike_type="greater_or_equal", strike_low=f"{strike}",
        ))  # fmt: skip
        paid = Decimal(means[number + 1]).quantize(Decimal("0.01")) >= strike
        ends.append((opened + 900 * SECOND, name, 1_000_000 * int(paid), "determined"))
        for left in range(895, 0, -5):
            away = feed[(number + 2) * 900 - left - 1] + basis - float(strike)
            chance = 0.5 + np.arctan(away / 60 / np.sqrt(left / 900)) / np.pi + noise * random.standard_normal()
            bid = int(np.clip(round(chance * 100), 1, 98)) * 100
            quotes.append((opened + (900 - left) * SECOND, name, bid, bid + 100))
    frames = {
        Kind.INDEX: pl.DataFrame({"ts_event": times, "symbol": "BTC-USD", "value": feed}),
        Kind.QUOTE: pl.DataFrame(quotes, schema=["ts_event", "symbol", "bid", "ask"], orient="row"),
        Kind.SETTLEMENT: pl.DataFrame(ends, schema=["ts_event", "symbol", "value", "state"], orient="row"),
    }
    catalog = Catalog(root)
    with catalog.writer("made", source="made") as writer:
        writer.add_instruments(instruments)
        for kind, frame in frames.items():
            writer.add(kind, finish(kind, frame))
    return catalog.dataset("made")
