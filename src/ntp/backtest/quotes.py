"""Best prices of a few contracts over time, thinned for a chart."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ntp.engine.replay import Replay
from ntp.engine.state import EngineSettings
from ntp.engine.tape import Tape

_POINTS = 1_000
"""More than a chart has columns of pixels to show them."""


def quotes_of(tape: Tape, contracts: Sequence[str]) -> pl.DataFrame:
    """Replay the books without a strategy and sample best bid and ask of some contracts.

    Returns
    -------
    polars.DataFrame
        ``ts`` (ns), ``contract``, ``bid``, ``ask`` in dollars, null where a side was empty.
    """
    numbers = {each.id: n for n, each in enumerate(tape.instruments)}
    wanted = [numbers[name] for name in contracts]
    replay = Replay(tape, EngineSettings(), {}, window=max(tape.rows // _POINTS, 64))
    state = replay.state
    rows: list[tuple[int, str, int, int, int]] = []
    going = True
    while going:
        state.step()
        now = int(state.context["now"][0])
        for name, n in zip(contracts, wanted, strict=True):
            row = state.contracts[n]
            rows.append((now, name, int(row["bid"]), int(row["ask"]), int(row["price_unit"])))
        going = replay.next_window()
    frame = pl.DataFrame(rows, schema=["ts", "contract", "bid_units", "ask_units", "unit"], orient="row")
    both = pl.struct("bid_units", "ask_units")
    changed = frame.filter(both.ne_missing(both.shift(1).over("contract")))
    return changed.select(
        "ts", "contract",
        *(
            pl.when(pl.col(f"{side}_units") >= 0).then(pl.col(f"{side}_units") / pl.col("unit")).alias(side)
            for side in ("bid", "ask")
        ),
    )  # fmt: skip


__all__ = ["quotes_of"]
