"""Where a market maker quotes: around a price that leans against the inventory, wider the riskier it is.

Avellaneda and Stoikov (2008), "High-frequency trading in a limit order book". The market maker has exponential
utility with risk aversion gamma, orders arrive with intensity ``A exp(-k distance)``. Units: with prices in dollars,
`variance` is dollars squared per unit of time, `risk_aversion` and `decay` are per dollar. In the logit of a
probability the same formulas hold with logits in place of dollars, and quotes never leave 0 to 1.

The scalar functions are plain arithmetic, so that compiled code may call them.
"""

import math


def reservation_price(price: float, inventory: float, risk_aversion: float, variance: float, left: float) -> float:
    """Price at which one is indifferent to holding more: ``s - q gamma sigma^2 (T - t)``.

    Parameters
    ----------
    price : float
        Fair value or mid.
    inventory : float
        Units held, negative when short.
    risk_aversion : float
        Gamma, above 0.
    variance : float
        Of the price per unit of time.
    left : float
        Time until the end, in that unit.
    """
    return price - inventory * risk_aversion * variance * left


def optimal_spread(risk_aversion: float, variance: float, left: float, decay: float) -> float:
    """Distance from bid to ask: ``gamma sigma^2 (T - t) + (2 / gamma) ln(1 + gamma / k)``.

    Parameters
    ----------
    risk_aversion, variance, left : float
        As in :func:`reservation_price`; without risk aversion the limit ``2 / k``.
    decay : float
        k, how fast fills become rarer with the distance from the price; above 0.
    """
    if risk_aversion == 0.0:
        return 2.0 / decay
    return risk_aversion * variance * left + 2.0 / risk_aversion * math.log1p(risk_aversion / decay)


def quotes_around(
    price: float, inventory: float, risk_aversion: float, variance: float, left: float, decay: float
) -> tuple[float, float]:
    """Bid and ask, half the optimal spread to each side of the reservation price."""
    middle = reservation_price(price, inventory, risk_aversion, variance, left)
    half = 0.5 * optimal_spread(risk_aversion, variance, left, decay)
    return middle - half, middle + half


def logit_quotes(
    probability: float, inventory: float, risk_aversion: float, variance: float, left: float, decay: float
) -> tuple[float, float, float]:
    """Reservation price, bid and ask of a contract, computed in the logit of its probability and mapped back.

    Parameters
    ----------
    probability : float
        Fair value, above 0 and below 1.
    inventory, risk_aversion, left, decay : float
        As in :func:`quotes_around`; risk aversion and decay per unit of logit.
    variance : float
        Of the logit per unit of time.
    """
    at = math.log(probability / (1.0 - probability))
    middle = at - inventory * risk_aversion * variance * left
    spread = 2.0 / decay
    if risk_aversion != 0.0:
        spread = risk_aversion * variance * left + 2.0 / risk_aversion * math.log1p(risk_aversion / decay)
    half = 0.5 * spread
    # 1 / (1 + exp(-x)) by tanh, which does not overflow
    bid, ask = 0.5 + 0.5 * math.tanh(0.5 * (middle - half)), 0.5 + 0.5 * math.tanh(0.5 * (middle + half))
    return 0.5 + 0.5 * math.tanh(0.5 * middle), bid, ask


def logit_drift(probability: float, variance: float) -> float:
    """Drift per unit of time that a diffusing logit needs for its probability to be a martingale.

    ``-sigma^2 (1 - 2p) / 2``, by Ito's formula for ``p = 1 / (1 + exp(-x))``: a longshot's logit drifts down, because a
    step up moves its probability further than a step down.
    """
    return -0.5 * variance * (1.0 - 2.0 * probability)
