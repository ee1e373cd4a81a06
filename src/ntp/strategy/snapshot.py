"""Snapshot: what a view of a contract showed, kept beyond the call."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from ntp.core import Absent
from ntp.strategy.objects import Position

if TYPE_CHECKING:
    from ntp.strategy.view import MarketView


class MarketSnapshot:
    """What a view showed at one moment; absent values raise as they did."""

    FIELDS: Final = (
        "bid", "ask", "mid", "spread", "bid_size", "ask_size", "price", "volume", "spot", "seconds_to_close",
        "seconds_to_settlement",
    )  # fmt: skip

    def __init__(self, view: MarketView) -> None:
        self.contract, self.event = view.contract, view.event
        self.ts = view.ts
        self.time = self.timestamp = view.time
        self.venue, self.symbol, self.source = view.venue, view.symbol, view.source
        held = view.position
        flat = held.size == 0.0
        self.position = Position(
            held.size, held.cost, None if flat else held.average_price, view.get("bid" if held.size > 0 else "ask")
        )
        self.custom_fields = view.custom_fields
        self.state = copy.copy(view.state)
        self.indicators = view.indicators.copy()
        self._kept = {name: view.get(name) for name in self.FIELDS}

    def __getattr__(self, name: str) -> Any:
        kept = self.__dict__.get("_kept", {})
        if name not in kept:
            raise AttributeError(name)
        if kept[name] is None:
            raise Absent(name)
        return kept[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Value of a field, or `default` where it was absent."""
        value = self._kept.get(name)
        return default if value is None else value
