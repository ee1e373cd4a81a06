"""Money as a strategy reads it: cash, equity and fees, as far as notices told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ntp.core import Absent
from ntp.engine import records as r
from ntp.engine.earned import size_factor_at

if TYPE_CHECKING:
    import numpy.typing as npt

    from ntp.engine.state import ReplayState
    from ntp.strategy.port import ContractLike
    from ntp.strategy.view import MarketView

_ACCOUNT: Final = r.field(r.CONTRACT, "account")
_ACCOUNT_WORDS: Final = r.ACCOUNT.itemsize // 8
_CASH, _RESERVE, _RETURNED, _APART = (
    r.field(r.ACCOUNT, name) for name in ("cash_seen", "sent_reserve", "returned_seen", "apart")
)

_SCALES: Final = r.field(r.CONTEXT, "scaled_capacity")


class Figures:
    """The readings of money of :class:`ntp.strategy.port.Runtime`."""

    _memory: ReplayState
    _positions: npt.NDArray[Any]
    views: list[MarketView | None]

    def market(self, contract: ContractLike | None = None) -> MarketView:
        """View of a contract; the runtime finds it."""
        raise NotImplementedError

    @property
    def cash(self) -> float:
        """Dollars held, as far as fills and settlements are known; play money beside them is left out."""
        return self._dollars(_CASH)

    @property
    def available(self) -> float:
        """Dollars that may be bound: cash less what orders bind, and what exclusive groups return."""
        return self.cash - self._dollars(_RESERVE) + self._dollars(_RETURNED)

    @property
    def equity(self) -> float:
        """Cash plus positions at the exit's touch, else at their cost, in dollars."""
        total = self.cash
        # Of many contracts few are held: they are found at once, and read one by one.
        for number in self._positions.nonzero()[0].tolist():
            view = self.views[number]
            if view is None or self._apart(view):
                continue
            held = view.position.size
            try:
                mark = view.touch("BUY" if held < 0 else "SELL", exit=True)
            except Absent:
                total += view.position.cost
                continue
            total += held * mark if held > 0 or view.contract.is_asset else -held * (1.0 - mark)
        return total

    def _apart(self, view: MarketView) -> bool:
        account = view._words[view._base + _ACCOUNT]
        return bool(self._memory.account_words[account * _ACCOUNT_WORDS + _APART])

    def _dollars(self, column: int) -> float:
        """Sum of a column of the accounts that hold dollars; read at every sizing, so without arrays."""
        words = self._memory.account_words
        rows = range(0, len(words), _ACCOUNT_WORDS)
        return sum([words[row + column] for row in rows if not words[row + _APART]]) / 1e6

    @property
    def size_factor(self) -> float:
        """Multiplier of sizes for what predicted edges earned so far."""
        return float(size_factor_at(self._memory.address)) if self._memory.words[_SCALES] else 1.0

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
