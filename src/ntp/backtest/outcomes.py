"""Results that one source tells and another one traded: a reference file beside the quotes it completes."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from ntp.backtest.stored import LATE
from ntp.core import CASH_ONE, DataError
from ntp.data import Facts, facts_of
from ntp.data.schema import Kind
from ntp.engine.tape import TapeSource
from ntp.markets.instrument import Instrument

_FINAL = ("settled", "voided")
_Finals = dict[str, tuple[str, int | None, str]]
"""Symbol to state, value and data set of its final result."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A source with the results and states of its contracts that only other sources tell.

    Attributes
    ----------
    source : TapeSource
        The source.
    told : Mapping of Kind to DataFrame
        All its rows of the kinds that were completed.
    """

    source: TapeSource
    told: Mapping[Kind, pl.DataFrame]

    @property
    def name(self) -> str:
        """What people call it."""
        return self.source.name

    @property
    def instruments(self) -> Sequence[Instrument]:
        """Instruments it tells of."""
        return self.source.instruments

    @property
    def feed_latency(self) -> int:
        """Nanoseconds from the time of a row to the strategy."""
        return self.source.feed_latency

    def kinds(self) -> list[Kind]:
        """Kinds it has rows of."""
        own = self.source.kinds()
        return [*own, *(kind for kind in self.told if kind not in own)]

    def facts(self, kind: Kind) -> Mapping[str, Facts]:
        """Tell what its rows of a kind have in common, by symbol."""
        return facts_of(kind, self.told[kind]) if kind in self.told else self.source.facts(kind)

    def whole(self, kind: Kind) -> pl.DataFrame:
        """All rows of a kind, at once."""
        return self.told[kind] if kind in self.told else self.source.whole(kind)

    def batches(self, kind: Kind, symbols: Collection[str]) -> Iterator[pl.DataFrame]:
        """Rows of a kind."""
        if kind in self.told:
            yield self.told[kind]
        else:
            yield from self.source.batches(kind, symbols)


def share_outcomes(sources: Sequence[TapeSource]) -> list[TapeSource]:
    """Give each source the results and states of its contracts that only others tell.

    A source tells of others' contracts where it has no market data of its own for them; what a source
    says of its own contracts comes first.

    Raises
    ------
    DataError
        ``two_settlements`` if a contract has two final results.
    """
    traded = [{instrument.symbol for instrument in source.instruments} for source in sources]
    frames: list[dict[Kind, pl.DataFrame]]
    frames = [{kind: source.whole(kind) for kind in LATE if kind in source.kinds()} for source in sources]
    made: list[TapeSource] = []
    for place, source in enumerate(sources):
        _check(place, sources, traded, frames)
        told = {}
        for kind in LATE:
            own = frames[place].get(kind)
            missing = traded[place] - (set(own["symbol"].unique()) if own is not None else set())
            found = [own] if own is not None else []
            for other, rows in enumerate(frames):
                wanted = missing - traded[other]
                if other == place or kind not in rows or not wanted:
                    continue
                part = rows[kind].filter(pl.col("symbol").is_in(sorted(wanted)))
                if part.height:
                    found.append(part)
                    missing -= set(part["symbol"].unique())
            if len(found) > (own is not None):
                told[kind] = pl.concat(found).sort("ts_event", "sequence", maintain_order=True)
        made.append(Completed(source, told) if told else source)
    return made


def _check(
    place: int, sources: Sequence[TapeSource], traded: Sequence[set[str]],
    frames: Sequence[Mapping[Kind, pl.DataFrame]],
) -> None:
    """Hold the final results of a source's contracts against what others tell of them."""
    mine: _Finals = {}
    for other, its in enumerate(traded):
        symbols = its if other == place else traded[place] - its
        for symbol, result in _finals(sources[other].name, frames[other].get(Kind.SETTLEMENT), symbols).items():
            known = mine.setdefault(symbol, result)
            if known[:2] != result[:2]:
                raise DataError(
                    f"expected one final result of {symbol!r}, was {_word(known)} and {_word(result)}",
                    code="two_settlements", details={"symbol": symbol, "data": [known[2], result[2]]},
                )


def _finals(name: str, frame: pl.DataFrame | None, symbols: set[str]) -> _Finals:
    if frame is None or not symbols:
        return {}
    rows = frame.filter(pl.col("symbol").is_in(sorted(symbols)) & pl.col("state").is_in(_FINAL))
    return {symbol: (state, value, name) for symbol, state, value in rows.select("symbol", "state", "value").rows()}


def _word(result: tuple[str, int | None, str]) -> str:
    state, value, name = result
    return f"{state} in {name!r}" if value is None else f"{value / CASH_ONE:g} in {name!r}"
