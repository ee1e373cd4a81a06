"""Our engine behind the comparison's protocol: the kernel's own replay, driven by timers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from ntp.data.schema import BOOK_SET, FLAG_GROUP_END, SCHEMAS, Kind
from ntp.engine import records as r
from ntp.engine.replay import Replay
from ntp.engine.state import EngineSettings
from ntp.engine.tape import SourceFrames, build_tape
from ntp.markets.instrument import Instrument

from .hftbacktest_oracle import Model
from .tapes import LEVEL, Fill, OwnOrder, QueuePosition

VENUE = "plain"  # an unknown venue: no fees, no minimum, no delay
CASH = 10**15
MODELS = {
    "risk_averse": r.Q_RISK_AVERSE,
    "power": r.Q_POWER,
    "log": r.Q_LOG,
    "power_front": r.Q_POWER3,
}


def engine_run(
    tape: np.ndarray, orders: Sequence[OwnOrder], model: Model, probes: Sequence[tuple[int, int]] = ()
) -> tuple[list[Fill], list[QueuePosition]]:
    """Return our fills and, at each probe, the contracts ahead of the order if it still rests."""
    settings = EngineSettings(
        order_latency=model.entry_ns,
        queue_model=MODELS[model.name],
        queue_power=float(model.n or 1),
        inferred_prints=False,
    )
    replay = Replay(build_tape([frames_of(tape)]), settings, {VENUE: CASH})
    driver = _Driver(replay, orders, probes)
    driver.run()
    return driver.fills(), driver.positions


def frames_of(tape: np.ndarray) -> SourceFrames:
    """Return the rows as unified events of one contract; the row's number keeps their order."""
    ts = tape["ts_event"]
    ends = np.append(ts[1:] != ts[:-1], True)
    common = {
        "ts_event": ts,
        "ts_recv": tape["ts_recv"],
        "symbol": ["C"] * len(tape),
        "sequence": np.arange(len(tape), dtype=np.int64),
        "flags": np.where(ends, FLAG_GROUP_END, 0).astype(np.uint8),
        "price": tape["price"],
        "size": tape["size"],
    }
    frame = pl.DataFrame(common | {"side": tape["side"], "kind": tape["kind"]})
    levels = frame.filter(pl.col("kind") == LEVEL).with_columns(action=pl.lit(BOOK_SET, pl.UInt8))
    prints = frame.filter(pl.col("kind") != LEVEL).rename({"side": "taker"})
    instrument = Instrument(symbol="C", venue=VENUE)
    frames = {
        Kind.BOOK: levels.select(list(SCHEMAS[Kind.BOOK])).cast(dict(SCHEMAS[Kind.BOOK])),
        Kind.TRADE: prints.select(list(SCHEMAS[Kind.TRADE])).cast(dict(SCHEMAS[Kind.TRADE])),
    }
    return SourceFrames("tape", [instrument], frames)


class _Driver:
    """Wakes by timers at the times of the orders, cancels and probes, one timer after the other."""

    def __init__(
        self, replay: Replay, orders: Sequence[OwnOrder], probes: Sequence[tuple[int, int]]
    ) -> None:
        self.state = replay.state
        self.replay = replay
        self.positions: list[QueuePosition] = []
        actions = [(o.sent, 0, o) for o in orders] + [(o.cancel_sent, 1, o) for o in orders]
        self.todo: list[tuple[int, int, OwnOrder | int]] = [*actions, *((at, 2, i) for i, at in probes)]
        self.todo.sort(key=lambda a: (a[0], a[1]))
        self.next = 0

    def run(self) -> None:
        self.command(kind=r.C_TIMER, expire=self.todo[0][0])
        while self.replay.step():
            now = int(self.state.context["now"][0])
            while self.next < len(self.todo) and self.todo[self.next][0] <= now:
                self.act(*self.todo[self.next])
                self.next += 1
            if self.next < len(self.todo):
                self.command(kind=r.C_TIMER, expire=self.todo[self.next][0])

    def act(self, at: int, what: int, order: OwnOrder | int) -> None:
        if isinstance(order, int):
            table = self.state.tables["orders"]
            for row in table[(table["id"] == order) & (table["state"] == r.RESTING)]:
                self.positions.append(QueuePosition(order, at, float(row["queue"]) / 1e6))
        elif what == 0:
            self.command(
                kind=r.C_NEW,
                order_id=order.order_id,
                side=order.side,
                price=order.price,
                size=order.size,
                post_only=1,
                tif=r.GTC,
            )
        else:
            self.command(kind=r.C_CANCEL, order_id=order.order_id)

    def command(self, **fields: int) -> None:
        number = int(self.state.context["n_commands"][0])
        row = self.state.tables["commands"][number : number + 1]
        row[:] = np.zeros(1, row.dtype)
        for name, value in fields.items():
            row[name] = value
        self.state.context["n_commands"] = number + 1

    def fills(self) -> list[Fill]:
        rows = self.state.tables["fills"][: int(self.state.context["n_fills"][0])]
        found = [
            Fill(int(row["order_id"]), int(row["ts"]), int(row["price"]), int(row["size"])) for row in rows
        ]
        return sorted(found, key=lambda f: (f.ts, f.order_id))
