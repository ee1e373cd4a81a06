"""Views of a contract at this moment: numbers are read from the engine's memory when asked for."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np

from ntp.core import Absent, StrategyError, parse_duration, suggest, to_datetime
from ntp.engine import records as r
from ntp.engine.memory import address_of, packed_address, read_words
from ntp.strategy.events import EventView
from ntp.strategy.history import History
from ntp.strategy.objects import Contract
from ntp.strategy.snapshot import MarketSnapshot

if TYPE_CHECKING:
    from ntp.strategy.fair import FairValue
    from ntp.strategy.indicators.reading import IndicatorSet
    from ntp.strategy.runtime import EngineRuntime


def _at(name: str) -> int:
    return r.field(r.CONTRACT, name)


BID: Final = _at("view_bid")
ASK: Final = _at("view_ask")
BID_SIZE: Final = _at("view_bid_size")
ASK_SIZE: Final = _at("view_ask_size")
LAST_PRICE: Final = _at("last_price")
LAST_SIZE: Final = _at("last_size")
LAST_TAKER: Final = _at("last_taker")
POSITION: Final = _at("position_seen")
COST: Final = _at("cost_seen")
VALUE: Final = _at("view_value")
LEVELS: Final = _at("levels")
UNIT: Final = _at("unit")
SEEN_BIDS: Final = _at("seen_bids")
SEEN_ASKS: Final = _at("seen_asks")
_MILLION: Final = 1_000_000.0


class TradeView:
    """The last print: `price`, `size` and `taker_side` (``BUY``, ``SELL`` or None)."""

    __slots__ = ("_view",)

    def __init__(self, view: MarketView) -> None:
        self._view = view

    @property
    def price(self) -> float:
        """Price in dollars of YES."""
        return self._view.price

    @property
    def size(self) -> float:
        """Contracts."""
        return self._view.volume

    @property
    def taker_side(self) -> str | None:
        """Side of YES that the taker was on."""
        view = self._view
        side = view._words[view._base + LAST_TAKER]
        return "BUY" if side > 0 else "SELL" if side < 0 else None


class PositionView:
    """Own position in a contract: signed contracts, -100 is 100 NO."""

    __slots__ = ("_base", "_record", "_view", "_words")

    def __init__(self, view: MarketView) -> None:
        self._view = view
        self._words = view._words
        self._base = view._base
        self._record = view._record

    @property
    def size(self) -> float:
        """Signed contracts, as far as fills are known."""
        return self._words[self._base + POSITION] / _MILLION

    @property
    def cost(self) -> float:
        """Dollars locked in it."""
        return self._words[self._base + COST] / _MILLION if self._words[self._base + POSITION] else 0.0

    @property
    def average_price(self) -> float:
        """Mean price of entry in dollars of YES; Absent while flat."""
        held = self._words[self._base + POSITION]
        if held == 0:
            raise Absent("position.average_price")
        paid = self._words[self._base + COST] / abs(held)
        return paid if held > 0 or self._view.contract.is_asset else 1.0 - paid

    @property
    def unrealised_usd(self) -> float:
        """Profit in dollars if it left at the exit's touch, before fees; Absent without that touch."""
        size = self.size
        if size == 0.0:
            return 0.0
        return size * (self._view.touch("BUY" if size < 0 else "SELL", exit=True) - self.average_price)


class BookView:
    """Levels as the strategy sees them: prices in dollars, sizes in contracts, best first."""

    __slots__ = ("ask_sizes", "asks", "bid_sizes", "bids")

    def __init__(self, view: MarketView) -> None:
        words, base = view._words, view._base
        count, unit = words[base + LEVELS], words[base + UNIT]
        one = view._one
        bids = read_words(words[base + SEEN_BIDS], count)
        asks = read_words(words[base + SEEN_ASKS], count)
        bid_levels, ask_levels = np.flatnonzero(bids)[::-1], np.flatnonzero(asks)
        self.bids = bid_levels * unit / one
        self.asks = ask_levels * unit / one
        self.bid_sizes = bids[bid_levels] / _MILLION
        self.ask_sizes = asks[ask_levels] / _MILLION


