"""Memory of one replay: tables, their growth, and the window of rows the kernel works on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ntp.core import StrategyError, format_ns
from ntp.engine import records as r
from ntp.engine.book import BEHIND_WORDS
from ntp.engine.kernel import MOST_WAKES, run
from ntp.engine.memory import Log, address_of, aligned_copy, aligned_zeros
from ntp.engine.order_ids import IDS, fifo_table
from ntp.engine.tables import CAPACITY, COUNT, PLACES, RINGS, SHARE, TABLES
from ntp.rules import MASK_COUNT, UNTESTED

Columns = Mapping[str, npt.NDArray[Any]]
@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How the venue and the way to it are simulated.

    Attributes
    ----------
    order_latency, feed_latency : int
        Nanoseconds; the order latency is the constant where no distribution is given.
    order_latencies : sequence of int
        Recorded order latencies to draw from; empty for a constant.
    venue_latencies : mapping of str to int
        Order latencies of venues of their own, whatever that of the others.
    queue_model, queue_power, queue_function : int, float, int
        Number and exponent of the queue model; address of a user's compiled model.
    inferred_prints, touch_fills : bool
        What the fill mode allows.
    seed : int
        Seed of the random stream.
    equity_every : int
        Nanoseconds between samples of the equity curve.
    """

    order_latency: int = 50_000_000
    feed_latency: int = 0
    order_latencies: Sequence[int] = ()
    venue_latencies: Mapping[str, int] = field(default_factory=dict)
    queue_model: int = r.Q_POWER
    queue_power: float = 2.0
    queue_function: int = 0
    inferred_prints: bool = True
    touch_fills: bool = False
    seed: int = 0
    equity_every: int = 60_000_000_000


def _words(table: npt.NDArray[Any]) -> memoryview:
    """View records as one row of int64 words, for cheap access from Python."""
    return _bytes(table).cast("q")


def _bytes(table: npt.NDArray[Any]) -> memoryview:
    raw: Any = table.view(np.int64)  # a buffer, which its type stubs do not say
    return memoryview(raw).cast("B")


