"""Tape: recorded frames turned into the rows and contract records that the kernel replays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from ntp.core import DataError
from ntp.data.schema import Kind
from ntp.engine import records as r
from ntp.engine.convert import COLUMNS, rows_of
from ntp.engine.order_ids import IDS, mark_order_ids
from ntp.engine.terms import Terms
from ntp.engine.versions import Change, Versions, add_versions, begin_with, changes_of
from ntp.markets import order_rules
from ntp.markets.instrument import Instrument, InstrumentKind

FIDELITIES: Final = {r.FID_L2: "l2", r.FID_QUOTES: "quotes", r.FID_TRADES: "trades", r.FID_CANDLES: "candles"}
_RECORDED: Final = 1
_INFERRED: Final = 2
_TAPES: Final = {0: "none", _RECORDED: "recorded", _INFERRED: "inferred"}
_DOLLAR: Final = 10_000  # price units of a contract that pays for sure
_MARKET: Final = (Kind.BOOK, Kind.QUOTE, Kind.TRADE, Kind.CANDLE)


@dataclass(frozen=True, slots=True)
class SourceFrames:
    """What one data set holds of a range of time: instruments and a frame per kind."""

    name: str
    instruments: Sequence[Instrument]
    frames: Mapping[Kind, pl.DataFrame]
    feed_latency: int = 0


@dataclass(slots=True)
class Tape:
    """Rows sorted by venue time, and one record per instrument.

    Attributes
    ----------
    instruments : list of Instrument
        In the order of their number in the rows.
    contracts : ndarray
        Fresh ``records.CONTRACT`` rows; copied for each replay.
    steps : ndarray
        Fee steps the contracts point into.
    columns : dict
        Columns of the rows.
    candles : ndarray
        Candles that rows point into.
    payloads : list of str
        JSON texts that rows point into.
    accounts : list of str
        Venues that hold cash, in the order of the account numbers.
    warnings : list of str
        What a reader of results must know.
    versions : Versions
        What changes of the contracts during their life.
    """

    instruments: list[Instrument]
    contracts: npt.NDArray[Any]
    steps: npt.NDArray[Any]
    columns: dict[str, npt.NDArray[Any]]
    candles: npt.NDArray[Any]
    payloads: list[str]
    accounts: list[str]
    fidelity: str
    tape: str
    unknown_fees: bool
    warnings: list[str] = field(default_factory=list)
    versions: Versions = field(default_factory=Versions)

    @property
    def rows(self) -> int:
        """Number of the kernel's rows."""
        return len(self.columns["ts"])

    @property
    def events(self) -> int:
        """Number of recorded events: a quote is one event, though its two sides are a row each."""
        return self.rows - int(((self.columns["meta"] & 15) == r.BID).sum())


def _fidelity(kinds: set[Kind]) -> int:
    if Kind.BOOK in kinds:
        return r.FID_L2
    if Kind.QUOTE in kinds:
        return r.FID_QUOTES
    if Kind.CANDLE in kinds:
        return r.FID_CANDLES
    return r.FID_TRADES if Kind.TRADE in kinds else r.FID_NONE


