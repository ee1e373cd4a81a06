"""Order calls of a strategy: from dollars and contracts to commands of the engine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from ntp.core import Absent, NotFound, StrategyError, parse_duration, parse_time, suggest
from ntp.engine import records as r
from ntp.engine.state import ReplayState
from ntp.rules import Gate, broken, could_take, first_rule
from ntp.strategy.objects import Contract, Order
from ntp.strategy.signal import Signal, yes_terms
from ntp.strategy.view import ASK, BID, POSITION, MarketView, PositionView

if TYPE_CHECKING:
    from ntp.strategy.port import ContractLike

_WORDS: Final = r.COMMAND.itemsize // 8
_KIND, _CONTRACT, _SIDE, _PRICE, _SIZE, _PRICE2, _SIZE2, _ORDER, _TIF, _POST, _REDUCE, _EXPIRE, _TAG, _EXIT, _WATCHED, _SLOT, _FAIR = (
    r.field(r.COMMAND, name)
    for name in (
        "kind", "contract", "side", "price", "size", "price2", "size2", "order_id", "tif", "post_only",
        "reduce_only", "expire", "tag", "exit", "watched", "slot", "fair",
    )
)  # fmt: skip
_N_COMMANDS: Final = r.field(r.CONTEXT, "n_commands")
_NEXT_ORDER: Final = r.field(r.CONTEXT, "next_order")
_QUOTE_BID, _QUOTE_ASK, _QUOTE_BID_SIZE, _QUOTE_ASK_SIZE, _INTACT = (
    r.field(r.CONTRACT, name)
    for name in ("quote_bid", "quote_ask", "quote_bid_size", "quote_ask_size", "quote_intact")
)
_TIFS: Final = {"gtc": r.GTC, "gtd": r.GTD, "ioc": r.IOC, "fok": r.FOK}
_NAN: Final = math.nan
_REFUSED_BY: Final = {r.R_CANCELLED: "cancelled", r.R_EXPIRED: "expired", r.R_FILLED: "filled", r.R_CLOSED: "cancelled",
                      r.R_GAP: "cancelled", r.R_REACTIVATED: "cancelled", r.R_IOC: "cancelled", r.R_SELF: "cancelled"}


def down(value: float) -> int:
    """Units of a price that is rounded down, unless within 1e-6 dollar of a unit."""
    near = round(value)
    return near if abs(value - near) < 0.01 else math.floor(value)


def up(value: float) -> int:
    """Units of a price that is rounded up, unless within 1e-6 dollar of a unit."""
    near = round(value)
    return near if abs(value - near) < 0.01 else math.ceil(value)


class OrderCalls:
    """The order calls of :class:`ntp.strategy.port.Runtime` over the engine's commands."""

    views: list[MarketView | None]
    traded: list[bool]
    by_contract: dict[str, MarketView]
    _ts: int = 0

    def __init__(self, strategy: Any, state: ReplayState, gate: Gate) -> None:
        self.strategy = strategy
        self.gate = gate
        self._memory = state
        self._context = state.words
        self._view: MarketView | None = None
        self._orders: dict[int, Order] = {}
        self._tags: dict[str, int] = {}
        self.tags: list[str] = []
        self.refused: dict[str, int] = {}
        self.refused_orders: list[Order] = []
        self._taking_admitted = not gate.refusing & 1

    # finding

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

    # wishes

    def quote(
        self, contract: ContractLike | None = None, *, bid: float | None = None, ask: float | None = None,
        size: float | None = None, bid_size: float | None = None, ask_size: float | None = None,
        fair: float | None = None, match: Any = None, tag: str | None = None,
    ) -> None:
        """State the bid and ask wanted at rest."""
        view = self._view
        if contract is not None or view is None or not self.traded[view.index]:
            view = self._tradable(contract)
        one = view._one
        bid_units = ask_units = r.NONE
        bid_wanted = ask_wanted = 0
        if bid is not None:
            bid_units = max(down(bid * one), 0)
            wanted = bid_size if bid_size is not None else size
            bid_wanted = int((self._sized(view, "BUY", bid) if wanted is None else wanted) * 1e6 + 0.5)
        if ask is not None:
            ask_units = max(up(ask * one), 0)
            wanted = ask_size if ask_size is not None else size
            ask_wanted = int((self._sized(view, "SELL", ask) if wanted is None else wanted) * 1e6 + 0.5)
        words, base = view._words, view._base
        if (
            words[base + _INTACT]
            and words[base + _QUOTE_BID] == bid_units
            and words[base + _QUOTE_ASK] == ask_units
            and words[base + _QUOTE_BID_SIZE] == bid_wanted
            and words[base + _QUOTE_ASK_SIZE] == ask_wanted
        ):
            return
        at = self._command(r.C_QUOTE, view.index, tag, fair)
        commands = self._memory.command_words
        commands[at + _PRICE] = bid_units
        commands[at + _PRICE2] = ask_units
        commands[at + _SIZE] = bid_wanted
        commands[at + _SIZE2] = ask_wanted

    def target(
        self, contract: ContractLike | None = None, position: float = 0, *, price: float | None = None,
        ttl: str | int | None = None, fair: float | None = None, match: Any = None, tag: str | None = None,
    ) -> None:
        """State the position wanted."""
        view = self._tradable(contract)
        wanted = int(abs(position) * 1e6 + 0.5)
        self._target(view, wanted if position >= 0 else -wanted, price, ttl, fair, tag, 0)

    def _target(
        self, view: MarketView, wanted: int, price: float | None, ttl: str | int | None, fair: float | None,
        tag: str | None, exit_tag: int,
    ) -> None:
        at = self._command(r.C_TARGET, view.index, tag, fair)
        commands = self._memory.command_words
        commands[at + _SIZE] = wanted
        if price is None:
            commands[at + _PRICE] = r.NONE
        else:
            buying = wanted > view._words[view._base + POSITION]
            commands[at + _PRICE] = max((down if buying else up)(price * view._one), 0)
        commands[at + _EXPIRE] = 0 if ttl is None else self._ts + parse_duration(ttl)
        commands[at + _EXIT] = exit_tag

    def close_position(self, view: MarketView, reason: str) -> None:
        """Cancel entries and rest the exit at the touch, for a stop."""
        self._target(view, 0, None, None, None, None, self._tag(reason) + 1)

    def withdraw_quotes(self, view: MarketView) -> None:
        """Withdraw what `quote` rests on a contract."""
        at = self._command(r.C_QUOTE, view.index, None, None)
        commands = self._memory.command_words
        commands[at + _PRICE] = commands[at + _PRICE2] = r.NONE
        commands[at + _SIZE] = commands[at + _SIZE2] = 0

    def _sized(self, view: MarketView, side: str, price: float) -> float:
        before, self._view = self._view, view
        try:
            return float(self.strategy.calculate_position_size(Signal(side, price=price)))
        finally:
            self._view = before

    # single orders

    def buy(
        self, contract: ContractLike | None = None, size: float | None = None, price: float | None = None,
        *, post_only: bool = True, tif: str = "gtc", expire: Any = None, reduce_only: bool = False,
        outcome: str = "YES", fair: float | None = None, match: Any = None, tag: str | None = None,
    ) -> Order:
        """Send one order to buy."""
        return self._order("BUY", contract, size, price, post_only, tif, expire, reduce_only, outcome, fair, match, tag)

    def sell(
        self, contract: ContractLike | None = None, size: float | None = None, price: float | None = None,
        *, post_only: bool = True, tif: str = "gtc", expire: Any = None, reduce_only: bool = False,
        outcome: str = "YES", fair: float | None = None, match: Any = None, tag: str | None = None,
    ) -> Order:
        """Send one order to sell."""
        return self._order("SELL", contract, size, price, post_only, tif, expire, reduce_only, outcome, fair, match, tag)

    def _order(
        self, side: str, contract: ContractLike | None, size: float | None, price: float | None,
        post_only: bool, tif: str, expire: Any, reduce_only: bool, outcome: str, fair: float | None,  # noqa: FBT001
        match: Any, tag: str | None,
    ) -> Order:
        view = self._tradable(contract)
        if tif not in _TIFS:
            raise StrategyError(f"expected tif gtc, gtd, ioc or fok, was {tif!r}", code="bad_tif", hint=suggest(tif, _TIFS))
        if (tif == "gtd") != (expire is not None):
            raise StrategyError("expected expire together with tif 'gtd'", code="bad_expiry")
        side, price = yes_terms(side, price, outcome)
        taking = could_take(post_only, tif)
        if price is None:
            price = self._any_price(view, side) if taking else view.touch(side)
        if size is None:
            size = self._sized(view, side, price)
        if not size > 0:
            raise StrategyError(f"expected a size above 0, was {size}", code="bad_size")
        units = (down if side == "BUY" else up)(price * view._one)
        order_id = self._context[_NEXT_ORDER]
        self._context[_NEXT_ORDER] = order_id + 1
        order = Order(order_id, view.contract, side, units / view._one, float(size), tag=tag, ts=self._ts)
        mask = broken(taking, None, match is not None, False, has_fair=fair is not None)  # noqa: FBT003
        refusing = self.gate.admit(mask)
        if refusing:
            order.status, order.reason = "refused", first_rule(refusing)
            self.refused[order.reason] = self.refused.get(order.reason, 0) + 1
            self.refused_orders.append(order)
            return order
        at = self._command(r.C_NEW, view.index, tag, fair)
        commands = self._memory.command_words
        commands[at + _SIDE] = 1 if side == "BUY" else -1
        commands[at + _PRICE] = units
        commands[at + _SIZE] = int(size * 1e6 + 1e-3) // view._words[view._base + _STEP] * view._words[view._base + _STEP]
        commands[at + _ORDER] = order_id
        commands[at + _TIF] = _TIFS[tif]
        commands[at + _POST] = 0 if taking else 1
        commands[at + _REDUCE] = 1 if reduce_only else 0
        commands[at + _EXPIRE] = self.time_of(expire) if expire is not None else 0
        commands[at + _WATCHED] = 1
        self._orders[order_id] = order
        return order

    def _any_price(self, view: MarketView, side: str) -> float:
        if view.contract.is_asset:
            return (2**31 - 3) / view._one if side == "BUY" else 1 / view._one
        best = view._words[view._base + (ASK if side == "BUY" else BID)]
        if best < 0:
            raise Absent("ask" if side == "BUY" else "bid")
        return best / view._one

    def cancel(self, order: Order | ContractLike | None = None) -> None:
        """Cancel an order, all of a contract, or everything."""
        if order is None:
            self._command(r.C_CANCEL_ALL, 0, None, None)
        elif isinstance(order, Order):
            at = self._command(r.C_CANCEL, self._the_view(order.contract).index, None, None)
            self._memory.command_words[at + _ORDER] = order.id
        else:
            self._command(r.C_CANCEL_CONTRACT, self._the_view(order).index, None, None)

    def replace(self, order: Order, price: float | None = None, size: float | None = None) -> Order:
        """Change price or size of an order; the order returned is the one that rests afterwards."""
        if not order.is_open:
            return order
        view = self._the_view(order.contract)
        units = round(order.price * view._one) if price is None else (down if order.side == "BUY" else up)(price * view._one)
        wanted = order.remaining if size is None else size
        at = self._command(r.C_REPLACE, view.index, order.tag, None)
        commands = self._memory.command_words
        commands[at + _PRICE], commands[at + _SIZE] = units, int(wanted * 1e6 + 1e-3)
        commands[at + _ORDER] = order.id
        words, base = view._words, view._base
        keeps = words[base + _CAN_AMEND] and words[base + _KEEPS_PRIORITY]
        if keeps and units == round(order.price * view._one) and wanted <= order.remaining:
            order.size = order.filled + wanted
            return order
        fresh = Order(self._context[_NEXT_ORDER], view.contract, order.side, units / view._one, float(wanted), tag=order.tag)
        self._context[_NEXT_ORDER] += 1
        commands[at + _SLOT] = fresh.id
        self._orders[fresh.id] = fresh
        return fresh

    # the engine's answers

    def note_fill(self, number: int, row: tuple[Any, ...]) -> Order:
        """Bring an order up to date with a fill, a row of the engine's log as a tuple."""
        order_id, size = row[_F_ORDER], row[_F_SIZE]
        order = self._orders.get(order_id)
        if order is None:
            view = self.views[number]
            assert view is not None
            tag = row[_F_TAG]
            order = Order(
                order_id, view.contract, "BUY" if row[_F_SIDE] > 0 else "SELL", row[_F_PRICE] / view._one,
                size / 1e6, status="open", tag=self.tags[tag] if tag >= 0 else None,
            )
        order.filled += size / 1e6
        order.status = "open"
        return order

    def note_order(self, number: int, order_id: int, reason: int) -> Order | None:
        """Bring an order up to date with its acceptance or end."""
        order = self._orders.get(order_id)
        if order is None:
            view = self.views[number]
            if view is None:
                return None
            order = Order(order_id, view.contract, "BUY", 0.0, 0.0)
        if reason == r.R_NONE:
            order.status = "open"
            return order
        order.status = _REFUSED_BY.get(reason, "rejected")
        order.reason = r.REASONS[reason]
        self._orders.pop(order_id, None)
        return order

    @property
    def open_orders(self) -> Sequence[Order]:
        """Own single orders that rest or are on their way."""
        return [order for order in self._orders.values() if order.is_open]

    # money

    @property
    def cash(self) -> float:
        """Dollars held, as far as fills and settlements are known."""
        return float(sum(int(value) for value in self._memory.accounts["cash_seen"])) / 1e6

    @property
    def available(self) -> float:
        """Dollars not bound by orders."""
        accounts = self._memory.accounts
        return float(sum(int(v) for v in accounts["cash_seen"]) - sum(int(v) for v in accounts["sent_reserve"])) / 1e6

    @property
    def equity(self) -> float:
        """Cash plus positions at the exit's touch, their last price or their cost, in dollars."""
        total = self.cash
        for view in self.views:
            if view is None:
                continue
            held = view.position.size
            if held == 0.0:
                continue
            try:
                mark = view.touch("BUY" if held < 0 else "SELL", exit=True)
            except Absent:
                total += view.position.cost
                continue
            total += held * mark if held > 0 or view.contract.is_asset else -held * (1.0 - mark)
        return total

    def fee_per_contract(self, contract: ContractLike | None, price: float, side: str) -> float:
        """Fee in dollars of one contract bought or sold passively, before rounding."""
        row = self._memory.contracts[self._the_view(contract).index]
        step = self._memory.steps[int(row["step_now"])]
        if step["model"] == r.MODEL_UNKNOWN:
            raise Absent("fee")
        if step["model"] in (r.MODEL_FLAT, r.MODEL_FLAT_MAKER):
            return int(step["maker_rate"]) / 1e6
        return int(step["maker_rate"]) / 1e6 * float(price * (1.0 - price)) ** int(step["exponent"])

    # the command buffer

    def time_of(self, value: Any) -> int:
        """Nanoseconds of a time, or of a duration from now."""
        if isinstance(value, str) and value[:1].isdigit() and value[-1:] in "smhd" and "-" not in value:
            return self._ts + parse_duration(value)
        if isinstance(value, int):
            return value
        return parse_time(value if isinstance(value, datetime) else str(value))

    def command_timer(self, when: int, ref: int, span: int) -> None:
        """Ask the engine for a timer."""
        at = self._command(r.C_TIMER, 0, None, None)
        commands = self._memory.command_words
        commands[at + _EXPIRE], commands[at + _ORDER] = when, ref

    def _command(self, kind: int, contract: int, tag: str | None, fair: float | None) -> int:
        context = self._context
        count = context[_N_COMMANDS]
        if (count + 1) * _WORDS >= len(self._memory.command_words):
            self._memory.grow_commands()
        context[_N_COMMANDS] = count + 1
        at = count * _WORDS
        commands = self._memory.command_words
        commands[at + _KIND] = kind
        commands[at + _CONTRACT] = contract
        commands[at + _TAG] = -1 if tag is None else self._tag(tag)
        commands[at + _EXIT] = 0
        commands[at + _EXPIRE] = 0
        commands[at + _SLOT] = 0
        self._memory.command_floats[at + _FAIR] = _NAN if fair is None else fair
        return at

    def _tag(self, tag: str) -> int:
        found = self._tags.get(tag)
        if found is None:
            found = self._tags[tag] = len(self.tags)
            self.tags.append(tag)
        return found


_STEP: Final = r.field(r.CONTRACT, "size_step")
_F_ORDER, _F_SIZE, _F_TAG, _F_SIDE, _F_PRICE = (
    list(r.FILL.names or ()).index(name) for name in ("order_id", "size", "tag", "side", "price")
)
_CAN_AMEND: Final = r.field(r.CONTRACT, "can_amend")
_KEEPS_PRIORITY: Final = r.field(r.CONTRACT, "keeps_priority")
