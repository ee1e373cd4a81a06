"""A simulated recording: the columns of a real one, and the truth behind them."""

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ntp.core import canonical_json, sha256_json
from ntp.data.frames import frame_hash, ordered
from ntp.data.schema import (
    BOOK_CLEAR,
    BOOK_DELTA,
    BOOK_SET,
    FLAG_GROUP_END,
    FLAG_SNAPSHOT,
    OPTIONAL,
    SCHEMAS,
    Kind,
)
from ntp.data.simulator import book as b
from ntp.data.simulator import venue_tape as v
from ntp.data.simulator.config import SimulatorConfig
from ntp.data.simulator.contracts import UNDERLYING
from ntp.data.simulator.path import SpotPath
from ntp.markets.instrument import Instrument

Ints = NDArray[np.int64]
_TRUTH_REASONS = {b.PLACE: "place", v.HIDDEN: "place", b.CANCEL: "cancel", b.FILL: "fill"}


@dataclass(frozen=True, slots=True)
class SimulatedRecording:
    """What :func:`simulate` gives.

    Attributes
    ----------
    frames : dict of Kind to DataFrame
        Book, trade, index, lifecycle and settlement rows in the columns of every recording, each
        sorted by (``ts_event``, ``sequence``).
    instruments : list of Instrument
        The contracts of all venues and the index.
    truth : dict of str to DataFrame
        What no recording knows. ``fair``: ``ts``, ``symbol``, ``venue``, ``fair``. ``orders``:
        every change of every resting order. ``probes``, ``probe_log``: see
        :func:`ntp.data.simulator.probes.probe_frames`.
    meta : dict
        JSON values: the configuration and the number of rows.
    """

    frames: dict[Kind, pl.DataFrame]
    instruments: list[Instrument]
    truth: dict[str, pl.DataFrame]
    meta: dict[str, Any] = field(default_factory=dict)

    def content_hash(self) -> str:
        """Digest of all rows and instruments; equal configurations give equal digests."""
        frames = {kind.value: frame_hash(frame) for kind, frame in self.frames.items()}
        truth = {name: frame_hash(frame) for name, frame in self.truth.items()}
        names = [canonical_json([i.id, i.strike_low, i.strike_high, i.attributes]) for i in self.instruments]
        return sha256_json({"frames": frames, "truth": truth, "instruments": names})


def recorded_frames(
    tapes: list[v.VenueTape], path: SpotPath, config: SimulatorConfig
) -> dict[Kind, pl.DataFrame]:
    """Make the frames of all venues and the index."""
    makers = {
        Kind.BOOK: _book_frame,
        Kind.TRADE: _trade_frame,
        Kind.LIFECYCLE: _lifecycle_frame,
        Kind.SETTLEMENT: _settlement_frame,
    }
    frames = {kind: ordered(pl.concat([make(tape) for tape in tapes])) for kind, make in makers.items()}
    if not config.order_ids:
        frames[Kind.BOOK] = frames[Kind.BOOK].drop("order_id")
    return frames | {Kind.INDEX: _index_frame(path, config)}


def truth_frames(tapes: list[v.VenueTape], config: SimulatorConfig) -> dict[str, pl.DataFrame]:
    """Tell the true probabilities at each index time, and every change of every order."""
    every = config.interval_ns // config.step_ns
    fairs, orders = [], []
    for tape in tapes:
        points = [claim.fair[::every] for claim in tape.claims]
        times = [
            claim.open_time + np.arange(len(p), dtype=np.int64) * config.interval_ns
            for claim, p in zip(tape.claims, points, strict=True)
        ]
        contract = np.repeat(np.arange(len(points)), [len(p) for p in points])
        fairs.append(pl.DataFrame({
            "ts": np.concatenate(times),
            "symbol": _names(tape, contract),
            "venue": pl.repeat(tape.instruments[0].venue, len(contract), eager=True),
            "fair": np.concatenate(points),
        }))
        orders.append(_orders_frame(tape))
    return {
        "fair": pl.concat(fairs).sort("ts", maintain_order=True),
        "orders": ordered(pl.concat(orders)),
    }


def _names(tape: v.VenueTape, contract: Ints) -> pl.Series:
    return pl.Series("symbol", [i.symbol for i in tape.instruments], pl.String).gather(contract)


def _header(tape: v.VenueTape, chosen: NDArray[np.bool_]) -> dict[str, Any]:
    rows = tape.rows[chosen]
    flags = rows[:, b.END] * FLAG_GROUP_END
    image = np.isin(rows[:, b.WHAT], (v.SET, v.SHOWN, v.CLEAR))
    return {
        "ts_event": rows[:, b.TS],
        "ts_recv": tape.received[chosen],
        "symbol": _names(tape, tape.contract[chosen]),
        "sequence": tape.sequence[chosen],
        "flags": np.where(image, flags | FLAG_SNAPSHOT, flags).astype(np.uint8),
    }


