"""Seeded synthetic tapes that every engine of the comparison reads.

A tape is a NumPy array of `TAPE_DTYPE` rows sorted by `ts_event`; rows with equal time belong together.
It keeps the conditions under which queue simulators must agree: no crossed book, a print before the
level row that reflects it, prints larger than an own order, and a price is entered by the other side only
after a print there that is larger than what is shown by more than `OWN_SIZE`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numba import njit

LEVEL, TRADE = 0, 3
TICK = 100  # one cent in units of 1e-4 dollar
CONTRACT = 1_000_000  # one contract in units of 1e-6 contract
OWN_SIZE = 5_370_000  # an own order; odd, so that no print meets it exactly: there one peer stops
POSITION_LIMIT = 10 * OWN_SIZE
START = 1_700_000_000_000_000_000
FEED_LATENCY = 200_000  # an order is answered before the next row is seen: rows are 1 ms apart or more
ORDER_LATENCY = 300_000

TAPE_DTYPE = np.dtype(
    [
        ("ts_event", np.int64),
        ("ts_recv", np.int64),
        ("contract", np.int32),
        ("kind", np.int8),
        ("side", np.int8),
        ("price", np.int32),
        ("size", np.int64),
    ]
)
BAR_DTYPE = np.dtype([("ts", np.int64), ("open", "f8"), ("high", "f8"), ("low", "f8"), ("close", "f8")])


@njit(cache=True)
def _fill_tape(seed, kind, side, price, size, gap):  # type: ignore[no-untyped-def]
    """Write one contract's rows; about 7 % move the best price and 8 % are prints."""
    np.random.seed(seed)
    rows = len(kind)
    levels = np.zeros((2, 100), np.int64)  # bids, asks; index is the price in cents
    best = np.array([49, 51])
    row = 0
    for depth in range(10):
        for s in range(2):
            if row < rows:
                p = best[s] - depth if s == 0 else best[s] + depth
                levels[s, p] = np.random.randint(20, 400)
                kind[row], side[row], price[row], size[row] = 0, 1 - 2 * s, p, levels[s, p]
                gap[row] = 1
                row += 1
    while row + 3 < rows:
        s = np.random.randint(0, 2)
        sign = 1 - 2 * s
        draw = np.random.random()
        spread = best[1] - best[0]
        touch = best[s]
        gap[row] = np.random.randint(1, 34)
        room = 12 < touch < 88
        if draw < 0.043 and spread < 4 and room:
            # a sweep: the print is larger than the level, then the level is gone
            kind[row], side[row], price[row] = 3, -sign, touch
            size[row] = levels[s, touch] + 6 + np.random.randint(0, 20)
            kind[row + 1], side[row + 1], price[row + 1], size[row + 1] = 0, sign, touch, 0
            levels[s, touch] = 0
            row += 2
            best[s] = touch - sign
            if levels[s, best[s]] == 0:
                levels[s, best[s]] = np.random.randint(20, 400)
                kind[row], side[row], price[row], size[row] = 0, sign, best[s], levels[s, best[s]]
                row += 1
        elif draw < 0.086 and spread > 1:
            # the touch improves by a cent; whoever rests alone on the other side there is printed first
            best[s] = touch + sign
            kind[row], side[row], price[row] = 3, sign, best[s]
            size[row] = 6 + np.random.randint(0, 20)
            row += 1
            levels[s, best[s]] = np.random.randint(20, 400)
            kind[row], side[row], price[row], size[row] = 0, sign, best[s], levels[s, best[s]]
            row += 1
        elif draw < 0.123 and levels[s, touch] > 12:
            # a print that leaves something at the touch
            done = np.random.randint(6, min(levels[s, touch], 80))
            levels[s, touch] -= done
            kind[row], side[row], price[row], size[row] = 3, -sign, touch, done
            kind[row + 1], side[row + 1], price[row + 1] = 0, sign, touch
            size[row + 1] = levels[s, touch]
            row += 2
        else:
            p = touch - sign * np.random.randint(0, 8)
            shown = levels[s, p]
            new = np.random.randint(10, 400) if np.random.random() < 0.4 else max(10, shown - shown // 4)
            levels[s, p] = new
            kind[row], side[row], price[row], size[row] = 0, sign, p, new
            row += 1
    return row


def one_contract(rows: int = 5_000_000, seed: int = 1, contract: int = 0) -> np.ndarray:
    """Return a tape of one contract with at most `rows` rows, 17 ms apart on average."""
    kind, side = np.empty(rows, np.int8), np.empty(rows, np.int8)
    price, size = np.empty(rows, np.int32), np.empty(rows, np.int64)
    gap = np.zeros(rows, np.int64)
    count = _fill_tape(seed, kind, side, price, size, gap)
    tape = np.empty(count, TAPE_DTYPE)
    tape["ts_event"] = START + np.cumsum(gap[:count]) * 1_000_000
    tape["ts_recv"] = tape["ts_event"] + FEED_LATENCY
    tape["contract"] = contract
    tape["kind"], tape["side"] = kind[:count], side[:count]
    tape["price"], tape["size"] = price[:count] * TICK, size[:count] * CONTRACT
    return tape


def many_contracts(contracts: int, rows_each: int = 2_500, seed: int = 1) -> np.ndarray:
    """Return the tapes of many contracts merged by time; each has its own book.

    All live at the same time, so that one portfolio sees `contracts` books interleaved row by row.
    """
    tapes = [one_contract(rows_each, seed * 1_000_003 + k, k) for k in range(contracts)]
    merged = np.concatenate(tapes)
    return merged[np.argsort(merged["ts_event"], kind="stable")]


def settlement_values(contracts: int, seed: int = 1) -> np.ndarray:
    """Return what each contract pays at the end of its tape, 0 or 1 dollar."""
    return np.random.default_rng([seed, 7]).integers(0, 2, contracts)


def bars(count: int = 1_000_000, seed: int = 1) -> np.ndarray:
    """Return one-minute bars of a geometric random walk with prices in whole cents."""
    rng = np.random.default_rng([seed, 3])
    close = np.rint(10_000 * np.exp(np.cumsum(rng.normal(0, 0.0005, count))))
    opened = np.concatenate(([10_000.0], close[:-1]))
    spread = rng.integers(0, 6, (2, count))
    out = np.empty(count, BAR_DTYPE)
    out["ts"] = START // 60_000_000_000 * 60_000_000_000 + np.arange(1, count + 1) * 60_000_000_000
    out["open"], out["close"] = opened / 100, close / 100
    out["high"] = (np.maximum(opened, close) + spread[0]) / 100
    out["low"] = (np.minimum(opened, close) - spread[1]) / 100
    return out


def stored(folder: Path, name: str, make: object, *arguments: int) -> Path:
    """Return the file of a tape, made once and kept; its name carries the arguments."""
    path = folder / f"{name}-{'-'.join(map(str, arguments))}.npy"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        np.save(path, make(*arguments))  # type: ignore[operator]
    return path


def load(path: Path) -> np.ndarray:
    """Return a stored tape."""
    tape: np.ndarray = np.load(path)
    return tape


def describe(tape: np.ndarray) -> dict[str, float]:
    """Return the shares that make a tape comparable: prints and rows that move a best price."""
    prints = float((tape["kind"] == TRADE).mean())
    return {"rows": float(len(tape)), "prints": prints, "moves_best": _moves_best(tape)}


def _moves_best(tape: np.ndarray) -> float:
    cents = (tape["price"] // TICK).astype(np.int64)
    return _count_moves(tape["kind"], tape["side"], cents, tape["size"]) / len(tape)


@njit(cache=True)
def _count_moves(kind, side, cents, size):  # type: ignore[no-untyped-def]
    shown = np.zeros((2, 101), np.int64)
    best = np.array([-1, 101])
    moves = 0
    for i in range(len(kind)):
        if kind[i] != 0:
            continue
        s = 0 if side[i] > 0 else 1
        shown[s, cents[i]] = size[i]
        now = -1 if s == 0 else 101
        for step in range(101):
            p = 100 - step if s == 0 else step
            if shown[s, p] > 0:
                now = p
                break
        if now != best[s]:
            moves += 1
            best[s] = now
    return moves
