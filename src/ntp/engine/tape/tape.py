"""Tape: recorded events turned into the rows and contract records that the kernel replays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from ntp.core import DataError
from ntp.data import Facts
from ntp.data.schema import Kind
from ntp.engine import records as r
from ntp.engine.order_ids import IDS
from ntp.engine.tape.contracts import Chosen, Found, choose, choose_levels, contract_records, headline, mark_order_ids
from ntp.engine.tape.convert import COLUMNS, Symbols, rows_of
from ntp.engine.tape.ends import missing_ends
from ntp.engine.tape.exclusive import link_groups
from ntp.engine.tape.merge import Arrays, merged
from ntp.engine.tape.sources import TapeSource
from ntp.engine.tape.stream import Chunk, Chunks, Lane, no_rows
from ntp.engine.tape.terms import Terms
from ntp.engine.tape.versions import Change, Versions, add_versions, begin_with, changes_of
from ntp.markets.instrument import Instrument, InstrumentKind

_TOLD = (Kind.LIFECYCLE, Kind.SETTLEMENT)


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
    accounts : list of str
        Venues that hold cash, in the order of the account numbers.
    fidelity, tape : str
        What most market rows are.
    unknown_fees : bool
        Whether the fees of a contract are not known.
    warnings : list of str
        What a reader of results must know.
    first, last : int
        Time of the first and of the last row.
    rows : int
        Number of the kernel's rows.
    events : int
        Number of recorded events: a quote is one event, though its two sides are a row each.
    chunks : callable
        Reads the rows in pieces.
    columns : dict
        Columns of all rows, if they are in memory; else of none.
    versions : Versions
        What changes of the contracts during their life.
    candles : ndarray
        Candles that rows point into, if they are in memory.
    payloads : list of str
        JSON texts that rows point into, if they are in memory.
    spans : dict
        First and last market row of each instrument that has any, by number.
    """

    instruments: list[Instrument]
    contracts: npt.NDArray[Any]
    steps: npt.NDArray[Any]
    accounts: list[str]
    fidelity: str
    tape: str
    unknown_fees: bool
    warnings: list[str]
    first: int
    last: int
    rows: int
    events: int
    chunks: Callable[[], Iterator[Chunk]]
    columns: dict[str, npt.NDArray[Any]]
    versions: Versions = field(default_factory=Versions)
    candles: npt.NDArray[Any] = field(default_factory=lambda: np.zeros(0, r.CANDLE_ROW))
    payloads: list[str] = field(default_factory=list)
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)


