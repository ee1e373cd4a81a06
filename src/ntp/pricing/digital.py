"""Digital options under a lognormal price: what a contract pays that asks whether a price is above a strike.

Black and Scholes (1973) with the carry of Black (1976): ``P(S_T > K) = N(d2)``,
``d2 = (ln(S / K) + (r - q - sigma^2 / 2) T) / (sigma sqrt(T))``, discounted by ``exp(-r T)``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from ntp.core import DataError
from ntp.pricing.checks import Floats, ascending, numbers

YEAR_DAYS: Final = 365.0
_BLOCK: Final = 16_384
"""Prices worked on at once: what is in between stays in the processor's cache."""
_ROOT: Final = np.sqrt(2 * np.pi)


@dataclass(frozen=True, slots=True)
class Greeks:
    """Sensitivities of prices, all per one dollar of payoff.

    Attributes
    ----------
    delta : ndarray
        Per dollar of the underlying.
    vega : ndarray
        Per 1.00 of annual volatility.
    theta : ndarray
        Per year that passes.
    """

    delta: Floats
    vega: Floats
    theta: Floats


def digital_price(
    spot: ArrayLike, strike: ArrayLike, volatility: ArrayLike, years: ArrayLike, *, rate: float = 0.0,
    carry: float = 0.0,
) -> Floats:
    """Price contracts that pay one dollar if the price ends above the strike.

    Parameters
    ----------
    spot, strike : array_like
        In the same unit, above 0.
    volatility : array_like
        Annual, above 0.
    years : array_like
        Time left, above 0.
    rate, carry : float
        Continuous interest and yield of the underlying.

    Returns
    -------
    ndarray of float64
        Broadcast over the inputs.

    Raises
    ------
    DataError
        ``no_price``.
    """
    given = [np.asarray(each, np.float64) for each in (spot, strike, volatility, years)]
    shape = np.broadcast_shapes(*(each.shape for each in given))
    if len(shape) != 1 or shape[0] <= _BLOCK:
        return _price(given, rate, carry)
    found = np.empty(shape)
    for start in range(0, shape[0], _BLOCK):
        part = slice(start, start + _BLOCK)
        found[part] = _price([each[part] if each.shape == shape else each for each in given], rate, carry)
    return found


def _price(given: Sequence[Floats], rate: float, carry: float) -> Floats:
    spot, strike, volatility, years = given
    d2, _ = _distance(spot, strike, volatility, years, rate, carry)
    price = ndtr(d2)
    if rate:
        price = price * np.exp(-rate * years)
    return np.asarray(price, dtype=np.float64)


def digital_greeks(
    spot: ArrayLike, strike: ArrayLike, volatility: ArrayLike, years: ArrayLike, *, rate: float = 0.0,
    carry: float = 0.0,
) -> Greeks:
    """Differentiate :func:`digital_price`, whose parameters these are."""
    d2, spread = _distance(spot, strike, volatility, years, rate, carry)
    time, sigma = np.asarray(years, np.float64), np.asarray(volatility, np.float64)
    discount = np.exp(-rate * time)
    density = np.exp(-0.5 * d2 * d2) / _ROOT * discount
    d1 = d2 + spread
    # d(d2)/dT: the drift grows with time, the distance shrinks with its root
    slope = (rate - carry - 0.5 * sigma**2) / spread - d2 / (2 * time)
    return Greeks(
        delta=np.asarray(density / (np.asarray(spot, np.float64) * spread)),
        vega=np.asarray(-density * d1 / sigma),
        theta=np.asarray(rate * discount * ndtr(d2) - density * slope),
    )


def smile_digital_price(
    spot: ArrayLike, strike: ArrayLike, volatility: ArrayLike, slope: ArrayLike, years: ArrayLike, *,
    rate: float = 0.0, carry: float = 0.0,
) -> Floats:  # fmt: skip
    """Price digitals where volatility changes with the strike: minus the slope of the call price.

    ``D = exp(-r T) N(d2) - vega dsigma/dK`` with the vega of the vanilla call (Breeden and Litzenberger 1978).

    Parameters
    ----------
    slope : array_like
        Change of volatility per unit of strike at the strike; the others as in :func:`digital_price`.

    Raises
    ------
    DataError
        ``no_price``; ``arbitrage`` where the smile gives a price below 0 or above the discount.
    """
    d2, spread = _distance(spot, strike, volatility, years, rate, carry)
    time = np.asarray(years, np.float64)
    d1 = d2 + spread
    vega = np.asarray(spot, np.float64) * np.exp(-carry * time - 0.5 * d1 * d1) / _ROOT * np.sqrt(time)
    discount = np.exp(-rate * time)
    price = np.asarray(discount * ndtr(d2) - vega * numbers("a slope of the smile", slope))
    if (price < -1e-12).any() or (price > discount + 1e-12).any():
        raise DataError(
            "expected a smile without arbitrage, was one with a digital outside 0 to 1", code="arbitrage",
            hint="fit a smile whose call prices fall and are convex in the strike",
        )
    return np.asarray(np.clip(price, 0.0, discount), dtype=np.float64)


def bracket_prices(edges: ArrayLike, above: ArrayLike) -> Floats:
    """Prices of the brackets between strikes, from the prices of being above each of them.

    The result has one more element than there are strikes: below the first, between each two, above the last.
    It sums to one, and no element is negative if `above` falls.

    Parameters
    ----------
    edges : array_like, (n,)
        Strikes in ascending order.
    above : array_like, (n,)
        Undiscounted probability of ending above each.

    Raises
    ------
    DataError
        ``no_price`` if strikes are out of order or a probability rises with the strike.
    """
    ascending("strikes", edges)
    chances = numbers("a probability", above, least=0.0)
    rising = np.flatnonzero(np.diff(chances) > 1e-12)
    if len(rising):
            raise DataError(
            "expected probabilities that fall with the strike, was a rise", code="no_price",
            details={"place": int(rising[0]) + 1},
        )
    return np.maximum(-np.diff(np.concatenate(([1.0], np.minimum(chances, 1.0), [0.0]))), 0.0)


def _distance(
    spot: ArrayLike, strike: ArrayLike, volatility: ArrayLike, years: ArrayLike, rate: float, carry: float
) -> tuple[Floats, Floats]:
    price, level = numbers("a spot", spot, above=0.0), numbers("a strike", strike, above=0.0)
    sigma, time = numbers("a volatility", volatility, above=0.0), numbers("a time left", years, above=0.0)
    spread = np.asarray(sigma * np.sqrt(time))
    # in place: over a history the memory that moves costs as much as the logarithm
    distance = np.asarray(price / level)
    np.log(distance, out=distance)
    if rate != carry:
        distance = distance + (rate - carry) * time
    shape = np.broadcast_shapes(distance.shape, spread.shape)
    found = distance if distance.shape == shape else np.broadcast_to(distance, shape).copy()
    found /= spread
    found -= 0.5 * spread
    return found, spread
