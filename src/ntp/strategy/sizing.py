"""Sizing: how many contracts an edge or an amount of money is worth.

Sources: Kelly (1956) for a binary claim with cost k and probability p, ``f* = (p - k) / (1 - k)``,
where k includes the fee. Sizes are contracts, money is dollars, prices are dollars of YES.
"""

from collections.abc import Mapping
from typing import TypeVar

from ntp.core import StrategyError

Key = TypeVar("Key")


def unit_cost(price: float, side: str, *, is_asset: bool = False) -> float:
    """Dollars one contract costs before fees: the price of YES for a BUY, of NO for a SELL.

    Raises
    ------
    StrategyError
        ``bad_size`` if the price of a contract is not from 0 to 1.
    """
    if is_asset:
        return price
    if not 0.0 <= price <= 1.0:
        raise StrategyError(f"expected a price from 0 to 1 dollar, was {price!r}", code="bad_size")
    return price if side == "BUY" else 1.0 - price


def kelly_fraction(p: float, price: float, side: str = "BUY", fee: float = 0.0) -> float:
    """Share of the bankroll that maximises its expected logarithm, 0 without an edge after the fee.

    Parameters
    ----------
    p : float
        P(YES).
    price : float
        Dollars of YES.
    side : str
        ``BUY`` for YES, ``SELL`` for NO.
    fee : float
        Dollars per contract.

    Raises
    ------
    StrategyError
        ``bad_size`` if `p` or `price` is not from 0 to 1.
    """
    if not 0.0 <= p <= 1.0:
        raise StrategyError(f"expected a probability from 0 to 1, was {p!r}", code="bad_size")
    cost = unit_cost(price, side) + fee
    chance = p if side == "BUY" else 1.0 - p
    if cost >= 1.0 or chance <= cost:
        return 0.0
    return (chance - cost) / (1.0 - cost)


def kelly_contracts(
    p: float, price: float, side: str, fee: float, bankroll: float, fraction: float
) -> float:
    """Contracts that a fraction of the Kelly stake buys, fee included.

    Raises
    ------
    StrategyError
        ``bad_size`` if `p` or `price` is not from 0 to 1 or `fraction` is negative.
    """
    if not fraction >= 0.0:
        raise StrategyError(f"expected a Kelly fraction of at least 0, was {fraction!r}", code="bad_size")
    stake = fraction * kelly_fraction(p, price, side, fee) * max(bankroll, 0.0)
    return affordable(stake, unit_cost(price, side), fee)


def bracket_contracts(
    probabilities: Mapping[Key, float], costs: Mapping[Key, float], bankroll: float, fraction: float
) -> dict[Key, float]:
    """Contracts that a fraction of the joint Kelly stakes on exclusive outcomes buys.

    Raises
    ------
    StrategyError
        ``bad_size`` if probabilities or costs cannot be, or `fraction` is negative.
    """
    from ntp.statistics import bracket_stakes  # here, so that who sizes otherwise does not load numpy

    if not fraction >= 0.0:
        raise StrategyError(f"expected a Kelly fraction of at least 0, was {fraction!r}", code="bad_size")
    try:
        stakes = bracket_stakes(probabilities, {key: cost for key, cost in costs.items() if cost > 0.0})
    except (TypeError, ValueError) as error:
        raise StrategyError(str(error), code="bad_size") from error
    usd = fraction * max(bankroll, 0.0)
    return {key: usd * stake / costs[key] if stake else 0.0 for key, stake in stakes.items()}


def affordable(usd: float, cost: float, fee: float = 0.0) -> float:
    """Contracts that an amount buys at a cost and fee per contract; 0 where nothing is charged.

    Raises
    ------
    StrategyError
        ``bad_size`` if the amount is negative.
    """
    if not usd >= 0.0:
        raise StrategyError(f"expected an amount of at least 0 dollars, was {usd!r}", code="bad_size")
    charged = cost + fee
    return usd / charged if cost > 0.0 and charged > 0.0 else 0.0