def plan_tape(
    sources: Sequence[TapeSource], *, precision: Mapping[str, str] | None = None, tradable: set[str] | None = None
) -> Tape:
    """Look over several data sets and plan their tape, whose rows are read when they are asked for.

    Parameters
    ----------
    sources : sequence of TapeSource
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
    return _plan(sources, precision or {}, tradable)[0]


def build_tape(
    sources: Sequence[TapeSource], *, precision: Mapping[str, str] | None = None, tradable: set[str] | None = None
) -> Tape:
    """Build the tape of several data sets in memory; parameters are those of :func:`plan_tape`."""
    tape, made = _plan(sources, precision or {}, tradable)
    chunk = made().whole()
    tape.columns, tape.candles, tape.payloads = chunk.columns, chunk.candles, chunk.payloads
    tape.chunks = lambda: iter([chunk])
    return tape


def _plan(
    sources: Sequence[TapeSource], precision: Mapping[str, str], tradable: set[str] | None
) -> tuple[Tape, Callable[[], Chunks]]:
    found = [{kind: source.facts(kind) for kind in source.kinds()} for source in sources]
    chosen, warnings = choose(sources, found, tradable)
    lanes, used = _lanes(sources, found, chosen)
    if not used:
        raise DataError("expected contracts with market data, was none", code="no_events")
    begins = min(
        each.first for facts in found for kind, told in facts.items() for each in told.values()
        if kind is not Kind.LIFECYCLE
    )
    chosen, changes = _changes(sources, chosen, lanes, begins)
    instruments = [one.instrument for one in chosen]
    accounts = sorted({i.venue for i in instruments if i.kind is not InstrumentKind.REFERENCE})
    latencies = [source.feed_latency for source in sources]
    terms = Terms(precision)
    contracts = contract_records(chosen, accounts, terms, begins)
    contracts["feed_latency"] = [latencies[one.source] for one in chosen]
    ends = max(each.last for _, kind, each in used if kind is not Kind.LIFECYCLE)
    versions = _versions(chosen, changes, terms, latencies, begins, ends)
    books = {number: each for number, kind, each in used if kind is Kind.BOOK}
    choose_levels(contracts, books, versions.records)
    mark_order_ids(contracts, books)
    link_groups(contracts, instruments)
    reference = [each.kind is InstrumentKind.REFERENCE for each in instruments]
    fidelity, tape_name = headline(contracts, used, reference, warnings)
    market = [each for _, kind, each in used if kind not in _TOLD]
    told = [rows for lane in lanes if lane.kind in _TOLD for rows in _rows(lane)]
    times = [each.first for each in market] + [int(part["ts"].min()) for part in told]
    added = [missing_ends(contracts, chosen, told, latencies, versions, min(times)), versions.columns()]
    extra = merged(added, list(added[0]))
    times += [each.last for each in market] + [int(time) for part in (*told, extra) for time in part["ts"]]
    events = sum(each.rows for each in market) + sum(len(part["ts"]) for part in (*told, extra))
    by_recv = len(set(latencies)) > 1 or any(each.late for _, _, each in used) or versions.late
    names = [*COLUMNS, *(["seen"] if by_recv else []), *([IDS] if any(each.named for each in books.values()) else [])]
    steps = terms.steps()

    def made() -> Chunks:
        return Chunks(lanes, extra, len(chosen), names)

    tape = Tape(
        instruments, contracts, steps, accounts, fidelity, tape_name, bool((steps["model"] == r.MODEL_UNKNOWN).any()),
        warnings, min(times), max(times), events + sum(each.rows for _, kind, each in used if kind is Kind.QUOTE),
        events, lambda: iter(made()), no_rows(names), versions, spans=_spans(used),
    )  # fmt: skip
    return tape, made


def _spans(used: Iterable[tuple[int, Kind, Facts]]) -> dict[int, tuple[int, int]]:
    spans: dict[int, tuple[int, int]] = {}
    for number, kind, told in used:
        if kind not in _TOLD:
            first, last = spans.get(number, (told.first, told.last))
            spans[number] = (min(first, told.first), max(last, told.last))
    return spans


def _changes(
    sources: Sequence[TapeSource], chosen: Sequence[Chosen], lanes: Sequence[Lane], begins: int
) -> tuple[list[Chosen], dict[int, list[Change]]]:
    """Bring the instruments to their version at the beginning; what changes later is left by number."""
    made = list(chosen)
    first = {number: one.instrument for number, one in enumerate(made)}
    left: dict[int, list[Change]] = {}
    for place, source in enumerate(sources):
        numbers = {one.instrument.symbol: number for number, one in enumerate(chosen) if one.source == place}
        frames = [
            frame for lane in lanes if lane.source is source and lane.kind is Kind.LIFECYCLE for frame in lane.batches()
        ]
        told = changes_of(pl.concat(frames) if frames else None, source.instruments, numbers, first)
        for number, changes in told.items():
            instrument, left[number] = begin_with(first[number], changes, begins)
            made[number] = replace(made[number], instrument=instrument)
    return made, left


def _versions(
    chosen: Sequence[Chosen], changes: Mapping[int, Sequence[Change]], terms: Terms, latencies: Sequence[int],
    begins: int, ends: int,
) -> Versions:
    versions = Versions()
    for number, one in enumerate(chosen):
        add_versions(
            versions, number, one.instrument, changes.get(number, []), terms,
            moment=max(one.instrument.open_time or 0, begins), last=ends, latency=latencies[one.source],
        )  # fmt: skip
    return versions


def _lanes(
    sources: Sequence[TapeSource], found: Sequence[Found], chosen: Sequence[Chosen]
) -> tuple[list[Lane], list[tuple[int, Kind, Facts]]]:
    """Rows that are replayed, and what was found of them by contract and kind."""
    lanes, used = [], []
    for place, source in enumerate(sources):
        own = _numbered(chosen, place)
        for kind, told in found[place].items():
            numbers = {symbol: n for symbol, n in own.items() if symbol in told and chosen[n].uses(kind)}
            if numbers:
                lanes.append(Lane(source, kind, numbers, len(told) == len(numbers)))
                used += [(number, kind, told[symbol]) for symbol, number in numbers.items()]
    return lanes, used


def _numbered(chosen: Sequence[Chosen], place: int) -> dict[str, int]:
    """Contract numbers of a source by symbol; its rows tell nothing else of whose they are."""
    own: dict[str, int] = {}
    for number, one in enumerate(chosen):
        if one.source == place and own.setdefault(one.instrument.symbol, number) != number:
            other = chosen[own[one.instrument.symbol]].instrument
            raise DataError(
                f"expected one contract of each symbol in a data set, was {other.id} and {one.instrument.id}",
                code="ambiguous_symbol", hint="import each venue under a name of its own",
                details={"symbol": one.instrument.symbol},
            )
    return own


def _rows(lane: Lane) -> Iterator[Arrays]:
    symbols = Symbols(lane.numbers)
    for frame in lane.batches():
        made = rows_of(lane.kind, frame, symbols, [], [])
        if made is not None and len(made["ts"]):
            yield made


__all__ = ["Tape", "build_tape", "plan_tape"]
