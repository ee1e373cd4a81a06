"""Which rows of a tape a played strategy may pass over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ntp.engine import records as r
from ntp.engine.memory import address_of
from ntp.strategy.columns.recording import Recording

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Skips:
    """Rows and wakes of a tape of the candles of one contract.

    Attributes
    ----------
    stops : ndarray
        For each row the first at or after it that must be replayed whatever is wanted: one that is no candle, or
        the last.
    wakes_before : ndarray
        Wakes that rows before each row make.
    tape_rows : ndarray
        For each wake the row that makes it.
    lows, highs : ndarray
        For each row a price above which no bid and one below which no offer is reached by it.
    bid_marks, ask_marks : ndarray
        At each sample of equity the price that a long and a short holding could leave at.
    first : int
        Time of the first sample.
    """

    stops: Rows
    wakes_before: Rows
    tape_rows: Rows
    lows: Rows
    highs: Rows
    bid_marks: Rows
    ask_marks: Rows
    first: int

    @cached_property
    def addresses(self) -> dict[str, int]:
        """Where the arrays are that the kernel reads."""
        names = ("stops", "wakes_before", "lows", "highs", "bid_marks", "ask_marks")
        return {name: address_of(getattr(self, name)) for name in names}


def skips_of(
    columns: Mapping[str, npt.NDArray[Any]], candles: npt.NDArray[Any], contracts: npt.NDArray[Any],
    recording: Recording, feed_latency: int, first: int, every: int,
) -> Skips | None:
    """Find what may be passed over; None where it cannot be proved that nothing happens there.

    Only candles of a single contract qualify: each closes at a price, none shows a crossed quote, each makes one
    wake, and they come in order with no other row at their instant.

    Parameters
    ----------
    columns, candles
        The whole tape.
    contracts : ndarray
        Its contract records.
    recording : Recording
        The wakes on it.
    feed_latency : int
        Nanoseconds from a row to its wake.
    first, every : int
        Time of the first sample of equity, and nanoseconds between two.
    """
    ts, kinds = columns["ts"], columns["meta"] & 15
    if len(contracts) != 1 or contracts["fidelity"][0] != r.FID_CANDLES or "seen" in columns or len(ts) < 2:
        return None
    rows = np.flatnonzero(kinds == r.CANDLE)
    numbers = columns["size"][rows]
    names = ("low", "high", "close", "bid_close", "ask_close")
    drawn = {name: candles[name][numbers] for name in names}  # whole records would be several times as much
    crossed = (drawn["bid_close"] >= 0) & (drawn["ask_close"] >= 0) & (drawn["bid_close"] >= drawn["ask_close"])
    if crossed.any() or (drawn["close"] == r.NONE).any() or (ts[1:] <= ts[:-1]).any():
        return None
    if len(recording) != len(rows) or not np.array_equal(recording.column("ts"), ts[rows] + feed_latency):
        return None
    others = np.append(np.flatnonzero(kinds[:-1] != r.CANDLE), len(ts) - 1)
    stops = np.repeat(others, np.diff(others, prepend=-1))
    before = np.concatenate([[0], np.cumsum(kinds == r.CANDLE)[:-1]])
    lows, highs = np.full(len(ts), r.NONE, np.int64), np.full(len(ts), r.FAR, np.int64)
    asked, bidden = drawn["ask_close"], drawn["bid_close"]
    lows[rows] = np.minimum(drawn["low"], np.where(asked >= 0, asked, r.FAR))
    highs[rows] = np.maximum(drawn["high"], bidden)
    # what a sample sees is what rows up to its moment left; before the first row there is nothing to mark
    times = np.arange(first, int(ts[-1]) + 1, every)
    shown = np.maximum(np.searchsorted(ts[rows], times, "right") - 1, 0)
    long, short = (np.where(side >= 0, side, drawn["close"])[shown].astype(np.int64) for side in (bidden, asked))
    return Skips(
        stops.astype(np.int64), before.astype(np.int64), rows.astype(np.int64), lows, highs, long, short, first
    )


__all__ = ["Skips", "skips_of"]
