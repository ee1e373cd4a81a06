"""Signals: what a strategy wants of a contract, stated as an action."""

import math
from dataclasses import dataclass
from typing import Any, Final

from ntp.core import StrategyError, suggest

ACTIONS: Final = ("BUY", "SELL", "CLOSE", "HOLD")
"""Actions of a signal."""
OUTCOMES: Final = ("YES", "NO")
"""Outcomes of a contract."""


@dataclass(slots=True)
class Signal:
    """A wish about the position in one contract.

    Parameters
    ----------
    action : str
        ``BUY`` raises the position to at least `size`, ``SELL`` lowers it to at most -`size` (that
        is NO), ``CLOSE`` brings it to 0, ``HOLD`` keeps it and withdraws what rests.
    confidence : float
        Probability, 0 to 1, that the side taken pays.
    size : float, optional
        Contracts; by default what `calculate_position_size` says.
    price : float, optional
        Limit in dollars of `outcome`; by default the touch of the moment.
    contract : Contract or str, optional
        By default the contract of the call.
    outcome : str
        ``NO`` states action and price in terms of NO.
    fair : float, optional
        Own fair value in dollars of YES, whatever `outcome` says.
    match : optional
        Matched contract whose gap is the edge.
    ttl : str or int, optional
        Duration after which the order is withdrawn.
    tag : str, optional
        Name shown in the results.

    Raises
    ------
    StrategyError
        ``bad_signal`` if an argument is not of this kind.
    """

    action: str
    confidence: float = 1.0
    size: float | None = None
    price: float | None = None
    contract: Any = None
    outcome: str = "YES"
    fair: float | None = None
    match: Any = None
    ttl: str | int | None = None
    tag: str | None = None

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            self.action = _word("action", self.action, ACTIONS)
        if self.outcome not in OUTCOMES:
            self.outcome = _word("outcome", self.outcome, OUTCOMES)
        if not 0.0 <= self.confidence <= 1.0:
            raise _bad("a confidence from 0 to 1", self.confidence)
        if self.size is not None and not 0.0 <= self.size < math.inf:
            raise _bad("a size of at least 0 contracts", self.size)
        if self.price is not None and not math.isfinite(self.price):
            raise _bad("a price in dollars", self.price)

    def on(self, contract: Any) -> "Signal":
        """Return the same wish about a named contract."""
        return Signal(
            self.action, self.confidence, self.size, self.price, contract, self.outcome, self.fair, self.match,
            self.ttl, self.tag,
        )

    @property
    def side(self) -> str:
        """``BUY`` or ``SELL`` of YES for an entry, else the action itself."""
        if self.outcome == "YES" or self.action not in ("BUY", "SELL"):
            return self.action
        return "SELL" if self.action == "BUY" else "BUY"

    @property
    def yes_price(self) -> float | None:
        """Limit in dollars of YES, None where the touch is meant."""
        if self.price is None or self.outcome == "YES":
            return self.price
        return 1.0 - self.price

    @property
    def probability(self) -> float:
        """P(YES): the stated fair value, else what the confidence in the side taken means."""
        if self.fair is not None:
            return self.fair
        return self.confidence if self.side == "BUY" else 1.0 - self.confidence


TradingSignal = Signal
"""Other name of :class:`Signal`."""


def yes_terms(side: str, price: float | None, outcome: str) -> tuple[str, float | None]:
    """Turn side and price of an outcome into side and price of YES.

    Raises
    ------
    StrategyError
        ``bad_signal`` if side or outcome is not a known word.
    """
    if side not in ("BUY", "SELL"):
        side = _word("side", side, ("BUY", "SELL"))
    if outcome not in OUTCOMES:
        outcome = _word("outcome", outcome, OUTCOMES)
    if outcome == "YES":
        return side, price
    return ("SELL" if side == "BUY" else "BUY"), (None if price is None else 1.0 - price)


def _word(what: str, word: object, known: tuple[str, ...]) -> str:
    if isinstance(word, str) and word.upper() in known:
        return word.upper()
    raise StrategyError(
        f"expected {what} {' or '.join(known)}, was {word!r}", code="bad_signal",
        hint=suggest(word.upper(), known) if isinstance(word, str) else "",
    )


def _bad(expected: str, was: object) -> StrategyError:
    return StrategyError(f"expected {expected}, was {was!r}", code="bad_signal")
