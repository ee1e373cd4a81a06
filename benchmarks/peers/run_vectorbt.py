"""Run of vectorbt 1.2.0 (Commons Clause: only ever in this process of its own): `bars BARS.npy`."""

from __future__ import annotations

import argparse
from itertools import product

import numpy as np
import pandas as pd
import vectorbt as vbt
from measure import emit, measured

_AT_ONCE = 100
"""Columns of one portfolio: all at once would need gigabytes and is no faster."""


def mean(cents: np.ndarray, window: int) -> np.ndarray:
    """Return the moving average of whole cents out of exact sums."""
    total = np.concatenate(([0], np.cumsum(cents)))
    out = np.full(len(cents), np.nan)
    out[window - 1 :] = (total[window:] - total[:-window]) / window
    return out


def sweep(close: np.ndarray, pairs: list[tuple[int, int]]) -> list[float]:
    """Return the profit of each pair of windows: ten units on the side of the faster average, from its first turn on.

    A turn trades at the close of its own bar; the orders of our engine rest for later bars, see docs/benchmarks.md.
    """
    cents = np.rint(close * 100).astype(np.int64)
    prices = pd.Series(close)
    averages = {window: mean(cents, window) for window in {window for pair in pairs for window in pair}}
    profits: list[float] = []
    for first in range(0, len(pairs), _AT_ONCE):
        some = pairs[first : first + _AT_ONCE]
        ahead = np.column_stack([averages[fast] > averages[slow] for fast, slow in some])
        turned = np.zeros_like(ahead)
        turned[1:] = ahead[1:] != ahead[:-1]
        for column, (_, slow) in enumerate(some):
            turned[:slow, column] = False
        portfolio = vbt.Portfolio.from_signals(
            prices, entries=turned & ahead, short_entries=turned & ~ahead, size=10.0, init_cash=10_000_000.0,
            freq="1min",
        )  # fmt: skip
        profits += np.atleast_1d(portfolio.total_profit()).tolist()
    return profits


def main() -> None:
    """Run one workload and print its result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("workload", choices=["bars"])
    parser.add_argument("tape")
    parser.add_argument("--combinations", type=int, default=1_000)
    args = parser.parse_args()
    close = np.load(args.tape)["close"]
    slow = range(110, 110 + 10 * (args.combinations // 20), 10)
    pairs = list(product(range(5, 101, 5), slow))
    sweep(close[:2_000], pairs[:2])  # compilation is not measured
    profits, times = measured(lambda: sweep(close, pairs))
    found = {"events": len(pairs), "best": max(profits)}
    emit(peer="vectorbt", version=vbt.__version__, workload=args.workload, **found, **times)


if __name__ == "__main__":
    main()
