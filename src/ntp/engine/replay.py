"""Replay: drives the kernel over a tape in windows, or over rows fed one by one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ntp.engine import records as r
from ntp.engine.checks import check_rows
from ntp.engine.kernel import sample_last
from ntp.engine.memory import aligned_copy
from ntp.engine.order_ids import IDS, check_order_ids
from ntp.engine.state import EngineSettings, ReplayState
from ntp.engine.tape import COLUMNS, Tape

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
    apart : collection of str
        Venues whose accounts are in another currency and never enter the equity.
    """

    def __init__(
        self, tape: Tape, settings: EngineSettings, cash: Mapping[str, int], *, track_book: bool = False,
        window: int = WINDOW, params: Sequence[float] = (), fed: bool = False,
        apart: Collection[str] = (),
    ) -> None:
        accounts = np.zeros(max(len(tape.accounts), 1), r.ACCOUNT)
        for number, venue in enumerate(tape.accounts):
            for name in ("cash", "cash_seen", "start"):
                accounts[name][number] = cash.get(venue, 0)
            accounts["apart"][number] = venue in apart
            accounts["order_latency"][number] = settings.venue_latencies.get(venue, r.NONE)
        self.tape = tape
        self.state = ReplayState(
            aligned_copy(tape.contracts), accounts, tape.steps, settings, track_book=track_book, rows=tape.rows,
            versions=tape.versions.records, params=params,
        )
        self._columns: Columns = {name: column[:0] for name, column in tape.columns.items()} if fed else tape.columns
        self.payloads: Sequence[str] = () if fed else tape.payloads
        if not fed:
            self.state.set_candles(tape.candles)
        self._fed = fed
        self._size = window
        self._rows = 0 if fed else len(tape.columns["ts"])
        self._low = 0
        self._high = 0
        self._before = 0
        self._finished = self._rows == 0 and not fed
        names = ["seen"] if "seen" in tape.columns else []
        if settings.queue_model == r.Q_FIFO:
            check_order_ids(tape.instruments, tape.contracts, [] if tape.contracts["has_ids"].any() else [0])
            names.append(IDS)
        self._names = (*COLUMNS, *names)
        self._by_recv = "seen" in tape.columns
        if self._rows:
            self._open_window()

    @property
    def ended(self) -> bool:
        """Whether no row is left to point the kernel at."""
        return self._finished

    @property
    def row(self) -> int:
        """Rows of the tape given to the kernel so far."""
        return self._before + self._high

    def step(self) -> bool:
        """Run on until the strategy is due; False when everything fed so far is used up."""
        while True:
            if self.state.step() == r.WAKE:
                return True
            if self._finished or not self.next_window():
                return False

    def feed(
        self, columns: Columns, candles: npt.NDArray[Any] | None = None, payloads: Sequence[str] = (), *,
        checked: bool = False,
    ) -> None:
        """Append rows, not earlier than those before, and what they point into; :meth:`step` then runs on them.

        Parameters
        ----------
        columns : mapping
            Columns of the kernel's rows.
        candles, payloads
            What the rows point into.
        checked : bool
            Whether somebody saw to it already that the rows can be.

        Raises
        ------
        DataError
            If a row is of no contract, goes back in time, or has a price or a size that cannot be.
        """
        if not checked:
            check_rows(columns, self.state.contracts, int(self.state.context["last_row"][0]))
        self._refill(columns, np.zeros(0, r.CANDLE_ROW) if candles is None else candles, payloads, last=False)

    def finish(self) -> None:
        """Say that no row follows; :meth:`step` then runs to the end."""
        self._finished = True
        none = {name: column[:0] for name, column in self._columns.items()}
        self._refill(none, np.zeros(0, r.CANDLE_ROW), (), last=True)

    def _refill(self, columns: Columns, candles: npt.NDArray[Any], payloads: Sequence[str], *, last: bool) -> None:
        """Begin anew with the rows that are not seen yet, followed by new ones."""
        unseen = self.state.left_unseen()
        kept = np.sort(unseen)
        self.state.keep_views(kept)
        old = {name: column[self._low : self._high][kept] for name, column in self._columns.items()}
        size, shown = old["size"], old["meta"] & 15
        told = size[shown == r.PAYLOAD].tolist()
        self.payloads = [self.payloads[row] for row in told] + list(payloads)
        drawn = size[shown == r.CANDLE]
        self.state.set_candles(np.concatenate([self.state.candles[drawn], candles]))
        size[shown == r.PAYLOAD], size[shown == r.CANDLE] = np.arange(len(told)), np.arange(len(drawn))
        new = dict(columns)
        for kind, more in ((r.PAYLOAD, len(told)), (r.CANDLE, len(drawn))):
            if more:
                new["size"] = np.where(columns["meta"] & 15 == kind, new["size"] + more, new["size"])
        self._before += self._high - len(kept)
        both = len(kept) > 0 or set(columns) != set(old)
        self._columns = {name: np.concatenate([old[name], new[name]]) for name in old} if both else columns
        self._low, self._rows = 0, len(self._columns["ts"])
        self._high = min(self._rows, len(kept) + self._size)
        self._point(len(kept), np.searchsorted(kept, unseen).astype(np.int32), last=last)

    def _open_window(self) -> None:
        self._high = min(self._rows, self._low + self._size)
        self._point(0, np.zeros(0, np.int32), last=self._high == self._rows)

    def next_window(self) -> bool:
        """Move on to the next rows of the tape; False at its end."""
        if self._high == self._rows:
            self._finished = not self._fed
            return False
        unseen = self.state.left_unseen()
        count = self._high - self._low
        low = int(unseen.min()) if len(unseen) else count
        self.state.keep_views(np.arange(low, count, dtype=np.int64))
        self._low += low
        self._high = min(self._rows, self._high + self._size)
        last = self._high == self._rows and not self._fed
        self._point(count - low, unseen - np.int32(low), last=last)
        return True

    def _point(self, start: int, unseen: npt.NDArray[np.int32], *, last: bool) -> None:
        window = {
            name: self._columns[name][self._low : self._high]
            for name in self._names
        }
        queued = True
        if self._by_recv:
            rows = np.concatenate([unseen, np.arange(start, len(window["ts"]), dtype=np.int32)])
            times = window["seen"][rows]
            if not bool((times[1:] >= times[:-1]).all()):
                unseen = rows[np.lexsort((rows, times))]
                queued = False
        self.state.set_window(window, start, unseen, queued=queued, last=last)

    def sample_equity(self) -> None:
        """Take a last sample of the equity curve."""
        if int(self.state.context["n_equity"][0]) + 8 >= len(self.state.tables["equity"]):
            self.state.grow()
        sample_last(self.state.address)