def build_tape(
    sources: Sequence[SourceFrames], *, precision: Mapping[str, str] | None = None, tradable: set[str] | None = None
) -> Tape:
    """Build the tape of several data sets.

    Parameters
    ----------
    sources : sequence of SourceFrames
        A contract in several of them is taken from the first of the best fidelity.
    precision : mapping, optional
        Venue to its fee precision class.
    tradable : set of str, optional
        Ids that may be traded; others of the kind contract are left out.

    Raises
    ------
    DataError
        If there is nothing to replay, or rows do not fit their instruments.
    """
    chosen, warnings = _choose(sources, tradable)
    if not chosen:
        raise DataError("expected contracts with market data, was none", code="no_events")
    index_of: list[dict[str, int]] = [{} for _ in sources]
    for number, (instrument, origin, _) in enumerate(chosen):
        index_of[origin][instrument.symbol] = number
    begins = min(
        int(frame["ts_event"].to_numpy().min()) for source in sources for kind, frame in source.frames.items()
        if frame.height and kind is not Kind.LIFECYCLE
    )
    chosen, changes = _changes(sources, chosen, index_of, begins)
    instruments = [instrument for instrument, _, _ in chosen]
    contracts = np.zeros(len(chosen), r.CONTRACT)
    for name in _ABSENT:
        contracts[name] = r.NONE
    contracts["fair"] = np.nan
    accounts = sorted({i.venue for i in instruments if i.kind is not InstrumentKind.REFERENCE})
    terms = Terms(precision or {})
    _fill_contracts(contracts, chosen, accounts, terms, begins)
    parts: list[dict[str, npt.NDArray[Any]]] = []
    candles: list[npt.NDArray[Any]] = []
    payloads: list[str] = []
    for place, source in enumerate(sources):
        if index_of[place]:
            parts += _source_rows(source, index_of[place], contracts, candles, payloads)
    latencies = [source.feed_latency for source in sources]
    contracts["feed_latency"] = [latencies[origin] for _, origin, _ in chosen]
    versions = Versions()
    for number, (instrument, origin, _) in enumerate(chosen):
        add_versions(
            versions, number, instrument, changes.get(number, []), terms,
            moment=max(instrument.open_time or 0, begins), latency=latencies[origin],
        )  # fmt: skip
    steps = terms.steps()
    extra = [*_missing_ends(contracts, chosen, parts, latencies, versions), *versions.columns()]
    columns = _merge([*parts, *extra], several_latencies=len(set(latencies)) > 1)
    _levels(contracts, columns, versions.records)
    mark_order_ids(contracts, columns)
    fidelity, tape = _headline(contracts, columns, [i.kind is InstrumentKind.REFERENCE for i in instruments], warnings)
    return Tape(
        instruments, contracts, steps, columns,
        np.concatenate(candles) if candles else np.zeros(0, r.CANDLE_ROW), payloads, accounts,
        fidelity, tape, bool((steps["model"] == r.MODEL_UNKNOWN).any()), warnings, versions,
    )  # fmt: skip


_ABSENT: Final = (
    "bid", "ask", "view_bid", "view_ask", "woken_bid", "woken_ask", "last_price", "first_order", "last_order",
    "mark", "max_position", "value", "settled_ref", "underlying", "close_time", "open_time", "bar_close",
)  # fmt: skip


def _choose(
    sources: Sequence[SourceFrames], tradable: set[str] | None
) -> tuple[list[tuple[Instrument, int, int]], list[str]]:
    best: dict[str, tuple[int, int, Instrument]] = {}
    warnings = []
    for place, source in enumerate(sources):
        kinds: dict[str, set[Kind]] = {}
        for kind, frame in source.frames.items():
            for symbol in frame["symbol"].unique().to_list():
                kinds.setdefault(symbol, set()).add(kind)
        for instrument in source.instruments:
            have = kinds.get(instrument.symbol, set())
            if instrument.kind is InstrumentKind.CONTRACT and tradable is not None and instrument.id not in tradable:
                continue
            if not have & ({*_MARKET, Kind.INDEX, Kind.FORECAST, Kind.GAME, Kind.CUSTOM}):
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
    return [(best[key][2], best[key][1], best[key][0]) for key in ordered], warnings


def _changes(
    sources: Sequence[SourceFrames], chosen: Sequence[tuple[Instrument, int, int]],
    index_of: Sequence[Mapping[str, int]], begins: int,
) -> tuple[list[tuple[Instrument, int, int]], dict[int, list[Change]]]:
    """Bring the instruments to their version at the beginning; what changes later is left by number."""
    made = list(chosen)
    first = {number: instrument for number, (instrument, _, _) in enumerate(made)}
    left: dict[int, list[Change]] = {}
    for source, numbers in zip(sources, index_of, strict=True):
        told = changes_of(source.frames.get(Kind.LIFECYCLE), source.instruments, numbers, first)
        for number, changes in told.items():
            instrument, left[number] = begin_with(first[number], changes, begins)
            made[number] = (instrument, *made[number][1:])
    return made, left


