"""Runs of hftbacktest 2.4: `convert`, `maker` and `contracts` of TAPE.npy, `process` of TAPE.parquet.

`convert` writes the rows in the peer's own layout beside the tape, so that the memory measured by `maker`
is that of the peer and not of a conversion.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import hftbacktest
import numpy as np
from hftbacktest import BacktestAsset, HashMapMarketDepthBacktest, ROIVectorMarketDepthBacktest
from hftbacktest.order import BUY, FILLED, GTX, LIMIT, PARTIALLY_FILLED
from hftbacktest.types import (
    BUY_EVENT,
    DEPTH_EVENT,
    EXCH_EVENT,
    LOCAL_EVENT,
    SELL_EVENT,
    TRADE_EVENT,
    event_dtype,
)
from measure import emit, measured, peak_rss_mb
from numba import njit

OWN = 5.37
OWN_UNITS, LIMIT_UNITS = 5_370_000, 53_700_000
ENTRY, RESPONSE = 300_000, 200_000
FOREVER = 10**17  # ns; larger sums overflow


def events_of(kind, side, price, size, ts_event, ts_recv):
    """Return the rows of the peer: prices in dollars, quantities in contracts."""
    out = np.zeros(len(kind), event_dtype)
    flag = np.where(side > 0, np.uint64(BUY_EVENT), np.uint64(SELL_EVENT))
    what = np.where(kind == 3, np.uint64(TRADE_EVENT), np.uint64(DEPTH_EVENT))
    out["ev"] = np.uint64(EXCH_EVENT | LOCAL_EVENT) | flag | what
    out["exch_ts"], out["local_ts"] = ts_event, ts_recv
    out["px"], out["qty"] = price / 1e4, size / 1e6
    return out


def from_tape(tape):
    return events_of(*(tape[name] for name in ("kind", "side", "price", "size", "ts_event", "ts_recv")))


def converted(path: str) -> Path:
    """Return where the rows of a tape lie in the peer's own layout."""
    return Path(path).with_suffix(".hftbacktest.npy")


def asset_for(events, power: float):
    asset = BacktestAsset().data(events).linear_asset(1.0).tick_size(0.01).lot_size(1e-6)
    asset = asset.constant_order_latency(ENTRY, RESPONSE).partial_fill_exchange()
    asset = asset.power_prob_queue_model(power).trading_value_fee_model(0.0, 0.0)
    return asset.roi_lb(0.0).roi_ub(1.0).last_trades_capacity(0)


@njit
def maker(hbt, fills):
    """Quote half a cent around the mid, rounded outward, whenever a best price changed; see the docs."""
    current = np.zeros(2, np.int64)  # id of the working order of each side
    last = np.zeros(2, np.int64)
    next_id, count, held = 1, 0, 0
    orders = hbt.orders(0)
    while True:
        code = hbt.wait_next_feed(True, FOREVER)
        if code != 2 and code != 3:
            break
        if code == 3:
            count, held = note_fills(orders, fills, count, held)
            hbt.clear_inactive_orders(0)
        depth = hbt.depth(0)
        bid, ask = depth.best_bid_tick, depth.best_ask_tick
        if (bid == last[0] and ask == last[1]) or not 0 < bid < ask < 100:
            continue
        last[0], last[1] = bid, ask
        for s in range(2):
            price = (bid + ask - 1) // 2 if s == 0 else (bid + ask + 2) // 2
            room = LIMIT_UNITS - held if s == 0 else LIMIT_UNITS + held
            if current[s] and current[s] in orders:
                order = orders.get(current[s])
                if not order.cancellable:
                    continue
                if order.price_tick == price and round(order.leaves_qty * 1e6) <= room:
                    continue
                hbt.cancel(0, current[s], False)
            current[s] = 0
            if room >= OWN_UNITS:
                if s == 0:
                    hbt.submit_buy_order(0, next_id, price * 0.01, OWN, GTX, LIMIT, False)
                else:
                    hbt.submit_sell_order(0, next_id, price * 0.01, OWN, GTX, LIMIT, False)
                current[s] = next_id
                next_id += 1
    return next_id - 1, count, held, code


