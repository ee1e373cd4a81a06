"""Start: what a strategy decides must not depend on where the recording happens to begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from ntp.backtest.check.bench import Bench
from ntp.backtest.check.decisions import Decisions
from ntp.backtest.check.finding import Examined
from ntp.backtest.check.futures import later_start
from ntp.backtest.check.laboratory import mapped
from ntp.core import DataError, format_ns
from ntp.engine.tape import SourceFrames
from ntp.strategy.declaration import warmup_of

_SHARES: Final = (0.25, 0.5)
_LONG: Final = 10**17
"""Nanoseconds that orders take to a venue they never reach: without fills decisions rest on the market alone."""
_CAPITAL: Final = 10**15
_SLOW: Final = 0.25
"""Part of a contract's remaining life after which a strategy should have settled."""
_PERSISTENT: Final = 0.02
"""Share of the last decisions that may differ."""
_FADING: Final = 0.5
"""Share of the earlier differences that those of the end may be while a memory fades."""


def planned(*, quick: bool) -> int:
    """Replays that it takes."""
    return 2 * len(_SHARES[1:] if quick else _SHARES)


def check_start(bench: Bench) -> Examined:
    """Start later, without fills, and compare what is decided of the contracts that were already trading."""
    result = Examined("start", "start later; decisions after the warm-up must agree (without fills)")
    decided = bench.decided
    if not len(decided):
        result.unchecked.append("it decided nothing")
        return result
    if any("order_id" in frame.columns for source in bench.subject.sources for frame in source.frames.values()):
        result.unchecked.append("a later start: books that name each order cannot begin in the middle")
        return result
    for share in _SHARES[1:] if bench.quick else _SHARES:
        _from(bench, result, int(decided[int(share * (len(decided) - 1))]))
        if result.findings:
            break
    return result


def _from(bench: Bench, result: Examined, start: int) -> None:
    """Compare a replay that begins at a time with one that began with the recording."""
    lab = bench.lab
    ends = _ends(bench, start)
    settings = bench.subject.settings
    blind = replace(
        settings, capital=_CAPITAL, allocate={}, engine=replace(settings.engine, order=_LONG, drawn=()),
    )
    try:
        sources = _alive(bench, ends)
        whole = lab.replay(sources, settings=blind)
        late = lab.replay(later_start(sources, start), settings=blind)
    except DataError:
        result.unchecked.append(f"a start at {format_ns(start)}: nothing to trade from there on")
        return
    told = _differing(whole, late, start, ends)
    begins, place = format_ns(start), bench.code.class_place()
    if told is None:
        result.unchecked.append(f"a start at {begins}: no contract was decided on before it and long after it")
    elif told.last > _PERSISTENT and told.last > _FADING * told.early:
        result.add(
            "error", f"when the recording begins at {begins}, {told.last:.0%} of the decisions differ to the end: "
            "something grows from the first event on and never forgets it (a sum, a first price, an average "
            "without end)", place,
        )  # fmt: skip
    elif told.oldest > _SLOW:
        warmup = warmup_of(bench.subject.strategy)
        result.add(
            "warning", f"when the recording begins at {begins}, decisions differ for up to {told.oldest:.0%} of what "
            f"is left of a contract: warmup is {warmup} wakes, less than it takes to settle", place,
        )  # fmt: skip


def _ends(bench: Bench, start: int) -> dict[str, int]:
    """Last market event of each contract that was traded before and after a time."""
    found: dict[str, int] = {}
    for number, (first, last) in bench.lab.tape.spans.items():
        contract = bench.lab.universe.get(number)
        if contract is not None and first < start < last:
            found[contract.id] = last
    longest = max(found.values(), default=start) - start
    return {name: last for name, last in found.items() if last - start > longest // 2}  # others end before they settle


def _alive(bench: Bench, ends: Mapping[str, int]) -> list[SourceFrames]:
    """Leave out the contracts that are over by then or begin later: orders that never arrive pile up."""
    others = {contract.symbol for contract in bench.lab.universe.values() if contract.id not in ends}
    return mapped(bench.subject.sources, lambda _, frame: frame.filter(~pl.col("symbol").is_in(sorted(others))))


@dataclass(frozen=True, slots=True)
class _Told:
    """Share of decisions that differ in the second and in the last quarter after a start, and the latest of them.

    `oldest` is the share of what was left of the contract's life by then.
    """

    early: float
    last: float
    oldest: float


def _differing(whole: Decisions, late: Decisions, start: int, ends: Mapping[str, int]) -> _Told | None:
    """Compare what was asked last at each moment after a start; None if little was asked.

    Parameters
    ----------
    whole, late : Decisions
        Those of the recording and of the one that begins later.
    start : int
        When the latter begins.
    ends : dict
        Last market event of the contracts that count.
    """
    keys = ["contract", "side"]
    asked = [
        each.orders.filter(pl.col("contract").is_in(sorted(ends))).select("ts", *keys, "price", "size").sort("ts")
        for each in (whole, late)
    ]  # fmt: skip
    moments = pl.concat([each.select("ts", *keys) for each in asked]).filter(pl.col("ts") >= start).unique().sort("ts")
    for name, each in zip(("one", "other"), asked, strict=True):
        stated = each.with_columns(pl.struct("price", "size").alias(name)).drop("price", "size")
        moments = moments.join_asof(stated, on="ts", by=keys, check_sortedness=False)
    age = (pl.col("ts") - start) / (pl.col("contract").replace_strict(ends, return_dtype=pl.Int64) - start)
    judged = moments.select(differs=pl.col("one").ne_missing(pl.col("other")), age=age)
    early = judged.filter(pl.col("age").is_between(0.25, 0.5))["differs"].to_numpy()
    last = judged.filter(pl.col("age") > 0.75)["differs"].to_numpy()
    if not len(early) or not len(last):
        return None
    ages = judged.filter("differs")["age"].to_numpy()
    return _Told(float(early.mean()), float(last.mean()), float(ages.max(initial=0.0)))


__all__ = ["check_start", "planned"]
