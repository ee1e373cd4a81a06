"""A contract seen as its complement: what YES is there is NO here."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from ntp.core import StrategyError
from ntp.strategy.view import BookView, MarketView, TradeView


def _read(view: MarketView, name: str) -> float:
    """Read what a property of the contract itself says."""
    return float(getattr(MarketView, name).__get__(view))


class TurnedTrade:
    """A print in terms of the other side."""

    __slots__ = ("_trade",)

    def __init__(self, trade: TradeView) -> None:
        self._trade = trade

    @property
    def price(self) -> float:
        """Dollars of the claim."""
        return 1.0 - self._trade.price

    @property
    def size(self) -> float:
        """Contracts."""
        return self._trade.size

    @property
    def taker_side(self) -> Any:
        """``BUY`` or ``SELL`` of the claim, None where unknown."""
        side = self._trade.taker_side
        return side if side is None else "SELL" if side == "BUY" else "BUY"


class TurnedBook:
    """Levels in terms of the other side, best first."""

    __slots__ = ("ask_sizes", "asks", "bid_sizes", "bids")

    def __init__(self, book: BookView) -> None:
        self.bids, self.asks = 1.0 - np.asarray(book.asks), 1.0 - np.asarray(book.bids)
        self.bid_sizes, self.ask_sizes = book.ask_sizes, book.bid_sizes


class TurnedView(MarketView):
    """One contract at this moment whose YES is the NO of the claim looked at: prices are one minus its own."""

    __slots__ = ()

    @property
    def bid(self) -> float:
        """Best bid of the claim in dollars."""
        return 1.0 - _read(self, "ask")

    @property
    def ask(self) -> float:
        """Best ask of the claim in dollars."""
        return 1.0 - _read(self, "bid")

    @property
    def mid(self) -> float:
        """Mean of best bid and ask."""
        return 1.0 - _read(self, "mid")

    @property
    def bid_size(self) -> float:
        """Contracts at the best bid."""
        return _read(self, "ask_size")

    @property
    def ask_size(self) -> float:
        """Contracts at the best ask."""
        return _read(self, "bid_size")

    @property
    def price(self) -> float:
        """Last print or candle close in dollars."""
        return 1.0 - _read(self, "price")

    @property
    def trade(self) -> Any:
        """The last print."""
        return TurnedTrade(super().trade)

    @property
    def book(self) -> Any:
        """All levels."""
        return TurnedBook(super().book)

    def touch(self, side: str, *, exit: bool = False) -> float:  # noqa: A002 - as in MarketView
        """Price at which a passive order of a side joins the best; `exit`: at which a holding leaves."""
        return 1.0 - float(super().touch("SELL" if side == "BUY" else "BUY", exit=exit))

    def fair_value(self) -> Any:
        """Not of a complement: ask the contract itself."""
        self._itself("fair_value")

    def edge(self, side: str) -> Any:
        """Not of a complement: ask the contract itself."""
        self._itself("edge")

    def net_edge(self, side: str) -> Any:
        """Not of a complement: ask the contract itself."""
        self._itself("net_edge")

    def _itself(self, name: str) -> NoReturn:
        raise StrategyError(
            f"expected a market reading of a complement, was {name}", code="turned_round",
            hint=f"self.market(data.match(venue).contract).{name}() speaks of its own YES",
        )


__all__ = ["TurnedView"]