def _fill_contracts(
    contracts: npt.NDArray[Any], chosen: Sequence[tuple[Instrument, int, int]], accounts: Sequence[str],
    terms: Terms, begins: int,
) -> None:
    for number, (instrument, _, fidelity) in enumerate(chosen):
        row = contracts[number]
        row["fidelity"], row["asset"] = fidelity, instrument.kind is InstrumentKind.ASSET
        row["price_unit"] = 10**instrument.price_scale
        row["has_quotes"] = fidelity in (r.FID_L2, r.FID_QUOTES)
        row["state"] = r.OPEN
        row["bid_size"] = row["ask_size"] = 0
        if instrument.close_time is not None:
            row["close_time"] = instrument.close_time
        if instrument.open_time is not None:
            row["open_time"] = instrument.open_time
        if instrument.kind is InstrumentKind.REFERENCE:
            row["size_step"] = 1
            continue
        row["account"] = accounts.index(instrument.venue)
        terms.fill(row, instrument, max(instrument.open_time or 0, begins))
        row["step_now"] = row["step_first"]


def _source_rows(
    source: SourceFrames, numbers: Mapping[str, int], contracts: npt.NDArray[Any],
    candles: list[npt.NDArray[Any]], payloads: list[str],
) -> list[dict[str, npt.NDArray[Any]]]:
    parts = []
    symbols = pl.DataFrame(
        {"symbol": list(numbers), "contract": pl.Series(list(numbers.values()), dtype=pl.Int32)}
    ).with_columns(fidelity=pl.Series([int(contracts["fidelity"][n]) for n in numbers.values()], dtype=pl.Int8))
    for kind, frame in source.frames.items():
        if frame.is_empty():
            continue
        made = rows_of(kind, frame, symbols, candles, payloads, source.feed_latency)
        if made is not None and len(made["ts"]):
            parts.append(made)
    return parts


def _missing_ends(
    contracts: npt.NDArray[Any], chosen: Sequence[tuple[Instrument, int, int]], parts: Sequence[Mapping[str, Any]],
    latencies: Sequence[int], versions: Versions,
) -> list[dict[str, npt.NDArray[Any]]]:
    """Rows that the recording leaves to the rules: opening and close at their times, payment after its delay."""
    closed: set[int] = set()
    paid: set[int] = set()
    determined: dict[int, tuple[int, int]] = {}
    first_state: dict[int, int] = {}
    begins = min(int(part["ts"].min()) for part in parts)
    for part in parts:
        kind = part["meta"] & 15
        rare = np.nonzero((kind == r.STATE) | (kind == r.SETTLE))[0]
        for i in rare:
            number, price = int(part["contract"][i]), int(part["price"][i])
            if kind[i] == r.STATE:
                first_state.setdefault(number, price)
                if price == r.CLOSED:
                    closed.add(number)
            elif price == r.DETERMINED:
                determined[number] = (int(part["ts"][i]), int(part["size"][i]))
            else:
                paid.add(number)
    made: list[tuple[int, int, int, int, int, int]] = []
    for number, (instrument, place, fidelity) in enumerate(chosen):
        if fidelity == r.FID_NONE or instrument.kind is InstrumentKind.REFERENCE:
            continue
        if first_state.get(number) == r.OPEN:
            contracts["state"][number] = r.PENDING
        elif number not in first_state and instrument.open_time is not None and instrument.open_time > begins:
            contracts["state"][number] = r.PENDING
            made.append((instrument.open_time, r.STATE, number, r.OPEN, 0, latencies[place]))
        close = versions.closes.get(number, instrument.close_time)
        if close is not None and number not in closed:
            made.append((close, r.STATE, number, r.CLOSED, 0, latencies[place]))
        if number in determined and number not in paid:
            when, value = determined[number]
            delay = order_rules(versions.last.get(number, instrument))[-1].settlement_delay_ns
            made.append((when + delay, r.SETTLE, number, r.SETTLED, value, latencies[place]))
    made.sort()
    if not made:
        return []
    ts, kinds, numbers, prices, sizes, later = (np.array(column, dtype=np.int64) for column in zip(*made, strict=True))
    return [{
        "ts": ts, "seen": ts + later, "meta": (kinds + r.META_GROUP_END).astype(np.int16),
        "contract": numbers.astype(np.int32), "price": prices.astype(np.int32), "size": sizes,
        "rank": np.full(len(ts), 9, np.int8),
        "sequence": np.zeros(len(ts), np.int64), "has_recv": np.zeros(1, np.bool_),
    }]  # fmt: skip


