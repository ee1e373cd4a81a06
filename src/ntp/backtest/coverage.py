"""Coverage: the recorded part of the lives of what was traded."""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from ntp.data.quality import life_coverage
from ntp.data.schema import Kind
from ntp.engine.tape import Tape, TapeSource
from ntp.markets.instrument import InstrumentKind


class _Life(NamedTuple):
    symbol: str
    open_time: int | None
    close_time: int | None


def coverage_of(
    tape: Tape, sources: Sequence[TapeSource], start: int | None, end: int | None
) -> float | None:
    """Mean over the contracts of the recorded part of their life within the range.

    Times at which a recording broke off do not count.

    Returns
    -------
    float or None
        None where no contract's open and close are known.
    """
    shares: list[float] = []
    contracts = [
        (number, each) for number, each in enumerate(tape.instruments) if each.kind is InstrumentKind.CONTRACT
    ]
    for venue in sorted({each.venue for _, each in contracts}):
        own = [(number, each) for number, each in contracts if each.venue == venue]
        told = [
            source.whole(Kind.LIFECYCLE) for source in sources
            if Kind.LIFECYCLE in source.kinds() and any(each.venue == venue for each in source.instruments)
        ]
        frames = {Kind.LIFECYCLE: pl.concat(told)} if told else {}
        seen = {each.symbol: tape.spans[number] for number, each in own if number in tape.spans}
        lives = (
            _Life(each.symbol, _later(each.open_time, start), _earlier(each.close_time, end)) for _, each in own
        )
        shares += life_coverage(frames, lives, seen).values()
    return sum(shares) / len(shares) if shares else None


def _later(time: int | None, bound: int | None) -> int | None:
    return time if time is None or bound is None else max(time, bound)


def _earlier(time: int | None, bound: int | None) -> int | None:
    return time if time is None or bound is None else min(time, bound)
