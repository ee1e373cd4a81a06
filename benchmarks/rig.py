"""From a stored tape to one replay of our engine: what a backtest does after its data is read."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks import tapes
from ntp.data.schema import BOOK_SET, FLAG_GROUP_END, SCHEMAS, Kind
from ntp.engine import records as r
from ntp.engine.queues import parse_queue
from ntp.engine.replay import Replay
from ntp.engine.shipped import compiled_parameters
from ntp.engine.state import EngineSettings
from ntp.engine.tape import SourceFrames, Tape, build_tape
from ntp.markets.instrument import Instrument, InstrumentKind
from ntp.rules import Gate
from ntp.strategy import Contract, Strategy
from ntp.strategy.runtime import EngineRuntime

VENUE = "plain"  # an unknown venue: no fees, no minimum, no delay
CASH = 10**14
CHUNK = 1 << 19
COLUMN_TYPES = {"ts": np.int64, "meta": np.int16, "contract": np.int32, "price": np.int32, "size": np.int64}
MAKER = {
    "half_spread": 0.005,
    "size": tapes.OWN_SIZE / 1e6,
    "skew": 0.0,
    "max_position": tapes.POSITION_LIMIT / 1e6,
}


def symbol(number: int) -> str:
    """Return the contract's name; names sort as their numbers do."""
    return f"C{number:05d}"


def instrument(number: int) -> Instrument:
    """Return a contract that takes no order smaller than a whole quote, as the peers' makers do."""
    return Instrument(
        symbol=symbol(number), venue=VENUE, event=symbol(number), min_size=tapes.OWN_SIZE, size_step=10_000
    )


def frames_of(rows: np.ndarray, values: np.ndarray | None = None, first: int = 0) -> SourceFrames:
    """Return a tape as unified events numbered from `first`; with `values` each contract settles after its end."""
    ends = np.append(rows["ts_event"][1:] != rows["ts_event"][:-1], True)
    count = int(rows["contract"].max()) + 1
    names = pl.Series([symbol(k) for k in range(count)])
    frame = pl.DataFrame(
        {name: rows[name] for name in ("ts_event", "ts_recv", "kind", "side", "price", "size")}
        | {
            "symbol": names[rows["contract"].astype(np.int64)],
            "sequence": np.arange(first, first + len(rows), dtype=np.int64),
            "flags": np.where(ends, FLAG_GROUP_END, 0).astype(np.uint8),
        }
    )
    levels = frame.filter(pl.col("kind") == tapes.LEVEL).with_columns(action=pl.lit(BOOK_SET, pl.UInt8))
    prints = frame.filter(pl.col("kind") != tapes.LEVEL).rename({"side": "taker"})
    frames = {
        Kind.BOOK: levels.select(list(SCHEMAS[Kind.BOOK])).cast(dict(SCHEMAS[Kind.BOOK])),
        Kind.TRADE: prints.select(list(SCHEMAS[Kind.TRADE])).cast(dict(SCHEMAS[Kind.TRADE])),
    }
    if values is not None:
        frames[Kind.SETTLEMENT] = _settlements(frame, values)
    return SourceFrames("tape", [instrument(k) for k in range(count)], frames)


def _settlements(frame: pl.DataFrame, values: np.ndarray) -> pl.DataFrame:
    ends = frame.group_by("symbol").agg(pl.col("ts_event").max() + 60_000_000_000).sort("symbol")
    schema = SCHEMAS[Kind.SETTLEMENT]
    return ends.with_columns(
        ts_recv=pl.col("ts_event"),
        sequence=pl.lit(None, pl.Int64),
        flags=pl.lit(FLAG_GROUP_END),
        value=pl.Series(values[: ends.height] * 1_000_000),
        state=pl.lit("settled"),
    ).select(list(schema)).cast(dict(schema))  # fmt: skip


def one_contract(path: Path) -> Tape:
    """Return a stored one-contract tape in the engine's columns, read in pieces to hold it only once."""
    stored = np.load(path, mmap_mode="r")
    tape = build_tape([frames_of(np.array(stored[:2_000]))])
    count, offset = len(stored), stored.offset
    del stored
    columns: dict[str, Any] = {name: np.empty(count, kind) for name, kind in COLUMN_TYPES.items()}
    for first in range(0, count, CHUNK):
        size = tapes.TAPE_DTYPE.itemsize
        part = np.fromfile(path, tapes.TAPE_DTYPE, min(CHUNK, count - first), offset=offset + first * size)
        fill_columns({name: column[first : first + len(part)] for name, column in columns.items()}, part)
    tape.columns, tape.rows = columns, count
    return tape


