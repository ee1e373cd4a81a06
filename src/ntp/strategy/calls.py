"""What a strategy may call on ``self`` during a run; each call goes to the runtime it is bound to."""

from collections.abc import Sequence
from typing import Any, Final

from ntp.core import StrategyError
from ntp.strategy.objects import Order
from ntp.strategy.port import ContractLike, Runtime

BOUND_CALLS: Final = (
    "buy", "sell", "cancel", "replace", "target", "quote", "position", "market", "input", "record", "call_at",
    "asset",
)
"""Calls that `_bind` puts on the instance itself, so that a call costs no detour."""
READINGS: Final = (
    "open_orders", "cash", "equity", "available", "now", "ts", "rng", "log", "markets", "events",
)
"""Attributes read from the runtime."""


class Calls:
    """Orders and readings; outside a run each raises ``outside_run``."""

    _runtime: Runtime | None = None

    def _bind(self, runtime: Runtime) -> None:
        """Connect to a runtime: from now on the calls are its own bound methods."""
        attributes = self.__dict__
        attributes["_runtime"] = runtime
        for name in BOUND_CALLS:
            attributes[name] = getattr(runtime, name)

    def _unbind(self) -> None:
        """Disconnect from the runtime."""
        for name in ("_runtime", *BOUND_CALLS):
            self.__dict__.pop(name, None)

    def _port(self, what: str) -> Runtime:
        if self._runtime is None:
            raise StrategyError(
                f"expected self.{what} to be used during a run, was used outside of one", code="outside_run",
                hint="use it in on_start, analyze or another callback",
            )
        return self._runtime

    def buy(
        self, contract: ContractLike | None = None, size: float | None = None, price: float | None = None,
        *, post_only: bool = True, tif: str = "gtc", expire: Any = None, reduce_only: bool = False,
        outcome: str = "YES", fair: float | None = None, match: Any = None, tag: str | None = None,
    ) -> Order:
        """Send one order to buy.

        Parameters
        ----------
        contract : Contract or str, optional
            By default that of the call.
        size : float, optional
            Contracts, rounded down to the venue's step; by default `calculate_position_size`.
        price : float, optional
            Limit in dollars of `outcome`; by default the touch.
        post_only : bool
            Whether it may only rest; False is refused unless ``maker_only`` is waived.
        tif : str
            ``gtc``, ``gtd`` (until `expire`), ``ioc`` or ``fok``.
        expire : time or duration, optional
            End of a ``gtd`` order.
        reduce_only : bool
            Whether it may only bring the position towards 0.
        outcome : str
            ``NO`` states side and price in terms of NO.
        fair : float, optional
            Own fair value of YES, for the rules.
        match : optional
            Matched contract whose gap is the edge.
        tag : str, optional
            Name shown in the results.

        Returns
        -------
        Order
            With `status` ``refused`` and a `reason` if a rule or limit stands against it.
        """
        return self._port("buy").buy(
            contract, size, price, post_only=post_only, tif=tif, expire=expire, reduce_only=reduce_only,
            outcome=outcome, fair=fair, match=match, tag=tag,
        )

    def sell(
        self, contract: ContractLike | None = None, size: float | None = None, price: float | None = None,
        *, post_only: bool = True, tif: str = "gtc", expire: Any = None, reduce_only: bool = False,
        outcome: str = "YES", fair: float | None = None, match: Any = None, tag: str | None = None,
    ) -> Order:
        """Send one order to sell; the arguments are those of :meth:`buy`."""
        return self._port("sell").sell(
            contract, size, price, post_only=post_only, tif=tif, expire=expire, reduce_only=reduce_only,
            outcome=outcome, fair=fair, match=match, tag=tag,
        )

    def cancel(self, order: Order | ContractLike | None = None) -> None:
        """Cancel an order, all of a contract (its target and quotes are forgotten) or everything."""
        self._port("cancel").cancel(order)

    def replace(self, order: Order, price: float | None = None, size: float | None = None) -> Order:
        """Change price or size of an order; its place in the queue is kept only where the venue keeps it."""
        return self._port("replace").replace(order, price, size)

    def target(
        self, contract: ContractLike | None = None, position: float = 0, *, price: float | None = None,
        ttl: str | int | None = None, fair: float | None = None, match: Any = None, tag: str | None = None,
    ) -> None:
        """State the position wanted, in signed contracts.

        One passive order rests for the difference, at `price` or the touch of this moment, for at most
        `ttl`; the next call moves or withdraws it. It never crosses and is cut to capital and limits.
        """
        self._port("target").target(contract, position, price=price, ttl=ttl, fair=fair, match=match, tag=tag)

    def quote(
        self, contract: ContractLike | None = None, *, bid: float | None = None, ask: float | None = None,
        size: float | None = None, bid_size: float | None = None, ask_size: float | None = None,
        fair: float | None = None, match: Any = None, tag: str | None = None,
    ) -> None:
        """State the bid and ask wanted at rest until the next call; None means nothing on that side.

        An unchanged price keeps its place in the queue; what is filled is not replenished before the
        next call. Quotes never cross and are cut to capital and limits.
        """
        self._port("quote").quote(
            contract, bid=bid, ask=ask, size=size, bid_size=bid_size, ask_size=ask_size, fair=fair,
            match=match, tag=tag,
        )

    def position(self, contract: ContractLike | None = None) -> Any:
        """Own position with `size`, `cost`, `average_price`, `unrealised_usd`."""
        return self._port("position").position(contract)

    def market(self, contract: ContractLike | None = None) -> Any:
        """View of a contract at this moment."""
        return self._port("market").market(contract)

    def input(self, alias: str) -> Any:
        """Newest value of an input with `price`, `age`, `history`, `bars`."""
        return self._port("input").input(alias)

    def record(self, **values: float) -> None:
        """Add a point to each named curve of the report."""
        self._port("record").record(**values)

    def call_at(self, time: Any, name: str) -> None:
        """Ask for ``on_timer`` with this name at a time."""
        self._port("call_at").call_at(time, name)

    def asset(self, name: str) -> Any:
        """Path of a file listed in `assets`."""
        return self._port("asset").asset(name)

    @property
    def open_orders(self) -> Sequence[Order]:
        """Own orders that rest or are on their way."""
        return self._port("open_orders").open_orders

    @property
    def cash(self) -> float:
        """Dollars held."""
        return self._port("cash").cash

    @property
    def equity(self) -> float:
        """Cash plus positions at their mark, in dollars."""
        return self._port("equity").equity

    @property
    def available(self) -> float:
        """Dollars not reserved by orders or positions."""
        return self._port("available").available

    @property
    def now(self) -> Any:
        """Present moment as an aware datetime."""
        return self._port("now").now

    @property
    def ts(self) -> int:
        """Present moment in nanoseconds UTC."""
        return self._port("ts").ts

    @property
    def rng(self) -> Any:
        """Generator of random numbers, seeded by the run."""
        return self._port("rng").rng

    @property
    def log(self) -> Any:
        """Logger of the run."""
        return self._port("log").log

    @property
    def markets(self) -> Sequence[Any]:
        """Views of the open contracts of the universe."""
        return self._port("markets").markets

    @property
    def events(self) -> Sequence[Any]:
        """Views of their events."""
        return self._port("events").events
