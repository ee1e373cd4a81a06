"""What a contract is worth under a distribution of what it settles on: its spec is executed over all values."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import numpy as np

from ntp.core import DataError
from ntp.markets import Comparison, SettlementSpec
from ntp.pricing.checks import Floats

if TYPE_CHECKING:  # scipy takes long to load, and bounds need none of it
    from ntp.pricing.distributions import Distribution

_DIGITS: Final = 6
_POINTS: Final = 2_001


def settled_value(spec: SettlementSpec, distribution: "Distribution") -> float:
    """Price one contract.

    Rounding is done the way the spec states it: a value is first rounded to its step and then compared, so that a
    bracket of whole degrees owns half a degree beyond either end.

    Parameters
    ----------
    spec : SettlementSpec
        How it pays.
    distribution : Distribution
        Of the value before it is rounded.

    Returns
    -------
    float
        Dollars of YES, 0 to 1, rounded to 0.000001.

    Raises
    ------
    DataError
        ``no_price`` if the contract does not pay on a number.
    """
    return round(expected_payoff(spec, distribution), _DIGITS)


def expected_payoff(spec: SettlementSpec, distribution: "Distribution") -> float:
    """Price one contract as :func:`settled_value` does, without rounding: for sensitivities."""
    if spec.comparison is Comparison.NAMED:
        raise DataError(
            "expected a contract on a number, was one on a name", code="no_price", hint="price it from its own odds"
        )
    if spec.comparison is Comparison.LINEAR:
        return _linear(spec, distribution)
    low, high = settled_interval(spec)
    until = 1.0 if high is None else _below(distribution, *high)
    since = 0.0 if low is None else _below(distribution, *low)
    chance = until - since
    return min(max(chance, 0.0), 1.0)


def settled_ladder(specs: Sequence[SettlementSpec], distribution: "Distribution") -> Floats:
    """Price the contracts of an event together, from one distribution: they cannot contradict each other."""
    return np.array([settled_value(spec, distribution) for spec in specs])


def coherent(values: Mapping[str, float]) -> dict[str, float]:
    """Scale the prices of an exclusive and exhaustive group so that they sum to one.

    Prices of one distribution already do, up to their rounding; those stated by hand need not.

    Raises
    ------
    DataError
        ``no_price`` if they sum to nothing.
    """
    total = sum(values.values())
    if not total > 0:
        raise DataError(f"expected prices with a sum above 0, was {total:g}", code="no_price")
    return {name: value / total for name, value in values.items()}


Bound = tuple[float, bool]
"""A value, and whether the value itself is below it."""


def settled_interval(spec: SettlementSpec) -> tuple[Bound | None, Bound | None]:
    """Values before rounding that pay: from above the first bound up to the second.

    Returns
    -------
    tuple of (float, bool) or None
        A bound, and whether the value at it is still below it; None where there is no bound.

    Raises
    ------
    DataError
        ``no_price`` without a strike.
    """
    match spec.comparison:
        case Comparison.GREATER:
            return _edge(spec, spec.low, included=False), None
        case Comparison.GREATER_OR_EQUAL:
            return _edge(spec, spec.low, included=True), None
        case Comparison.LESS:
            return None, _edge(spec, spec.high, included=True)
        case Comparison.LESS_OR_EQUAL:
            return None, _edge(spec, spec.high, included=False)
        case _:
            return _edge(spec, spec.low, included=True), _edge(spec, spec.high, included=False)


def _edge(spec: SettlementSpec, strike: Decimal | None, *, included: bool) -> Bound:
    """Where values begin whose rounding is at least the strike (`included`) or above it."""
    if strike is None:
        raise DataError("expected a strike, was none", code="no_price")
    step = spec.observable.step
    if step is None:
        return float(strike), not included
    places = strike / step
    whole = places.to_integral_value(rounding="ROUND_CEILING" if included else "ROUND_FLOOR")
    first = whole if included else whole + 1  # the first rounded value that counts, in steps
    if spec.observable.mode == "floor":
        return float(first * step), False
    # half up: a half belongs to the step above; half even: to the even one
    half_counts = spec.observable.mode == "half_up" or first % 2 == 0
    return float((first - Decimal("0.5")) * step), not half_counts


def _below(distribution: "Distribution", value: float, itself: bool) -> float:  # noqa: FBT001 - the two halves of a bound
    level = value if itself else np.nextafter(value, -np.inf)
    return float(distribution.cdf(level))


def _linear(spec: SettlementSpec, distribution: "Distribution") -> float:
    """Mean of the share between floor and cap: the integral of the chance of being above (by parts)."""
    if spec.low is None or spec.high is None:
        raise DataError("expected a floor and a cap, was none", code="no_price")
    levels = np.linspace(float(spec.low), float(spec.high), _POINTS)
    return float(np.trapezoid(1.0 - distribution.cdf(levels), levels) / (levels[-1] - levels[0]))
