"""Versions of contracts: what a recording or a venue's dated rules change during their life."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from ntp.engine import records as r
from ntp.engine.tape.terms import Terms
from ntp.markets import changed, order_rules
from ntp.markets.instrument import Instrument, InstrumentKind

Change = tuple[int, int, Mapping[str, Any] | Instrument | None]
"""Time at the venue, time known, and what changes: attributes, everything, or only what the date does."""


@dataclass(slots=True)
class Versions:
    """What holds of each contract, and from when.

    Attributes
    ----------
    instruments : list of Instrument
        The version that rows of kind CHANGE point at.
    records : ndarray
        Their terms, ``records.VERSION``.
    rows : list of tuple
        ``(ts, seen, contract, version)``.
    last : dict of int to Instrument
        Last version of the contracts that change.
    closes : dict of int to int or None
        When the contracts that change close: the close time that is in force when it comes.
    """

    instruments: list[Instrument] = field(default_factory=list)
    records: npt.NDArray[Any] = field(default_factory=lambda: np.zeros(0, r.VERSION))
    rows: list[tuple[int, int, int, int]] = field(default_factory=list)
    last: dict[int, Instrument] = field(default_factory=dict)
    closes: dict[int, int | None] = field(default_factory=dict)

    @property
    def late(self) -> bool:
        """Whether any is seen after it holds."""
        return any(seen != ts for ts, seen, _, _ in self.rows)

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Rows of kind CHANGE in the kernel's columns."""
        ts, seen, contract, version = np.array(self.rows, dtype=np.int64).reshape(-1, 4).T
        return {
            "ts": ts, "seen": seen, "meta": np.full(len(ts), r.CHANGE + r.META_GROUP_END, np.int16),
            "contract": contract.astype(np.int32), "price": np.zeros(len(ts), np.int32), "size": version,
            "rank": np.full(len(ts), 4, np.int8), "sequence": np.full(len(ts), -1, np.int64),
        }  # fmt: skip


def changes_of(
    frame: pl.DataFrame | None, instruments: Sequence[Instrument], numbers: Mapping[str, int],
    chosen: Mapping[int, Instrument],
) -> dict[int, list[Change]]:
    """Collect what a source tells of changes, by number of the contract.

    Parameters
    ----------
    frame : DataFrame or None
        Lifecycle rows.
    instruments : sequence of Instrument
        Instruments of the source; a later record of a contract is a change when it became known.
    numbers : mapping
        Symbol to number.
    chosen : mapping
        Number to the first version.
    """
    found: dict[int, list[Change]] = {}
    if frame is not None:
        told = frame.filter(pl.col("state") == "attributes").select("symbol", "ts_event", "ts_recv", "payload")
        for symbol, ts, recv, payload in told.iter_rows():
            if symbol in numbers:
                found.setdefault(numbers[symbol], []).append((ts, max(ts, recv or 0), json.loads(payload or "{}")))
    for instrument in instruments:
        number = numbers.get(instrument.symbol)
        first = chosen[number].known_at if number is not None else None
        if number is None or first is None or instrument.known_at is None or instrument.known_at <= first:
            continue
        if instrument.id == chosen[number].id:
            found.setdefault(number, []).append((instrument.known_at, instrument.known_at, instrument))
    return found


def begin_with(instrument: Instrument, changes: list[Change], begins: int) -> tuple[Instrument, list[Change]]:
    """Fold what changed before the recording begins into the first version; return what is left."""
    changes.sort(key=lambda change: change[:2])
    place = 0
    while place < len(changes) and changes[place][0] <= begins:
        instrument = _after(instrument, changes[place][2])
        place += 1
    return instrument, changes[place:]


def _after(instrument: Instrument, change: Mapping[str, Any] | Instrument | None) -> Instrument:
    if isinstance(change, Instrument):
        return change
    return instrument if change is None else changed(instrument, change)


def add_versions(
    versions: Versions, number: int, instrument: Instrument, changes: Sequence[Change], terms: Terms, *,
    moment: int, last: int, latency: int,
) -> None:
    """Add the versions of one contract after its first.

    Parameters
    ----------
    versions : Versions
        Receives them.
    number : int
        Number of the contract.
    instrument : Instrument
        Its first version.
    changes : sequence
        What is told of it, by time.
    terms : Terms
        Makes records.
    moment : int
        From when the first version holds.
    last : int
        Time of the last row that was recorded: what only a date changes after it does not matter.
    latency : int
        Feed latency of its source.
    """
    if instrument.kind is InstrumentKind.REFERENCE:
        return
    dated = [step.from_ns for step in order_rules(instrument) if moment < step.from_ns <= last]
    end = instrument.close_time
    listed = [*changes, *((ts, ts, None) for ts in dated if end is None or ts < end)]
    if not listed:
        return
    listed.sort(key=lambda change: change[:2])
    made = []
    close = instrument.close_time
    closed = False
    for ts, seen, change in listed:
        instrument = _after(instrument, change)
        record = np.zeros(1, r.VERSION)[0]
        record["contract"] = number
        for name in ("open_time", "close_time"):
            value = getattr(instrument, name)
            record[name] = r.NONE if value is None else value
        terms.fill(record, instrument, ts)
        versions.rows.append((ts, seen + latency, number, len(versions.instruments)))
        versions.instruments.append(instrument)
        made.append(record)
        closed = closed or (close is not None and close <= ts)
        if not closed:
            close = None if instrument.close_time is None else max(instrument.close_time, ts)
    versions.last[number], versions.closes[number] = instrument, close
    versions.records = np.concatenate([versions.records, np.array(made, dtype=r.VERSION)])
