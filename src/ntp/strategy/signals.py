"""From what `analyze` returned to the position wanted, and the exits a position is held to."""

import math
import numbers
from typing import Any, Final

from ntp.core import StrategyError
from ntp.strategy.signal import ACTIONS, Signal

STOP_LOSS: Final = "stop_loss"
TAKE_PROFIT: Final = "take_profit"
_ROUNDING: Final = 1e-9  # a loss of exactly the limit counts, whatever its last binary digit


def signal_of(analysis: Any) -> Signal | None:
    """Signal of a number's sign or an action's name: above 0 BUY, below SELL, 0 CLOSE.

    Raises
    ------
    StrategyError
        ``bad_signal`` if it is neither, or not a number (NaN).
    """
    if analysis is None or isinstance(analysis, Signal):
        return analysis
    if type(analysis) is float or type(analysis) is int:  # the usual kinds, before the search for a kind of number
        if analysis == analysis:
            return Signal("BUY" if analysis > 0 else "SELL" if analysis < 0 else "CLOSE")
    elif isinstance(analysis, str) and analysis.upper() in ACTIONS:
        return Signal(analysis.upper())
    elif isinstance(analysis, numbers.Real) and not isinstance(analysis, bool):
        number = float(analysis)
        if not math.isnan(number):
            return Signal("BUY" if number > 0.0 else "SELL" if number < 0.0 else "CLOSE")
    raise StrategyError(
        f"expected a Signal, a number, an action's name or None, was {analysis!r}", code="bad_signal",
        hint="define generate_signal(self, analysis) to turn other objects into signals",
    )


def apply_analysis(strategy: Any, data: Any, result: Any) -> None:
    """Turn what `analyze` returned into calls of ``strategy.target``.

    Parameters
    ----------
    strategy : Strategy
        Bound to a runtime.
    data : view
        The contract `analyze` looked at.
    result : Signal, list or anything
        None changes nothing; what is not a signal goes through ``strategy.generate_signal``.

    Raises
    ------
    StrategyError
        ``bad_signal`` or ``bad_size``.
    """
    if result is None:
        return
    if type(result) is Signal:
        follow_signal(strategy, data, result)
        return
    for signal in _signals(strategy, result):
        follow_signal(strategy, data, signal)


def follow_signal(strategy: Any, data: Any, signal: Signal) -> None:
    """Call ``strategy.target`` with the position a signal asks for.

    BUY raises the position to at least the size, SELL lowers it to at most minus the size (or closes
    it where the strategy is not `short`), CLOSE brings it to 0, HOLD keeps it and withdraws what rests.

    Raises
    ------
    StrategyError
        ``bad_size`` if the size computed is not a number of contracts.
    """
    if signal.contract is None:
        contract, held = data.contract, data.position.size
    else:
        contract, held = signal.contract, strategy.position(signal.contract).size
    # The usual outcome is read without the properties: this runs at every wake.
    yes = signal.outcome == "YES"
    side = signal.action if yes else signal.side
    if side == "HOLD":
        strategy.target(contract, held, tag=signal.tag)
        return
    wanted = 0.0
    if side == "BUY":
        size = _size(strategy, signal, contract)
        wanted = size if size > held else held
    elif side == "SELL" and strategy.short:
        size = _size(strategy, signal, contract)
        wanted = -size if -size < held else held
    strategy.target(
        contract, wanted, price=signal.price if yes else signal.yes_price, ttl=signal.ttl, fair=signal.fair,
        match=signal.match, tag=signal.tag,
    )


def exit_reason(
    cost: float, unrealised_usd: float, stop_loss: float | None, take_profit: float | None
) -> str | None:
    """Why a position must be closed, if it must.

    Parameters
    ----------
    cost : float
        What the position cost, in dollars.
    unrealised_usd : float
        Its profit marked at the exit's touch, see :func:`marked`.
    stop_loss, take_profit : float or None
        Fractions of the cost; None where unset.

    Returns
    -------
    str or None
        ``stop_loss``, ``take_profit`` or None.
    """
    if cost <= 0.0:
        return None
    if stop_loss is not None and unrealised_usd <= -stop_loss * cost + _ROUNDING:
        return STOP_LOSS
    if take_profit is not None and unrealised_usd >= take_profit * cost - _ROUNDING:
        return TAKE_PROFIT
    return None


def marked(position: float, average_price: float, exit_touch: float) -> float:
    """Profit in dollars of a signed position if it left at a price of YES, before fees."""
    return position * (exit_touch - average_price)


def exit_side(position: float) -> str:
    """Side of the order that closes a signed position; its touch is ``data.touch(side)``."""
    return "SELL" if position > 0.0 else "BUY"


def _signals(strategy: Any, result: Any) -> list[Signal]:
    """Signals in a result, in order; what is not one goes through `generate_signal` once."""
    found: list[Signal] = []
    for item in result if isinstance(result, list | tuple) else (result,):
        made = item if item is None or isinstance(item, Signal) else strategy.generate_signal(item)
        for signal in made if isinstance(made, list | tuple) else (made,):
            if isinstance(signal, Signal):
                found.append(signal)
            elif signal is not None:
                raise StrategyError(
                    f"expected Signals from generate_signal, was {signal!r}", code="bad_signal"
                )
    return found


def _size(strategy: Any, signal: Signal, contract: Any) -> float:
    if signal.size is not None:
        return signal.size
    if signal.contract is None:
        signal = signal.on(contract)
    size = strategy.calculate_position_size(signal)
    if isinstance(size, bool) or not isinstance(size, numbers.Real) or not 0.0 <= float(size) < math.inf:
        raise StrategyError(
            f"expected a number of contracts of at least 0 from calculate_position_size, was {size!r}",
            code="bad_size",
        )
    return float(size)
