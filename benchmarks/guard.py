"""What a row costs when nothing is traded: `python -m benchmarks.guard` fails if it costs too much.

Arrays handed to small compiled functions at every row cost tens of nanoseconds of reference counting;
the kernel works on addresses instead. To see that it still does on any machine, its empty replay is
compared with a plain compiled loop over the same columns, both in processor time, in turns.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from ntp.data.simulator import synthetic_tape, tape_recording
from ntp.engine.replay import Replay
from ntp.engine.state import EngineSettings
from ntp.engine.tape import SourceFrames, Tape, build_tape

ROWS = 2_000_000
TURNS = 7
AT_MOST = 6.0
"""Largest ratio of the kernel's time to the plain loop's: about 12 ns a row where the loop takes 2."""


@njit(cache=True)
def plain_loop(meta: Any, price: Any, size: Any, levels: Any) -> int:
    """Keep two sides of levels and the best of each, by nothing but array accesses."""
    best_bid, best_ask, volume = 0, 101, 0
    for row in range(len(meta)):
        kind = meta[row] & 15
        if kind <= 1:
            level = price[row] // 100
            side = 0 if meta[row] & 256 else 1
            levels[side, level] = size[row] if kind == 0 else levels[side, level] + size[row]
            if side == 0:
                best_bid = max(best_bid, level)
            else:
                best_ask = min(best_ask, level)
        elif kind == 3:
            volume += size[row]
    return best_bid + best_ask + volume


def measure(tape: Tape) -> dict[str, float]:
    """Nanoseconds a row of both, and the median of their ratios."""
    columns = tape.columns
    levels = np.zeros((2, 102), np.int64)

    def plain() -> None:
        plain_loop(columns["meta"], columns["price"], columns["size"], levels)

    def empty() -> None:
        replay = Replay(tape, EngineSettings(), {})
        while replay.step():
            pass

    plain()
    empty()
    pairs = [(_spent(plain), _spent(empty)) for _ in range(TURNS)]
    return {
        "rows": tape.rows,
        "plain_ns": 1e9 * statistics.median(first for first, _ in pairs) / tape.rows,
        "kernel_ns": 1e9 * statistics.median(second for _, second in pairs) / tape.rows,
        "ratio": statistics.median(second / first for first, second in pairs),
    }


def _spent(work: Callable[[], None]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> int:
    """Measure, print and judge."""
    made = tape_recording(synthetic_tape(events=ROWS, contracts=1))
    tape = build_tape([SourceFrames("synthetic", made.instruments, made.frames)])
    result = measure(tape)
    json.dump({**result, "at_most": AT_MOST}, sys.stdout)
    sys.stdout.write("\n")
    return 0 if result["ratio"] <= AT_MOST else 1


if __name__ == "__main__":
    sys.exit(main())
