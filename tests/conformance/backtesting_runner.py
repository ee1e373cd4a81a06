"""Run a crossing of two moving averages through backtesting.py; started as a script, never imported.

Reads `{"path", "fast", "slow", "size", "cash", "scale"}` as JSON from standard input and writes
`{"version", "trades", "open"}` to standard output. Prices go out as integers of 1/scale.
"""

from __future__ import annotations

import json
import sys
import warnings

import backtesting
import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy


def exact_mean(values: np.ndarray, window: int, scale: int) -> np.ndarray:
    """Return the moving average out of exact sums, so that equal averages compare as equal."""
    cents = np.rint(np.asarray(values) * scale).astype(np.int64)
    total = np.cumsum(np.concatenate(([0], cents)))
    out = np.full(len(cents), np.nan)
    out[window - 1 :] = (total[window:] - total[:-window]) / window
    return out


def main() -> None:
    """Run what standard input asks for."""
    job = json.load(sys.stdin)
    scale = job["scale"]
    frame = pd.read_parquet(job["path"])
    times = pd.to_datetime(frame[frame.columns[0]])
    data = frame[["Open", "High", "Low", "Close", "Volume"]].set_index(pd.DatetimeIndex(times))

    class Cross(Strategy):
        def init(self) -> None:
            self.fast = self.I(exact_mean, self.data.Close, job["fast"], scale)
            self.slow = self.I(exact_mean, self.data.Close, job["slow"], scale)

        def next(self) -> None:
            before, now = self.fast[-2] - self.slow[-2], self.fast[-1] - self.slow[-1]
            if before <= 0 < now:
                self.buy(size=job["size"])
            elif before >= 0 > now:
                self.sell(size=job["size"])

    warnings.simplefilter("ignore")
    test = Backtest(data, Cross, cash=job["cash"], commission=0.0, exclusive_orders=True)
    stats = test.run()
    stamps = data.index.as_unit("ns").asi8

    def price(value: float) -> int:
        return round(float(value) * scale)

    trades = [
        {
            "entry_ts": int(stamps[row.EntryBar]),
            "exit_ts": int(stamps[row.ExitBar]),
            "entry_price": price(row.EntryPrice),
            "exit_price": price(row.ExitPrice),
            "size": int(row.Size),
        }
        for row in stats._trades.sort_values("EntryBar").itertuples()
    ]
    still_open = [
        {
            "entry_ts": int(stamps[trade.entry_bar]),
            "entry_price": price(trade.entry_price),
            "size": int(trade.size),
        }
        for trade in stats._strategy.trades
    ]
    json.dump({"version": backtesting.__version__, "trades": trades, "open": still_open}, sys.stdout)


if __name__ == "__main__":
    main()
