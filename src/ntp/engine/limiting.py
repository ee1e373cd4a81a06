"""Sets limits on what an event may lose, see :mod:`ntp.engine.limits`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ntp.engine import records as r
from ntp.engine.memory import address_of, aligned_zeros
from ntp.engine.state import ReplayState
from ntp.rules import EventStates


def limit_events(state: ReplayState, events: Sequence[EventStates], numbers: Mapping[str, int], limit: int) -> None:
    """Let no event lose more than a limit.

    Parameters
    ----------
    state : ReplayState
        Of a replay that has not begun.
    events : sequence of EventStates
        What contracts pay together.
    numbers : Mapping of str to int
        Number of each contract by id.
    limit : int
        1e-6 dollar.
    """
    risks = aligned_zeros(r.RISK, max(len(events), 1))
    kept = [risks]
    for place, event in enumerate(events):
        ids = np.array([numbers[name] for name in event.members], np.int64)
        pays, losses = np.ascontiguousarray(event.pays, np.int64), np.zeros(len(event.pays), np.int64)
        row = risks[place]
        row["members"], row["rows"], row["limit"] = len(ids), len(pays), limit
        row["ids"], row["pays"], row["losses"] = address_of(ids), address_of(pays), address_of(losses)
        state.contracts["risk"][ids] = place + 1
        state.contracts["risk_place"][ids] = np.arange(len(ids))
        kept += [ids, pays, losses]
    state.risks = kept
    state.context["risks"] = address_of(risks)


def equal_matches(state: ReplayState, ids: Sequence[str]) -> list[tuple[str, str, bool]]:
    """Pairs of contracts that were found equal, and whether YES of one is NO of the other.

    Parameters
    ----------
    state : ReplayState
        After its matches were set.
    ids : sequence of str
        Id of each contract.
    """
    found = []
    for number in np.flatnonzero(state.contracts["match_count"]).tolist():
        row = state.contracts[number]
        first = int(row["match_first"])
        for match in state.matches[first : first + int(row["match_count"])]:
            if match["equal"]:
                found.append((ids[number], ids[int(match["other"])], bool(match["turned"])))
    return found


__all__ = ["equal_matches", "limit_events"]
