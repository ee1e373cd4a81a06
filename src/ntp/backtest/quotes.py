"""Best prices over time, thinned for a chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from ntp.engine.records import FID_TRADES
from ntp.engine.replay import Replay

POINTS: Final = 500
"""As many as a chart has room to show."""
_CELLS: Final = 2_000_000
"""Prices kept of one side: of very many contracts there are fewer samples."""
_FEWEST: Final = 64


class QuoteSamples:
    """Samples of the recorded best prices of the contracts that have any, taken while they are replayed.

    Parameters
    ----------
    replay : Replay
        The replay.
    """

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._times: list[int] = []
        self._bids: list[npt.NDArray[np.int32]] = []
        self._asks: list[npt.NDArray[np.int32]] = []
        self._quoted = np.flatnonzero(replay.state.contracts["fidelity"] != FID_TRADES)
        self._most = max(_CELLS // max(len(self._quoted), 1), _FEWEST)
        self._every, self._asked = 1, 0

    def take(self) -> None:
        """Take a sample, or, once there were too many, one at every other call, every fourth and so on."""
        self._asked += 1
        if not len(self._quoted) or self._asked % self._every:
            return
        contracts = self._replay.state.contracts
        self._times.append(int(self._replay.state.context["now"][0]))
        self._bids.append(contracts["bid"][self._quoted].astype(np.int32))
        self._asks.append(contracts["ask"][self._quoted].astype(np.int32))
        if len(self._times) > self._most:
            self._every *= 2
            for kept in (self._times, self._bids, self._asks):
                del kept[1::2]

    def frame(self, contracts: Sequence[str]) -> pl.DataFrame:
        """Quotes of some contracts, where they changed.

        Returns
        -------
        polars.DataFrame
            ``ts`` (ns), ``contract``, ``bid``, ``ask`` in dollars, null where a side was empty.
        """
        wanted, instruments = set(contracts), self._replay.tape.instruments
        places = {instruments[n].id: n for n in range(len(instruments)) if instruments[n].id in wanted}
        units = self._replay.state.contracts["price_unit"]
        frames = []
        for name in contracts:
            n = places[name]
            place = int(np.searchsorted(self._quoted, n))
            if place == len(self._quoted) or self._quoted[place] != n:
                continue
            sides = {
                side: pl.Series([int(sample[place]) for sample in samples], dtype=pl.Int64)
                for side, samples in (("bid", self._bids), ("ask", self._asks))
            }
            frames.append(pl.DataFrame({"ts": self._times, "contract": name, **sides}).with_columns(
                pl.when(pl.col(side) >= 0).then(pl.col(side) / int(units[n])).alias(side) for side in sides
            ))  # fmt: skip
        if not frames:
            return pl.DataFrame(schema={"ts": pl.Int64, "contract": pl.String, "bid": pl.Float64, "ask": pl.Float64})
        both = pl.struct("bid", "ask")
        changed = both.ne_missing(both.shift(1).over("contract"))
        return pl.concat(frames).filter(changed).sort("ts", maintain_order=True)


__all__ = ["POINTS", "QuoteSamples"]
