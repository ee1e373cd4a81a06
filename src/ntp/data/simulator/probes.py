"""Hidden orders followed through the queue: their true positions and fills.

A probe has a true position: the size of the orders at its price that arrived before it and are
still there. Cancels of those and trades with them shrink it; a trade with an order that arrived
later, or at a worse price, would have been the probe's, and so would an order of the other side
that came to rest at its price or beyond. Nothing a probe does changes the book.
"""

from collections.abc import Iterable
from typing import Any, Final

import polars as pl

from ntp.core import ConfigError, suggest
from ntp.data.simulator.config import Probe
from ntp.markets.instrument import Instrument

PROBE_SCHEMA: Final = {
    "probe": pl.Int64(),
    "symbol": pl.String(),
    "side": pl.Int8(),
    "price": pl.Int32(),
    "size": pl.Int64(),
    "placed_at": pl.Int64(),
    "state": pl.String(),
    "ended_at": pl.Int64(),
    "queue_at_arrival": pl.Int64(),
    "filled": pl.Int64(),
}
LOG_SCHEMA: Final = {
    "probe": pl.Int64(),
    "ts_event": pl.Int64(),
    "sequence": pl.Int64(),
    "reason": pl.String(),
    "ahead": pl.Int64(),
    "behind": pl.Int64(),
    "fill": pl.Int64(),
    "through": pl.Boolean(),
}

Change = tuple[int, int, int, int, int, int, str]
"""ts_event, sequence, order, side, price, size, reason."""


