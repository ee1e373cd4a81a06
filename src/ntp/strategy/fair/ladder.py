"""Ladder: the contracts of an event priced together, so that they cannot contradict each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ntp.core import DataError
from ntp.markets import Comparison, Relation, group_of
from ntp.strategy.fair.value import FairValue

if TYPE_CHECKING:
    from ntp.markets import OutcomeGroup, SettlementSpec
    from ntp.markets.instrument import Instrument
    from ntp.strategy.objects import Contract

_RISING = (Comparison.LESS, Comparison.LESS_OR_EQUAL)


def coherent_values(
    name: str, instruments: Mapping[Contract, Instrument], values: Mapping[Contract, FairValue]
) -> dict[Contract, FairValue]:
    """Let the values of one group fit together.

    Those of an exclusive and exhaustive group sum to one if all of them are known; those of thresholds rise or fall
    with the threshold. One distribution gives such values by itself, up to rounding; a blend with the market's mids
    does not.

    Parameters
    ----------
    name : str
        Of the group.
    instruments : mapping of Contract to Instrument
        All of the group.
    values : mapping of Contract to FairValue
        Of those that have one.
    """
    try:
        group = group_of(name, list(instruments.values()))
    except DataError:
        return dict(values)
    by_symbol = {each.symbol: each for each in instruments}
    if group.relation is Relation.EXCLUSIVE and group.exhaustive and len(values) == len(instruments):
        return _summed(values)
    if group.relation is Relation.NESTED:
        return _ordered(group, by_symbol, values)
    return dict(values)


def _summed(values: Mapping[Contract, FairValue]) -> dict[Contract, FairValue]:
    total = sum(values.values())
    if not total > 0.0:
        return dict(values)
    millionths = {each: round(value / total * 1e6) for each, value in values.items()}
    largest = max(millionths, key=lambda each: millionths[each])
    millionths[largest] += 1_000_000 - sum(millionths.values())
    return {each: FairValue(millionths[each] / 1e6, value.told) for each, value in values.items()}


def _ordered(
    group: OutcomeGroup, by_symbol: Mapping[str, Contract], values: Mapping[Contract, FairValue]
) -> dict[Contract, FairValue]:
    found = dict(values)
    for rising in (False, True):
        members = [each for each in group.members if (each[1].comparison in _RISING) == rising]
        best = 0.0 if rising else 1.0
        for symbol, _ in sorted(members, key=lambda member: _threshold(member[1], rising=rising)):
            each = by_symbol[symbol]
            if each in found:
                best = max(best, found[each]) if rising else min(best, found[each])
                found[each] = FairValue(best, found[each].told)
    return found


def _threshold(spec: SettlementSpec, *, rising: bool) -> float:
    level = spec.high if rising else spec.low
    return 0.0 if level is None else float(level)


__all__ = ["coherent_values"]
