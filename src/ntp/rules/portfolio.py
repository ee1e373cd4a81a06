"""The portfolio of an event: what contracts pay together in each state of the world, and the most that can be lost.

Events of several venues are one where their contracts pay on the same observable, or where contracts are matched as
equal. A state is a row of payoffs of YES in 0.000001 dollar, or one of two codes for what has no number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Final

import numpy as np
import numpy.typing as npt

from ntp.core import CASH_ONE, DataError
from ntp.markets import (
    Instrument,
    InstrumentKind,
    OutcomeGroup,
    Relation,
    SettlementSpec,
    VoidBranch,
    group_of,
    settlement_of,
)

Ints = npt.NDArray[np.int64]
REFUNDED: Final = -1
"""Code of a contract that is voided: cost and fees come back."""
LOST: Final = -2
"""Code of a contract of which only the worst may be assumed: whatever is held pays nothing."""
_MOST_VOIDS: Final = 3
_MOST_ROWS: Final = 4_096


@dataclass(frozen=True, eq=False)
class EventStates:
    """Contracts of an event, over venues, and what they pay in each state.

    Attributes
    ----------
    members : tuple of str
        Ids of the contracts.
    pays : ndarray of int64, (states, members)
        Payoff of YES in 0.000001 dollar, or :data:`REFUNDED` or :data:`LOST`.
    """

    members: tuple[str, ...]
    pays: Ints


@dataclass(frozen=True, slots=True)
class Resting:
    """An order that may still fill: place of its contract, side (1 or -1), price in dollars, contracts, fee in all."""

    place: int
    side: int
    price: float
    size: float
    fee: float = 0.0


def event_states(
    instruments: Iterable[Instrument], matches: Iterable[tuple[str, str, bool]] = ()
) -> list[EventStates]:
    """Find the events that contracts belong to, over venues, and their states, voids included.

    Parameters
    ----------
    instruments : iterable of Instrument
        Those that are no contracts are left out.
    matches : iterable of (str, str, bool)
        Ids of two contracts that were found equal; True where YES of one is NO of the other.
    """
    contracts = {each.id: each for each in instruments if each.kind is InstrumentKind.CONTRACT}
    links = [each for each in matches if each[0] in contracts and each[1] in contracts]
    specs = {name: _spec(each) for name, each in contracts.items()}
    groups: dict[str, list[str]] = {}
    for name, root in _roots(contracts, specs, links).items():
        groups.setdefault(root, []).append(name)
    return [_states([contracts[name] for name in sorted(names)], specs, links) for _, names in sorted(groups.items())]


def worst_loss(
    states: EventStates, flows: Sequence[float], positions: Sequence[float], resting: Iterable[Resting] = ()
) -> float:
    """Dollars lost on an event in its worst state, if of the orders those fill that lose there; at least 0.

    Parameters
    ----------
    states : EventStates
        Of the event.
    flows : sequence of float
        Dollars that each contract has paid (positive) or taken so far, fees included.
    positions : sequence of float
        Signed contracts held.
    resting : iterable of Resting
        Orders that may still fill.
    """
    lost = np.zeros(len(states.pays))
    for place, (flow, position) in enumerate(zip(flows, positions, strict=True)):
        pays = states.pays[:, place]
        worth = np.where(position > 0, position * pays, -position * (CASH_ONE - pays)) / CASH_ONE
        lost -= np.where(pays == REFUNDED, 0.0, flow + np.where(pays == LOST, 0.0, worth))
    for order in resting:
        pays = states.pays[:, order.place]
        cost = order.size * (order.price if order.side > 0 else 1.0 - order.price) + order.fee
        worth = order.size * np.where(order.side > 0, pays, CASH_ONE - pays) / CASH_ONE
        loss = np.where(pays == REFUNDED, 0.0, cost - np.where(pays == LOST, 0.0, worth))
        lost += np.maximum(loss, 0.0)
    return max(float(lost.max(initial=0.0)), 0.0)


def _spec(instrument: Instrument) -> SettlementSpec | None:
    try:
        return settlement_of(instrument)
    except DataError:  # rules that cannot be told save nothing
        return None


def _roots(
    contracts: Mapping[str, Instrument], specs: Mapping[str, SettlementSpec | None],
    links: Sequence[tuple[str, str, bool]],
) -> dict[str, str]:
    """Name one contract for all that belong together."""
    above = {name: name for name in contracts}

    def root(name: str) -> str:
        while above[name] != name:
            name = above[name]
        return name

    first: dict[object, str] = {}
    for name, each in contracts.items():
        spec = specs[name]
        keys: list[object] = [(each.venue, each.event)] if each.event else []
        if spec is not None and not spec.outcome and spec.observable.at_ns is not None:
            keys.append(spec.observable)
        for key in keys:
            above[root(name)] = root(first.setdefault(key, name))
    for one, other, _ in links:
        above[root(one)] = root(other)
    return {name: root(name) for name in contracts}


def _states(
    members: Sequence[Instrument], specs: Mapping[str, SettlementSpec | None], links: Sequence[tuple[str, str, bool]]
) -> EventStates:
    names = [each.id for each in members]
    rows = _joint_rows(members, specs, links)
    venues: dict[tuple[str, str], list[int]] = {}
    for place, each in enumerate(members):
        venues.setdefault((each.venue, each.event or each.id), []).append(place)
    found = [rows, *_voided(rows, list(venues.values()), [specs[name] for name in names])]
    return EventStates(tuple(names), np.unique(np.concatenate(found), axis=0))


def _joint_rows(
    members: Sequence[Instrument], specs: Mapping[str, SettlementSpec | None], links: Sequence[tuple[str, str, bool]]
) -> Ints:
    """Payoffs without a void: of the largest part whose states can be told, and of what is matched with it."""
    parts: dict[object, list[Instrument]] = {}
    for each in members:
        spec = specs[each.id]
        if spec is not None:
            named = (each.venue, each.event or each.id) if spec.outcome or spec.observable.at_ns is None else None
            parts.setdefault(named or spec.observable, []).append(each)
    known: dict[str, Ints] = {}
    for part in sorted(parts.values(), key=len, reverse=True)[:1]:
        known = _columns(part)
    for _ in links:  # a match may lead to the next
        for one, other, turned in [*links, *((b, a, flip) for a, b, flip in links)]:
            if one in known and other not in known:
                known[other] = CASH_ONE - known[one] if turned else known[one]
    count = len(next(iter(known.values()))) if known else 1
    lost = np.full(count, LOST, np.int64)
    return np.stack([known.get(each.id, lost) for each in members], axis=1)


def _columns(part: Sequence[Instrument]) -> dict[str, Ints]:
    """Payoffs of contracts on one observable by state; none where any combination may happen."""
    ordered = sorted(part, key=lambda each: each.symbol)
    try:
        group: OutcomeGroup = group_of("event", ordered)
    except DataError:
        return {}
    if group.relation is Relation.INDEPENDENT and len(group.members) > 1:
        return {}
    rows = np.array([[int(value * CASH_ONE) for value in row] for row in group.states()], np.int64)
    return {each.id: rows[:, place] for place, each in enumerate(ordered)}


def _voided(rows: Ints, venues: Sequence[Sequence[int]], specs: Sequence[SettlementSpec | None]) -> list[Ints]:
    """States in which the event has no result at some venues, while the others pay as ever."""
    most = len(venues) if len(venues) <= _MOST_VOIDS else 1
    found = []
    for count in range(1, most + 1):
        for chosen in combinations(range(len(venues)), count):
            places = [place for number in chosen for place in venues[number]]
            found.append(_without_result(rows, places, specs))
    return found


def _without_result(rows: Ints, places: Sequence[int], specs: Sequence[SettlementSpec | None]) -> Ints:
    branches = {place: VoidBranch.UNKNOWN if (spec := specs[place]) is None else spec.void for place in places}
    stated = [place for place, branch in branches.items() if branch is VoidBranch.STATED]
    if len(stated) == rows.shape[1]:
        return rows
    # a value that the venue names is a mixture of what its contracts pay, whatever the others pay
    pairs = list(product(range(len(rows)), repeat=2)) if stated and len(rows) ** 2 <= _MOST_ROWS else []
    made = rows[[one for one, _ in pairs]].copy() if pairs else rows.copy()
    for place, branch in branches.items():
        if branch is VoidBranch.STATED and pairs:
            made[:, place] = rows[[other for _, other in pairs], place]
        else:
            made[:, place] = {VoidBranch.REFUND: REFUNDED, VoidBranch.HALF: CASH_ONE // 2}.get(branch, LOST)
    return np.unique(made, axis=0)


__all__ = ["LOST", "REFUNDED", "EventStates", "Resting", "event_states", "worst_loss"]
