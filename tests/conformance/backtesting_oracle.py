"""Trades of backtesting.py 0.6.6 for a crossing of two moving averages, in a process of its own.

Its rules here: the strategy sees bar `i` at its close, a market order fills at the open of bar `i + 1`,
`exclusive_orders` closes what is open at the same open at which the new trade begins, no commission. A
crossing is `before <= 0 < now` or `before >= 0 > now` of the difference of the averages. The strategy
first acts on the bar after the first on which both averages exist. What is open at the end stays open.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .peers import require_peer

RUNNER = Path(__file__).with_name("backtesting_runner.py")


@dataclass(frozen=True)
class BarTrade:
    """One trade from flat to flat; `size` is negative for a short; prices are integers of 1/scale."""

    entry_ts: int
    exit_ts: int
    entry_price: int
    exit_price: int
    size: int


@dataclass(frozen=True)
class CrossJob:
    """What to run: a file of daily or hourly bars and the two averages."""

    path: Path
    scale: int
    size: int
    cash: float = 10_000_000.0
    fast: int = 20
    slow: int = 50


def oracle_trades(job: CrossJob) -> list[BarTrade]:
    """Return the closed trades of the peer in order of entry."""
    python = require_peer("backtesting")
    request = {
        "path": str(job.path),
        "scale": job.scale,
        "size": job.size,
        "cash": job.cash,
        "fast": job.fast,
        "slow": job.slow,
    }
    done = subprocess.run(
        [str(python), str(RUNNER)], input=json.dumps(request), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"backtesting.py ended with {done.returncode}: {done.stderr[-2000:]}")
    return [BarTrade(**trade) for trade in json.loads(done.stdout)["trades"]]


def reference_trades(
    ts: Sequence[int], opens: np.ndarray, closes: np.ndarray, job: CrossJob
) -> list[BarTrade]:
    """Return the same trades by the rules of this module; `opens` and `closes` are scaled integers."""
    total = np.cumsum(np.concatenate(([0], closes)))
    fast = (total[job.slow :] - total[job.slow - job.fast : len(total) - job.fast]) * job.slow
    slow = (total[job.slow :] - total[: len(total) - job.slow]) * job.fast
    sign = np.sign(fast - slow)
    trades: list[BarTrade] = []
    entry: tuple[int, int] | None = None  # bar, size
    for k in range(1, len(sign)):
        bar = k + job.slow - 1
        side = int(sign[k])
        if side == 0 or side * sign[k - 1] > 0 or bar + 1 >= len(opens):
            continue
        now = bar + 1
        if entry is not None:
            begun, size = entry
            trades.append(BarTrade(int(ts[begun]), int(ts[now]), int(opens[begun]), int(opens[now]), size))
        entry = (now, side * job.size)
    return trades
