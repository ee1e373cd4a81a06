"""Sweeps of the comparison: `python -m benchmarks.sweeps bars|maker FOLDER` measures one and prints JSON.

One strategy with many parameters on one stored data set, by the same call that people make.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks import rig, tapes
from ntp import Backtest, Indicator, Param, Strategy
from ntp.backtest.sweep import Sweep
from ntp.data import Catalog
from ntp.data.dataset import Dataset
from ntp.data.schema import FLAG_GROUP_END, SCHEMAS, Kind
from ntp.markets.instrument import Instrument, InstrumentKind

SYMBOL = "BARS"
ENOUGH = 10**15
"""Contracts that a bar has room for, in millionths, so that orders fill whole."""


class CrossColumns(Strategy):
    """Hold ten units on the side of the faster of two averages of closes, decided on whole columns."""

    fast: int = Param(20, ge=2)
    slow: int = Param(50, ge=2)
    quick = Indicator("SMA", fast, on="price")
    calm = Indicator("SMA", slow, on="price")

    def signals(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Want ten units at each crossing, and what is held otherwise."""
        turned = (pl.col("quick") > pl.col("calm")).cast(pl.Int8).diff()
        return frame.with_columns(target=10 * turned.replace(0, None))


def windows(count: int) -> tuple[list[int], list[int]]:
    """Return fast and slow windows whose combinations are so many, the same for all who are measured."""
    return list(range(5, 101, 5)), list(range(110, 110 + 10 * (count // 20), 10))


def store_bars(bars: Path) -> Path:
    """Write bars as candles of an asset into a catalog beside them, once; returns the data set's folder."""
    catalog = Catalog(bars.parent / "catalog")
    if bars.stem not in catalog.names():
        rows = np.load(bars)
        units = {name: np.rint(rows[name] * 10_000).astype(np.int64) for name in ("open", "high", "low", "close")}
        frame = pl.DataFrame({"ts_event": rows["ts"], **units}).with_columns(
            ts_recv=pl.col("ts_event"), symbol=pl.lit(SYMBOL), sequence=pl.int_range(pl.len(), dtype=pl.Int64),
            flags=pl.lit(FLAG_GROUP_END), interval=pl.lit(60_000_000_000, pl.Int64),
            volume=pl.lit(ENOUGH, pl.Int64),
        )  # fmt: skip
        schema = SCHEMAS[Kind.CANDLE]
        missing = [pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in frame.columns]
        with catalog.writer(bars.stem, source="cash") as writer:
            writer.add(Kind.CANDLE, frame.with_columns(missing).select(list(schema)).cast(dict(schema)))
            writer.add_instruments([Instrument(symbol=SYMBOL, venue="cash", kind=InstrumentKind.ASSET)])
    return catalog.root / bars.stem


def sweep_bars(folder: Path, count: int, workers: int) -> dict[str, Any]:
    """Sweep the crossing of two averages."""
    fast, slow = windows(count)
    backtest = Backtest(
        CrossColumns, _dataset(folder), capital=10_000_000, engine={"order_latency": "0ms", "feed_latency": "0ms"},
        waive=("maker_only",), store=False,
    )  # fmt: skip
    return _measured(backtest, {"fast": fast, "slow": slow}, workers)


def sweep_maker(folder: Path, count: int, workers: int) -> dict[str, Any]:
    """Sweep the compiled maker over order books."""
    engine = {"order_latency": f"{tapes.ORDER_LATENCY // 1_000}us", "queue": "power:2"}
    backtest = Backtest(
        "maker", _dataset(folder), parameters=rig.MAKER, engine=engine, compiled=True, capital=rig.CASH // 1_000_000,
        store=False,
    )  # fmt: skip
    half = [0.005 + 0.0005 * place for place in range(-(-count // 25))]
    grid = {"half_spread": half, "skew": [0.00002 * place for place in range(25)]}
    return _measured(backtest, grid, workers)


def _measured(backtest: Backtest, grid: dict[str, Any], workers: int) -> dict[str, Any]:
    """Sweep a few points to compile, then all of them; measured is all that the call does."""
    backtest.sweep({name: values[:2] for name, values in grid.items()}, objective="pnl_gross_usd", workers=1)
    before, since = _cpu(), time.perf_counter()
    found: Sweep = backtest.sweep(grid, objective="pnl_gross_usd", workers=workers)
    best = found.best()
    return {
        "events": len(found), "fills": sum(int(point.metrics["fills"] or 0) for point in found),
        "best": None if best is None else best.metrics["pnl_gross_usd"],
        "cpu_s": _cpu() - before, "wall_s": time.perf_counter() - since,
    }  # fmt: skip


def _cpu() -> float:
    """CPU seconds of this process and of those that ended."""
    own, ended = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime


def _dataset(folder: Path) -> Dataset:
    return Catalog(folder.parent).dataset(folder.name)


def main() -> None:
    """Run one sweep and print its result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("workload", choices=["bars", "maker"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--combinations", type=int, default=1_000)
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()
    run = {"bars": sweep_bars, "maker": sweep_maker}[args.workload]
    result = run(args.folder, args.combinations, args.workers)
    result |= {"peer": "ntp", "workload": f"sweep_{args.workload}", "events_per_s": result["events"] / result["cpu_s"]}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
