"""Stamps: machine names of what weakens a result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from ntp.backtest.results import FEES_UNKNOWN
from ntp.engine import records as r
from ntp.engine.replay import Replay
from ntp.markets import DOLLARS, PUSD, currency_of

NOT_POINT_IN_TIME: Final = "not_point_in_time"
"""An archive gave only the last version of a contract's attributes."""
SIZES_UNKNOWN: Final = "sizes unknown"
"""A taker took from quotes whose sizes nobody recorded: no more than is bounded by the rules of assumptions."""
QUOTE_INFERRED: Final = "quote_inferred"
"""A touch of its price by the opposite side filled an order, where no tape or no sizes are known."""
PUSD_AT_ONE_DOLLAR: Final = "pUSD at 1 dollar"
"""An account holds dollar tokens, each counted as a dollar."""
PLAY_MONEY: Final = "play money apart"
"""An account holds play money, which is in no figure in dollars."""
SIZES_SCALED: Final = "sizes scaled"
"""Realised edges were not what was predicted, so that default and Kelly sizes were scaled down."""
REBATES_ESTIMATED: Final = "rebates estimated"
"""Rebates are a guess of what a venue's pool pays later; they are told and never counted."""


def stamps_of(replay: Replay, universe: Iterable[int], waived: Sequence[str]) -> list[str]:
    """Collect the stamps of a replay.

    Parameters
    ----------
    replay : Replay
        As it ended.
    universe : iterable of int
        Numbers of the contracts traded.
    waived : sequence of str
        Rules that did not hold.
    """
    traded = list(universe)
    fills = replay.state.tables["fills"][: int(replay.state.context["n_fills"][0])]
    scaled = replay.state.scaled
    currencies = {currency_of(replay.tape.instruments[number].venue) for number in traded}
    found = {
        FEES_UNKNOWN: _fees_unknown(replay, traded),
        NOT_POINT_IN_TIME: any(replay.tape.instruments[number].known_at is None for number in traded),
        QUOTE_INFERRED: _touched(replay, fills),
        SIZES_UNKNOWN: bool((fills["flags"] & r.F_UNSIZED).any()),
        PUSD_AT_ONE_DOLLAR: PUSD in currencies,
        PLAY_MONEY: bool(currencies - set(DOLLARS)),
        REBATES_ESTIMATED: bool(fills["rebate"].any()),
        SIZES_SCALED: bool((scaled["factor"][: int(replay.state.context["n_scaled"][0])] < 1.0).any()),
    }
    return [f"waived:{rule}" for rule in waived] + [name for name, holds in found.items() if holds]


def _fees_unknown(replay: Replay, traded: Sequence[int]) -> bool:
    rows, models = replay.state.contracts[traded], replay.state.steps["model"]
    return any(
        (models[int(first) : int(last)] == r.MODEL_UNKNOWN).any()
        for first, last in zip(rows["step_first"], rows["step_last"], strict=True)
    )


def _touched(replay: Replay, fills: np.ndarray[Any, Any]) -> bool:
    """Say whether a fill rests on a touch: inferred, and without a print or a queue to infer it from."""
    if not replay.state.context["touch_fills"][0]:
        return False
    inferred = fills[(fills["flags"] & r.F_INFERRED) != 0]
    no_tape = replay.state.contracts["has_tape"][inferred["contract"]] == 0
    return bool((no_tape | (inferred["queue_ahead"] < 0)).any())
