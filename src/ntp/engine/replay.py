"""Replay: drives the kernel over a tape in windows, or over rows fed one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ntp.engine import records as r
from ntp.engine.convert import COLUMNS
from ntp.engine.kernel import sample_last
from ntp.engine.state import EngineSettings, ReplayState
from ntp.engine.tape import Tape

WINDOW: Final = 1 << 17
Columns = Mapping[str, npt.NDArray[Any]]


class Replay:
    """One independent replay of a tape with its own accounts, orders and random stream.

    Parameters
    ----------
    tape : Tape
        What is replayed; its contract records are copied.
    settings : EngineSettings
        How venue and latency are simulated.
    cash : mapping of str to int
        Starting cash per venue in 1e-6 dollar.
    track_book : bool
        Keep all levels as the strategy sees them.
    window : int
        Rows per window; the result does not depend on it.
    params : sequence of float
        Parameters of a compiled strategy.
    fed : bool
        Rows come through :meth:`feed`, not from the tape.
    """

    def __init__(
        self, tape: Tape, settings: EngineSettings, cash: Mapping[str, int], *, track_book: bool = False,
        window: int = WINDOW, params: Sequence[float] = (), fed: bool = False,
    ) -> None:
        accounts = np.zeros(max(len(tape.accounts), 1), r.ACCOUNT)
        for number, venue in enumerate(tape.accounts):
            for name in ("cash", "cash_seen", "start"):
                accounts[name][number] = cash.get(venue, 0)
        self.tape = tape
        self.state = ReplayState(
            tape.contracts.copy(), accounts, tape.steps, settings, track_book=track_book, candles=tape.candles,
            params=params,
        )
        self._columns: Columns = {name: column[:0] for name, column in tape.columns.items()} if fed else tape.columns
        self._fed = fed
        self._size = window
        self._rows = 0 if fed else tape.rows
        self._low = 0
        self._high = 0
        self._order: npt.NDArray[np.int32] | None = None
        self._finished = self._rows == 0 and not fed
        self._by_recv = "seen" in tape.columns
        if self._rows:
            self._open_window()

    @property
    def row(self) -> int:
        """Rows of the tape given to the kernel so far."""
        return self._high

    def step(self) -> bool:
        """Run on until the strategy is due; False when everything fed so far is used up."""
        while True:
            if self.state.step() == r.WAKE:
                return True
            if self._finished or not self.next_window():
                return False

    def feed(self, columns: Columns) -> None:
        """Append rows, not earlier than those before; :meth:`step` then runs on them."""
        kept = self._unseen()
        self.state.keep_views(kept)
        old = {name: self._columns[name][self._low : self._high][kept] for name in self._columns}
        self._columns = {name: np.concatenate([old[name], columns[name]]) for name in self._columns}
        self._low, self._high = 0, len(self._columns["ts"])
        self._point(len(kept), np.arange(len(kept), dtype=np.int64), last=False)

    def finish(self) -> None:
        """Say that no row follows; :meth:`step` then runs to the end."""
        kept = self._unseen()
        self.state.keep_views(kept)
        self._columns = {name: self._columns[name][self._low : self._high][kept] for name in self._columns}
        self._low, self._high = 0, len(kept)
        self._finished = True
        self._point(len(kept), np.arange(len(kept), dtype=np.int64), last=True)

    def _unseen(self) -> npt.NDArray[np.int64]:
        """Rows of the window that the strategy has not seen, as offsets in ascending order."""
        done = int(self.state.context["next_seen"][0])
        if self._order is None:
            return np.arange(done, self._high - self._low, dtype=np.int64)
        return np.sort(self._order[done:]).astype(np.int64)

    def _open_window(self) -> None:
        self._high = min(self._rows, self._low + self._size)
        self._point(0, np.zeros(0, np.int64), last=self._high == self._rows)

    def next_window(self) -> bool:
        """Move on to the next rows of the tape; False at its end."""
        if self._fed:
            return False
        if self._high == self._rows:
            self._finished = True
            return False
        kept = self._unseen()
        low = int(kept[0]) if len(kept) else self._high - self._low
        self.state.keep_views(np.arange(low, self._high - self._low, dtype=np.int64))
        start = self._high - self._low - low
        self._low += low
        before, self._high = self._high, min(self._rows, self._high + self._size)
        self._point(start, kept - low, last=self._high == self._rows, first_new=before - self._low)
        return True

    def _point(self, start: int, kept: npt.NDArray[np.int64], *, last: bool, first_new: int | None = None) -> None:
        window = {
            name: self._columns[name][self._low : self._high]
            for name in (*COLUMNS, *(("seen",) if self._by_recv else ()))
        }
        count = self._high - self._low
        first_new = start if first_new is None else first_new
        order: npt.NDArray[np.int32] | None = None
        if self._by_recv and count:
            seen = window["seen"]
            rows = np.concatenate([kept, np.arange(first_new, count, dtype=np.int64)])
            times = seen[rows]
            if len(rows) != count or not bool((times[1:] >= times[:-1]).all()):
                order = rows[np.argsort(times, kind="stable")].astype(np.int32)
        self._order = order
        self.state.set_window(window, start, order, last=last)

    def sample_equity(self) -> None:
        """Take a last sample of the equity curve."""
        if int(self.state.context["n_equity"][0]) + 8 >= len(self.state.tables["equity"]):
            self.state.grow()
        sample_last(self.state.address)
