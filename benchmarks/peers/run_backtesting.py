"""Run of backtesting.py 0.6.6 (AGPL: only ever in this process of its own): `bars BARS.npy`."""

from __future__ import annotations

import argparse
import os
import warnings

os.environ["TQDM_DISABLE"] = "1"  # the progress bar is not part of the work; read when tqdm is imported

import backtesting
import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy
from measure import emit, measured


def mean(values: np.ndarray, window: int) -> np.ndarray:
    """Return the moving average of whole cents out of exact sums."""
    cents = np.rint(np.asarray(values) * 100).astype(np.int64)
    total = np.cumsum(np.concatenate(([0], cents)))
    out = np.full(len(cents), np.nan)
    out[window - 1 :] = (total[window:] - total[:-window]) / window
    return out


class Cross(Strategy):
    """Reverses a fixed size when two averages of closes cross."""

    def init(self) -> None:
        self.fast = self.I(mean, self.data.Close, 20)
        self.slow = self.I(mean, self.data.Close, 50)

    def next(self) -> None:
        before, now = self.fast[-2] - self.slow[-2], self.fast[-1] - self.slow[-1]
        if before <= 0 < now and not self.position.is_long:
            self.buy(size=10)
        elif before >= 0 > now and not self.position.is_short:
            self.sell(size=10)


def main() -> None:
    """Run one workload and print its result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("workload", choices=["bars"])
    parser.add_argument("tape")
    parser.add_argument("--rows", type=int, default=0, help="only the first rows of the tape")
    args = parser.parse_args()
    rows = np.load(args.tape)
    rows = rows[: args.rows] if args.rows else rows
    frame = pd.DataFrame(
        {name.capitalize(): rows[name] for name in ("open", "high", "low", "close")},
        index=pd.to_datetime(rows["ts"]),
    )
    frame["Volume"] = 1.0
    warnings.simplefilter("ignore")
    test = Backtest(frame, Cross, cash=10_000_000, commission=0.0, exclusive_orders=True)
    stats, times = measured(test.run)
    trades = stats["_trades"]
    emit(
        peer="backtesting.py",
        version=backtesting.__version__,
        workload=args.workload,
        events=len(rows),
        orders=len(trades) + len(stats["_strategy"].trades),
        fills=2 * len(trades) + len(stats["_strategy"].trades),
        pnl=round(float(trades["PnL"].sum()), 6),
        **times,
    )


if __name__ == "__main__":
    main()