def probe_frames(
    probes: Iterable[Probe], instruments: list[Instrument], orders: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Follow probes through the changes of all orders.

    Parameters
    ----------
    probes : iterable of Probe
        Numbered from 0 in this order.
    instruments : list of Instrument
        Contracts they may name.
    orders : DataFrame
        ``truth["orders"]``.

    Returns
    -------
    dict
        ``probes``: one row each with ``state`` (``filled``, ``cancelled``, ``rejected`` because it
        would have crossed, ``expired`` at the close), ``queue_at_arrival`` and ``filled``.
        ``probe_log``: one row for the arrival and for each change: ``sequence`` of the book row
        that caused it (null for arrival and end), ``reason`` (``arrival``, ``cancel_ahead``,
        ``trade_ahead``, ``fill``, ``end``), size ``ahead`` and ``behind`` after it, ``fill``, and
        ``through`` where the price passed the probe.

    Raises
    ------
    ConfigError
        If a probe names no contract, lies off its grid or is placed outside its life.
    """
    known = {i.symbol: i for i in instruments}
    rows: list[dict[str, Any]] = []
    log: list[dict[str, Any]] = []
    changes: dict[str, list[Change]] = {}
    for number, probe in enumerate(probes):
        instrument = _checked(probe, known)
        if probe.symbol not in changes:
            mine = orders.filter(pl.col("symbol") == probe.symbol).drop("symbol")
            changes[probe.symbol] = list(mine.iter_rows())
        follower = ProbeFollower(number, probe, instrument.close_time or 0)
        rows.append(follower.follow(changes[probe.symbol]))
        log += follower.log
    return {
        "probes": pl.DataFrame(rows, schema=PROBE_SCHEMA),
        "probe_log": pl.DataFrame(log, schema=LOG_SCHEMA),
    }


def _checked(probe: Probe, known: dict[str, Instrument]) -> Instrument:
    instrument = known.get(probe.symbol)
    if instrument is None:
        raise ConfigError(
            f"expected a simulated contract, was {probe.symbol!r}", code="unknown_probe",
            hint=suggest(probe.symbol, known),
        )
    bands = instrument.tick_bands
    if not any(low <= probe.price <= high and (probe.price - low) % step == 0 for low, high, step in bands):
        raise ConfigError(
            f"expected a price on the grid of {probe.symbol}, was {probe.price}", code="off_grid"
        )
    opened, closed = instrument.open_time or 0, instrument.close_time or 0
    if not opened < probe.placed_at < closed:
        raise ConfigError(
            f"expected placed_at between {opened} and {closed}, was {probe.placed_at}",
            code="probe_outside_life",
        )
    return instrument


class ProbeFollower:
    """One probe on its way through a book.

    Parameters
    ----------
    number : int
        Its number in the log.
    probe : Probe
        What was placed.
    close_time : int
        When it expires.
    """

    def __init__(self, number: int, probe: Probe, close_time: int) -> None:
        self.number, self.probe = number, probe
        self.end = min(close_time, probe.cancelled_at or close_time)
        self.last_state = "expired" if self.end == close_time else "cancelled"
        self.left = probe.size
        self.ahead = self.behind = 0
        self.log: list[dict[str, Any]] = []

    def follow(self, changes: list[Change]) -> dict[str, Any]:
        """Replay all changes of the contract; give the probe's row."""
        resting: dict[int, tuple[int, int, int]] = {}
        arrived, mark, state, ended, first = False, 0, self.last_state, self.end, 0
        for change in changes:
            ts, _, order, side, price, size, reason = change
            if not arrived and ts >= self.probe.placed_at:
                arrived, mark = True, order if reason == "place" else 1 << 62
                if self._arrive(resting):
                    return self._row("rejected", self.probe.placed_at, self.ahead)
                first = self.ahead
            if arrived and ts >= self.end:
                break
            if arrived:
                self._apply(change, mark)
                if self.left == 0:
                    state, ended = "filled", ts
                    break
            if reason == "place":
                mark = min(mark, order) if arrived else mark
                resting[order] = (side, price, size)
            else:
                held = resting[order]
                resting[order] = (held[0], held[1], held[2] + size)
                if resting[order][2] == 0:
                    del resting[order]
        if not arrived:
            if self._arrive(resting):
                return self._row("rejected", self.probe.placed_at, self.ahead)
            first = self.ahead
        if self.left:
            self._note(self.end, None, "end")
        return self._row(state, ended, first)

    def _arrive(self, resting: dict[int, tuple[int, int, int]]) -> bool:
        """Join the queue; true if the probe would cross."""
        side, price = self.probe.side, self.probe.price
        self.ahead = sum(size for s, p, size in resting.values() if s == side and p == price)
        if any(s != side and (price - p) * side >= 0 for s, p, _ in resting.values()):
            return True
        self._note(self.probe.placed_at, None, "arrival")
        return False

    def _apply(self, change: Change, mark: int) -> None:
        ts, sequence, order, side, price, size, reason = change
        beyond = (self.probe.price - price) * self.probe.side
        size = abs(size)
        if reason == "place":
            if side == self.probe.side and beyond == 0:
                self.behind += size
            elif side != self.probe.side and beyond >= 0:
                self._fill(ts, sequence, size, through=True)
        elif side == self.probe.side and beyond == 0:
            if order < mark:
                self.ahead -= size
                self._note(ts, sequence, "trade_ahead" if reason == "fill" else "cancel_ahead")
            else:
                self.behind -= size
                if reason == "fill":
                    self._fill(ts, sequence, size, through=False)
        elif side == self.probe.side and beyond > 0 and reason == "fill":
            self._fill(ts, sequence, size, through=True)

    def _fill(self, ts: int, sequence: int, size: int, *, through: bool) -> None:
        done = min(size, self.left)
        self.left -= done
        self._note(ts, sequence, "fill", done, through=through)

    def _note(
        self, ts: int, sequence: int | None, reason: str, fill: int = 0, *, through: bool = False
    ) -> None:
        self.log.append({
            "probe": self.number, "ts_event": ts, "sequence": sequence, "reason": reason,
            "ahead": self.ahead, "behind": self.behind, "fill": fill, "through": through,
        })

    def _row(self, state: str, ended: int, first: int) -> dict[str, Any]:
        probe = self.probe
        return {
            "probe": self.number, "symbol": probe.symbol, "side": probe.side, "price": probe.price,
            "size": probe.size, "placed_at": probe.placed_at, "state": state, "ended_at": ended,
            "queue_at_arrival": first, "filled": probe.size - self.left,
        }
