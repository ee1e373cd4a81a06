"""Shipped strategies in compiled form: the same arithmetic as their Python classes, step by step."""

import math
from collections.abc import Mapping
from typing import Any, Final

from ntp.core import StrategyError
from ntp.engine.compile import kernel
from ntp.engine.desk import quote, target
from ntp.engine.memory import load_f64
from ntp.engine.player import play_wake
from ntp.engine.records import NONE, W_BEST

MAKER: Final = 1
V10: Final = 2
_PARAMETERS: Final = {
    "maker": (MAKER, ("half_spread", "size", "skew", "max_position", "stop_before")),
    "v10": (V10, ("lookback", "threshold", "size", "stop_before")),
}
_NOISE: Final = 1e-9


@kernel
def _bid_units(contract, dollars):  # type: ignore[no-untyped-def]
    """Price units of a bid: within 1e-6 dollar of a unit it is that unit, else rounded down."""
    scaled = dollars * contract.price_unit
    nearest = math.floor(scaled + 0.5)
    units = nearest if abs(scaled - nearest) < 0.01 else math.floor(scaled)
    return max(int(units), 0)


@kernel
def _ask_units(contract, dollars):  # type: ignore[no-untyped-def]
    """Price units of an ask: within 1e-6 dollar of a unit it is that unit, else rounded up."""
    scaled = dollars * contract.price_unit
    nearest = math.floor(scaled + 0.5)
    units = nearest if abs(scaled - nearest) < 0.01 else math.ceil(scaled)
    return max(int(units), 0)


@kernel
def _size_units(contracts):  # type: ignore[no-untyped-def]
    return int(contracts * 1e6 + 0.5)


@kernel
def _closing(ctx, contract, stop_before):  # type: ignore[no-untyped-def]
    if stop_before > 0.0 and contract.close_time != NONE:
        return (contract.close_time - ctx.now) / 1e9 < stop_before
    return False


@kernel
def _maker(ctx, contract_id, contract):  # type: ignore[no-untyped-def]
    half_spread, size = load_f64(ctx.params, 0), load_f64(ctx.params, 1)
    skew, limit, stop_before = load_f64(ctx.params, 2), load_f64(ctx.params, 3), load_f64(ctx.params, 4)
    if _closing(ctx, contract, stop_before) or contract.view_bid < 0 or contract.view_ask < 0:
        quote(ctx, contract_id, NONE, NONE, 0, 0)
        return
    held = contract.position_seen / 1e6
    one = float(contract.price_unit)
    mid = (contract.view_bid / one + contract.view_ask / one) / 2.0
    centre = mid - skew * held
    bid, ask = _bid_units(contract, centre - half_spread), _ask_units(contract, centre + half_spread)
    bid_size = ask_size = size
    if not math.isnan(limit):
        bid_room, ask_room = limit - held, limit + held
        bid_size, ask_size = min(bid_room, size), min(ask_room, size)
        if bid_room <= 0.0:
            bid, bid_size = NONE, 0.0
        if ask_room <= 0.0:
            ask, ask_size = NONE, 0.0
    quote(ctx, contract_id, bid, ask, _size_units(bid_size), _size_units(ask_size))


@kernel
def _v10(ctx, contract_id, contract):  # type: ignore[no-untyped-def]
    if contract.view_bid < 0 or contract.view_ask < 0:
        quote(ctx, contract_id, NONE, NONE, 0, 0)
        return
    lookback, threshold = load_f64(ctx.params, 0), load_f64(ctx.params, 1)
    size, stop_before = load_f64(ctx.params, 2), load_f64(ctx.params, 3)
    one = float(contract.price_unit)
    mid = (contract.view_bid / one + contract.view_ask / one) / 2.0
    if contract.state0 == 0:  # state0 counts changes from 1; state2 is the average, state3 the last mid
        contract.state2 = mid
        contract.state3 = mid
        contract.state0 = 1
        return
    if abs(mid - contract.state3) > _NOISE:
        contract.state2 = contract.state2 + 2.0 / (lookback + 1.0) * (mid - contract.state2)
        contract.state3 = mid
        contract.state0 += 1
    if contract.state0 - 1 < lookback:
        return
    held = contract.position_seen
    if _closing(ctx, contract, stop_before):
        target(ctx, contract_id, 0, NONE)
        return
    momentum = mid - contract.state2
    bar = threshold + _NOISE
    if momentum > bar:
        target(ctx, contract_id, max(held, _size_units(size)), NONE)
    elif momentum < -bar:
        target(ctx, contract_id, min(held, -_size_units(size)), NONE)
    elif (held > 0 and momentum < _NOISE) or (held < 0 and momentum > -_NOISE):
        target(ctx, contract_id, 0, NONE)


@kernel
def decide(ctx, contract_id, contract, reasons):  # type: ignore[no-untyped-def]
    """Let the compiled strategy act on a contract that changed."""
    if ctx.player:
        play_wake(ctx, contract_id, contract, reasons)
    elif contract.tradable and reasons & W_BEST:
        if ctx.strategy == MAKER:
            _maker(ctx, contract_id, contract)
        elif ctx.strategy == V10:
            _v10(ctx, contract_id, contract)


def has_compiled_form(name: str) -> bool:
    """Whether the engine has a shipped strategy of this name in compiled form."""
    return name in _PARAMETERS


def compiled_parameters(name: str, parameters: Mapping[str, Any]) -> tuple[int, tuple[float, ...]]:
    """Return number and parameters of a shipped strategy's compiled form.

    Raises
    ------
    StrategyError
        ``not_compilable`` if there is none.
    """
    if name not in _PARAMETERS:
        raise StrategyError(
            f"expected a shipped strategy with a compiled form, was {name!r}", code="not_compilable",
            hint=f"compiled forms exist of {', '.join(sorted(_PARAMETERS))}",
        )
    for each in ("stop_loss", "take_profit"):
        if parameters.get(each) is not None:
            raise StrategyError(
                f"expected {each} unset in the compiled form, was {parameters[each]}", code="not_compilable"
            )
    code, names = _PARAMETERS[name]
    return code, tuple(math.nan if parameters[each] is None else float(parameters[each]) for each in names)
