"""Money as a strategy reads it: cash, equity and fees, as far as notices told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ntp.core import Absent
from ntp.engine import records as r

if TYPE_CHECKING:
    from ntp.engine.state import ReplayState
    from ntp.strategy.port import ContractLike
    from ntp.strategy.view import MarketView


class Figures:
    """The readings of money of :class:`ntp.strategy.port.Runtime`."""

    _memory: ReplayState
    views: list[MarketView | None]

    def market(self, contract: ContractLike | None = None) -> MarketView:
        """View of a contract; the runtime finds it."""
        raise NotImplementedError

    @property
    def cash(self) -> float:
        """Dollars held, as far as fills and settlements are known; play money beside them is left out."""
        return _dollars(self._memory.accounts, "cash_seen")

    @property
    def available(self) -> float:
        """Dollars that may be bound: cash less what orders bind, and what exclusive groups return."""
        accounts = self._memory.accounts
        return self.cash - _dollars(accounts, "sent_reserve") + _dollars(accounts, "returned_seen")

    @property
    def equity(self) -> float:
        """Cash plus positions at the exit's touch, else at their cost, in dollars."""
        total = self.cash
        for view in self.views:
            if view is None:
                continue
            held = view.position.size
            if held == 0.0 or self._apart(view):
                continue
            try:
                mark = view.touch("BUY" if held < 0 else "SELL", exit=True)
            except Absent:
                total += view.position.cost
                continue
            total += held * mark if held > 0 or view.contract.is_asset else -held * (1.0 - mark)
        return total

    def _apart(self, view: MarketView) -> bool:
        memory = self._memory
        return bool(memory.accounts["apart"][memory.contracts["account"][view.index]])

    def fee_per_contract(self, contract: ContractLike | None, price: float, side: str) -> float:
        """Fee in dollars of one contract bought or sold passively, before rounding.

        Raises
        ------
        Absent
            If nobody knows the venue's fees.
        """
        row = self._memory.contracts[self.market(contract).index]
        step = self._memory.steps[int(row["step_now"])]
        if step["model"] == r.MODEL_UNKNOWN:
            raise Absent("fee")
        rate = int(step["maker_rate"]) / 1e6
        if step["model"] in (r.MODEL_FLAT, r.MODEL_FLAT_MAKER):
            return rate
        return rate * float(price * (1.0 - price)) ** int(step["exponent"])


def _dollars(accounts: Any, column: str) -> float:
    return float(sum(int(row[column]) for row in accounts if not row["apart"])) / 1e6
