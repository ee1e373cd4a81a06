"""Matched contracts of a run: the same claims at other venues, in the words of the engine and of the result."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np

from ntp.core import sha256_json
from ntp.engine import records as r
from ntp.engine.replay import Replay
from ntp.markets.instrument import Instrument
from ntp.rules.matches import COMPLEMENT, OVERLAP, MatchRow, match_instruments

_ENOUGH: Final = 20  # orders, before it is said that a relation looks the wrong way round
_FAR: Final = 0.1  # dollars between mids, which near one half tell nothing
Partners = Mapping[int, Mapping[str, tuple[int, bool]]]
"""Contract to venue to the matched contract's number and whether it is the complement."""


def partners_wanted(rows: Sequence[MatchRow], instruments: Sequence[Instrument], wanted: Collection[str]) -> set[str]:
    """Ids of the contracts that are matched with one of those wanted: their books are needed too."""
    if not rows:
        return set()
    unique = list({each.id: each for each in instruments}.values())
    found = match_instruments(rows, unique)[0]
    pairs = [(unique[match.a].id, unique[match.b].id) for match in found if match.row.relation != OVERLAP]
    return {b if a in wanted else a for a, b in pairs if (a in wanted) != (b in wanted)}


class Matched:
    """Matches among the contracts of a tape.

    Parameters
    ----------
    rows : sequence of MatchRow
        As they were declared.
    instruments : sequence of Instrument
        Of the tape, in its order.

    Attributes
    ----------
    warnings : list of str
        What a reader must know of them.
    partners : mapping
        Matched contracts by contract and venue.
    """

    def __init__(self, rows: Sequence[MatchRow], instruments: Sequence[Instrument]) -> None:
        found, self.warnings = match_instruments(rows, instruments) if rows else ([], [])
        self._instruments, self._rows = instruments, rows
        by_contract: dict[int, list[tuple[int, MatchRow]]] = {}
        for match in found:
            if match.row.relation != OVERLAP:
                by_contract.setdefault(match.a, []).append((match.b, match.row))
                by_contract.setdefault(match.b, []).append((match.a, match.row))
        self.partners: Partners = {
            number: {instruments[other].venue: (other, row.relation == COMPLEMENT) for other, row in each}
            for number, each in by_contract.items()
        }
        self._first = np.zeros(len(instruments), np.int64)
        self._count = np.zeros(len(instruments), np.int64)
        table: list[tuple[Any, ...]] = []
        for number in sorted(by_contract):
            self._first[number], self._count[number] = len(table), len(by_contract[number])
            for other, row in by_contract[number]:
                table.append((other, row.relation == COMPLEMENT, row.equal, rows.index(row), 0, 0.0, 0.0))
        self._table = np.array(table, r.MATCH) if table else np.zeros(0, r.MATCH)

    @property
    def described(self) -> dict[str, Any]:
        """What the manifest says of them; nothing where there are none."""
        if not len(self._table):
            return {}
        pairs = sorted(
            [self._instruments[one].id, self._instruments[other].id, turned]
            for one, each in self.partners.items() for other, turned in each.values()
        )
        return {"matches": sha256_json([pairs, [row.equal for row in self._rows]])}

    def bind(self, replay: Replay) -> None:
        """Let the gate of a replay see them."""
        replay.state.set_matches(self._first, self._count, self._table.copy())

    def outcome(self, replay: Replay) -> dict[str, Any]:
        """How far matched mids were apart when orders were sent, in dollars, and which relations look wrong."""
        table = replay.state.matches
        count = int(table["count"].sum())
        if not len(self._table) or not count:
            return {}
        wrong = []
        for place, row in enumerate(self._rows):
            own = table[table["row"] == place]
            seen = int(own["count"].sum())
            if seen >= _ENOUGH:
                gap, turned = float(own["gap"].sum()) / seen, float(own["turned_gap"].sum()) / seen
                if gap > _FAR and turned < gap / 4:
                    wrong.append(
                        f"{row.place}: relation {row.relation} looks the wrong way round, mids were {gap:.2f} dollars "
                        f"apart and {turned:.2f} with one of them turned"
                    )
        return {
            "cross_venue": {"orders": count, "gap_usd": float(table["gap"].sum()) / count}, "match_warnings": wrong
        }


__all__ = ["Matched", "Partners", "partners_wanted"]
