"""Contracts of a tape: which are replayed, from which source, and the record that each begins with."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ntp.core import DataError
from ntp.data import Facts
from ntp.data.schema import Kind
from ntp.engine import records as r
from ntp.engine.tape.sources import TapeSource
from ntp.engine.tape.terms import NAMES, Terms
from ntp.markets.instrument import Instrument, InstrumentKind

FIDELITIES: Final = {r.FID_L2: "l2", r.FID_QUOTES: "quotes", r.FID_TRADES: "trades", r.FID_CANDLES: "candles"}
_RECORDED: Final = 1
_INFERRED: Final = 2
_TAPES: Final = {0: "none", _RECORDED: "recorded", _INFERRED: "inferred"}
_DOLLAR: Final = 10_000  # price units of a contract that pays for sure
_MARKET: Final = (Kind.BOOK, Kind.QUOTE, Kind.TRADE, Kind.CANDLE)
_OUTSIDE: Final = (Kind.INDEX, Kind.FORECAST, Kind.GAME, Kind.CUSTOM)
_SERVES: Final = {
    Kind.BOOK: (r.FID_L2,), Kind.QUOTE: (r.FID_QUOTES,), Kind.CANDLE: (r.FID_CANDLES,),
    Kind.TRADE: (r.FID_L2, r.FID_QUOTES, r.FID_TRADES),
}  # fmt: skip
_ABSENT: Final = (
    "bid", "ask", "view_bid", "view_ask", "woken_bid", "woken_ask", "last_price", "first_order", "last_order",
    "mark", "max_position", "value", "settled_ref", "underlying", "close_time", "open_time", "bar_close",
)  # fmt: skip


Found = Mapping[Kind, Mapping[str, Facts]]
"""Facts of a source by kind and symbol."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An instrument of the tape, the number of the source it is taken from, and its fidelity."""

    instrument: Instrument
    source: int
    fidelity: int

    def uses(self, kind: Kind) -> bool:
        """Whether its rows of a kind are replayed: of several fidelities only the best is."""
        return self.fidelity in _SERVES.get(kind, (self.fidelity,))


def choose(
    sources: Sequence[TapeSource], found: Sequence[Found], tradable: set[str] | None
) -> tuple[list[Chosen], list[str]]:
    """Choose the instruments in order of their ids; warnings tell where several sources have one."""
    best: dict[str, tuple[int, int, Instrument]] = {}
    warnings = []
    for place, source in enumerate(sources):
        kinds: dict[str, set[Kind]] = {}
        for kind, told in found[place].items():
            for symbol in told:
                kinds.setdefault(symbol, set()).add(kind)
        for instrument in source.instruments:
            have = kinds.get(instrument.symbol, set())
            if instrument.kind is InstrumentKind.CONTRACT and tradable is not None and instrument.id not in tradable:
                continue
            if not have & {*_MARKET, *_OUTSIDE}:
                continue
            fidelity = r.FID_NONE if instrument.kind is InstrumentKind.REFERENCE else _fidelity(have)
            if instrument.kind is InstrumentKind.ASSET and fidelity == r.FID_L2:
                fidelity = r.FID_TRADES if Kind.TRADE in have else r.FID_NONE
            known = best.get(instrument.id)
            if known is not None and known[1] == place:
                continue  # another part of the same data set tells of it too
            if known is not None:
                warnings.append(f"{instrument.id} is in several data sets: the best fidelity was taken")
                if (known[0] or 99) <= (fidelity or 99):
                    continue
            best[instrument.id] = (fidelity, place, instrument)
    ordered = sorted(best)
    return [Chosen(best[key][2], best[key][1], best[key][0]) for key in ordered], warnings


