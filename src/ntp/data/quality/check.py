"""Check a data set: run every check that its kinds allow."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

import polars as pl

from ntp.data.quality.books import check_book
from ntp.data.quality.clocks import check_clock, check_sequence, check_silence
from ntp.data.quality.ends import check_after_result, check_ends, life_coverage, spans
from ntp.data.quality.quotes import (
    check_crossed,
    check_defaults,
    check_ghosts,
    check_prices,
    check_repeats,
    check_sizes,
)
from ntp.data.quality.references import check_references
from ntp.data.quality.report import Finding, QualityReport, build_report
from ntp.data.schema import FLAG_INFERRED, Kind
from ntp.markets.instrument import Instrument, InstrumentKind

_CLOCKED = (Kind.BOOK, Kind.QUOTE, Kind.TRADE, Kind.INDEX)


class Checkable(Protocol):
    """What a stored data set offers to a check."""

    def instruments(self) -> Sequence[Instrument]:
        """All instruments."""
        ...

    def kinds(self) -> Collection[Kind]:
        """Kinds it has rows of."""
        ...

    def frame(self, kind: Kind, *, symbols: Sequence[str] | None = None) -> pl.DataFrame:
        """Rows of a kind."""
        ...

    @property
    def meta(self) -> Mapping[str, Any]:
        """What the importers kept."""
        ...


def check_dataset(dataset: Checkable) -> QualityReport:
    """Check a stored data set.

    Parameters
    ----------
    dataset : Checkable
        Anything with ``instruments()``, ``kinds()``, ``frame(kind, symbols=...)`` and ``meta``.

    Returns
    -------
    QualityReport
        Findings, trust per contract and coverage.
    """
    frames = {kind: dataset.frame(kind) for kind in sorted(dataset.kinds())}
    return check(frames, dataset.instruments(), dataset.meta)


def check(
    frames: Mapping[Kind, pl.DataFrame],
    instruments: Sequence[Instrument] = (),
    meta: Mapping[str, Any] | None = None,
) -> QualityReport:
    """Check frames of unified events.

    Parameters
    ----------
    frames : Mapping of Kind to DataFrame
        Rows in the order of the catalog.
    instruments : sequence of Instrument
        What the rows are about. A symbol without an instrument counts as a contract where it has book
        rows, quotes or trades.
    meta : Mapping, optional
        What the import kept; ``recordings`` tells of sequence gaps.

    Returns
    -------
    QualityReport
        Findings, trust per contract and coverage.
    """
    full = {kind: frame for kind, frame in frames.items() if frame.height}
    seen = spans(full)
    others = {item.symbol for item in instruments if item.kind is not InstrumentKind.CONTRACT}
    findings = _market_checks(full, set(seen) - others)
    findings += _time_checks(full, meta or {})
    if Kind.INDEX in full:
        findings += check_references(full[Kind.INDEX])
    findings += check_ends(full, instruments, seen) + check_after_result(full)
    named = set(seen) | (set(full[Kind.INDEX]["symbol"]) if Kind.INDEX in full else set())
    return build_report(findings, sorted(named), life_coverage(full, instruments, seen))


def _market_checks(frames: Mapping[Kind, pl.DataFrame], contracts: set[str]) -> list[Finding]:
    findings: list[Finding] = []
    quotes, book = frames.get(Kind.QUOTE), frames.get(Kind.BOOK)
    if quotes is not None:
        findings += check_prices(quotes, ("bid", "ask"), contracts)
        findings += check_crossed(quotes) + check_ghosts(quotes) + check_defaults(quotes)
        findings += check_sizes(quotes, ("bid_size", "ask_size")) + check_repeats(quotes)
    if Kind.TRADE in frames:
        trades = frames[Kind.TRADE]
        findings += check_prices(trades, ("price",), contracts) + check_sizes(trades, ("size",))
        recorded = pl.col("flags").cast(pl.Int64).and_(pl.lit(FLAG_INFERRED)) == 0
        findings += check_repeats(trades.filter(recorded & pl.col("sequence").is_not_null()))
    if Kind.CANDLE in frames:
        candles = frames[Kind.CANDLE]
        findings += check_prices(
            candles, ("open", "high", "low", "close", "bid_close", "ask_close"), contracts
        )
        findings += check_repeats(candles)
    if book is not None:
        outside = check_prices(book, ("price",), contracts)
        wrong = {found.contract for found in outside}
        sound = book.filter(~pl.col("symbol").is_in(sorted(wrong))) if wrong else book
        findings += outside + check_book(sound, quotes)
    return findings


def _time_checks(frames: Mapping[Kind, pl.DataFrame], meta: Mapping[str, Any]) -> list[Finding]:
    findings: list[Finding] = []
    clocked = [frames[kind] for kind in _CLOCKED if kind in frames]
    for frame in clocked:
        findings += check_clock(frame)
    findings += check_silence([frame["ts_event"].unique().to_numpy() for frame in clocked])
    empty = pl.DataFrame(
        schema={"symbol": pl.String, "sequence": pl.Int64, "flags": pl.UInt8, "ts_event": pl.Int64}
    )
    return findings + check_sequence(frames.get(Kind.BOOK, empty), meta)
