"""Run hftbacktest on one small tape; started as a script in a process of its own.

Reads `{"tapes": path of .npz, "jobs": [{"orders", "probes", "model", "entry_ns", "response_ns"}]}` as
JSON from standard input (job k runs on the array named `tape_k`), writes `{"version", "results":
[{"fills", "positions", "error"}]}` as JSON to standard output. The queue position is not part of the
peer's interface: it is read through the pointer that each order carries, out of copies of the order that
are cancelled at the moment asked for (orders do not see each other there, so copies disturb nothing).
"""

from __future__ import annotations

import ctypes
import json
import sys

import hftbacktest
import numpy as np
from hftbacktest import BacktestAsset, HashMapMarketDepthBacktest
from hftbacktest.order import GTX, LIMIT
from hftbacktest.types import (
    BUY_EVENT,
    DEPTH_EVENT,
    EXCH_EVENT,
    LOCAL_EVENT,
    SELL_EVENT,
    TRADE_EVENT,
    event_dtype,
)

CANCELED, EXPIRED, REJECTED = 4, 2, 6
CLONE = 1_000_000  # ids of copies: the order's id plus this times the probe's number
PRICE, TICK, SIZE = 1e4, 0.01, 1e6


def events_of(tape: np.ndarray) -> np.ndarray:
    """Return the tape as the peer's rows: prices in dollars, quantities in contracts."""
    out = np.zeros(len(tape), event_dtype)
    side = np.where(tape["side"] > 0, BUY_EVENT, SELL_EVENT)
    kind = np.where(tape["kind"] == 3, TRADE_EVENT, DEPTH_EVENT)
    out["ev"] = EXCH_EVENT | LOCAL_EVENT | side | kind
    out["exch_ts"] = tape["ts_event"]
    out["local_ts"] = tape["ts_recv"]
    out["px"] = tape["price"] / PRICE
    out["qty"] = tape["size"] / SIZE
    return out


def asset_for(events: np.ndarray, model: dict, entry_ns: int, response_ns: int) -> BacktestAsset:
    """Return the asset with the queue model asked for and the exchange that fills in parts."""
    asset = BacktestAsset().data(events).linear_asset(1.0).tick_size(TICK).lot_size(1e-6)
    asset = asset.constant_order_latency(entry_ns, response_ns).partial_fill_exchange()
    asset = asset.trading_value_fee_model(0.0, 0.0)
    name, n = model["name"], model.get("n")
    if name == "risk_averse":
        return asset.risk_adverse_queue_model()
    if name == "log":
        return asset.log_prob_queue_model()
    if name == "power":
        return asset.power_prob_queue_model(float(n))
    if name == "power_front":  # 1 - (front / (front + back)) ** n
        return asset.power_prob_queue_model3(float(n))
    raise SystemExit(f"expected a known queue model, was {name}")


def actions_of(orders: list[dict], probes: list[list[int]], entry_ns: int) -> list[tuple]:
    """Return (time, order of ties, submit or cancel, id, order) sorted by decision time."""
    actions = []
    for order in orders:
        ids = [order["order_id"]]
        for number, (order_id, at) in enumerate(probes, start=1):
            if order_id == order["order_id"]:
                clone = order_id + CLONE * number
                ids.append(clone)
                actions.append((at - entry_ns, 1, "cancel", clone, order))
        actions += [(order["sent"], 0, "submit", i, order) for i in ids]
        actions.append((order["cancel_sent"], 1, "cancel", order["order_id"], order))
    return sorted(actions, key=lambda a: (a[0], a[1], a[3]))


class Watcher:
    """Steps the peer through time and notes every change of every order."""

    def __init__(self, hbt: object) -> None:
        self.hbt = hbt
        self.leaves: dict[int, float] = {}
        self.cancelled: set[int] = set()
        self.fills: list[dict] = []
        self.positions: dict[int, float] = {}

    def run_until(self, until: int) -> int:
        code = 0
        while code in (0, 2, 3) and self.hbt.current_timestamp < until:
            code = self.hbt.wait_next_feed(True, until - self.hbt.current_timestamp)
            self.note()
        return code

    def note(self) -> None:
        values = self.hbt.orders(0).values()
        while values.has_next():
            self._note_one(values.get().arr[0])
        self.hbt.clear_inactive_orders(0)

    def _note_one(self, row: np.void) -> None:
        order_id = int(row["order_id"])
        before = self.leaves.get(order_id, float(row["qty"]))
        leaves = float(row["leaves_qty"])
        self.leaves[order_id] = leaves
        if before - leaves > 5e-7 and order_id < CLONE:
            self.fills.append(
                {
                    "order_id": order_id,
                    "ts": int(row["exch_timestamp"]),
                    "price": round(float(row["exec_price_tick"]) * 100),
                    "size": round((before - leaves) * SIZE),
                }
            )
        if int(row["status"]) == CANCELED and order_id >= CLONE:
            self.positions[order_id] = ctypes.cast(int(row["_q1"]), ctypes.POINTER(ctypes.c_double))[0]


def run(tape: np.ndarray, job: dict) -> dict:
    """Return the fills and queue positions of one job."""
    events = events_of(tape)  # kept alive here: the peer holds a raw pointer to it
    hbt = HashMapMarketDepthBacktest([asset_for(events, job["model"], job["entry_ns"], job["response_ns"])])
    watcher = Watcher(hbt)
    hbt.wait_next_feed(True, 1)
    code = 0
    for at, _, what, order_id, order in actions_of(job["orders"], job["probes"], job["entry_ns"]):
        code = watcher.run_until(at)
        if code not in (0, 2, 3):
            break
        if what == "cancel":
            if order_id in hbt.orders(0):
                hbt.cancel(0, order_id, False)
            continue
        submit = hbt.submit_buy_order if order["side"] > 0 else hbt.submit_sell_order
        submit(0, order_id, order["price"] / PRICE, order["size"] / SIZE, GTX, LIMIT, False)
    if code in (0, 2, 3):
        code = watcher.run_until(int(tape["ts_recv"][-1]))
    positions = [
        {"order_id": order_id, "ts": at, "ahead": watcher.positions[order_id + CLONE * number]}
        for number, (order_id, at) in enumerate(job["probes"], start=1)
        if order_id + CLONE * number in watcher.positions
    ]
    hbt.close()
    return {
        "fills": sorted(watcher.fills, key=lambda f: (f["ts"], f["order_id"])),
        "positions": positions,
        "error": None if code in (0, 1, 2, 3) else f"code {code}",
    }


def main() -> None:
    """Run all jobs of standard input in one process: compiling the peer takes seconds."""
    request = json.load(sys.stdin)
    with np.load(request["tapes"]) as tapes:
        results = [run(tapes[f"tape_{k}"], job) for k, job in enumerate(request["jobs"])]
    json.dump({"version": hftbacktest.__version__, "results": results}, sys.stdout)


if __name__ == "__main__":
    main()
