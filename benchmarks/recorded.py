"""The one-contract tape as a stored data set, and a backtest of it: what a person runs, from disk to result."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import rig, tapes
from ntp.backtest import Backtest
from ntp.data import Catalog

CHUNK = 1 << 20
CAPITAL = rig.CASH // 1_000_000


def store(tape: Path) -> Path:
    """Write a tape into a catalog beside it, once, and return the folder of the data set."""
    catalog = Catalog(tape.parent / "catalog")
    if tape.stem not in catalog.names():
        rows = np.load(tape, mmap_mode="r")
        with catalog.writer(tape.stem, source=rig.VENUE) as writer:
            for first in range(0, len(rows), CHUNK):
                source = rig.frames_of(np.array(rows[first : first + CHUNK]), first=first)
                for kind, frame in source.frames.items():
                    writer.add(kind, frame)
            writer.add_instruments(source.instruments)
    return catalog.root / tape.stem


def replay(folder: Path, strategy: str, parameters: Mapping[str, float]) -> dict[str, Any]:
    """Run a compiled strategy on a stored data set in one fill mode; everything after imports is measured."""
    cpu, wall = time.process_time(), time.perf_counter()
    engine = {"order_latency": f"{tapes.ORDER_LATENCY // 1_000}us", "queue": "power:2"}
    backtest = Backtest(
        strategy, Catalog(folder.parent).dataset(folder.name), parameters=parameters, engine=engine, compiled=True,
        capital=CAPITAL, store=False,
    )  # fmt: skip
    run = backtest.run(modes=("base",))
    return {
        "events": run.context.data.events,
        "orders": len(run.orders),
        "fills": len(run.fills),
        "fills_hash": run.shown.fills_hash,
        "cpu_s": time.process_time() - cpu,
        "wall_s": time.perf_counter() - wall,
    }