def contract_records(
    chosen: Sequence[Chosen], accounts: Sequence[str], terms: Terms, begins: int
) -> npt.NDArray[Any]:
    """Make the records that contracts begin with."""
    contracts = np.zeros(len(chosen), r.CONTRACT)
    for name in _ABSENT:
        contracts[name] = r.NONE
    contracts["fair"] = np.nan
    count, instruments = len(chosen), [one.instrument for one in chosen]
    contracts["fidelity"] = fidelity = np.fromiter((one.fidelity for one in chosen), np.int64, count)
    contracts["has_quotes"] = np.isin(fidelity, (r.FID_L2, r.FID_QUOTES))
    contracts["price_unit"] = np.fromiter((10**each.price_scale for each in instruments), np.int64, count)
    contracts["state"] = r.OPEN
    for name in ("open_time", "close_time"):
        times = (getattr(each, name) for each in instruments)
        contracts[name] = np.fromiter((r.NONE if at is None else at for at in times), np.int64, count)
    contracts["size_step"] = 1
    account = {venue: number for number, venue in enumerate(accounts)}
    traded = [number for number, each in enumerate(instruments) if each.kind is not InstrumentKind.REFERENCE]
    own = [instruments[number] for number in traded]
    contracts["account"][traded] = [account[each.venue] for each in own]
    numbers = [terms.number(each, max(each.open_time or 0, begins)) for each in own]
    records = terms.records()
    for name in NAMES if numbers else ():
        contracts[name][traded] = records[name][numbers]
    contracts["step_now"] = contracts["step_first"]
    return contracts


def choose_levels(
    contracts: npt.NDArray[Any], books: Mapping[int, Facts], versions: npt.NDArray[Any]
) -> None:
    """Choose the level unit of each l2 book: the finest that its prices and its grids need."""
    low, high = min([told.low for told in books.values()] + [0]), max([told.high for told in books.values()] + [0])
    if low < 0 or high > _DOLLAR:
        raise DataError(
            f"expected prices of book rows from 0 to {_DOLLAR}, was {low} to {high}", code="price_range",
        )  # a level's place in memory is its price: one outside would write over something else
    for number in np.flatnonzero(contracts["fidelity"] == r.FID_L2).tolist():
        row = contracts[number]
        unit = books[number].unit if number in books else 0
        for grid in (row, *versions[versions["contract"] == number]):
            for place in range(int(grid["band_count"])):
                unit = math.gcd(unit, int(grid[f"step{place}"]), int(grid[f"start{place}"]))
        unit = math.gcd(unit, _DOLLAR) or 100
        row["unit"], row["levels"] = unit, _DOLLAR // unit + 1
        row["inverse"] = -(-(2**32) // unit)


def mark_order_ids(contracts: npt.NDArray[Any], books: Mapping[int, Facts]) -> None:
    """Mark the contracts all of whose book rows name their order.

    Raises
    ------
    DataError
        If a row that names an order is not the change of a level.
    """
    if any(told.misnamed for told in books.values()):
        raise DataError(
            "expected rows with an order_id to be changes of a level, was a level's total", code="bad_order_id",
            hint="an image is a clear followed by one change for each order, first in the queue first",
        )
    for number, told in books.items():
        contracts["has_ids"][number] = told.named


def headline(
    contracts: npt.NDArray[Any], used: Sequence[tuple[int, Kind, Facts]], reference: Sequence[bool],
    warnings: list[str],
) -> tuple[str, str]:
    """Fidelity and tape that most market rows have; what other contracts have becomes a warning."""
    market, tapes = np.zeros((2, len(contracts)), np.int64)
    for number, kind, told in used:
        if kind in _MARKET:
            market[number] += told.rows * (2 if kind is Kind.QUOTE else 1)
        if kind is Kind.TRADE:
            tapes[number] = _INFERRED if told.inferred else _RECORDED
    contracts["has_tape"] = tapes > 0
    seen = (contracts["fidelity"] > 0) & ~np.array(reference)
    fidelity = _most(contracts["fidelity"][seen], market[seen], FIDELITIES, "fidelity", warnings)
    return fidelity, _most(tapes[seen], market[seen], _TAPES, "tape", warnings)


def _most(
    codes: npt.NDArray[Any], weights: npt.NDArray[Any], names: Mapping[int, str], what: str, warnings: list[str]
) -> str:
    found = {int(code): int(weights[codes == code].sum()) for code in np.unique(codes)}
    if not found:
        return "none"
    top = max(found, key=lambda code: (found[code], code))
    warnings += [
        f"{what} is {names[code]} in {int((codes == code).sum())} of {len(codes)} contracts, not {names[top]}"
        for code in found if code != top
    ]  # fmt: skip
    return names[top]


def _fidelity(kinds: set[Kind]) -> int:
    if Kind.BOOK in kinds:
        return r.FID_L2
    if Kind.QUOTE in kinds:
        return r.FID_QUOTES
    if Kind.CANDLE in kinds:
        return r.FID_CANDLES
    return r.FID_TRADES if Kind.TRADE in kinds else r.FID_NONE


__all__ = ["Chosen", "Found", "choose", "choose_levels", "contract_records", "headline", "mark_order_ids"]
