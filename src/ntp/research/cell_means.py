"""Means of many observations by cell under four weightings, with errors clustered by event.

Observations of one event are not independent: they share its outcome. A mean is therefore taken as a
ratio of sums over events, and its standard error from what the events add to it (the linearised
variance of a ratio over clusters; Cameron and Miller 2015, equation 11, with the factor G / (G - 1)).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WEIGHTINGS: Final = ("trade", "quantity", "contract", "event")
"""What counts the same: every observation, every unit of quantity, every contract, every event."""

TAKER: Final = 0
MAKER: Final = 1
YES: Final = 2
ROLES: Final = ("taker", "maker", "yes")
"""Whose position an observation is: the taker's, the maker's, or simply that of a holder of YES."""

_N, _GAIN, _PRICE, _WON, _NN, _NG, _GG = range(7)
_TRADES, _CONTRACTS, _EVENTS = range(3)
_UNIT: Final = 1e-4
_MILLIONTH: Final = 1e-6


@dataclass(frozen=True, eq=False)
class CellMeans:
    """Means by cell and weighting; arrays are (cells, weightings) unless said.

    Attributes
    ----------
    price, won, excess : ndarray of float64
        Mean price paid in dollars, mean value at settlement, and their difference; NaN in empty cells.
    error : ndarray of float64
        Standard error of `excess` clustered by event; NaN with fewer than two events.
    trades, contracts, events : ndarray of int64, (cells,)
        What the means rest on.
    quantity, pnl : ndarray of float64, (cells,)
        Contracts traded, and dollars won by them before fees.
    """

    price: Floats
    won: Floats
    excess: Floats
    error: Floats
    trades: NDArray[np.int64]
    contracts: NDArray[np.int64]
    events: NDArray[np.int64]
    quantity: Floats
    pnl: Floats


@dataclass(frozen=True, eq=False)
class Observations:
    """Trades sorted by contract; contracts are numbered so that those of an event stand together.

    Attributes
    ----------
    contract : ndarray of int32, (n,)
        Number of the contract, not decreasing.
    price : ndarray of int16, (n,)
        Price of YES in 0.0001 dollar.
    taker : ndarray of int8, (n,)
        +1 the taker bought YES, -1 sold it, 0 unknown: then neither role counts it.
    size : ndarray of int64, (n,)
        In 0.000001 contract.
    value : ndarray of float64, (contracts,)
        Dollars that YES paid.
    event : ndarray of int32, (contracts,)
        Number of the event, not decreasing.
    """

    contract: NDArray[np.int32]
    price: NDArray[np.int16]
    taker: NDArray[np.int8]
    size: NDArray[np.int64]
    value: Floats
    event: NDArray[np.int32]


def cell_means(
    seen: Observations, codes: NDArray[np.uint16], role: int, edges: Sequence[int] = (), cells: int = 1
) -> CellMeans:
    """Take the means of every cell.

    Parameters
    ----------
    seen : Observations
        What is averaged.
    codes : ndarray of uint16, (n,)
        A number below `cells` for each trade.
    role : int
        :data:`TAKER`, :data:`MAKER` or :data:`YES`.
    edges : sequence of int
        Where they are given, each cell is split by the position's price at these upper bounds, in 0.0001
        dollar, ascending, the last at least 10,000; a price belongs to the first bound that it does not
        exceed. Cell and part are numbered ``code * len(edges) + part``.
    cells : int
        How many codes there are.

    Returns
    -------
    CellMeans
        ``cells * max(1, len(edges))`` rows.
    """
    parts = np.searchsorted(np.asarray(edges or (10_000,)), np.arange(10_001)).astype(np.int32)
    width = max(1, len(edges))
    sums = np.zeros((cells * width, len(WEIGHTINGS), 7))
    counts = np.zeros((cells * width, 3), np.int64)
    _add_up(seen.contract, seen.price, seen.taker, seen.size, seen.value, seen.event, codes, role, parts, width, sums,
            counts)  # fmt: skip
    return _means(sums, counts)


def _means(sums: Floats, counts: NDArray[np.int64]) -> CellMeans:
    weight = sums[:, :, _N]
    events = counts[:, _EVENTS].astype(np.float64)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = sums[:, :, _GAIN] / weight
        spread = sums[:, :, _GG] - 2 * excess * sums[:, :, _NG] + excess**2 * sums[:, :, _NN]
        # a sum of squares that cancelled to a little below nothing
        error = np.sqrt(np.maximum(spread, 0.0) * events / (events - 1)) / weight
        error = np.where(events > 1, error, np.nan)
        price, won = sums[:, :, _PRICE] / weight, sums[:, :, _WON] / weight
    return CellMeans(
        price=price, won=won, excess=excess, error=error, trades=counts[:, _TRADES],
        contracts=counts[:, _CONTRACTS], events=counts[:, _EVENTS], quantity=sums[:, 1, _N], pnl=sums[:, 1, _GAIN],
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _add_up(contract, price, taker, size, value, event, codes, role, parts, width, sums, counts):  # type: ignore[no-untyped-def]
    cells = len(sums)
    # what the contract, then the event, adds to a cell: observations, quantity, and gains, prices, values of both
    of_contract = np.zeros((cells, 8))
    of_event = np.zeros((cells, 12))
    met_contract, met_event = np.empty(cells, np.int64), np.empty(cells, np.int64)
    many_contract = many_event = 0
    total = len(contract)
    for row in range(total):
        number = contract[row]
        side = 1 if role == 2 else taker[row] if role == 0 else -taker[row]
        if side != 0:
            units = price[row] if side > 0 else 10_000 - price[row]
            paid = units * _UNIT
            won = value[number] if side > 0 else 1.0 - value[number]
            quantity = size[row] * _MILLIONTH
            cell = codes[row] * width + parts[units]
            at = of_contract[cell]
            if at[0] == 0.0:
                met_contract[many_contract] = cell
                many_contract += 1
            at[0] += 1.0
            at[1] += quantity
            at[2] += won - paid
            at[3] += paid
            at[4] += won
            at[5] += quantity * (won - paid)
            at[6] += quantity * paid
            at[7] += quantity * won
        last = row + 1 == total
        if last or contract[row + 1] != number:
            many_event = _close_contract(
                of_contract, met_contract, many_contract, of_event, met_event, many_event, counts
            )
            many_contract = 0
            if last or event[contract[row + 1]] != event[number]:
                _close_event(of_event, met_event, many_event, sums, counts)
                many_event = 0


@njit(cache=True, nogil=True)
def _close_contract(of_contract, met_contract, many, of_event, met_event, many_event, counts):  # type: ignore[no-untyped-def]
    for index in range(many):
        cell = met_contract[index]
        at, to = of_contract[cell], of_event[cell]
        if to[0] == 0.0:
            met_event[many_event] = cell
            many_event += 1
        for k in range(8):
            to[k] += at[k]
        to[8] += 1.0
        for k in range(3):
            to[9 + k] += at[2 + k] / at[0]
        counts[cell, _CONTRACTS] += 1
        at[:] = 0.0
    return many_event


@njit(cache=True, nogil=True)
def _close_event(of_event, met_event, many, sums, counts):  # type: ignore[no-untyped-def]
    for index in range(many):
        cell = met_event[index]
        at = of_event[cell]
        counts[cell, _TRADES] += int(at[0])
        counts[cell, _EVENTS] += 1
        _add(sums[cell, 0], at[0], at[2], at[3], at[4])
        _add(sums[cell, 1], at[1], at[5], at[6], at[7])
        _add(sums[cell, 2], at[8], at[9], at[10], at[11])
        _add(sums[cell, 3], 1.0, at[2] / at[0], at[3] / at[0], at[4] / at[0])
        at[:] = 0.0


@njit(cache=True, nogil=True)
def _add(to, weight, gain, paid, won):  # type: ignore[no-untyped-def]
    to[_N] += weight
    to[_GAIN] += gain
    to[_PRICE] += paid
    to[_WON] += won
    to[_NN] += weight * weight
    to[_NG] += weight * gain
    to[_GG] += gain * gain
