"""The price of one contract in plain numbers: the same formulas as the vectorised ones, for the engine to compile.

Every function takes and returns numbers only and calls nothing but :mod:`math` and its neighbours in `FORMULAS`, so
that it runs as it stands and as machine code. Nothing is checked here: whoever calls knows that a price exists.

What a contract settles on is told as a *law*: ``(mean, share, seconds, slope)``, the mean of the quantity, how much
of a move of the spot reaches it, the seconds of the spot's variance that are still to come in it, and how many of
them go with a second that passes.
"""

import math
from typing import Any, Final

LAST: Final = 0
"""The value at the end."""
MEAN: Final = 1
"""The mean of observations, one a second, up to the end."""
DIFFERENCE: Final = 2
"""That mean less the mean of as many observations up to the opening."""
MAXIMUM: Final = 3
MINIMUM: Final = 4

YEAR_SECONDS: Final = 365.0 * 86_400.0
_ROOT_TWO: Final = math.sqrt(2.0)
_ROOT_TWO_PI: Final = math.sqrt(2.0 * math.pi)
_BUMP: Final = 1e-4

Law = tuple[float, float, float, float]
Sensitivities = tuple[float, float, float, float, float]
"""A probability, and its change per dollar of the spot, per variance of one second, per second left, and per dollar
of the quantity itself."""


def mean_law(spot: float, window: int, seen: int, seen_sum: float, left: float) -> Law:
    """Law of the mean of `window` observations of which `seen` are known.

    With ``k`` to come, the first of them ``d`` seconds from now, the variance of their sum is
    ``k^2 d + (k - 1) k (2 k - 1) / 6`` times that of one second (Kemna and Vorst 1990, one observation a second).

    Parameters
    ----------
    spot : float
        Value now.
    window, seen : int
        Observations in all, and those that are known.
    seen_sum : float
        Their sum.
    left : float
        Seconds until the last one.
    """
    k = window - seen
    if k <= 0:
        return seen_sum / window, 0.0, 0.0, 0.0
    first = max(left - (k - 1), 0.0)
    square = float(window) * window
    seconds = (float(k) * k * first + (k - 1.0) * k * (2.0 * k - 1.0) / 6.0) / square
    return (seen_sum + k * spot) / window, k / window, seconds, k * k / square


def difference_law(spot: float, window: int, open_seen: int, open_sum: float, open_left: float, left: float) -> Law:
    """Law of the closing mean less the opening mean while the opening one is not complete.

    Both move with the same path: ``var(c) + var(o) - 2 cov(c, o)`` where the covariance of an observation with one
    that follows is the variance until the earlier one.

    Parameters
    ----------
    spot, window : float, int
        As in :func:`mean_law`, of both means.
    open_seen, open_sum : int, float
        Known observations of the opening mean and their sum.
    open_left, left : float
        Seconds until the last observation of the opening and of the closing mean.
    """
    n, k = float(window), float(window - open_seen)
    open_first, first = max(open_left - (k - 1.0), 0.0), left - (n - 1.0)
    closing = n * n * first + (n - 1.0) * n * (2.0 * n - 1.0) / 6.0
    opening = k * k * open_first + (k - 1.0) * k * (2.0 * k - 1.0) / 6.0
    both = n * (k * open_first + k * (k - 1.0) / 2.0)
    known = open_seen / n
    # of a second that passes, what the closing mean loses the opening one loses too, in the share still to come
    slope = 1.0 - 2.0 * k / n + (k / n) ** 2
    return (open_seen * spot - open_sum) / n, known, (closing + opening - 2.0 * both) / (n * n), slope


def tail(z: float, freedom: int) -> float:
    """Probability of less than `z` standard deviations, of a normal or (`freedom` above 0) a t distribution.

    Student's t is scaled to a standard deviation of one; its series for whole degrees of freedom is that of
    Abramowitz and Stegun 26.7.3 and 26.7.4.
    """
    if freedom <= 0:
        return 0.5 * math.erfc(-z / _ROOT_TWO)
    t = z * math.sqrt(freedom / (freedom - 2.0))
    angle = math.atan(t / math.sqrt(float(freedom)))
    cosine, sine = math.cos(angle), math.sin(angle)
    term = cosine if freedom % 2 else 1.0
    total = 0.0
    for j in range(1 if freedom % 2 else 0, freedom - 1, 2):
        total += term
        term *= cosine * cosine * (j + 1.0) / (j + 2.0)
    central = 2.0 / math.pi * (angle + sine * total) if freedom % 2 else sine * total
    return 0.5 + 0.5 * central


