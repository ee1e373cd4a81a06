"""Single orders of a strategy, and what the engine answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from ntp.core import Absent, StrategyError, parse_duration, parse_time, suggest
from ntp.engine import records as r
from ntp.engine.gate import judge
from ntp.engine.state import ReplayState
from ntp.rules import MASK_COUNT, RULES, Gate, could_take, first_rule
from ntp.strategy.objects import Order
from ntp.strategy.signal import yes_terms
from ntp.strategy.view import ASK, BID, MarketView
from ntp.strategy.wishes import Wishes, down, up

if TYPE_CHECKING:
    from ntp.strategy.port import ContractLike

_TIFS: Final = {"gtc": r.GTC, "gtd": r.GTD, "ioc": r.IOC, "fok": r.FOK}
_ENDS: Final = {
    r.R_CANCELLED: "cancelled", r.R_EXPIRED: "expired", r.R_FILLED: "filled", r.R_CLOSED: "cancelled",
    r.R_GAP: "cancelled", r.R_REACTIVATED: "cancelled", r.R_IOC: "cancelled", r.R_SELF: "cancelled",
    **{r.R_RULE + place: "refused" for place in range(len(RULES))}, r.R_LIMIT: "refused",
}  # fmt: skip
_STEP: Final = r.field(r.CONTRACT, "size_step")
_BANDS: Final = r.field(r.CONTRACT, "band_count")
_GRID: Final = tuple(
    tuple(r.field(r.CONTRACT, f"{name}{band}") for name in ("start", "end", "step")) for band in range(3)
)
_CAN_AMEND: Final = r.field(r.CONTRACT, "can_amend")
_LAST_TIME: Final = r.field(r.CONTEXT, "last_time")
_NOTHING: Final = 1e-9
_LARGEST: Final = 1e12
_KEEPS_PRIORITY: Final = r.field(r.CONTRACT, "keeps_priority")


def on_grid(view: MarketView, units: int, *, up_to: bool) -> int:
    """Nearest price of the grid in force, down for bids and up for asks; off its end the price itself."""
    words, at = view._words, view._base + _BANDS
    found = []
    for band in range(words[at]):
        start, end, step = (words[view._base + place] for place in _GRID[band])
        if up_to and units <= end:
            found.append(start + max(-((start - units) // step), 0) * step)
        elif not up_to and units >= start:
            found.append(start + (min(units, end) - start) // step * step)
    return (min if up_to else max)(found, default=units)


class OrderCalls(Wishes):
    """The order calls of :class:`ntp.strategy.port.Runtime` over the engine's commands."""

    def __init__(self, strategy: Any, state: ReplayState, gate: Gate) -> None:
        super().__init__(strategy, state)
        self.gate = gate
        self._orders: dict[int, Order] = {}
        self.refused_orders: list[Order] = []

    def buy(
        self, contract: ContractLike | None = None, size: float | None = None, price: float | None = None,
        *, post_only: bool = True, tif: str = "gtc", expire: Any = None, reduce_only: bool = False,
        outcome: str = "YES", fair: float | None = None, match: Any = None, tag: str | None = None,
    ) -> Order:
        """Send one order to buy."""
        return self._order(
            "BUY", contract, size, price, post_only, tif, expire, reduce_only, outcome, fair, match, tag
        )

    def sell(
        self, contract: ContractLike | None = None, size: float | None = None, price: float | None = None,
        *, post_only: bool = True, tif: str = "gtc", expire: Any = None, reduce_only: bool = False,
        outcome: str = "YES", fair: float | None = None, match: Any = None, tag: str | None = None,
    ) -> Order:
        """Send one order to sell."""
        return self._order(
            "SELL", contract, size, price, post_only, tif, expire, reduce_only, outcome, fair, match, tag
        )

    def _order(
        self, side: str, contract: ContractLike | None, size: float | None, price: float | None,
        post_only: bool, tif: str, expire: Any, reduce_only: bool, outcome: str, fair: float | None,  # noqa: FBT001
        match: Any, tag: str | None,
    ) -> Order:
        view = self._tradable(contract)
        if tif not in _TIFS:
            raise StrategyError(
                f"expected tif gtc, gtd, ioc or fok, was {tif!r}", code="bad_tif", hint=suggest(tif, _TIFS)
            )
        if (tif == "gtd") != (expire is not None):
            raise StrategyError("expected expire together with tif 'gtd'", code="bad_expiry")
        side, price = yes_terms(side, price, outcome)
        taking = could_take(post_only, tif)
        if price is None:
            price = self._any_price(view, side) if taking else view.touch(side)
        if size is None:
            size = self._sized(view, side, price)
        if not 0.0 < size < _LARGEST:
            raise StrategyError(f"expected a size above 0, was {size}", code="bad_size")
        units = on_grid(view, (down if side == "BUY" else up)(price * view._one), up_to=side == "SELL")
        step = view._words[view._base + _STEP]
        wanted = int(size * 1e6 + 1e-3) // step * step
        order_id = self._commands.new_order()
        order = Order(order_id, view.contract, side, units / view._one, wanted / 1e6, tag=tag, ts=self._ts)
        stated, named = self._stated(view, fair), self._named(view, match)
        way = 1 if side == "BUY" else -1
        # what is let through is counted where it is sent
        verdict = judge(self._memory.address, view.index, way, units, wanted, taking, stated, named)
        refusing = verdict >> 16
        if refusing:
            self.gate.counts[verdict & (MASK_COUNT - 1)] += 1
            order.status, order.reason = "refused", first_rule(refusing)
            self.refused_orders.append(order)
            return order
        self._send(
            r.C_NEW, view.index, way, units, wanted,
            order_id=order_id, tif=_TIFS[tif], post_only=0 if taking else 1, reduce_only=1 if reduce_only else 0,
            expire=0 if expire is None else self.time_of(expire), tag=self._commands.tag(tag), watched=1, fair=stated,
            match=named,
        )  # fmt: skip
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
            self._send(r.C_CANCEL_ALL, 0)
        elif isinstance(order, Order):
            self._send(r.C_CANCEL, self._the_view(order.contract).index, order_id=order.id)
        else:
            self._send(r.C_CANCEL_CONTRACT, self._the_view(order).index)

    def replace(self, order: Order, price: float | None = None, size: float | None = None) -> Order:
        """Change price or size of an order; the order returned is the one that rests afterwards."""
        if not order.is_open:
            return order
        view = self._the_view(order.contract)
        rounded = down if order.side == "BUY" else up
        words, base = view._words, view._base
        units = round(order.price * view._one)
        if price is not None:
            units = on_grid(view, rounded(price * view._one), up_to=order.side == "SELL")
        wanted = order.remaining
        if size is not None:
            if not 0.0 < size < _LARGEST:
                raise StrategyError(f"expected a size above 0, was {size}", code="bad_size", hint="cancel withdraws it")
            wanted = int(size * 1e6 + 1e-3) // words[base + _STEP] * words[base + _STEP] / 1e6
        keeps = words[base + _CAN_AMEND] and words[base + _KEEPS_PRIORITY]
        same = bool(keeps and units == round(order.price * view._one) and wanted <= order.remaining)
        fresh = order if same else Order(
            self._commands.new_order(), view.contract, order.side, units / view._one, float(wanted), tag=order.tag,
            ts=self._ts,
        )  # fmt: skip
        self._send(
            r.C_REPLACE, view.index, price=units, size=int(wanted * 1e6 + 1e-3), order_id=order.id,
            tag=self._commands.tag(order.tag), slot=0 if same else fresh.id,
        )  # fmt: skip
        if same:
            order.size = order.filled + wanted
        else:
            self._orders[fresh.id] = fresh
        return fresh

    def note_fill(self, ref: int) -> Order | None:
        """Bring an order up to date with a row of the log of fills; None if a wish made the order."""
        row = self._memory.tables["fills"][ref]
        order = self._orders.get(int(row["order_id"]))
        if order is not None:
            order.filled += int(row["size"]) / 1e6
            order.status = "open" if order.remaining > _NOTHING else "filled"
            order.queue_ahead = 0.0
        return order

    @property
    def fill_log(self) -> memoryview:
        """Bytes of the log of fills."""
        return self._memory.fill_bytes

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
            order.queue_ahead = self._queue_joined(number, order_id)
            return order
        order.status = _ENDS.get(reason, "rejected")
        order.reason = r.REASONS[reason]
        self._orders.pop(order_id, None)
        return order

    def _queue_joined(self, number: int, order_id: int) -> float | None:
        """Contracts that rested ahead of an order when it joined its queue."""
        slot = int(self._memory.contracts["first_order"][number])
        orders = self._memory.tables["orders"]
        while slot >= 0:
            row = orders[slot]
            if row["id"] == order_id:
                joined = float(row["queue_joined"])
                return joined / 1e6 if joined >= 0.0 else None
            slot = int(row["next"])
        return None

    @property
    def open_orders(self) -> Sequence[Order]:
        """Own single orders that rest or are on their way."""
        return [order for order in self._orders.values() if order.is_open]

    def time_of(self, value: Any) -> int:
        """Nanoseconds of a time, or of a duration from now."""
        if isinstance(value, str) and value[:1].isdigit() and value[-1:] in "smhd" and "-" not in value:
            return self._ts + parse_duration(value)
        if isinstance(value, int):
            return value
        return parse_time(value if isinstance(value, datetime) else str(value))

    def command_timer(self, when: int, ref: int, span: int) -> None:
        """Ask the engine for a timer; none is set after the last row, or one that sets the next would never end."""
        last = self._memory.words[_LAST_TIME]
        if not last or self._ts < last:
            self._send(r.C_TIMER, 0, order_id=ref, expire=when)