class MarketView:
    """One contract at this moment; valid during the call, :meth:`copy` keeps it."""

    __slots__ = (
        "_base", "_floats", "_history", "_one", "_record", "_runtime", "_state", "_words", "contract", "index",
        "position", "spot_index",
    )  # fmt: skip

    def __init__(self, runtime: EngineRuntime, index: int, contract: Contract) -> None:
        state = runtime.replay.state
        self._runtime = runtime
        self._words = state.contract_words
        self._floats = state.contract_floats
        self._base = index * (r.CONTRACT.itemsize // 8)
        self._record = packed_address(address_of(state.contracts) + index * r.CONTRACT.itemsize)
        self._one = float(10**contract.price_scale)
        self._state: Any = None
        self._history: History | None = None
        self.index = index
        self.contract = contract
        self.position = PositionView(self)
        self.spot_index = -1

    def _kept(self) -> History:
        """Return the changes of its prices so far; begun at the first, for most contracts of an archive have none."""
        if self._history is None:
            self._history = History(self._one)
        return self._history

    @property
    def bid(self) -> float:
        """Best bid in dollars."""
        units = self._words[self._base + BID]
        if units < 0:
            raise Absent("bid")
        return units / self._one

    @property
    def ask(self) -> float:
        """Best ask in dollars."""
        units = self._words[self._base + ASK]
        if units < 0:
            raise Absent("ask")
        return units / self._one

    @property
    def mid(self) -> float:
        """Mean of best bid and ask."""
        words, base = self._words, self._base
        bid, ask = words[base + BID], words[base + ASK]
        if bid < 0 or ask < 0:
            raise Absent("mid")
        return (bid / self._one + ask / self._one) / 2.0

    @property
    def spread(self) -> float:
        """Best ask less best bid."""
        return self.ask - self.bid

    @property
    def bid_size(self) -> float:
        """Contracts at the best bid."""
        return self._size(BID, BID_SIZE, "bid_size")

    @property
    def ask_size(self) -> float:
        """Contracts at the best ask."""
        return self._size(ASK, ASK_SIZE, "ask_size")

    def _size(self, price: int, size: int, name: str) -> float:
        if self._words[self._base + price] < 0 or self._words[self._base + size] < 0:
            raise Absent(name)
        return self._words[self._base + size] / _MILLION

    @property
    def price(self) -> float:
        """Last print or candle close in dollars."""
        units = self._words[self._base + LAST_PRICE]
        if units < 0:
            raise Absent("price")
        return units / self._one

    @property
    def volume(self) -> float:
        """Contracts of the last print or candle."""
        if self._words[self._base + LAST_PRICE] < 0 or self._words[self._base + LAST_SIZE] < 0:
            raise Absent("volume")
        return self._words[self._base + LAST_SIZE] / _MILLION

    @property
    def trade(self) -> TradeView:
        """The last print."""
        if self._words[self._base + LAST_PRICE] < 0:
            raise Absent("trade")
        return TradeView(self)

    @property
    def book(self) -> BookView:
        """All levels."""
        if self._words[self._base + LEVELS] == 0:
            raise Absent("book")
        if self._words[self._base + SEEN_BIDS] == 0:
            raise StrategyError(
                "expected a strategy that reads the book to say so, was without", code="book_not_kept",
                hint="name 'book' in wake",
            )
        return BookView(self)

    @property
    def spot(self) -> float:
        """Newest value of the underlying."""
        if self.spot_index < 0:
            raise Absent("spot")
        return self._runtime.index_value(self.spot_index)

    @property
    def event(self) -> EventView:
        """The contract's event."""
        return self._runtime.event_of(self.contract)

    @property
    def venue(self) -> str:
        """Venue of the contract."""
        return self.contract.venue

    @property
    def symbol(self) -> str:
        """Symbol at the venue."""
        return self.contract.symbol

    @property
    def source(self) -> str:
        """Where the data comes from."""
        return self.contract.venue

    @property
    def ts(self) -> int:
        """Present moment in nanoseconds UTC."""
        return self._runtime.ts

    @property
    def time(self) -> datetime:
        """Present moment as an aware datetime."""
        return to_datetime(self._runtime.ts)

    timestamp = time

    @property
    def seconds_to_close(self) -> float:
        """Seconds until trading ends."""
        if self.contract.close_time is None:
            raise Absent("seconds_to_close")
        return (self.contract.close_time - self._runtime.ts) / 1e9

    @property
    def seconds_to_settlement(self) -> float:
        """Seconds until the result is due; the close where nothing else is known."""
        return self.seconds_to_close

    @property
    def orders(self) -> list[Any]:
        """Own open orders on this contract."""
        return [order for order in self._runtime.open_orders if order.contract == self.contract]

    @property
    def state(self) -> Any:
        """What the strategy remembers of this contract."""
        if self._state is None:
            self._state = self._runtime.new_state()
        return self._state

    @property
    def custom_fields(self) -> dict[str, Any]:
        """Fields of the newest custom event of this contract."""
        return self._runtime.custom_fields(self.index)

    @property
    def indicators(self) -> IndicatorSet:
        """Indicators of this contract."""
        return self._runtime.indicators_of(self)

    def fair_value(self) -> FairValue:
        """Fair value of YES, from settlement spec, spot and the class's `pricing`, with ``.sd .low .high`` and more.

        Raises
        ------
        Absent
            Without a price, with the reason as its field: no spot, one that is too old, too few moves, zero
            volatility, past its settlement, no strike.
        """
        return self._runtime.appraise(self.index)

    def edge(self, side: str) -> float:
        """Dollars per contract between the fair value and ``touch(side)``, in favour of who takes that side."""
        fair, price = self.fair_value(), self.touch(side)
        return fair - price if side == "BUY" else price - fair

    def net_edge(self, side: str) -> float:
        """Edge less the maker's fee before rounding, adverse selection, model uncertainty and lock-up, in dollars."""
        return self._runtime.net_edge(self, side)

    def admits(self, side: str) -> bool:
        """Whether the edge of a passive order at the touch is enough by the entry rule of the workspace."""
        return self._runtime.entry_rule.passes(self.edge(side), self.net_edge(side), self.touch(side))

    def match(self, venue: str) -> MarketView:
        """View of the same claim at another venue, a complement already turned round.

        Raises
        ------
        Absent
            Where the workspace's ``matches.yaml`` names none there, or the data has none.
        """
        return self._runtime.matched(self, venue)

    def touch(self, side: str, *, exit: bool = False) -> float:  # noqa: A002 - the trader's word
        """Price at which a passive order of a side joins the best; `exit`: at which a holding leaves."""
        buy = side == "BUY"
        words, base = self._words, self._base
        units = words[base + (ASK if exit == buy else BID)] if exit else words[base + (BID if buy else ASK)]
        if units >= 0:
            return units / self._one
        last = words[base + LAST_PRICE]
        if self._runtime.has_quotes(self.index) or last < 0:
            raise Absent("bid" if buy else "ask")
        step = self.contract.tick(last / self._one)
        return last / self._one - step if buy else last / self._one + step

    def get(self, name: str, default: Any = None) -> Any:
        """Value of a field, or `default` where it is absent."""
        try:
            return self.fair_value() if name == "fair_value" else getattr(self, name)
        except Absent:
            return default

    def history(self, field: str, last: int | str) -> Any:
        """Read-only array of the last changes of ``bid``, ``ask``, ``mid``, ``spread`` or ``price``, oldest first.

        Parameters
        ----------
        field : str
            What to look back on.
        last : int or str
            A number of changes, or a duration; a duration begins with the value in force at its start.

        Raises
        ------
        Absent
            If there are fewer.
        """
        return self._runtime.history(self, field, last)

    def bars(self, duration: str, n: int) -> Any:
        """Last `n` complete bars with `open high low close volume ts`; Absent if there are fewer."""
        return self._runtime.bars(self, parse_duration(duration), n)

    def __getattr__(self, name: str) -> NoReturn:
        known = [each for each in dir(type(self)) if not each.startswith("_")]
        raise AttributeError(f"data has no {name!r}; {suggest(name, known)}", name=name, obj=None)

    def copy(self) -> MarketSnapshot:
        """Keep what this view shows now."""
        return MarketSnapshot(self)
