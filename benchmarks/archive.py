"""A made archive of the shape of all Kalshi history: 72 million trades of 500,000 contracts in 8,000 series.

``python -m benchmarks.archive`` makes it once, in minutes, and then measures on it the analytics of makers and takers,
and the backtest of a compiled strategy over all contracts in one portfolio, each in a process of its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ntp import Backtest, Signal, Strategy
from ntp.core import DAY
from ntp.data import Catalog, Dataset, Kind, conform
from ntp.markets import Instrument
from ntp.research import excess_returns, load_trades

FIRST = 1_625_097_600_000_000_000  # 2021-07-01
DAYS = 1_600
SERIES = 8_000
CONTRACTS = 500_000
TRADES = 72_000_000
_LADDER = 5
"""Contracts of an event."""


def stored(root: Path, trades: int = TRADES, contracts: int = CONTRACTS, series: int = SERIES) -> Dataset:
    """Open the archive, made first where it is not there yet: minutes, and no part of what is measured."""
    name = f"archive-{trades}-{contracts}"
    catalog = Catalog(root)
    if name not in catalog.names():
        with catalog.writer(name, source="kalshi") as writer:
            random = np.random.default_rng(7)
            symbols, days, values = _contracts(random, contracts, series)
            writer.add_instruments(_instruments(symbols, days))
            writer.add(Kind.SETTLEMENT, _settlements(symbols, days, values))
            for frame in _trades(random, symbols, days, values, trades):
                writer.add(Kind.TRADE, frame)
    return catalog.dataset(name)


def _contracts(random: np.random.Generator, count: int, series: int) -> tuple[list[str], np.ndarray, np.ndarray]:
    events = count // _LADDER
    of_series = np.sort((series * random.random(events) ** 2).astype(np.int64))  # few series have most events
    # volume grew: most events are late
    day = np.minimum(DAYS - 1, (DAYS * random.random(events) ** 0.35).astype(np.int64))
    prefix = ("KXBTCD", "KXHIGHNY", "KXNBAGAME", "KXFED", "KXTRUMPMENTION", "INXD", "KXOSCARS", "OTHER")
    symbols = [
        f"{prefix[of % len(prefix)]}{of}-{number:06d}-T{strike}"
        for number, of in enumerate(of_series.tolist()) for strike in range(_LADDER)
    ]
    winner = random.integers(0, _LADDER, events)
    values = (np.arange(count) % _LADDER == np.repeat(winner, _LADDER)).astype(np.int64)
    return symbols, np.repeat(day, _LADDER), values


def _instruments(symbols: list[str], days: np.ndarray) -> Iterator[Instrument]:
    for symbol, day in zip(symbols, days.tolist(), strict=True):
        event = symbol.rpartition("-")[0]
        yield Instrument(
            symbol=symbol, venue="kalshi", event=event, series=event.partition("-")[0],
            open_time=FIRST + day * DAY, close_time=FIRST + (day + 1) * DAY - 1,
        )


def _settlements(symbols: list[str], days: np.ndarray, values: np.ndarray) -> pl.DataFrame:
    return conform(Kind.SETTLEMENT, pl.DataFrame({
        "ts_event": FIRST + (days + 1) * DAY, "ts_recv": pl.Series([None] * len(symbols), dtype=pl.Int64),
        "symbol": symbols, "sequence": pl.Series([None] * len(symbols), dtype=pl.Int64),
        "flags": pl.Series([1] * len(symbols), dtype=pl.UInt8), "value": values * 1_000_000,
        "state": ["settled"] * len(symbols),
    }))  # fmt: skip


def _trades(
    random: np.random.Generator, symbols: list[str], days: np.ndarray, values: np.ndarray, count: int
) -> Iterator[pl.DataFrame]:
    names = pl.Series(symbols)
    busy = random.pareto(1.2, len(symbols)) + 0.2
    each = random.multinomial(count, busy / busy.sum())
    for day in range(DAYS):
        met = np.flatnonzero(days == day)
        rows = int(each[met].sum())
        if not rows:
            continue
        contract = np.repeat(met, each[met])
        ts = FIRST + day * DAY + random.integers(0, DAY - 1_000_000_000, rows)
        done = (ts - FIRST) % DAY / DAY
        # prices drift from a fifth to the result, and takers pay a cent too much for longshots
        fair = 0.2 + (values[contract] - 0.2) * done**2 * 0.9
        cents = np.clip(np.rint(100 * fair + random.normal(0, 4, rows)), 1, 99).astype(np.int32)
        order = np.argsort(ts, kind="stable")
        yield conform(Kind.TRADE, pl.DataFrame({
            "ts_event": ts[order], "ts_recv": pl.Series(np.zeros(rows, np.int64)).replace(0, None),
            "symbol": names.gather(contract[order]), "sequence": np.arange(rows, dtype=np.int64),
            "flags": np.ones(rows, np.uint8), "price": cents[order] * 100,
            "size": random.integers(1, 200, rows) * 1_000_000,
            "taker": np.where(random.random(rows) < 0.55, 1, -1).astype(np.int8),
        }))  # fmt: skip


class Favourite(Strategy):
    """Rests a bid one tick behind the last print of a favourite, and holds what it gets to the result."""

    compiled = True

    def analyze(self, data: Any) -> Signal | None:
        """Decide at each print."""
        if 0.8 <= data.price < 0.97:
            return Signal("BUY", size=5)
        return None


def analytics(dataset: Dataset) -> dict[str, Any]:
    """Measure excess returns of makers and takers."""
    found = excess_returns(load_trades(dataset))
    return {"trades": found.trades, "contracts": found.contracts, "events": found.events}


def backtest(dataset: Dataset) -> dict[str, Any]:
    """Replay all trades in one fill mode."""
    run = Backtest(Favourite, dataset, capital=1_000_000).run(modes=("base",))
    return {"events": run.context.data.events, "contracts": run.context.data.contracts, "fills": run.metrics.fills}


PARTS = {"analytics": analytics, "backtest": backtest}


def main() -> None:
    """Make the archive where it is absent, then measure in processes that did not make it."""
    root = Path(__file__).resolve().parent / "work" / "archive"
    if len(sys.argv) < 2:
        stored(root)
        for part in PARTS:
            subprocess.run([sys.executable, "-m", "benchmarks.archive", part], check=True)
        return
    dataset = stored(root)
    wall, cpu = time.perf_counter(), time.process_time()
    found = PARTS[sys.argv[1]](dataset)
    print(json.dumps({
        "part": sys.argv[1], **found,
        "wall_s": round(time.perf_counter() - wall, 2), "cpu_s": round(time.process_time() - cpu, 2),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
