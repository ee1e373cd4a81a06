"""Blocks of events: what a replay gained in each is all that the probability of over-fitting needs of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np

from ntp.backtest.facts import Facts
from ntp.engine.tape import Tape
from ntp.statistics import Overfitting, overfitting_of_blocks

BLOCKS: Final = 16
_FINE: Final = 400
"""Configurations up to which all 12,870 splits are judged; of more the blocks are joined in pairs."""

BlockSums = tuple[Sequence[float], Sequence[float]]
"""Sum of the P&L of its events, and of its squares, of each block."""


def event_blocks(tape: Tape, wanted: Collection[str]) -> dict[str, int]:
    """Cut the events of contracts into blocks of equal size, in order of their first market row.

    Parameters
    ----------
    tape : Tape
        What is replayed.
    wanted : collection of str
        Contracts that may be traded, by id.

    Returns
    -------
    dict of str to int
        Block of each event; empty where there are too few to cut.
    """
    first: dict[str, int] = {}
    for number, (begun, _) in tape.spans.items():
        instrument = tape.instruments[number]
        if instrument.id in wanted:
            first[instrument.event] = min(first.get(instrument.event, begun), begun)
    if len(first) < 2 * BLOCKS:
        return {}
    parts = np.array_split(sorted(first, key=lambda name: (first[name], name)), BLOCKS)
    return {str(name): block for block, part in enumerate(parts) for name in part}


def sums_by_block(facts: Facts, blocks: Mapping[str, int]) -> BlockSums | None:
    """Add up what a replay gained in the events of each block; None where that is not known."""
    if not blocks or not facts.fees_known:
        return None
    events = facts.events
    place = [blocks[name] for name in events["event"].to_list()]
    pnl = events["pnl"].to_numpy()
    sums, squares = (np.bincount(place, weights=each, minlength=BLOCKS).tolist() for each in (pnl, pnl**2))
    return sums, squares


def overfitting_of(replays: Sequence[BlockSums], blocks: Mapping[str, int]) -> Overfitting:
    """Judge the choice of the best among replays of one data set.

    Parameters
    ----------
    replays : sequence
        Of :func:`sums_by_block`, two or more.
    blocks : mapping of str to int
        The blocks of all events.
    """
    counts = np.bincount(list(blocks.values()), minlength=BLOCKS).astype(np.float64)
    sums, squares = (np.array([each[part] for each in replays]).T for part in (0, 1))
    if len(replays) > _FINE:
        sums, squares, counts = (each[::2] + each[1::2] for each in (sums, squares, counts))
    return overfitting_of_blocks(sums, squares, counts)
