"""Switches on that what edges earned scales sizes, see :mod:`ntp.engine.earned`."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ntp.engine import records as r
from ntp.engine.memory import address_of, aligned_zeros
from ntp.engine.state import ReplayState

WEEKS: Final = 1 << 10
"""Weeks for which it is kept how sizes were scaled; later ones replace the last."""


def scale_sizes(state: ReplayState, events: npt.NDArray[np.int64]) -> None:
    """Let what edges earned scale sizes down, week by week.

    Parameters
    ----------
    state : ReplayState
        Of a replay that has not begun.
    events : ndarray of int64
        Number of the event of each contract, below the number of contracts.
    """
    state.contracts["event"] = events
    state.earned, state.scaled = aligned_zeros(r.EARNED, len(events)), aligned_zeros(r.SCALED, WEEKS)
    ctx = state.context
    ctx["earned"], ctx["scaled"] = address_of(state.earned), address_of(state.scaled)
    ctx["scaled_capacity"], ctx["scaled_week"], ctx["size_factor"] = WEEKS, r.NONE, 1.0


__all__ = ["scale_sizes"]
