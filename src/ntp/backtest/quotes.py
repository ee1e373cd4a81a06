"""Best prices over time, thinned for a chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from ntp.engine.replay import Replay

POINTS: Final = 500
"""As many as a chart has room to show."""
_CELLS: Final = 2_000_000
"""Prices kept of one side: of very many contracts there are fewer samples."""


class QuoteSamples:
    """Samples of the recorded best prices of all contracts, taken while they are replayed.

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
        self._most = _CELLS // len(replay.tape.instruments)

    def take(self) -> None:
        """Take a sample; when there are too many, every other one is forgotten."""
        contracts = self._replay.state.contracts
        self._times.append(int(self._replay.state.context["now"][0]))
        self._bids.append(contracts["bid"].astype(np.int32))
        self._asks.append(contracts["ask"].astype(np.int32))
        if len(self._times) > max(self._most, 64):
            for kept in (self._times, self._bids, self._asks):
                del kept[1::2]

    def frame(self, contracts: Sequence[str]) -> pl.DataFrame:
        """Quotes of some contracts, where they changed.

        Returns
        -------
        polars.DataFrame
            ``ts`` (ns), ``contract``, ``bid``, ``ask`` in dollars, null where a side was empty.
        """
        numbers = {each.id: n for n, each in enumerate(self._replay.tape.instruments)}
        units = self._replay.state.contracts["price_unit"]
        frames = []
        for name in contracts:
            n = numbers[name]
            sides = {
                side: pl.Series([int(sample[n]) for sample in samples], dtype=pl.Int64)
                for side, samples in (("bid", self._bids), ("ask", self._asks))
            }
            frames.append(pl.DataFrame({"ts": self._times, "contract": name, **sides}).with_columns(
                pl.when(pl.col(side) >= 0).then(pl.col(side) / int(units[n])).alias(side) for side in sides
            ))  # fmt: skip
        both = pl.struct("bid", "ask")
        changed = both.ne_missing(both.shift(1).over("contract"))
        return pl.concat(frames).filter(changed).sort("ts", maintain_order=True)


__all__ = ["POINTS", "QuoteSamples"]