@njit
def note_fills(orders, fills, count, held):
    """Append executions that this response brought (time at the venue, side, price, size); keep the position.

    The peer's own position leaves out the partial fills of orders that are cancelled later.
    """
    values = orders.values()
    while values.has_next():
        order = values.get()
        if order.status == FILLED or order.status == PARTIALLY_FILLED:
            last = count - 1
            seen = False
            while last >= 0 and last > count - 12:
                if fills[last, 4] == order.order_id and fills[last, 0] == order.exch_timestamp:
                    seen = True
                    break
                last -= 1
            if not seen and order.exec_qty > 0:
                fills[count, 0] = order.exch_timestamp
                fills[count, 1] = 1 if order.side == BUY else -1
                fills[count, 2] = order.exec_price_tick * 100
                fills[count, 3] = round(order.exec_qty * 1e6)
                fills[count, 4] = order.order_id
                held += fills[count, 1] * fills[count, 3]
                count += 1
    return count, held


def build(events, depth: str, power: float):
    make = ROIVectorMarketDepthBacktest if depth == "roi" else HashMapMarketDepthBacktest
    return make([asset_for(events, power)])


def ended(code: int) -> None:
    """Refuse a run that stopped before the end of the data."""
    if code != 1:
        raise SystemExit(f"expected the end of the data (code 1), was code {code}")


def run_maker(events, depth: str, power: float):
    fills = np.zeros((1_000_000, 5), np.int64)
    warm = build(events[:2_000], depth, power)
    maker(warm, fills)
    warm.close()
    hbt = build(events, depth, power)
    (placed, count, held, code), times = measured(lambda: maker(hbt, fills))
    ended(code)
    hbt.close()
    return placed, fills[:count, :4], held, times


@njit
def drain(hbt):
    """Run to the end of the data without a strategy."""
    return hbt.elapse(10**17)


def run_contracts(tape):
    ids = np.unique(tape["contract"])
    events = [from_tape(tape[tape["contract"] == k]) for k in ids]  # kept alive: raw pointers
    warm = HashMapMarketDepthBacktest([asset_for(events[0][:100], 2.0)])
    drain(warm)
    warm.close()
    hbt = HashMapMarketDepthBacktest([asset_for(one, 2.0) for one in events])
    _, times = measured(lambda: drain(hbt))
    hbt.close()
    return times


def run_process(path: str, depth: str, started: tuple[float, float]):
    """Read Parquet, convert, run: the whole process is measured, start included by the caller."""
    import polars as pl

    frame = pl.read_parquet(path)
    names = ("kind", "side", "price", "size", "ts_event", "ts_recv")
    events = events_of(*(frame[name].to_numpy() for name in names))
    fills = np.zeros((1_000_000, 5), np.int64)
    hbt = build(events, depth, 2.0)
    placed, count, _, code = maker(hbt, fills)
    ended(code)
    hbt.close()
    cpu, wall = time.process_time() - started[0], time.perf_counter() - started[1]
    return (
        len(events),
        placed,
        fills[:count, :4],
        {"cpu_s": cpu, "wall_s": wall, "peak_rss_mb": peak_rss_mb()},
    )


def main() -> None:
    """Run one workload and print its result."""
    started = (0.0, time.perf_counter())
    parser = argparse.ArgumentParser()
    parser.add_argument("workload", choices=["convert", "maker", "contracts", "process"])
    parser.add_argument("tape")
    parser.add_argument("--depth", choices=["roi", "hashmap"], default="roi")
    parser.add_argument("--power", type=float, default=2.0)
    parser.add_argument("--fills", default="", help="write the fills there")
    args = parser.parse_args()
    common = {"peer": "hftbacktest", "version": hftbacktest.__version__, "workload": args.workload}
    if args.workload == "process":
        events, placed, fills, times = run_process(args.tape, args.depth, started)
        emit(**common, events=events, orders=placed, fills=len(fills), **times)
        return
    if args.workload == "maker":
        events = np.load(converted(args.tape))
        placed, fills, position, times = run_maker(events, args.depth, args.power)
        sums = {"position": position}
        if args.fills:
            np.save(args.fills, fills)
        emit(**common, events=len(events), orders=placed, fills=len(fills), **sums, **times)
        return
    tape = np.load(args.tape)
    if args.workload == "convert":
        np.save(converted(args.tape), from_tape(tape))
    else:
        times = run_contracts(tape)
        emit(**common, events=len(tape), orders=0, fills=0, **times)


if __name__ == "__main__":
    main()
