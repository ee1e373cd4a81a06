"""Probabilities of contracts from a distribution of what they settle on."""

from collections.abc import Callable
from math import inf, nextafter
from typing import Any, Final

from ntp.core import ConfigError
from ntp.markets.settlement import Aggregation, Comparison, SettlementSpec, unknown_settlement

_PIECES: Final = 2_000


def probability(spec: SettlementSpec, distribution: Any, observed: float | None = None) -> float:
    """Probability that a contract pays, or its mean payout where that is scalar, given that there is a result.

    The value is rounded as the settlement spec rounds it before it is compared: a bracket of whole degrees
    reaches half a degree further on either side. What the distribution leaves out (``cdf`` not reaching 1) is
    taken as a void and set aside, so that the contracts of a group that cannot all lose sum to one.

    Parameters
    ----------
    spec : SettlementSpec
        The contract's payoff.
    distribution : object
        Has ``cdf(x)``, P(value <= x) of the settlement quantity; where `observed` is given and the quantity is a
        maximum or minimum, of what is still to come.
    observed : float, optional
        Settlement quantity so far, of a running maximum or minimum: the result is not on its other side.

    Raises
    ------
    ConfigError
        ``bad_distribution`` if `distribution` has no ``cdf``, one that falls or leaves everything out, or `observed`
        is given for another quantity than a maximum or minimum.
    DataError
        ``unknown_settlement`` if the contract pays on a name.
    """
    if spec.comparison is Comparison.NAMED:
        raise unknown_settlement("expected a contract that settles on a number, was one that settles on a name")
    cdf = _with_observed(spec, _cdf_of(distribution), observed)
    total = cdf(inf) - cdf(-inf)
    if not 0.0 < total <= 1.0 + 1e-9:
        raise _bad(f"a cdf that rises from 0 to 1, was {total:g} in all")
    below = cdf(-inf)

    def share(x: float) -> float:
        return (cdf(x) - below) / total

    if spec.comparison is Comparison.LINEAR:
        return _linear(spec, share)
    low, high = _edges(spec)
    found = share(high) - share(low)
    if found < -1e-12:
        raise _bad(f"a cdf that rises, was one that falls by {-found:g}")
    return min(max(found, 0.0), 1.0)


def _edges(spec: SettlementSpec) -> tuple[float, float]:
    """Largest values that are not enough, and that are still enough, for YES."""
    low, high = -inf, inf
    at_least = spec.comparison in (Comparison.GREATER_OR_EQUAL, Comparison.BETWEEN)
    at_most = spec.comparison in (Comparison.LESS_OR_EQUAL, Comparison.BETWEEN)
    if at_least or spec.comparison is Comparison.GREATER:
        low = _edge(spec, float(spec.low or 0), included=not at_least)
    if at_most or spec.comparison is Comparison.LESS:
        high = _edge(spec, float(spec.high or 0), included=at_most)
    return low, high


def _edge(spec: SettlementSpec, strike: float, *, included: bool) -> float:
    """Largest value that is rounded to at most the strike, or (not `included`) to less than it."""
    step = spec.observable.step
    if step is None:
        return strike if included else nextafter(strike, -inf)
    unit = float(step)
    last = _floor(strike / unit) if included else _ceil(strike / unit) - 1
    # The first value that is rounded further lies half a step above it, with `floor` a whole one.
    further = (last + (1.0 if spec.observable.mode == "floor" else 0.5)) * unit
    return nextafter(further, -inf)


def _floor(x: float) -> int:
    nearest = round(x)
    return nearest if abs(x - nearest) < 1e-9 else int(x // 1)


def _ceil(x: float) -> int:
    return -_floor(-x)


def _linear(spec: SettlementSpec, share: Callable[[float], float]) -> float:
    """Mean of a payout that goes from 0 at the floor to 1 at the cap, by the area over the distribution."""
    assert spec.low is not None
    assert spec.high is not None
    low, width = float(spec.low), float(spec.high) - float(spec.low)
    heights = [1.0 - share(low + width * (piece + 0.5) / _PIECES) for piece in range(_PIECES)]
    return sum(heights) / _PIECES


def _with_observed(
    spec: SettlementSpec, cdf: Callable[[float], float], observed: float | None
) -> Callable[[float], float]:
    if observed is None:
        return cdf
    seen = float(observed)
    if spec.observable.aggregation is Aggregation.MAXIMUM:
        return lambda x: cdf(x) if x >= seen else cdf(-inf)
    if spec.observable.aggregation is Aggregation.MINIMUM:
        return lambda x: cdf(inf) if x >= seen else cdf(x)
    raise ConfigError(
        f"expected observed for a running maximum or minimum, was a {spec.observable.aggregation}",
        code="bad_distribution", hint="put what was observed into the distribution",
    )


def _cdf_of(distribution: Any) -> Callable[[float], float]:
    found = getattr(distribution, "cdf", None)
    if not callable(found):
        raise _bad(f"an object with cdf(x), was {distribution!r}")
    cdf: Callable[[float], Any] = found
    return lambda x: float(cdf(x))


def _bad(expected: str) -> ConfigError:
    return ConfigError(
        f"expected {expected}", code="bad_distribution", hint="for example scipy.stats.norm(72.4, 1.8)"
    )
