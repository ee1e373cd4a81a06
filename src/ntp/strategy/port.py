"""The port between a strategy and whatever runs it: a replay, a paper account or a venue."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ntp.strategy.objects import Contract, Order

ContractLike = Contract | str
"""A contract or its id ``venue:symbol``, bare where unique."""


class MarketView(Protocol):
    """One contract at one moment, as far as this package reads it itself."""

    @property
    def contract(self) -> Contract:
        """The contract looked at."""
        ...

    @property
    def position(self) -> Any:
        """Own position with `size`, `cost`, `average_price`, `unrealised_usd`."""
        ...

    def touch(self, side: str) -> float:
        """Price in dollars of YES at which a passive order of `side` joins the best."""
        ...


class Runtime(Protocol):
    """What a strategy may ask for and order; the signatures are those users call on ``self``.

    `contract` None means the contract of the running call. Prices are dollars of YES unless
    `outcome` is ``"NO"``, sizes contracts, money dollars.
    """

    @property
    def open_orders(self) -> Sequence[Order]:
        """Own orders that rest or are on their way."""
        ...

    @property
    def cash(self) -> float:
        """Dollars held."""
        ...

    @property
    def equity(self) -> float:
        """Cash plus positions at their mark, in dollars."""
        ...

    @property
    def available(self) -> float:
        """Dollars not reserved by orders or positions."""
        ...

    @property
    def now(self) -> Any:
        """Present moment as an aware datetime."""
        ...

    @property
    def ts(self) -> int:
        """Present moment in nanoseconds UTC."""
        ...

    @property
    def rng(self) -> Any:
        """Generator of random numbers, seeded by the run."""
        ...

    @property
    def log(self) -> Any:
        """Logger of the run."""
        ...

    @property
    def markets(self) -> Sequence[Any]:
        """Views of all open contracts of the universe."""
        ...

    @property
    def events(self) -> Sequence[Any]:
        """Views of their events."""
        ...

    def buy(
        self, contract: ContractLike | None = None, size: float | None = None, price: float | None = None,
        *, post_only: bool = True, tif: str = "gtc", expire: Any = None, reduce_only: bool = False,
        outcome: str = "YES", fair: float | None = None, match: Any = None, tag: str | None = None,
    ) -> Order:
        """Send one order to buy."""
        ...

    def sell(
        self, contract: ContractLike | None = None, size: float | None = None, price: float | None = None,
        *, post_only: bool = True, tif: str = "gtc", expire: Any = None, reduce_only: bool = False,
        outcome: str = "YES", fair: float | None = None, match: Any = None, tag: str | None = None,
    ) -> Order:
        """Send one order to sell."""
        ...

    def cancel(self, order: Order | ContractLike | None = None) -> None:
        """Cancel an order, all of a contract, or everything."""
        ...

    def replace(self, order: Order, price: float | None = None, size: float | None = None) -> Order:
        """Change price or size of an order."""
        ...

    def target(
        self, contract: ContractLike | None = None, position: float = 0, *, price: float | None = None,
        ttl: str | int | None = None, fair: float | None = None, match: Any = None, tag: str | None = None,
    ) -> None:
        """State the position wanted."""
        ...

    def quote(
        self, contract: ContractLike | None = None, *, bid: float | None = None, ask: float | None = None,
        size: float | None = None, bid_size: float | None = None, ask_size: float | None = None,
        fair: float | None = None, match: Any = None, tag: str | None = None,
    ) -> None:
        """State the bid and ask wanted at rest."""
        ...

    def position(self, contract: ContractLike | None = None) -> Any:
        """Own position in a contract."""
        ...

    def market(self, contract: ContractLike | None = None) -> Any:
        """View of a contract at this moment."""
        ...

    def input(self, alias: str) -> Any:
        """Newest value of an input with `price`, `age`, `history`, `bars`."""
        ...

    def record(self, **values: float) -> None:
        """Add points to curves of the report."""
        ...

    def call_at(self, time: Any, name: str) -> None:
        """Ask for ``on_timer`` with this name at a time."""
        ...

    def asset(self, name: str) -> Any:
        """Path of a file listed in `assets`."""
        ...

    def fee_per_contract(self, contract: ContractLike | None, price: float, side: str) -> float:
        """Fee in dollars of one contract bought or sold passively at `price`, before rounding."""
        ...

    @property
    def size_factor(self) -> float:
        """Multiplier of sizes, from 0.25 to 1, for what predicted edges earned so far."""
        ...


Parameters = Mapping[str, Any]
"""Parameter values by name."""
