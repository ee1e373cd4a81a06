"""Our engine behind the comparison's protocol: the kernel's own replay, driven by timers."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import polars as pl

from ntp.data.schema import BOOK_SET, FLAG_GROUP_END, SCHEMAS, Kind
from ntp.engine import records as r
from ntp.engine.replay import Replay
from ntp.engine.state import EngineSettings, ReplayState
from ntp.engine.tape import SourceFrames, build_tape
from ntp.markets.instrument import Instrument, InstrumentKind

from .backtesting_oracle import BarTrade, CrossJob
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

    def __init__(self, replay: Replay, orders: Sequence[OwnOrder], probes: Sequence[tuple[int, int]]) -> None:
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


def bars_run(job: CrossJob) -> list[BarTrade]:
    """Return the trades of the crossing on the built-in cash venue, takers at the next open, no latency."""
    source = bar_frames(job)
    replay = Replay(build_tape([source]), EngineSettings(order_latency=0), {"cash": CASH})
    state = replay.state
    state.context["wake_mask"] = r.W_QUOTE
    state.context["allow_taker"] = 1
    closes = source.frames[Kind.CANDLE]["close"].to_list()
    seen, held, before = 0, 0, 0
    while replay.step():
        seen += 1
        if seen < job.slow:
            continue
        fast, slow = sum(closes[seen - job.fast : seen]), sum(closes[seen - job.slow : seen])
        now = fast * job.slow - slow * job.fast
        side = 1 if before <= 0 < now else -1 if before >= 0 > now else 0
        if side and seen > job.slow:
            size = job.size * 1_000_000 * side - held
            held += size
            _take(state, seen, side, abs(size))
        before = now
    rows = state.tables["fills"][: int(state.context["n_fills"][0])]
    trades = []
    for begin, end in itertools.pairwise(rows):
        size = int(begin["position"]) // 1_000_000
        trades.append(
            BarTrade(int(begin["ts"]), int(end["ts"]), int(begin["price"]), int(end["price"]), size)
        )
    return trades


def _take(state: ReplayState, order_id: int, side: int, size: int) -> None:
    row = state.tables["commands"][:1]
    row[:] = np.zeros(1, row.dtype)
    price = 2**31 - 2 if side > 0 else 1
    for name, value in {
        "kind": r.C_NEW, "order_id": order_id, "side": side, "price": price, "size": size, "tif": r.IOC,
    }.items():  # fmt: skip
        row[name] = value
    state.context["n_commands"] = 1


def bar_frames(job: CrossJob) -> SourceFrames:
    """Return the file's bars as candles of an asset; a candle's time is its end."""
    raw = pl.read_parquet(job.path)
    starts = raw[raw.columns[0]].cast(pl.String).str.to_datetime(time_unit="ns").to_physical()
    interval = int(starts.diff().min())  # type: ignore[arg-type]
    prices = {
        name.lower(): np.rint(raw[name].to_numpy() * job.scale).astype(np.int32)
        for name in ("Open", "High", "Low", "Close")
    }
    columns = prices | {"ts_event": starts + interval, "interval": np.full(raw.height, interval)}
    schema = SCHEMAS[Kind.CANDLE]
    frame = pl.DataFrame(columns).with_columns(symbol=pl.lit("BARS"), flags=pl.lit(FLAG_GROUP_END))
    missing = [pl.lit(None).alias(name) for name in schema if name not in frame.columns]
    frame = frame.with_columns(missing).select(list(schema)).cast(dict(schema))
    scale = len(str(job.scale)) - 1
    asset = Instrument(symbol="BARS", venue="cash", kind=InstrumentKind.ASSET, price_scale=scale)
    return SourceFrames("bars", [asset], {Kind.CANDLE: frame})
