"""A runtime without a market: it notes every call and, if told so, fills targets at once."""

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from ntp.core import Absent
from ntp.strategy import Contract, Order, Position

HOME = Contract("kalshi:HOME", "kalshi", "HOME", "S", "E")
OTHER = Contract("kalshi:OTHER", "kalshi", "OTHER", "S", "E")
ASSET = Contract("cash:BTC", "cash", "BTC", is_asset=True)


@dataclass
class FakeView:
    """One contract with a bid and an ask."""

    contract: Contract = HOME
    bid: float | None = 0.40
    ask: float | None = 0.44
    seconds_to_close: float | None = None
    position: Position = field(default_factory=Position)
    state: Any = None
    fair: float = 0.5

    @property
    def mid(self) -> float:
        return (self.need("bid") + self.need("ask")) / 2

    def need(self, name: str) -> float:
        value = getattr(self, name)
        if value is None:
            raise Absent(name)
        return value

    def get(self, name: str) -> Any:
        return getattr(self, name)

    def touch(self, side: str) -> float:
        return self.need("bid" if side == "BUY" else "ask")

    def fair_value(self) -> float:
        return self.fair


class FakeRuntime:
    """Runtime of two contracts and an asset; `calls` holds (name, arguments)."""

    def __init__(self, *, fill_targets: bool = False, equity: float = 10_000.0, fee: float = 0.0) -> None:
        self.fill_targets = fill_targets
        self.views = {view.contract.id: view for view in (FakeView(HOME), FakeView(OTHER), FakeView(ASSET))}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.equity = self.cash = self.available = equity
        self.fee = fee
        self.size_factor = 1.0
        self.open_orders: list[Order] = []
        self.ts = 1_700_000_000_000_000_000
        self.now = datetime.fromtimestamp(self.ts / 1e9, UTC)
        self.rng = SimpleNamespace()
        self.log = logging.getLogger("fake")
        self.markets = list(self.views.values())
        self.events: list[Any] = []

    def called(self, name: str) -> list[dict[str, Any]]:
        return [arguments for call, arguments in self.calls if call == name]

    def view(self, contract: Contract | str | None) -> FakeView:
        return self.views[str(contract or HOME)]

    def note(self, name: str, /, **arguments: Any) -> None:
        self.calls.append((name, arguments))

    def buy(self, contract=None, size=None, price=None, **options: Any) -> Order:
        self.note("buy", contract=contract, size=size, price=price, **options)
        return Order(len(self.calls), self.view(contract).contract, "BUY", price or 0.0, size or 0.0)

    def sell(self, contract=None, size=None, price=None, **options: Any) -> Order:
        self.note("sell", contract=contract, size=size, price=price, **options)
        return Order(len(self.calls), self.view(contract).contract, "SELL", price or 0.0, size or 0.0)

    def cancel(self, order=None) -> None:
        self.note("cancel", order=order)

    def replace(self, order, price=None, size=None) -> Order:
        self.note("replace", order=order, price=price, size=size)
        return order

    def target(self, contract=None, position=0, **options: Any) -> None:
        self.note("target", contract=contract, position=position, **options)
        if self.fill_targets:
            self.view(contract).position.size = position

    def quote(self, contract=None, **options: Any) -> None:
        self.note("quote", contract=contract, **options)

    def position(self, contract=None) -> Position:
        return self.view(contract).position

    def market(self, contract=None) -> FakeView:
        return self.view(contract)

    def input(self, alias: str) -> Any:
        self.note("input", alias=alias)
        return SimpleNamespace(price=1.0)

    def record(self, **values: float) -> None:
        self.note("record", **values)

    def call_at(self, time: Any, name: str) -> None:
        self.note("call_at", time=time, name=name)

    def asset(self, name: str) -> str:
        self.note("asset", name=name)
        return name

    def fee_per_contract(self, contract, price: float, side: str) -> float:
        return self.fee


def bound(strategy, **options: Any) -> FakeRuntime:
    """Bind a strategy to a new fake runtime."""
    runtime = FakeRuntime(**options)
    strategy._bind(runtime)
    return runtime
