"""Stitching: one replay made of replays that traded different events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import polars as pl

from ntp.backtest.results import EQUITY, ModeOutput

_SUMMED: Final = ("cash", "reserved", "positions")
_ADDED: Final = ("fees", "rebates", "pnl")


def stitch(outputs: Sequence[ModeOutput], capital: int) -> ModeOutput:
    """Put replays together that began with the same capital and traded different events.

    Parameters
    ----------
    outputs : sequence of ModeOutput
        In order of time; they may overlap.
    capital : int
        What each began with, in 0.000001 of its currency.

    Returns
    -------
    ModeOutput
        Gains add up: the capital of each replay is the same money, so where they overlap it is used twice.
    """
    shifted = list(_numbered(outputs))
    return ModeOutput(
        fills=_joined([each.fills for each in shifted]), orders=_joined([each.orders for each in shifted]),
        settlements=_joined([each.settlements for each in shifted]), equity=_equity(outputs, capital),
        counters=_counters([each.counters for each in outputs]), accounts=_accounts(outputs),
        open_positions=[row for each in outputs for row in each.open_positions],
        records=_optional([each.records for each in outputs]), signals=_optional([each.signals for each in outputs]),
    )  # fmt: skip


def _numbered(outputs: Sequence[ModeOutput]) -> list[ModeOutput]:
    """Give each order a number of its own."""
    found, before = [], 0
    for each in outputs:
        moved = pl.col("order_id") + before
        found.append(ModeOutput(
            each.fills.with_columns(moved), each.orders.with_columns(moved), each.settlements, each.equity
        ))
        numbers = [frame["order_id"].max() for frame in (each.fills, each.orders) if len(frame)]
        before += max((int(number) for number in numbers if isinstance(number, int)), default=0) + 1
    return found


def _joined(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames, how="diagonal").sort("ts", maintain_order=True)


def _optional(frames: Sequence[pl.DataFrame | None]) -> pl.DataFrame | None:
    present = [frame for frame in frames if frame is not None and len(frame)]
    return _joined(present) if present else None


def _equity(outputs: Sequence[ModeOutput], capital: int) -> pl.DataFrame:
    """Sum of what each curve gained since its beginning, at every instant at which one changes."""
    opening = {"equity": capital, "equity_gross": capital, "cash": capital, "locked": 0}
    instants = np.unique(np.concatenate([each.equity["ts"].to_numpy() for each in outputs]))
    columns: dict[str, Any] = {"ts": instants}
    for name, start in opening.items():
        total = np.full(len(instants), start, dtype=np.int64)
        for each in outputs:
            values = np.concatenate(([start], each.equity[name].to_numpy())).astype(np.int64)
            total += values[np.searchsorted(each.equity["ts"].to_numpy(), instants, side="right")] - start
        columns[name] = total
    return pl.DataFrame(columns, schema=EQUITY)


def _accounts(outputs: Sequence[ModeOutput]) -> list[dict[str, Any]]:
    """One row per account: what it began with once, and all gains."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for each in outputs:
        for row in each.accounts:
            key = (row["venue"], row["subaccount"], row["shard"], row["currency"])
            if key not in found:
                found[key] = dict(row)
                continue
            known = found[key]
            for name in (*_SUMMED, *_ADDED):
                known[name] += row[name]
            known["cash"] -= row["start"]
    return list(found.values())


def _counters(counters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Add counts, by name where they have names, and keep all stamps once."""
    found: dict[str, Any] = {}
    for each in counters:
        for name, value in each.items():
            known = found.get(name)
            if known is None:
                found[name] = dict(value) if isinstance(value, Mapping) else value
            elif name == "stamps":
                found[name] = list(dict.fromkeys([*known, *value]))
            elif isinstance(value, Mapping):
                found[name] = {key: known.get(key, 0) + value.get(key, 0) for key in {**known, **value}}
            elif isinstance(value, list | tuple):
                found[name] = [one + other for one, other in zip(known, value, strict=True)]
            else:
                found[name] = known + value
    return found
