"""The events of an experiment: which the data holds, when each was settled, and who trades it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from ntp.backtest.loader import LoadedData
from ntp.backtest.validation.event_spans import market_spans
from ntp.core import ConfigError, sha256_json
from ntp.data.schema import Kind
from ntp.markets.instrument import InstrumentKind

_FINAL: Final = ("settled", "voided")
_DIGITS: Final = 15
"""Hexadecimal digits of a digest that a lot is drawn from: 60 bits."""


@dataclass(frozen=True)
class DataEvents:
    """Events with market data.

    Attributes
    ----------
    settled : dict of str to int
        Events of which every contract has a final result within the range, and when the last one came, in ns UTC.
    open : frozenset of str
        The others: nothing of them counts yet.
    """

    settled: dict[str, int]
    open: frozenset[str]


def data_events(loaded: LoadedData, wanted: Collection[str], until: int | None = None) -> DataEvents:
    """Find the events of contracts, and which of them are over.

    Parameters
    ----------
    loaded : LoadedData
        The data.
    wanted : collection of str
        Contracts that may be traded, by id.
    until : int, optional
        End of the range in ns UTC: what was settled later was not traded to its end.

    Raises
    ------
    ConfigError
        ``no_events_named`` if no contract says which event it belongs to.
    """
    contracts = {
        each.id: each for each in loaded.instruments if each.id in wanted and each.kind is InstrumentKind.CONTRACT
    }
    quoted = market_spans(loaded, contracts.keys())
    ends = _results(loaded, quoted.keys())
    last: dict[str, int | None] = {}
    for name in quoted:
        event, end = contracts[name].event, ends.get(name)
        before = last.get(event, 0)
        last[event] = None if before is None or end is None else max(before, end)
    nameless = last.pop("", 0)
    if not last and nameless != 0:
        raise ConfigError(
            "expected contracts that say which event they belong to, was none", code="no_events_named",
            hint="import the data with a reference file or a mapping of event",
        )
    settled = {
        event: end for event, end in sorted(last.items()) if end is not None and (until is None or end < until)
    }
    return DataEvents(settled, frozenset(last) - frozenset(settled))


def _results(loaded: LoadedData, wanted: Collection[str]) -> dict[str, int]:
    """Find when each wanted contract got its final result."""
    found: dict[str, int] = {}
    for source in loaded.sources:
        if Kind.SETTLEMENT not in source.kinds():
            continue
        ids = {each.symbol: each.id for each in source.instruments if each.id in wanted}
        rows = source.whole(Kind.SETTLEMENT).filter(
            pl.col("state").is_in(_FINAL) & pl.col("symbol").is_in(sorted(ids))
        )
        for symbol, ts in rows.group_by("symbol").agg(pl.col("ts_event").max()).iter_rows():
            found[ids[symbol]] = max(found.get(ids[symbol], 0), int(ts))
    return found


def draw(experiment: str, seed: int, event: str, variants: Sequence[str]) -> str:
    """Give an event to one of several variants by lot: the same in every process, whatever else is there.

    Parameters
    ----------
    experiment : str
        Name of the experiment: each has a lot of its own.
    seed : int
        Its seed.
    event : str
        Name of the event.
    variants : sequence of str
        Who takes part, each with the same probability.
    """
    digest = sha256_json([experiment, seed, event]).removeprefix("sha256:")
    return variants[int(digest[:_DIGITS], 16) % len(variants)]
