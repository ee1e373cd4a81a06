"""Exclusive groups: which contracts of a tape return collateral together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy.typing as npt

from ntp.core import DataError
from ntp.markets import Relation, group_of
from ntp.markets.instrument import Instrument, InstrumentKind

RETURNING: Final = frozenset({"MECNET"})
"""Values of ``collateral_return_type`` whose rule is known; any other returns nothing."""
_EXCLUSIVE: Final = ("mutually_exclusive", "exclusive")


def link_groups(contracts: npt.NDArray[Any], instruments: Sequence[Instrument]) -> None:
    """Link the records of contracts whose event returns collateral on exclusive outcomes.

    Each record of a group holds the number of its first member and of the next, both counted from 1.
    """
    events: dict[tuple[str, str], list[int]] = {}
    for number, instrument in enumerate(instruments):
        rule = instrument.attributes.get("collateral_return_type")
        if rule in RETURNING and instrument.event and instrument.kind is InstrumentKind.CONTRACT:
            if contracts["nets"][number]:
                events.setdefault((instrument.venue, instrument.event), []).append(number)
    for (_, event), members in events.items():
        if len(members) > 1 and _exclusive(event, [instruments[number] for number in members]):
            for number, following in zip(members, [*members[1:], -1], strict=True):
                contracts["group"][number] = members[0] + 1
                contracts["group_next"][number] = following + 1


def _exclusive(event: str, members: Sequence[Instrument]) -> bool:
    if all(any(member.attributes.get(name) for name in _EXCLUSIVE) for member in members):
        return True  # the venue says so
    try:
        return group_of(event, members).relation is Relation.EXCLUSIVE
    except DataError:
        return False  # nobody can tell what they settle on
