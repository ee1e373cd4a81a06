"""Signals and sizes, by the same arithmetic as :mod:`ntp.strategy.signals` and :mod:`ntp.strategy.sizing`."""

from __future__ import annotations

import math

from ntp.engine.compile import kernel
from ntp.engine.earned import size_factor_now
from ntp.strategy.compiled.inside.link import context_of, contract_of, fail, fail_with, is_none, none
from ntp.strategy.compiled.inside.reads import cost, equity, fee_per_contract, touch, unrealised

BUY, SELL, CLOSE, HOLD, YES, NO = range(6)
TEXTS = ("BUY", "SELL", "CLOSE", "HOLD", "YES", "NO")
"""Texts with a fixed number: actions, sides and outcomes."""


@kernel
def signal(me, action, confidence, size, price, contract, outcome, fair, ttl, tag, site):  # type: ignore[no-untyped-def]
    """Make a signal; the reasons at `site` and after it are: bad word, confidence, size, price."""
    if not 0 <= action <= HOLD or not YES <= outcome <= NO:
        fail(me, site)
    if not 0.0 <= confidence <= 1.0:
        fail_with(me, site + 1, confidence)
    if not is_none(size) and not 0.0 <= size < math.inf:
        fail_with(me, site + 2, size)
    if not is_none(price) and not math.isfinite(price):
        fail_with(me, site + 3, price)
    return (action, confidence, size, price, contract, outcome, fair, ttl, tag)


@kernel
def no_signal():  # type: ignore[no-untyped-def]
    """None, among signals."""
    return (-1, 1.0, none(), none(), -1, YES, none(), -1, -1)


@kernel
def plain_signal(action):  # type: ignore[no-untyped-def]
    """Make a signal that states nothing but an action."""
    return (action, 1.0, none(), none(), -1, YES, none(), -1, -1)


@kernel
def signal_of_number(me, number, site):  # type: ignore[no-untyped-def]
    """Make the signal of a number's sign."""
    if number != number:
        fail(me, site)
    return plain_signal(BUY if number > 0.0 else SELL if number < 0.0 else CLOSE)


@kernel
def on(made, k):  # type: ignore[no-untyped-def]
    """Return the same wish about a contract."""
    return (made[0], made[1], made[2], made[3], k, made[5], made[6], made[7], made[8])


@kernel
def side_of(made):  # type: ignore[no-untyped-def]
    """``signal.side``."""
    if made[5] == YES or made[0] > SELL:
        return made[0]
    return SELL if made[0] == BUY else BUY


@kernel
def yes_price(made):  # type: ignore[no-untyped-def]
    """``signal.yes_price``."""
    if is_none(made[3]) or made[5] == YES:
        return made[3]
    return 1.0 - made[3]


@kernel
def probability(made):  # type: ignore[no-untyped-def]
    """``signal.probability``."""
    if not is_none(made[6]):
        return made[6]
    return made[1] if side_of(made) == BUY else 1.0 - made[1]


@kernel
def unit_cost(me, k, price, side, site):  # type: ignore[no-untyped-def]
    """Dollars one contract costs before fees."""
    if contract_of(me, k).asset:
        return price
    if not 0.0 <= price <= 1.0:
        fail_with(me, site, price)
    return price if side == BUY else 1.0 - price


@kernel
def affordable(me, usd, each, fee, site):  # type: ignore[no-untyped-def]
    """Contracts that an amount buys."""
    if not usd >= 0.0:
        fail_with(me, site, usd)
    charged = each + fee
    return usd / charged if each > 0.0 and charged > 0.0 else 0.0


@kernel
def priced(me, k, price, side, site):  # type: ignore[no-untyped-def]
    """Return a price, or the touch; the reasons at `site` and after it are: no bid, no ask, no step."""
    return touch(me, k, side == BUY, False, site) if is_none(price) else price


@kernel
def default_size(me, k, made, position_size, site):  # type: ignore[no-untyped-def]
    """``Strategy.calculate_position_size``; further reasons: bad price, bad amount."""
    side = side_of(made)
    if side > SELL:
        return 0.0
    price = priced(me, k, yes_price(made), side, site)
    worth = equity(me)
    usd = position_size * made[1] * (0.0 if 0.0 > worth else worth)
    return size_factor_now(context_of(me)) * affordable(me, usd, unit_cost(me, k, price, side, site + 3), 0.0, site + 4)


@kernel
def kelly(me, k, p, price, side, fraction, site):  # type: ignore[no-untyped-def]
    """``Strategy.kelly_sizing``; further reasons: bad price, bad amount, asset, fee, fraction, probability."""
    if side > SELL:
        return 0.0
    price = priced(me, k, price, side, site)
    if contract_of(me, k).asset:
        fail(me, site + 5)
    fee = fee_per_contract(me, k, price, site + 6)
    worth = equity(me)
    if not fraction >= 0.0:
        fail_with(me, site + 7, fraction)
    if not 0.0 <= p <= 1.0:
        fail_with(me, site + 8, p)
    each = unit_cost(me, k, price, side, site + 3)
    charged = each + fee
    chance = p if side == BUY else 1.0 - p
    share = 0.0 if charged >= 1.0 or chance <= charged else (chance - charged) / (1.0 - charged)
    stake = fraction * share * (0.0 if 0.0 > worth else worth)
    return size_factor_now(context_of(me)) * affordable(me, stake, each, fee, site + 4)


@kernel
def contracts_for(me, k, usd, price, side, site):  # type: ignore[no-untyped-def]
    """``Strategy.contracts``; reasons as of :func:`kelly`."""
    price = priced(me, k, price, side, site)
    fee = fee_per_contract(me, k, price, site + 6)
    return affordable(me, usd, unit_cost(me, k, price, side, site + 3), fee, site + 4)


@kernel
def stopped(me, k, stop_loss, take_profit):  # type: ignore[no-untyped-def]
    """Why a position must be closed: 0 for nothing, 1 for its loss, 2 for its profit."""
    paid = cost(me, k)
    try:
        profit = unrealised(me, k, 0)
    except Exception:
        return 0
    if paid <= 0.0:
        return 0
    if not is_none(stop_loss) and profit <= -stop_loss * paid + 1e-9:
        return 1
    if not is_none(take_profit) and profit >= take_profit * paid - 1e-9:
        return 2
    return 0


@kernel
def checked_size(me, size, site):  # type: ignore[no-untyped-def]
    """Size that a method gave."""
    if not 0.0 <= size < math.inf:
        fail_with(me, site, size)
    return size
