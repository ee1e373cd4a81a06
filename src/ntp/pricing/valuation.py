"""Fair values of the contracts of an event, priced together, with a band and sensitivities."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ntp.markets import Observable, SettlementSpec
from ntp.pricing.distributions import Distribution
from ntp.pricing.settlement import expected_payoff
from ntp.pricing.underlying import YEAR_SECONDS, Underlying, settlement_forecast

_DIGITS: Final = 6
_NUDGE: Final = 0.02
"""Change of an input by which a slope is measured, as a share of the deviation of what settles (or of the input)."""


@dataclass(frozen=True, slots=True)
class FairValue:
    """What a contract is worth, how sure that is, and what moves it.

    Attributes
    ----------
    value : float
        Dollars of YES, 0 to 1, rounded to 0.000001.
    sd : float
        Standard error: from the error of the volatility and from the basis of the feed to the index that settles.
    low, high : float
        One standard error around the value, within 0 to 1.
    delta : float
        Change per dollar of the underlying.
    vega : float
        Change per 1.00 of annual volatility.
    theta : float or None
        Change per year that passes while the price stands still; None in the last second.
    """

    value: float
    sd: float
    low: float
    high: float
    delta: float
    vega: float
    theta: float | None


def fair_values(specs: Sequence[SettlementSpec], now: Underlying) -> tuple[FairValue, ...]:
    """Price contracts from one view of their underlying, so that they cannot contradict each other.

    Contracts on the same observable share one distribution: exclusive and exhaustive ones sum to one, thresholds fall
    with the strike.

    Parameters
    ----------
    specs : sequence of SettlementSpec
        How they pay.
    now : Underlying
        What is known.

    Returns
    -------
    tuple of FairValue
        One for each spec.

    Raises
    ------
    DataError
        ``no_price`` with the reason.
    """
    views = {spec.observable: _Views.of(spec.observable, now) for spec in specs}
    return tuple(views[spec.observable].price(spec) for spec in specs)


@dataclass(frozen=True, slots=True)
class _Views:
    """Distributions of one observable: as it is, and with one input changed."""

    now: Underlying
    base: Distribution
    spots: tuple[Distribution, Distribution]
    volatilities: tuple[Distribution, Distribution]
    errors: tuple[Distribution, Distribution]
    later: Distribution | None
    spot_step: float
    seconds: float

    @classmethod
    def of(cls, observable: Observable, now: Underlying) -> "_Views":
        step = _NUDGE * now.spot * now.volatility * float(np.sqrt(max(now.seconds_left, 1.0) / YEAR_SECONDS))
        step = max(step, 1e-9 * now.spot)

        def of(changed: Underlying) -> Distribution:
            return settlement_forecast(observable, changed)

        def volatility(share: float) -> Distribution:
            return of(replace(now, volatility=now.volatility * max(1.0 + share, 1e-6)))

        after, seconds = _later(now)
        return cls(
            now, of(now),
            (of(replace(now, spot=now.spot - step)), of(replace(now, spot=now.spot + step))),
            (volatility(-_NUDGE), volatility(_NUDGE)),
            (volatility(-now.volatility_error), volatility(now.volatility_error)),
            None if after is None else of(after), step, seconds,
        )

    def price(self, spec: SettlementSpec) -> FairValue:
        value = expected_payoff(spec, self.base)

        def change(pair: tuple[Distribution, Distribution]) -> float:
            low, high = (expected_payoff(spec, each) for each in pair)
            return high - low

        delta = change(self.spots) / (2.0 * self.spot_step)
        vega = change(self.volatilities) / (2.0 * _NUDGE * self.now.volatility)
        sd = float(np.hypot(0.5 * change(self.errors), delta * self.now.basis_sd))
        theta = None
        if self.later is not None:
            theta = (expected_payoff(spec, self.later) - value) * YEAR_SECONDS / self.seconds
        return FairValue(
            round(value, _DIGITS), sd, max(value - sd, 0.0), min(value + sd, 1.0), delta, vega, theta
        )


def _later(now: Underlying) -> tuple[Underlying | None, float]:
    """Tell what is known a little later if the price stands still, and how much later that is."""
    if now.seconds_left <= 1.0:
        return None, 1.0
    step = 1.0
    moved = replace(now, seconds_left=now.seconds_left - step)
    if now.seconds_to_open > step:
        moved = replace(moved, seconds_to_open=now.seconds_to_open - step)
    if now.seen:
        total = now.seen * now.seen_mean + now.spot
        moved = replace(moved, seen=now.seen + 1, seen_mean=total / (now.seen + 1))
    return moved, step
