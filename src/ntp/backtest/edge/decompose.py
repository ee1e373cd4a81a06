"""The edge of each order and what it goes into, by what held when it was sent."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from ntp.engine import records as r
from ntp.engine.replay import Replay
from ntp.pricing.edge import EdgeCosts, EdgeParts, edge_columns, fees_per_contract

Ints = npt.NDArray[np.int64]
PARTS: Final = tuple(part.name for part in fields(EdgeParts))
EDGE: Final = tuple(f"edge_{name}_cents" for name in PARTS)
"""Columns of the decomposition, in cents per contract; null where no fair value was stated."""
_CENTS: Final = 100.0
_DIGITS: Final = 6


def with_edges(orders: pl.DataFrame, replay: Replay, costs: EdgeCosts) -> pl.DataFrame:
    """Add the decomposition of the edge to raw orders.

    Parameters
    ----------
    orders : polars.DataFrame
        With `n` (number of the contract), `ts`, `side`, `price`, `size`, `fair`, `fair_sd` and `resting` (whether it
        can only rest).
    replay : Replay
        Its market: fees, close times and their changes.
    costs : EdgeCosts
        What an edge has to pay for.
    """
    stated = orders["fair"].is_not_null().to_numpy()
    chosen = np.flatnonzero(stated & (replay.state.contracts["asset"][orders["n"].to_numpy()] == 0))
    columns = np.full((len(EDGE), len(orders)), np.nan)
    if len(chosen):
        parts = _parts(orders[chosen], replay, costs)
        for row, name in enumerate(PARTS):
            columns[row, chosen] = np.round(getattr(parts, name) * _CENTS, _DIGITS)
    found = [pl.Series(name, column) for name, column in zip(EDGE, columns, strict=True)]
    return orders.with_columns(each.fill_nan(None) for each in found)


def _parts(orders: pl.DataFrame, replay: Replay, costs: EdgeCosts) -> EdgeParts[npt.NDArray[np.float64]]:
    contract, sent = orders["n"].to_numpy(), orders["ts"].to_numpy()
    side, resting = orders["side"].to_numpy().astype(np.int64), orders["resting"].to_numpy()
    price = orders["price"].to_numpy() / replay.state.contracts["price_unit"][contract]
    first, last, close = _terms(replay, contract, sent)
    step = replay.state.steps[_step_at(replay.state.steps, first, last, sent)]
    fee = fees_per_contract(
        step["model"], np.where(resting, step["maker_rate"], step["taker_rate"]), step["exponent"],
        step["rounding"], step["precision"], resting, side, price, orders["size"].to_numpy() / 1e6,
        costs.smallest_fill,
    )
    return edge_columns(
        side, orders["fair"].to_numpy(), price, fee, maker=resting, costs=costs,
        fair_sd=orders["fair_sd"].cast(pl.Float64).fill_null(np.nan).to_numpy(),
        seconds=np.where(close == r.NONE, np.nan, (close - sent) / 1e9),
    )  # fmt: skip


def _terms(replay: Replay, contract: Ints, sent: Ints) -> tuple[Ints, Ints, Ints]:
    """First and last fee step and close time of contracts as a strategy knew them at a moment."""
    begun = replay.tape.contracts
    found = [begun[name][contract].copy() for name in ("step_first", "step_last", "close_time")]
    traded = set(contract.tolist())
    for _, seen, number, place in replay.tape.versions.rows:
        if number not in traded:
            continue
        later = np.flatnonzero((contract == number) & (sent >= seen))
        for values, name in zip(found, ("step_first", "step_last", "close_time"), strict=True):
            values[later] = replay.tape.versions.records[place][name]
    return found[0], found[1], found[2]


def _step_at(steps: npt.NDArray[Any], first: Ints, last: Ints, sent: Ints) -> Ints:
    """Place of the fee step in force at a moment, of those from `first` to before `last`."""
    found = first.copy()
    for ahead in range(1, int((last - first).max(initial=0))):
        place = np.minimum(first + ahead, last - 1)
        found = np.where((first + ahead < last) & (steps["from_ns"][place] <= sent), place, found)
    return found


__all__ = ["EDGE", "PARTS", "with_edges"]