def _merge(
    parts: Sequence[Mapping[str, npt.NDArray[Any]]], *, several_latencies: bool
) -> dict[str, npt.NDArray[Any]]:
    with_recv = several_latencies or any(part["has_recv"].any() for part in parts)
    named = any(IDS in part for part in parts)
    names = [*COLUMNS, *(["seen"] if with_recv else []), *([IDS] if named else [])]
    if len(parts) == 1 and _sorted(parts[0]):
        return {name: np.ascontiguousarray(parts[0][name]) for name in names}
    every = (*COLUMNS, "seen", "rank", "sequence", *([IDS] if named else []))
    unnamed = {IDS: r.NONE}
    frame = pl.concat([
        pl.DataFrame({name: part[name] if name in part else np.full(len(part["ts"]), unnamed[name]) for name in every})
        for part in parts
    ]).sort("ts", "contract", "sequence", "rank", maintain_order=True)
    return {name: np.ascontiguousarray(frame[name].to_numpy()) for name in names}


def _sorted(part: Mapping[str, npt.NDArray[Any]]) -> bool:
    ts = part["ts"]
    return bool((ts[1:] >= ts[:-1]).all())


def _levels(
    contracts: npt.NDArray[Any], columns: Mapping[str, npt.NDArray[Any]], versions: npt.NDArray[Any]
) -> None:
    """Choose the level unit of each l2 book: the finest that its prices and its grids need."""
    books = np.nonzero(contracts["fidelity"] == r.FID_L2)[0]
    if not len(books):
        return
    kind = columns["meta"] & 15
    rows = kind <= r.DELTA
    prices = columns["price"][rows]
    if len(prices) and not (prices.min() >= 0 and prices.max() <= _DOLLAR):
        raise DataError(
            f"expected prices of book rows from 0 to {_DOLLAR}, was {prices.min()} to {prices.max()}",
            code="price_range",
        )  # a level's place in memory is its price: one outside would write over something else
    pairs = np.unique(columns["contract"][rows].astype(np.int64) * 16_384 + prices)
    units = dict.fromkeys((int(n) for n in books), 0)
    for pair in pairs:
        number, price = int(pair) >> 14, int(pair) & 16_383
        units[number] = math.gcd(units.get(number, 0), price)
    for number, found in units.items():
        row = contracts[number]
        unit = found
        for grid in (row, *versions[versions["contract"] == number]):
            for place in range(int(grid["band_count"])):
                unit = math.gcd(unit, int(grid[f"step{place}"]), int(grid[f"start{place}"]))
        unit = math.gcd(unit, _DOLLAR) or 100
        row["unit"], row["levels"] = unit, _DOLLAR // unit + 1
        row["inverse"] = -(-(2**32) // unit)


def _headline(
    contracts: npt.NDArray[Any], columns: Mapping[str, npt.NDArray[Any]], reference: Sequence[bool],
    warnings: list[str],
) -> tuple[str, str]:
    """Fidelity and tape that most market rows have; what other contracts have becomes a warning."""
    kind = columns["meta"] & 15
    market = np.bincount(columns["contract"][(kind <= r.ASK) | (kind == r.CANDLE)], minlength=len(contracts))
    trades = kind == r.TRADE
    inferred = (columns["meta"] & r.META_INFERRED) != 0
    tapes = np.zeros(len(contracts), np.int64)
    tapes[np.unique(columns["contract"][trades & ~inferred])] = _RECORDED
    tapes[np.unique(columns["contract"][trades & inferred])] = _INFERRED
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