def _book_frame(tape: v.VenueTape) -> pl.DataFrame:
    chosen = np.isin(tape.rows[:, b.WHAT], (b.PLACE, b.CANCEL, b.FILL, v.SET, v.SHOWN, v.CLEAR))
    rows = tape.rows[chosen]
    action = np.full(len(rows), BOOK_DELTA, np.uint8)
    action[rows[:, b.WHAT] == v.SET] = BOOK_SET
    action[rows[:, b.WHAT] == v.CLEAR] = BOOK_CLEAR
    columns = _header(tape, chosen) | {
        "side": rows[:, b.ROW_SIDE].astype(np.int8),
        "action": action,
        "price": rows[:, b.ROW_LEVEL].astype(np.int32),
        "size": rows[:, b.SIZE],
        "order_id": rows[:, b.ORDER],
    }
    frame = pl.DataFrame(columns, schema=SCHEMAS[Kind.BOOK] | OPTIONAL[Kind.BOOK])
    return frame.with_columns(order_id=pl.when(pl.col("order_id") >= 0).then("order_id"))


def _trade_frame(tape: v.VenueTape) -> pl.DataFrame:
    chosen = tape.rows[:, b.WHAT] == b.PRINT
    rows = tape.rows[chosen]
    columns = _header(tape, chosen) | {
        "price": rows[:, b.ROW_LEVEL].astype(np.int32),
        "size": rows[:, b.SIZE],
        "taker": rows[:, b.ROW_SIDE].astype(np.int8),
    }
    return pl.DataFrame(columns, schema=SCHEMAS[Kind.TRADE])


def _lifecycle_frame(tape: v.VenueTape) -> pl.DataFrame:
    chosen = np.isin(tape.rows[:, b.WHAT], list(v.LIFECYCLE_STATES))
    states = [v.LIFECYCLE_STATES[int(what)] for what in tape.rows[chosen, b.WHAT]]
    contracts = tape.contract[chosen].tolist()
    payloads = [_payload(tape, contract, state) for contract, state in zip(contracts, states, strict=True)]
    columns = _header(tape, chosen) | {"state": states, "payload": payloads}
    return pl.DataFrame(columns, schema=SCHEMAS[Kind.LIFECYCLE])


def _payload(tape: v.VenueTape, contract: int, state: str) -> str:
    if state in ("open", "closed"):
        return "{}"
    claim = tape.claims[contract]
    return json.dumps({"observed": f"{claim.value / 100:.2f}", "result": "yes" if claim.pays else "no"})


def _settlement_frame(tape: v.VenueTape) -> pl.DataFrame:
    chosen = np.isin(tape.rows[:, b.WHAT], list(v.SETTLEMENT_STATES))
    rows = tape.rows[chosen]
    columns = _header(tape, chosen) | {
        "value": rows[:, b.SIZE],
        "state": [v.SETTLEMENT_STATES[int(what)] for what in rows[:, b.WHAT]],
    }
    return pl.DataFrame(columns, schema=SCHEMAS[Kind.SETTLEMENT])


def _index_frame(path: SpotPath, config: SimulatorConfig) -> pl.DataFrame:
    count = len(path.published)
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([config.seed, 4])))
    delay = 30_000_000 + random.exponential(8_000_000, count).astype(np.int64) // 1_000 * 1_000
    times = path.published_at
    columns = {
        "ts_event": times,
        "ts_recv": np.maximum.accumulate(times + delay),
        "symbol": pl.repeat(UNDERLYING, count, eager=True),
        "sequence": np.arange(1, count + 1),
        "flags": np.full(count, FLAG_GROUP_END, np.uint8),
        "value": path.published / 100.0,
    }
    return pl.DataFrame(columns, schema=SCHEMAS[Kind.INDEX])


def _orders_frame(tape: v.VenueTape) -> pl.DataFrame:
    chosen = np.isin(tape.rows[:, b.WHAT], list(_TRUTH_REASONS))
    rows = tape.rows[chosen]
    what = rows[:, b.WHAT]
    reason = np.where(what == b.FILL, 2, np.where(what == b.CANCEL, 1, 0))
    return pl.DataFrame({
        "ts_event": rows[:, b.TS],
        "symbol": _names(tape, tape.contract[chosen]),
        "sequence": pl.Series(tape.sequence[chosen]).set(pl.Series(what == v.HIDDEN), None),
        "order": rows[:, b.ORDER],
        "side": rows[:, b.ROW_SIDE].astype(np.int8),
        "price": rows[:, b.ROW_LEVEL].astype(np.int32),
        "size": rows[:, b.SIZE],
        "reason": pl.Series(["place", "cancel", "fill"]).gather(reason),
    })