def density(z: float, freedom: int) -> float:
    """Density of :func:`tail` at `z`."""
    if freedom <= 0:
        return math.exp(-0.5 * z * z) / _ROOT_TWO_PI
    scale = math.sqrt(freedom / (freedom - 2.0))
    t = z * scale
    top = math.lgamma(0.5 * (freedom + 1.0)) - math.lgamma(0.5 * freedom)
    height = math.exp(top) / math.sqrt(freedom * math.pi)
    return scale * height * math.pow(1.0 + t * t / freedom, -0.5 * (freedom + 1.0))


def mean_above(
    level: float, counts: bool, spot: float, variance: float, mean: float, share: float, seconds: float,  # noqa: FBT001
    slope: float, basis_sd: float, freedom: int,
) -> Sensitivities:
    """Probability that a mean is above a level, or (`counts`) at least it where it is known for sure.

    Parameters
    ----------
    level : float
        What it has to pass.
    counts : bool
        Whether the level itself is enough.
    spot, variance : float
        Value now, and variance of the logarithm in one second.
    mean, share, seconds, slope : float
        A law.
    basis_sd : float
        Standard deviation of what settles around what is watched.
    freedom : int
        Of the tails; 0 for normal ones.
    """
    spread = spot * spot * variance * seconds
    total = spread + basis_sd * basis_sd
    if total <= 0.0:
        above = mean >= level if counts else mean > level
        return (1.0 if above else 0.0), 0.0, 0.0, 0.0, 0.0
    sd = math.sqrt(total)
    z = (mean - level) / sd
    rise = density(z, freedom) / sd  # per dollar of the mean
    widening = -rise * z / (2.0 * sd)  # per dollar squared of its variance
    by_spot = rise * share + widening * 2.0 * spot * variance * seconds
    by_variance = widening * spot * spot * seconds
    return tail(z, freedom), by_spot, by_variance, widening * spot * spot * variance * slope, rise


def last_above(
    level: float, counts: bool, spot: float, variance: float, left: float, basis_sd: float, freedom: int,  # noqa: FBT001
) -> Sensitivities:
    """Probability that the last value is above a level: the digital of :func:`ntp.pricing.digital_price`.

    Parameters are those of :func:`mean_above` with the seconds left.
    """
    if level <= 0.0:
        return 1.0, 0.0, 0.0, 0.0, 0.0
    relative = basis_sd / spot
    total = variance * left + relative * relative
    if total <= 0.0:
        above = spot >= level if counts else spot > level
        return (1.0 if above else 0.0), 0.0, 0.0, 0.0, 0.0
    spread = math.sqrt(total)
    distance = math.log(spot / level)
    z = distance / spread - 0.5 * spread
    height = density(z, freedom)
    widening = height * (-distance / total - 0.5) / (2.0 * spread)  # per variance of the logarithm
    by_spot = height / (spot * spread) - widening * 2.0 * relative * relative / spot
    return tail(z, freedom), by_spot, widening * left, widening * variance, height / (spot * spread)


def extreme_above(
    level: float, counts: bool, spot: float, variance: float, left: float, seen: float, lowest: bool,  # noqa: FBT001
) -> float:
    """Probability that the maximum (`lowest`: minimum) of a path watched without a gap is above a level.

    By reflection (Shreve 2004, 7.2), with ``m = ln(level / spot)`` and ``a = -s^2 / 2``; what has been seen counts.

    Parameters
    ----------
    seen : float
        Extreme so far, the spot included.
    lowest : bool
        Minimum instead of maximum.
    level, counts, spot, variance, left
        As in :func:`last_above`.
    """
    decided = seen >= level if counts else seen > level
    if decided != lowest:
        return 0.0 if lowest else 1.0
    spread = math.sqrt(variance * left)
    if spread <= 0.0 or level <= 0.0:
        return 1.0 if lowest else 0.0
    reach = math.log(level / spot)
    up, down = (reach + 0.5 * spread * spread) / spread, (reach - 0.5 * spread * spread) / spread
    if lowest:  # it stays above unless it falls to the level
        return min(max(1.0 - tail(up, 0) - spot / level * tail(down, 0), 0.0), 1.0)
    return min(max(1.0 - tail(up, 0) + spot / level * tail(-down, 0), 0.0), 1.0)


