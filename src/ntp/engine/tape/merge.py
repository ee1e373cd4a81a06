"""Merging: rows of several kinds and sources in the order of the venue, and when each is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ntp.engine.records import NONE

Arrays = Mapping[str, npt.NDArray[Any]]


def merged(parts: Sequence[Arrays], names: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """Join rows by time, contract, sequence and rank; what ties keeps the order of the parts."""
    parts = sorted(parts, key=lambda part: int(part["rank"][0]) if len(part["rank"]) else 0)  # seldom wrong then
    ts, contract, sequence, rank = (_joined(parts, name) for name in ("ts", "contract", "sequence", "rank"))
    order = _order(ts, contract, sequence, rank)
    joined = {"ts": ts, "contract": contract}
    columns = {name: joined[name] if name in joined else _joined(parts, name) for name in names}
    if order is not None:
        columns = {name: column[order] for name, column in columns.items()}
    return {name: np.ascontiguousarray(column) for name, column in columns.items()}


def _joined(parts: Sequence[Arrays], name: str) -> npt.NDArray[Any]:
    columns = [part[name] if name in part else np.full(len(part["ts"]), NONE) for part in parts]
    return columns[0] if len(columns) == 1 else np.concatenate(columns)


def _order(
    ts: npt.NDArray[Any], contract: npt.NDArray[Any], sequence: npt.NDArray[Any], rank: npt.NDArray[Any]
) -> npt.NDArray[np.int64] | None:
    """Order of the rows, None where they have it: few rows share a time, so only those are sorted in full."""
    order = None
    if (ts[1:] < ts[:-1]).any():
        order = np.argsort(ts, kind="stable")
        ts, contract, sequence, rank = ts[order], contract[order], sequence[order], rank[order]
    tied = np.flatnonzero(ts[1:] == ts[:-1])
    following = tied + 1
    wrong = rank[following] < rank[tied]
    for column in (sequence, contract):
        before, after = column[tied], column[following]
        wrong = (after < before) | ((after == before) & wrong)
    if not wrong.any():
        return order
    among = np.zeros(len(ts), np.bool_)
    among[tied] = among[following] = True
    rows = np.flatnonzero(among)
    fixed = rows[np.lexsort((rank[rows], sequence[rows], contract[rows], ts[rows]))]
    if order is None:
        order = np.arange(len(ts))
    order[rows] = order[fixed]
    return order


class Arrivals:
    """When the rows of one kind of one source are seen, over all pieces of a recording.

    Parameters
    ----------
    contracts : int
        How many contracts there are.
    latency : int
        Nanoseconds from the recorder to the strategy.
    in_sequence : bool
        No row is seen before an earlier one of its contract: clients apply book rows in sequence.
    """

    def __init__(self, contracts: int, latency: int, *, in_sequence: bool) -> None:
        self._latency = latency
        self._newest = np.full(contracts, np.iinfo(np.int64).min) if in_sequence else None

    def seen(self, part: Arrays) -> npt.NDArray[np.int64]:
        """Time at which each row of the next piece is seen."""
        seen = np.maximum(part["ts"], part["recv"])
        if self._newest is not None:
            self._later_of_earlier(seen, part["contract"], self._newest)
        return seen + self._latency

    def _later_of_earlier(
        self, seen: npt.NDArray[np.int64], contract: npt.NDArray[np.int32], newest: npt.NDArray[np.int64]
    ) -> None:
        if len(seen) and seen[0] >= newest.max() and (seen[1:] >= seen[:-1]).all():
            newest[contract] = seen  # of several rows of a contract the last counts
            return
        order = np.argsort(contract, kind="stable")
        numbers = contract[order]
        starts = np.flatnonzero(np.r_[True, numbers[1:] != numbers[:-1]])
        for start, end in zip(starts, np.r_[starts[1:], len(numbers)], strict=True):
            rows, number = order[start:end], numbers[start]
            seen[rows[0]] = max(seen[rows[0]], newest[number])
            seen[rows] = np.maximum.accumulate(seen[rows])
            newest[number] = seen[rows[-1]]


__all__ = ["Arrays", "Arrivals", "merged"]
