"""The Python end of the bridge: which objects the compiled side of a runtime calls and reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from sys import intern
from typing import Any, Final

import numpy as np

from ntp.engine import records as r
from ntp.engine.bridge import (
    BRIDGE,
    CALLS,
    NAMES,
    READING,
    amount_reading,
    drive,
    mid_reading,
    price_reading,
    quote,
    size_reading,
)
from ntp.engine.compile import address_of_function
from ntp.engine.interop import Builtin, attribute, slot_word
from ntp.engine.kernel import run
from ntp.engine.memory import address_of, packed_address
from ntp.engine.state import ReplayState
from ntp.strategy import view as v
from ntp.strategy.fills import ToldFill, told

CURRENT: Final = r.field(BRIDGE, "current")
ROW: Final = r.field(BRIDGE, "row")
_DRIVE: Final = Builtin("drive", drive)
_QUOTE: Final = Builtin("quote", quote, keywords=True)
_READINGS: Final[tuple[tuple[type, str, Any, int, int], ...]] = (
    (v.MarketView, "bid", price_reading, v.BID, v.BID),
    (v.MarketView, "ask", price_reading, v.ASK, v.ASK),
    (v.MarketView, "price", price_reading, v.LAST_PRICE, v.LAST_PRICE),
    (v.MarketView, "mid", mid_reading, v.BID, v.ASK),
    (v.MarketView, "bid_size", size_reading, v.BID_SIZE, v.BID),
    (v.MarketView, "ask_size", size_reading, v.ASK_SIZE, v.ASK),
    (v.MarketView, "volume", size_reading, v.LAST_SIZE, v.LAST_PRICE),
    (v.PositionView, "size", amount_reading, v.POSITION, v.POSITION),
)
"""Readings of views that are compiled: class, property, reader and the fields it reads."""
_lasting: list[Any] = []


class _Address(bytes):
    """Address of a record, packed, that keeps alive what the record points to."""

    kept: tuple[Any, ...] = ()


class Bridge:
    """Where a runtime stands, in memory that the compiled side shares.

    Parameters
    ----------
    state : ReplayState
        Memory of the replay.
    """

    def __init__(self, state: ReplayState) -> None:
        self._record = np.zeros(1, BRIDGE)
        self._state = state
        self._arguments = np.zeros(2, np.int64)
        self.words = memoryview(self._record.view(np.int64)).cast("B").cast("q")  # type: ignore[arg-type]
        self.words[CURRENT] = -1

    def connect(
        self, views: Sequence[Any], traded: Sequence[bool], market_calls: Sequence[tuple[Any, int]],
        *, direct: bool, follow: Any, on_trade: Any, on_fill: Any, tell_fill: Any, orders: dict[int, Any],
        tags: dict[str, int], slow_quote: Any,
    ) -> tuple[Callable[[], int], Callable[..., None]]:
        """Give the compiled side what it calls.

        Parameters
        ----------
        views, traded : sequence
            Views by contract, None for none, and whether each is traded.
        market_calls : sequence of (callable or None, int)
            The calls of `CALLS` and the reasons for each.
        direct : bool
            Whether market wakes need nothing but those calls.
        follow : callable
            Takes a view and what `analyze` returned.
        on_trade : callable or None
            Takes a view.
        on_fill : callable or None
            Takes a fill.
        tell_fill : callable
            Takes a contract's number and a row of the log of fills; for those of single orders.
        orders : dict
            Single orders.
        tags : dict
            Numbers of tags.
        slow_quote : callable
            Takes over the quotes that are not usual.

        Returns
        -------
        tuple of callables
            ``drive()``, which goes on until something is left to Python and says what, and ``quote(...)``.
        """
        quicken()
        seen = np.array([0 if view is None else id(view) for view in views], dtype=np.int64)
        allowed = np.array(traded, dtype=np.int64)
        fill = told(None, 0, None)
        names = [intern(name) for name in NAMES]
        values = {
            "context": self._state.address, "run": address_of_function(run, 1), "views": address_of(seen),
            "traded": address_of(allowed), "arguments": address_of(self._arguments), "follow": id(follow),
            "on_trade": _id(on_trade), "on_fill": _id(on_fill), "tell_fill": id(tell_fill), "orders": id(orders),
            "tags": id(tags), "fill": id(fill), "direct": direct, "none": id(None),
            "float_type": id(float), "int_type": id(int), "numpy_type": id(np.float64), "quote": id(slow_quote),
        } | {f"name_{name}": id(name) for name in names}  # fmt: skip
        values |= {f"fill_{name}": slot_word(ToldFill, f"_{name}") for name in ("order", "ref", "view")}
        for place, (call, bits) in enumerate(market_calls[: len(CALLS)]):
            values |= {f"call{place}": _id(call), f"bits{place}": bits}
        for name, value in values.items():
            self._record[name] = value
        owner = _Address(packed_address(address_of(self._record)))
        owner.kept = (
            self._record, self._state, self._arguments, seen, allowed, names, tuple(views), tuple(market_calls),
            follow, on_trade, on_fill, tell_fill, orders, tags, slow_quote, fill,
        )  # fmt: skip
        return _DRIVE.bound(owner), _QUOTE.bound(owner)


@cache
def quicken() -> None:
    """Put compiled readings in the place of those properties of views that strategies read at every wake.

    The property itself is called where a value is absent: it knows what to raise.
    """
    for owner, name, reader, first, second in _READINGS:
        written: Any = vars(owner)[name]
        reading = np.zeros(1, READING)
        reading["slot"], reading["first"], reading["second"] = slot_word(owner, "_record"), first, second
        reading["instead"] = id(written.fget)
        _lasting.append((reading, written))
        setattr(owner, name, attribute(owner, name, reader, address_of(reading), written.__doc__))


def _id(thing: Any) -> int:
    return 0 if thing is None else id(thing)
