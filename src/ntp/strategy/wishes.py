"""Wishes of a strategy: quotes and targets, stated once and kept by the engine until restated."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from ntp.core import NotFound, StrategyError, parse_duration, suggest
from ntp.engine import records as r
from ntp.engine.state import ReplayState
from ntp.strategy.bridge import CURRENT, Bridge
from ntp.strategy.commands import CommandBuffer
from ntp.strategy.figures import Figures
from ntp.strategy.objects import Contract
from ntp.strategy.signal import Signal
from ntp.strategy.view import POSITION, MarketView, PositionView

if TYPE_CHECKING:
    from ntp.strategy.port import ContractLike

_NOW: Final = r.field(r.CONTEXT, "now")
_HUGE: Final = 1e15


def _no_number(value: float) -> StrategyError:
    return StrategyError(
        f"expected a price in dollars, was {value}", code="bad_price", hint="None rests nothing on a side"
    )


def size_units(contracts: float) -> int:
    """Size in 0.000001 contract of a number of contracts.

    Raises
    ------
    StrategyError
        ``bad_size`` if it is not a number of at least 0.
    """
    if not 0.0 <= contracts < _HUGE:
        raise StrategyError(f"expected a size of at least 0 contracts, was {contracts}", code="bad_size")
    return int(contracts * 1e6 + 0.5)


def down(value: float) -> int:
    """Units of a price that is rounded down, unless within 1e-6 dollar of a unit."""
    if not -_HUGE < value < _HUGE:
        raise _no_number(value)
    near = round(value)
    return near if abs(value - near) < 0.01 else math.floor(value)


def up(value: float) -> int:
    """Units of a price that is rounded up, unless within 1e-6 dollar of a unit."""
    if not -_HUGE < value < _HUGE:
        raise _no_number(value)
    near = round(value)
    return near if abs(value - near) < 0.01 else math.ceil(value)


class Wishes(Figures):
    """The calls of :class:`ntp.strategy.port.Runtime` that state what is wanted."""

    traded: list[bool]
    by_contract: dict[str, MarketView]
    views: list[MarketView | None]

    def __init__(self, strategy: Any, state: ReplayState) -> None:
        self.strategy = strategy
        self._memory = state
        self._positions = state.contracts["position_seen"]
        self._commands = CommandBuffer(state)
        self._send = self._commands.send
        self.tags = self._commands.tags
        self._bridge = Bridge(state)

    @property
    def _ts(self) -> int:
        return self._memory.words[_NOW]

    @property
    def _view(self) -> MarketView | None:
        """The contract of the call; the compiled side sets it too."""
        number = self._bridge.words[CURRENT]
        return None if number < 0 else self.views[number]

    @_view.setter
    def _view(self, view: MarketView | None) -> None:
        self._bridge.words[CURRENT] = -1 if view is None else view.index

    def _the_view(self, contract: ContractLike | None) -> MarketView:
        if contract is None:
            if self._view is None:
                raise StrategyError(
                    "expected a contract, was none", code="no_contract",
                    hint="name the contract outside of analyze and the callbacks of one contract",
                )
            return self._view
        if isinstance(contract, MarketView):
            return contract
        name = contract.id if isinstance(contract, Contract) else str(contract)
        found = self.by_contract.get(name)
        if found is None:
            bare = [view for view in self.by_contract.values() if view.contract.symbol == name]
            if len(bare) != 1:
                raise NotFound(
                    f"expected a contract of this run, was {name!r}", code="unknown_contract",
                    hint=suggest(name, self.by_contract),
                )
            found = bare[0]
        return found

    def _tradable(self, contract: ContractLike | None) -> MarketView:
        view = self._view if contract is None else None
        if view is None:
            view = self._the_view(contract)
        if not self.traded[view.index]:
            raise StrategyError(
                f"expected a contract of the universe, {view.contract.id} is only watched", code="not_in_universe"
            )
        return view

    def market(self, contract: ContractLike | None = None) -> MarketView:
        """View of a contract."""
        return self._the_view(contract)

    def position(self, contract: ContractLike | None = None) -> PositionView:
        """Own position in a contract."""
        return self._the_view(contract).position

    def quote(
        self, contract: ContractLike | None = None, *, bid: float | None = None, ask: float | None = None,
        size: float | None = None, bid_size: float | None = None, ask_size: float | None = None,
        fair: float | None = None, match: Any = None, tag: str | None = None,
    ) -> None:
        """State the bid and ask wanted at rest; the bridge carries out the usual ones."""
        view = self._view
        if contract is not None or view is None or not self.traded[view.index]:
            view = self._tradable(contract)
        one = view._one
        bid_units = ask_units = r.NONE
        bid_wanted = ask_wanted = 0
        if bid is not None:
            bid_units = max(down(bid * one), 0)
            wanted = bid_size if bid_size is not None else size
            bid_wanted = size_units(self._sized(view, "BUY", bid) if wanted is None else wanted)
        if ask is not None:
            ask_units = max(up(ask * one), 0)
            wanted = ask_size if ask_size is not None else size
            ask_wanted = size_units(self._sized(view, "SELL", ask) if wanted is None else wanted)
        self._send(
            r.C_QUOTE, view.index, 0, bid_units, bid_wanted, ask_units, ask_wanted,
            tag=-1 if tag is None else self._commands.tag(tag), fair=self._stated(view, fair),
            match=self._named(view, match),
        )  # fmt: skip

    def target(
        self, contract: ContractLike | None = None, position: float = 0, *, price: float | None = None,
        ttl: str | int | None = None, fair: float | None = None, match: Any = None, tag: str | None = None,
    ) -> None:
        """State the position wanted."""
        view = self._tradable(contract)
        wanted = size_units(abs(position))
        self._target(view, wanted if position >= 0 else -wanted, price, ttl, fair, tag, 0, match)

    def _target(
        self, view: MarketView, wanted: int, price: float | None, ttl: str | int | None, fair: float | None,
        tag: str | None, exit_tag: int, match: Any = None,
    ) -> None:
        units = r.NONE
        if price is not None:
            buying = wanted > view._words[view._base + POSITION]
            units = max((down if buying else up)(price * view._one), 0)
        self._send(
            r.C_TARGET, view.index, price=units, size=wanted, fair=self._stated(view, fair),
            match=self._named(view, match), tag=self._commands.tag(tag),
            expire=0 if ttl is None else self._ts + parse_duration(ttl), exit_tag=exit_tag,
        )  # fmt: skip

    @staticmethod
    def _stated(view: MarketView, fair: float | None) -> float:
        """Check the fair value that comes with an order, NaN for none.

        Raises
        ------
        StrategyError
            ``bad_fair`` if it is no price that the contract can be worth.
        """
        if fair is None:
            return math.nan
        if math.isfinite(fair) and (view.contract.is_asset or 0.0 <= fair <= 1.0):
            return float(fair)
        raise StrategyError(
            f"expected a fair value {'in dollars' if view.contract.is_asset else 'from 0 to 1 dollar'}, was {fair}",
            code="bad_fair", hint="fair=None states none; it is in dollars of YES, whatever `outcome` says",
        )

    def _named(self, view: MarketView, match: Any) -> int:
        """Find the number of the matched contract that an order names, -1 for none.

        Raises
        ------
        NotFound
            ``unknown_contract`` if the data have no such contract.
        """
        if match is None:
            return -1
        number = self.number_of(match)
        if number == view.index:
            raise StrategyError(
                f"expected a contract of another venue as match, was {view.contract.id} itself", code="bad_match",
                hint="data.match(venue) gives it",
            )
        return number

    def number_of(self, contract: Any) -> int:
        """Find any contract of the data; the runtime knows them."""
        raise NotImplementedError

    def close_position(self, view: MarketView, reason: str) -> None:
        """Cancel entries and rest the exit at the touch, for a stop."""
        self._target(view, 0, None, None, None, None, self._commands.tag(reason) + 1)

    def withdraw_quotes(self, view: MarketView) -> None:
        """Withdraw what `quote` rests on a contract."""
        self._send(r.C_QUOTE, view.index, price=r.NONE, price2=r.NONE)

    def _sized(self, view: MarketView, side: str, price: float) -> float:
        before, self._view = self._view, view
        try:
            return float(self.strategy.calculate_position_size(Signal(side, price=price)))
        finally:
            self._view = before