class ReplayState:
    """All memory of one replay; Python owns it, the kernel works on its addresses.

    Parameters
    ----------
    contracts : ndarray of records.CONTRACT
        One record per instrument, filled by the tape.
    level_sizes : ndarray
        Levels per contract for l2 books, 0 elsewhere.
    accounts, steps : ndarray
        Accounts and fee steps.
    settings : EngineSettings
        Latencies, queue model and what the fill mode allows.
    track_book : bool
        Keep the levels as the strategy sees them too.
    rows : int
        Rows to be replayed, where that is known: sizes the logs.
    """

    def __init__(
        self,
        contracts: npt.NDArray[Any],
        accounts: npt.NDArray[Any],
        steps: npt.NDArray[Any],
        settings: EngineSettings,
        *,
        track_book: bool = False,
        rows: int = 0,
        versions: npt.NDArray[Any] | None = None,
        params: Sequence[float] = (),
    ) -> None:
        self.contracts = contracts
        self.underlyings, self.claims = np.zeros(0, r.UNDERLYING), np.zeros(0, r.CLAIM)
        contracts["long_left"] = r.NONE  # what an opened holding leaves to close is not counted yet
        self.accounts = accounts
        self.steps = steps
        self.candles = np.zeros(1, r.CANDLE_ROW)
        self.versions = versions if versions is not None and len(versions) else np.zeros(1, r.VERSION)
        self.fifo = fifo_table() if settings.queue_model == r.Q_FIFO else np.zeros(1, r.FIFO)
        self.earned, self.scaled = np.zeros(1, r.EARNED), np.zeros(1, r.SCALED)
        self.risks: list[npt.NDArray[Any]] = []
        self.params = np.array([*params, 0.0], dtype=np.float64)
        self.latencies = np.array([*settings.order_latencies, 0], dtype=np.int64)
        self.dirty = np.zeros(len(contracts) + 1, dtype=np.int64)
        self.gate_counts = np.zeros(MASK_COUNT, dtype=np.int64)
        self.matches = np.zeros(1, r.MATCH)
        self.tables: dict[str, npt.NDArray[Any]] = {}
        self._logs: dict[str, Log] = {}
        self.context = np.zeros(1, r.CONTEXT)
        self.margin = 8 * len(contracts) + 256
        self._levels(track_book=track_book)
        self._quotes(touch_fills=settings.touch_fills)
        self._window: Columns = {}
        self.unseen = np.zeros(0, dtype=np.int32)
        self._views = np.zeros((0, 4), dtype=np.int64)
        ctx = self.context
        for name, (dtype, least) in TABLES.items():
            # untouched memory costs nothing: room for a busy run spares the copies of growing
            size = max(least, rows * SHARE.get(name, 0) // 100)
            while size < 4 * self.margin:
                size *= 2
            if name in SHARE:
                self._logs[name] = Log(dtype, size)
                self.tables[name] = self._logs[name].table
            else:
                self.tables[name] = aligned_zeros(dtype, size)
        self._chain_orders(0)
        values = {
            "n_contracts": len(contracts), "n_accounts": len(accounts), "n_steps": len(steps),
            "n_latencies": len(settings.order_latencies), "margin": self.margin, "next_order": 1,
            "next_side": r.FAR, "markout_time": r.FAR, "message_time": r.FAR, "notice_time": r.FAR,
            "order_latency": settings.order_latency, "feed_latency": settings.feed_latency,
            "through_after": settings.order_latency if not settings.order_latencies
            else int(np.median(self.latencies[:-1])),
            "queue_model": settings.queue_model, "queue_power": settings.queue_power,
            "queue_function": settings.queue_function, "inferred_prints": settings.inferred_prints,
            "touch_fills": settings.touch_fills, "track_book": track_book, "rng": settings.seed,
            "equity_every": settings.equity_every, "stated": np.nan, "stated_match": r.NONE, "stated_tag": -1,
        }  # fmt: skip
        for name, value in values.items():
            ctx[name] = value
        self.address = address_of(ctx)
        self.words = _words(ctx)
        self.contract_words = _words(contracts)
        self.contract_floats = _bytes(contracts).cast("d")
        self.account_words = _words(accounts)
        self._point()

    def set_candles(self, candles: npt.NDArray[Any]) -> None:
        """Set the candles that rows point into."""
        if len(candles):
            self.candles = candles
            self.context["candles"] = address_of(candles)

    def set_underlyings(
        self, underlyings: npt.NDArray[Any], rings: Sequence[npt.NDArray[np.float64]], claims: npt.NDArray[Any],
        bars: int,
    ) -> None:
        """Let the engine follow what contracts settle on, and tell what they are worth.

        Parameters
        ----------
        underlyings : ndarray of records.UNDERLYING
            Followed as far as the strategy sees them.
        rings : sequence of ndarray
            For each, a power of two of values: one for each second that settlements look back on.
        claims : ndarray of records.CLAIM
            What each contract settles on.
        bars : int
            Bars of each that variance is measured from, 0 for none.
        """
        for number, ring in enumerate(rings):
            underlyings["ring"][number], underlyings["ring_mask"][number] = address_of(ring), len(ring) - 1
            self.contracts["underlying"][underlyings["instrument"][number]] = number
        self.underlying_bars = np.zeros((len(underlyings), max(bars, 1)), r.BAR)
        underlyings["n_bars"] = max(bars, 1)
        underlyings["bars"] = address_of(self.underlying_bars) + self.underlying_bars.strides[0] * np.arange(
            len(underlyings)
        )
        self.underlyings, self.claims, self._rings = underlyings, claims, list(rings)
        self.context["underlyings"], self.context["claims"] = address_of(underlyings), address_of(claims)

    def open_gate(self, refusing: int, *, tested: bool) -> memoryview:
        """Set which reasons refuse orders; return the counts of orders by mask, which the kernel keeps."""
        self.context["refusing"], self.context["untested"] = refusing, 0 if tested else UNTESTED
        return _words(self.gate_counts)

    def set_matches(self, first: npt.NDArray[Any], count: npt.NDArray[Any], matches: npt.NDArray[Any]) -> None:
        """Set which contracts show the same claim: rows of the table of matches by contract."""
        self.contracts["match_first"], self.contracts["match_count"] = first, count
        self.matches = matches if len(matches) else np.zeros(1, r.MATCH)
        self.context["matches"] = address_of(self.matches)

    def start_clock(self, first: int, last: int) -> None:
        """Set the equity samples between the first and the last row."""
        alarm = self.tables["alarms"][0:1]
        alarm["time"], alarm["kind"], alarm["count"] = first, r.A_EQUITY, 1
        self.context["n_alarms"], self.context["alarm_count"] = 1, 1
        self.context["next_side"], self.context["last_time"] = first, last

    def _levels(self, *, track_book: bool) -> None:
        counts = self.contracts["levels"]
        total = int(counts.sum())
        sides = 6 if track_book else 4
        self.level_memory = np.zeros(max(total * sides, 1), dtype=np.int64)
        base = address_of(self.level_memory)
        offsets = np.concatenate([[0], np.cumsum(counts)[:-1]]) * sides
        names = ("bids", "asks", "bids_used", "asks_used", "seen_bids", "seen_asks")[:sides]
        for place, name in enumerate(names):
            held = counts > 0
            self.contracts[name][held] = base + 8 * (offsets + place * counts)[held]

    def _quotes(self, *, touch_fills: bool) -> None:
        """Give quotes memory of what own takers took behind the best price, and a bound where no size is known."""
        quoted = np.flatnonzero(self.contracts["fidelity"] == r.FID_QUOTES)
        self.behind_memory = np.zeros((max(len(quoted), 1), BEHIND_WORDS), dtype=np.int64)
        self.contracts["behind"][quoted] = address_of(self.behind_memory) + self.behind_memory.strides[0] * np.arange(
            len(quoted)
        )
        least = np.maximum(self.contracts["min_size"], 1_000_000)
        self.contracts["unsized"] = r.UNKNOWN if touch_fills else least

    def _chain_orders(self, first: int) -> None:
        orders = self.tables["orders"]
        count = len(orders)
        orders["id"][-1] = -1  # the others are zero: what was never used is followed by its neighbour
        orders["next"][-1] = self.context["free_order"][0] if first else -1
        self.context["free_order"] = first
        self.context["free_count"] += count - first
        self.context["order_capacity"] = count

    def _point(self) -> None:
        ctx = self.context
        for name, table in self.tables.items():
            ctx[name] = address_of(table)
        for name in PLACES:
            ctx[name] = address_of(getattr(self, name))
        for name, capacity in CAPACITY.items():
            ctx[capacity] = self._room(name)
        ctx["fifo_mask"] = len(self.fifo) - 1
        ctx["ring_mask"] = len(self.tables["messages"]) - 1
        self.wake_words = _words(self.tables["wakes"])
        self.command_bytes = _bytes(self.tables["commands"])
        self.fill_bytes = _bytes(self.tables["fills"])

    def grow(self) -> None:
        """Enlarge every table that is nearly full until each has room for what one event can write."""
        ctx = self.context
        margin = int(ctx["margin"][0])
        for name, count in COUNT.items():
            while int(ctx[count][0]) + margin >= self._room(name):
                self._enlarge(name)
        waiting = max(int(ctx[tail][0]) - int(ctx[head][0]) for _, head, tail in RINGS)
        while waiting + margin >= len(self.tables["messages"]):
            self._grow_rings()
        while int(ctx["free_count"][0]) < margin:
            self._more_orders()
        if 2 * int(ctx["fifo_used"][0]) >= len(self.fifo):
            self.fifo = fifo_table(self.fifo)
            ctx["fifo_used"] = int((self.fifo["joined"] > 0).sum())
        ctx["need_grow"] = 0
        self._point()

    def _room(self, name: str) -> int:
        return self._logs[name].rows if name in self._logs else len(self.tables[name])

    def _enlarge(self, name: str) -> None:
        log, table = self._logs.get(name), self.tables[name]
        if log is not None and log.rows < len(table):
            log.more()
        elif log is not None:
            self._logs[name] = Log(table.dtype, 2 * len(table))
            self.tables[name] = self._logs[name].table
            self.tables[name][: len(table)] = table
        else:
            self.tables[name] = np.concatenate([table, np.zeros_like(table)])
    def stuck(self) -> StrategyError:
        """Say that the strategy keeps time from moving on."""
        now = int(self.context["now"][0])
        return StrategyError(
            f"expected time to move on, the strategy was woken {MOST_WAKES} times at {format_ns(now)}",
            code="endless_wakes", details={"ts": now},
            hint="without latency each answer to an own fill or order arrives at once; answer fewer of them",
        )

    def grow_commands(self) -> None:
        """Double the command buffer."""
        table = self.tables["commands"]
        self.tables["commands"] = np.concatenate([table, np.zeros_like(table)])
        self._point()

    def _more_orders(self) -> None:
        orders = self.tables["orders"]
        self.tables["orders"] = aligned_copy(np.concatenate([orders, np.zeros_like(orders)]))
        self._chain_orders(len(orders))
        self._point()

    def _grow_rings(self) -> None:
        ctx = self.context
        for ring, head, tail in RINGS:
            table = self.tables[ring]
            first, last = int(ctx[head][0]), int(ctx[tail][0])
            live = table[np.arange(first, last) & (len(table) - 1)]
            bigger = np.zeros(2 * len(table), table.dtype)
            bigger[: len(live)] = live
            self.tables[ring] = bigger
            ctx[head], ctx[tail] = 0, len(live)

    def set_window(
        self, columns: Columns, start: int, unseen: npt.NDArray[np.int32], *, queued: bool, last: bool
    ) -> None:
        """Point the kernel at a window of rows.

        Parameters
        ----------
        columns : mapping
            ``ts`` (int64), ``meta`` (int16), ``contract`` (int32), ``price`` (int32), ``size`` (int64)
            and optionally ``seen`` (int64), all contiguous, sorted by ``ts``.
        start : int
            Rows before it were applied at the venue already and are here because they are not seen yet.
        unseen : ndarray of int32
            Rows to show, in the order in which they are seen: of those before `start` if `queued`, else
            of all.
        queued : bool
            Rows are seen in the order of the venue, so that the kernel queues those that show anything.
        last : bool
            No row follows this window.
        """
        rows = len(columns["ts"])
        if len(self._views) < rows:
            wider = np.zeros((max(rows, 1), 4), dtype=np.int64)
            wider[: len(self._views)] = self._views
            self._views = wider
        if len(self.unseen) < rows + len(unseen):
            self.unseen = np.zeros(rows + len(unseen), dtype=np.int32)
        self.unseen[: len(unseen)] = unseen
        self._window = columns
        ctx = self.context
        for name in ("ts", "meta", "contract", "price", "size"):
            ctx[name] = address_of(columns[name])
        ctx["seen"] = address_of(columns["seen"]) if "seen" in columns else 0
        ctx["ids"] = address_of(columns[IDS]) if IDS in columns else 0
        ctx["order"] = address_of(self.unseen)
        ctx["views"] = address_of(self._views)
        ctx["rows"], ctx["row"], ctx["next_seen"] = rows, start, 0
        ctx["ordered"], ctx["queues_rows"] = len(unseen), queued
        ctx["sees_all"] = bool(int(ctx["track_book"][0]) or int(ctx["wake_mask"][0]) & r.W_BOOK)
        if rows:
            ctx["last_row"] = max(int(ctx["last_row"][0]), int(columns["ts"][-1]))
        ctx["limit"] = r.FAR if last else (int(columns["ts"][-1]) if rows else int(ctx["limit"][0]))

    def left_unseen(self) -> npt.NDArray[np.int32]:
        """Rows of the window that the strategy has not been shown, in the order it would have been."""
        ctx = self.context
        return self.unseen[int(ctx["next_seen"][0]) : int(ctx["ordered"][0])].copy()

    def keep_views(self, kept: npt.NDArray[Any]) -> None:
        """Move the views of rows that are not seen yet to the front, for the next window."""
        self._views[: len(kept)] = self._views[kept]

    def step(self) -> int:
        """Run the kernel until the strategy is due (WAKE) or the window is used up (DRAINED)."""
        while True:
            code = int(run(self.address))
            if code == r.STUCK:
                raise self.stuck()
            if code != r.GROW:
                return code
            self.grow()