def extreme_sensitivities(
    level: float, counts: bool, spot: float, variance: float, left: float, seen: float, lowest: bool,  # noqa: FBT001
) -> Sensitivities:
    """Differentiate :func:`extreme_above` by small changes."""
    here = extreme_above(level, counts, spot, variance, left, seen, lowest)
    step = spot * min(_BUMP, 0.01 * math.sqrt(variance * left))
    if step <= 0.0:
        return here, 0.0, 0.0, 0.0, 0.0
    above = extreme_above(level, counts, spot + step, variance, left, seen, lowest)
    below = extreme_above(level, counts, spot - step, variance, left, seen, lowest)
    wider = extreme_above(level, counts, spot, variance * (1.0 + _BUMP), left, seen, lowest)
    narrower = extreme_above(level, counts, spot, variance * (1.0 - _BUMP), left, seen, lowest)
    by_spot, by_log = (above - below) / (2.0 * step), (wider - narrower) / (2.0 * _BUMP)
    return here, by_spot, by_log / variance, by_log / left, by_spot


def bound_price(
    functional: int, level: float, counts: bool, spot: float, variance: float, mean: float, share: float,  # noqa: FBT001
    seconds: float, slope: float, seen: float, basis_sd: float, freedom: int,
) -> Sensitivities:
    """Probability of being above one bound, whatever the functional."""
    if functional == LAST:
        return last_above(level, counts, spot, variance, seconds, basis_sd, freedom)
    if functional in (MAXIMUM, MINIMUM):
        return extreme_sensitivities(level, counts, spot, variance, seconds, seen, functional == MINIMUM)
    return mean_above(level, counts, spot, variance, mean, share, seconds, slope, basis_sd, freedom)


def contract_price(
    functional: int, has_low: bool, low: float, low_counts: bool, has_high: bool, high: float,  # noqa: FBT001
    high_counts: bool, spot: float, variance: float, variance_sd: float, mean: float, share: float,  # noqa: FBT001
    seconds: float, slope: float, seen: float, basis_sd: float, freedom: int,
) -> tuple[float, float, float, float, float]:
    """Price a contract that pays one dollar between two bounds.

    Parameters
    ----------
    functional : int
        `LAST`, `MEAN`, `DIFFERENCE`, `MAXIMUM` or `MINIMUM`.
    has_low, low, low_counts : bool, float, bool
        The value must be above `low`, or at least it. Bounds are those before rounding.
    has_high, high, high_counts : bool, float, bool
        The value must not be above `high`, or (`high_counts`) not even at it.
    spot, variance, variance_sd : float
        Value now; variance of its logarithm in one second, and the standard error of that.
    mean, share, seconds, slope : float
        A law; for the last value and for extremes only the seconds left matter.
    seen : float
        Extreme so far.
    basis_sd : float
        Standard deviation, in dollars of the quantity, of what settles around what is watched.
    freedom : int
        Degrees of freedom of the tails; 0 for normal ones.

    Returns
    -------
    tuple of float
        Fair value of YES; its standard deviation from what is not known of volatility and basis; delta per dollar of
        the spot; vega per 1.00 of annual volatility; theta per year that passes.
    """
    price, by_spot, by_variance, by_second, by_value = 1.0, 0.0, 0.0, 0.0, 0.0
    if has_low:
        price, by_spot, by_variance, by_second, by_value = bound_price(
            functional, low, low_counts, spot, variance, mean, share, seconds, slope, seen, basis_sd, freedom
        )
    if has_high:
        over, d_spot, d_variance, d_second, d_value = bound_price(
            functional, high, high_counts, spot, variance, mean, share, seconds, slope, seen, basis_sd, freedom
        )
        price, by_spot, by_variance = price - over, by_spot - d_spot, by_variance - d_variance
        by_second, by_value = by_second - d_second, by_value - d_value
    by_volatility = by_variance * 2.0 * math.sqrt(variance / YEAR_SECONDS)
    by_error, by_basis = by_variance * variance_sd, by_value * basis_sd
    return (
        min(max(price, 0.0), 1.0), math.sqrt(by_error * by_error + by_basis * by_basis), by_spot, by_volatility,
        -by_second * YEAR_SECONDS,
    )


FORMULAS: Final[tuple[Any, ...]] = (
    mean_law, difference_law, tail, density, mean_above, last_above, extreme_above, extreme_sensitivities, bound_price,
    contract_price,
)
"""In an order in which each calls only those before it: what the engine compiles."""

__all__ = [
    "DIFFERENCE", "FORMULAS", "LAST", "MAXIMUM", "MEAN", "MINIMUM", "YEAR_SECONDS", "contract_price", "difference_law",
    "extreme_above", "mean_law",
]  # fmt: skip
