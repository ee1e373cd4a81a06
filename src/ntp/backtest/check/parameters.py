"""Parameters: a result that only its very values give is luck."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from ntp.backtest.check.bench import Bench
from ntp.backtest.check.decisions import Decisions
from ntp.backtest.check.finding import Examined, Place
from ntp.backtest.formulas import pnl_net
from ntp.core import NtpError
from ntp.strategy import parameters_of

_MOST: Final = 6
_MOST_QUICK: Final = 2
_STEP: Final = 0.1
"""Share of a value that is a neighbour's distance where the declaration names no step."""
_INHERITED: Final = ("position_size", "max_position", "stop_loss", "take_profit")


def planned(bench: Bench) -> int:
    """Replays that it takes."""
    return sum(len(values) for _, values in _neighbours(bench))


def check_parameters(bench: Bench) -> Examined:
    """Replay with each parameter one step lower and one step higher."""
    result = Examined("parameters", "each parameter one step lower and higher; profit must not vanish on both sides")
    own = _profit(bench.base)
    pairs = list(_neighbours(bench))
    if own is None or own <= 0:
        result.unchecked.append("fragile peaks: it makes no profit that could be one")
        return result
    if not pairs:
        result.unchecked.append("fragile peaks: it has no parameter with a number as its value")
    for name, values in pairs:
        found = []
        for value in values:
            try:
                found.append(_profit(bench.lab.replay(parameters={name: value})))
            except NtpError:
                continue  # the strategy refuses the value
        known = [each for each in found if each is not None]
        if len(known) < 2:
            continue
        told = f"{name} = {getattr(bench.subject.strategy, name):g} makes {own:,.2f}, " + " and ".join(
            f"{value:g} makes {profit:,.2f}" for value, profit in zip(values, known, strict=True)
        )
        if max(known) <= 0:
            result.add("error", f"a fragile peak: {told}", _declared(bench, name))
        elif max(known) < own / 2:
            result.add("warning", f"a sharp peak: {told}", _declared(bench, name))
    return result


def _profit(decisions: Decisions) -> float | None:
    """Profit after fees in dollars; None where it is not known."""
    facts = decisions.facts()
    return pnl_net(facts) if facts.fees_known and decisions.error is None else None


def _neighbours(bench: Bench) -> Iterator[tuple[str, list[Any]]]:
    """Parameters of the strategy itself with the values beside their own."""
    left = _MOST_QUICK if bench.quick else _MOST
    for name, parameter in parameters_of(bench.code.cls).items():
        value = getattr(bench.subject.strategy, name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not value:
            continue
        if name in _INHERITED and name not in vars(bench.code.cls):
            continue
        if left == 0:
            return
        left -= 1
        step = _step(parameter, value)
        values = [value - step, value + step]
        yield name, [each for each in values if _allowed(bench, name, each)]


def _step(parameter: Any, value: Any) -> Any:
    sweep = getattr(parameter, "sweep", None)
    if sweep is not None and len(sweep) > 2:
        return sweep[2]
    return max(1, round(abs(value) * _STEP)) if isinstance(value, int) else abs(value) * _STEP


def _allowed(bench: Bench, name: str, value: Any) -> bool:
    try:
        bench.subject.strategy.copy(**{name: value})
    except NtpError:
        return False
    return True


def _declared(bench: Bench, name: str) -> Place:
    """Place where a parameter is declared."""
    for source, definition in bench.code.classes():
        for node in definition.body:
            target = node.target if isinstance(node, ast.AnnAssign) else None
            if isinstance(node, ast.Assign):
                target = node.targets[0]  # type: ignore[assignment]
            if isinstance(target, ast.Name) and target.id == name:
                return source.place(node)
    return bench.code.class_place()


__all__ = ["check_parameters", "planned"]
