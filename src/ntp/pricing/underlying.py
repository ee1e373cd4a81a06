"""From what is known of a price at one moment to the distribution of what contracts on it settle on."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ntp.core import SECOND, DataError
from ntp.markets import Aggregation, Observable
from ntp.pricing.averaging import forecast_difference, forecast_mean
from ntp.pricing.checks import numbers
from ntp.pricing.distributions import Distribution, Empirical, Normal
from ntp.pricing.extremes import (
    AtLeast,
    AtMost,
    MaximumOfPath,
    MinimumOfPath,
    highest_trimmed_mean,
    trimmed_means_of_window,
)
from ntp.pricing.tails import NORMAL, Shape

YEAR_SECONDS: Final = 365.0 * 86_400.0
_SEED: Final = 11
"""Simulated prices are those of one fixed stream: the same inputs give the same price."""
_UNSEEN: Final = 2.0
"""Seconds by which observations of a window may lag behind the clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Underlying:
    """What is known, at one moment, of the price that contracts settle on.

    Attributes
    ----------
    spot : float
        Price of the feed, above 0.
    volatility : float
        Annual, above 0.
    seconds_left : float
        Until what is observed is over.
    tails : Shape
        Shape of what is uncertain.
    seen, seen_mean : int, float
        Observations of an averaging window that has begun, and their mean.
    extreme : float or None
        Highest (or lowest) value of the period so far, for contracts on a maximum (or minimum).
    basis, basis_sd : float
        Index that settles minus the feed, which told `spot`, `seen_mean` and `extreme`: what is expected of it, and its
        standard deviation, which is added to the variance. Both are 0 where the index itself was watched.
    volatility_error : float
        Relative standard error of the volatility, for the band of a fair value.
    seconds_to_open : float
        Until an opening mean (or price) is known that contracts compare with; 0 where it is known.
    """

    spot: float
    volatility: float
    seconds_left: float
    tails: Shape = NORMAL
    seen: int = 0
    seen_mean: float = 0.0
    extreme: float | None = None
    basis: float = 0.0
    basis_sd: float = 0.0
    volatility_error: float = 0.1
    seconds_to_open: float = 0.0

    def __post_init__(self) -> None:
        numbers("a spot", self.spot, above=0.0)
        numbers("a volatility", self.volatility, above=0.0)
        numbers("seconds left", self.seconds_left, least=0.0)
        numbers("a basis", self.basis)
        numbers("a deviation of the basis", self.basis_sd, least=0.0)
        numbers("an error of the volatility", self.volatility_error, least=0.0)
        numbers("the price and its basis", self.spot + self.basis, above=0.0)

    @property
    def index(self) -> float:
        """Expected value, now, of the index that settles."""
        return self.spot + self.basis


def settlement_forecast(observable: Observable, now: Underlying) -> Distribution:
    """Distribution of the value that contracts on an observable settle on, before it is rounded.

    Contracts that compare with an opening mean or price which is still to come (``now.seconds_to_open`` above 0) get
    the distribution of the difference, to be compared with 0.

    Raises
    ------
    DataError
        ``no_price``: nothing of the kind can be priced from a price, the window has begun and nothing was seen of it,
        nothing is left.
    """
    window = max(observable.window_ns // SECOND, 1)
    if now.seconds_to_open > 0.0:
        return _difference(now, window)
    match observable.aggregation:
        case Aggregation.LAST:
            return _last(now)
        case Aggregation.MEAN | Aggregation.MEAN_AGAINST_MEAN:
            return _mean(now, window)
        case Aggregation.TRIMMED_MEAN:
            second = _second(now)
            draws = trimmed_means_of_window(
                now.index, second, now.seconds_left, np.random.default_rng(_SEED), window=window,
                share=float(observable.trim),
            )
            return Empirical(list(draws))
        case Aggregation.MAXIMUM | Aggregation.MINIMUM:
            return _extreme(observable, now, window)
        case _:
            raise DataError(
                f"expected a contract on a price, was one on a {observable.aggregation}", code="no_price",
                hint="price it from odds of its own",
            )


def _second(now: Underlying) -> float:
    return now.index * now.volatility / float(np.sqrt(YEAR_SECONDS))


def _last(now: Underlying) -> Distribution:
    left = float(numbers("seconds left", now.seconds_left, above=0.0))
    spread = float(np.hypot(now.volatility * np.sqrt(left / YEAR_SECONDS), now.basis_sd / now.index))
    return now.tails.around(now.index, spread * now.index, mean_of_prices=False)


def _mean(now: Underlying, window: int) -> Distribution:
    begun = window - now.seconds_left
    if now.seen < begun - _UNSEEN:
        raise DataError(
            f"expected the observations of the window, of which {begun:.0f} seconds have passed, was {now.seen}",
            code="no_price", hint="say how many were seen and their mean", details={"input": "observed"},
        )
    found = forecast_mean(
        now.spot, now.volatility, now.seconds_left, window=window, seen=now.seen, seen_sum=now.seen * now.seen_mean
    )
    # what was seen of a window was the feed's, so that the basis of all of it is uncertain
    sd = float(np.hypot(found.sd, now.basis_sd))
    return now.tails.around(found.mean + now.basis, sd, mean_of_prices=True)


def _difference(now: Underlying, window: int) -> Distribution:
    found = forecast_difference(
        now.spot, now.volatility, now.seconds_to_open, now.seconds_left - now.seconds_to_open, window=window,
        seen=now.seen, seen_mean=now.seen_mean,
    )
    return Normal(found.mean, found.sd)


def _extreme(observable: Observable, now: Underlying, window: int) -> Distribution:
    left = float(numbers("seconds left", now.seconds_left, above=0.0))
    highest = observable.aggregation is Aggregation.MAXIMUM
    if observable.trim:
        if not highest:
            raise DataError("expected a maximum of trimmed means, was a minimum", code="no_price")
        draws = highest_trimmed_mean(
            now.index, _second(now), int(left), np.random.default_rng(_SEED), window=window,
            share=float(observable.trim),
        )
        rest: Distribution = Empirical(list(draws))
    else:
        spread = now.volatility * float(np.sqrt(left / YEAR_SECONDS))
        rest = MaximumOfPath(now.index, spread) if highest else MinimumOfPath(now.index, spread)
    if now.extreme is None:
        return rest
    seen = now.extreme + now.basis
    return AtLeast(seen, rest) if highest else AtMost(seen, rest)