def fill_columns(columns: dict[str, Any], part: Any) -> None:
    """Write rows of a tape into the engine's columns."""
    columns["ts"][:], columns["price"][:], columns["size"][:] = part["ts_event"], part["price"], part["size"]
    columns["contract"][:] = part["contract"]
    side = np.where(part["side"] > 0, r.META_BID, r.META_ASK)
    columns["meta"][:] = part["kind"] + side + r.META_GROUP_END


def many_contracts(path: Path) -> Tape:
    """Return a stored tape of many contracts with their settlements."""
    rows = tapes.load(path)
    return build_tape([frames_of(rows, tapes.settlement_values(int(rows["contract"].max()) + 1))])


def runtime_for(tape: Tape, strategy: Strategy, *, compiled: bool) -> EngineRuntime:
    """Return one replay with its strategy bound, as a backtest of one fill mode has it."""
    model, power = parse_queue("power:2")
    last = int(tape.columns["ts"][-1])
    span = last - int(tape.columns["ts"][0])
    settings = EngineSettings(
        order_latency=tapes.ORDER_LATENCY,
        feed_latency=0 if "seen" in tape.columns else tapes.FEED_LATENCY,
        queue_model=model,
        queue_power=power,
        equity_every=max(span // 2_000, 1_000_000_000),
    )
    return _bound(tape, strategy, settings, compiled=compiled)


def _bound(
    tape: Tape,
    strategy: Strategy,
    settings: EngineSettings,
    *,
    compiled: bool = False,
    waive: tuple[str, ...] = (),
) -> EngineRuntime:
    code, params = compiled_parameters("maker", strategy.parameters()) if compiled else (0, ())
    replay = Replay(tape, settings, dict.fromkeys(tape.accounts, CASH), params=params)
    replay.state.start_clock(int(tape.columns["ts"][0]), int(tape.columns["ts"][-1]))
    universe = {number: Contract.of(each) for number, each in enumerate(tape.instruments)}
    runtime = EngineRuntime(strategy, replay, Gate(waive), universe, {}, {}, {}, 0)
    replay.state.context["strategy"] = code
    replay.state.contracts["tradable"][:] = 1
    return runtime


def bars_runtime(rows: np.ndarray, strategy: Strategy) -> EngineRuntime:
    """Return a replay of bars of an asset on the built-in cash venue, takers allowed, no latency."""
    schema = SCHEMAS[Kind.CANDLE]
    cents = {name: np.rint(rows[name] * 100).astype(np.int32) for name in ("open", "high", "low", "close")}
    frame = pl.DataFrame(cents | {"ts_event": rows["ts"]}).with_columns(
        symbol=pl.lit("BARS"), flags=pl.lit(FLAG_GROUP_END), interval=pl.lit(60_000_000_000)
    )
    missing = [pl.lit(None).alias(name) for name in schema if name not in frame.columns]
    frame = frame.with_columns(missing).select(list(schema)).cast(dict(schema))
    asset = Instrument(symbol="BARS", venue="cash", kind=InstrumentKind.ASSET, price_scale=2)
    tape = build_tape([SourceFrames("bars", [asset], {Kind.CANDLE: frame})])
    return _bound(tape, strategy, EngineSettings(order_latency=0), waive=("maker_only",))


def run(runtime: EngineRuntime) -> dict[str, Any]:
    """Run a replay to its end, measure it, and return its counts."""
    return counted(runtime, *timed(lambda: _whole(runtime)))


def timed(call: Callable[[], None]) -> tuple[float, float]:
    """Return CPU and wall seconds of a call."""
    cpu, wall = time.process_time(), time.perf_counter()
    call()
    return time.process_time() - cpu, time.perf_counter() - wall


def counted(runtime: EngineRuntime, cpu: float, wall: float) -> dict[str, Any]:
    """Return the measured fields of a finished replay."""
    context = runtime.replay.state.context
    return {
        "events": int(context["events"][0]),
        "orders": int(context["next_order"][0]) - 1,
        "fills": int(context["n_fills"][0]),
        "wakes": int(context["wakes_count"][0]),
        "cpu_s": cpu,
        "wall_s": wall,
    }


def fills_of(runtime: EngineRuntime) -> np.ndarray:
    """Return (time, side, price, size) of every fill."""
    state = runtime.replay.state
    rows = state.tables["fills"][: int(state.context["n_fills"][0])]
    return np.column_stack([rows[name] for name in ("ts", "side", "price", "size")])


def _whole(runtime: EngineRuntime) -> None:
    runtime.start(int(runtime.replay.tape.columns["ts"][0]))
    runtime.run()
    runtime.stop()
