"""Fair values of whole ladders over whole histories in one call."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from ntp.core import SECOND, DataError
from ntp.markets import Aggregation, Comparison, Observable, SettlementSpec
from ntp.pricing.checks import Floats, numbers
from ntp.pricing.settlement import settled_interval
from ntp.pricing.tails import NORMAL, Tails
from ntp.pricing.underlying import YEAR_SECONDS

_DIGITS: Final = 6
_BLOCK: Final = 8_192
"""Moments worked on at once: what is in between stays in the processor's cache."""
_MEANS: Final = (Aggregation.MEAN, Aggregation.MEAN_AGAINST_MEAN)


def price_history(
    specs: SettlementSpec | Sequence[SettlementSpec], times: ArrayLike, spots: ArrayLike, volatility: ArrayLike, *,
    tails: Tails = NORMAL, basis: float = 0.0, basis_sd: float = 0.0, max_age_ns: int = 5 * SECOND,
) -> Floats:  # fmt: skip
    """Price contracts at every moment of a history of their underlying.

    Nothing is looked up ahead: a second of an averaging window is the last price at or before it, and counts as seen
    from that second on.

    Parameters
    ----------
    specs : SettlementSpec or sequence of SettlementSpec
        On a last price, or on a mean with a known strike.
    times : array_like of int64, (n,)
        Moments, nanoseconds UTC, not falling.
    spots : array_like, (n,)
        Price of the feed at each, above 0; NaN where it is not known.
    volatility : array_like, (n,) or one
        Annual, above 0; NaN where it is not known.
    tails : Tails
        ``normal`` or ``t``.
    basis, basis_sd : float
        Index that settles minus feed: expected, and its standard deviation. The seconds seen are the feed's, too.
    max_age_ns : int
        Age from which a price says nothing of a second of the window.

    Returns
    -------
    ndarray of float64, (n,) or (number of specs, n)
        Dollars of YES rounded to 0.000001. NaN where there is no price: after the end, without spot or volatility, or
        where a second of the window was not seen.

    Raises
    ------
    DataError
        ``no_price``: arrays that do not fit, times that fall, a spot or volatility of 0 or less, a contract on
        something else.
    """
    several = [specs] if isinstance(specs, SettlementSpec) else list(specs)
    moments: NDArray[np.int64] = np.asarray(times, np.int64)
    prices = _known("a spot", spots)
    spread = np.broadcast_to(_known("a volatility", volatility), moments.shape)
    if moments.ndim != 1 or prices.shape != moments.shape:
        raise DataError(
            f"expected a spot for each moment, was {prices.shape} for {moments.shape}", code="no_price"
        )
    if (np.diff(moments) < 0).any():
        raise DataError("expected times that do not fall, was one that does", code="no_price")
    if tails.kind == "nig":
        raise DataError("expected normal tails or t for a history, was nig", code="no_price",
                        hint="fair_values prices one moment under any distribution")  # fmt: skip
    numbers("a deviation of the basis", basis_sd, least=0.0)
    freedom = tails.numbers[0] if tails.numbers else 0.0
    found = np.empty((len(several), len(moments)))
    laws: dict[Observable, _Law] = {}
    for row, spec in zip(found, several, strict=True):
        law = laws.get(spec.observable)
        if law is None:
            law = _law(spec.observable, moments, prices, spread, basis, basis_sd, max_age_ns)
            laws[spec.observable] = law
        _fill(row, spec, law, freedom)
    return found[0] if isinstance(specs, SettlementSpec) else found


class _Law:
    """Mean of what settles at each moment, its deviation, and whether it is a logarithm's."""

    def __init__(self, mean: Floats, sd: Floats, *, of_log: bool) -> None:
        self.mean, self.sd, self.of_log = mean, sd, of_log


def _known(name: str, values: ArrayLike) -> Floats:
    found = np.asarray(values, np.float64)
    with np.errstate(invalid="ignore"):
        wrong = (found <= 0.0) | np.isinf(found)
    if wrong.any():
        numbers(name, found[~np.isnan(found)], above=0.0)
    return found


def _law(
    observable: Observable, times: NDArray[np.int64], spots: Floats, volatility: Floats, basis: float,
    basis_sd: float, max_age: int,
) -> _Law:  # fmt: skip
    if observable.at_ns is None:
        raise DataError(f"expected an observation with an end, was {observable.source} without", code="no_price")
    left = (observable.at_ns - times) / SECOND
    if observable.aggregation is Aggregation.LAST:
        left = np.where(left > 0.0, left, np.nan)
        index = spots + basis
        sd = np.sqrt(volatility**2 * left / YEAR_SECONDS + (basis_sd / index) ** 2)
        return _Law(np.log(index), sd, of_log=True)
    if observable.aggregation not in _MEANS:
        raise DataError(
            f"expected a contract on a last price or a mean for a history, was one on a {observable.aggregation}",
            code="no_price", hint="fair_values prices one moment",
        )
    window = max(observable.window_ns // SECOND, 1)
    seen = np.clip(window - np.ceil(left), 0, window)  # the last observation is at the end
    rest = window - seen
    sums = np.concatenate(([0.0], np.cumsum(_observed(observable.at_ns, window, times, spots, max_age))))
    mean = np.where(rest > 0, (sums[seen.astype(np.int64)] + rest * spots) / window, sums[-1] / window) + basis
    first = np.maximum(left - (rest - 1.0), 0.0)
    seconds = (rest**2 * first + (rest - 1.0) * rest * (2.0 * rest - 1.0) / 6.0) / window**2
    second = spots**2 * volatility**2 / YEAR_SECONDS
    variance = np.where(rest > 0, second * seconds, 0.0) + basis_sd**2
    return _Law(np.where(left >= 0.0, mean, np.nan), np.sqrt(variance), of_log=False)


def _observed(
    end: int, window: int, times: NDArray[np.int64], spots: Floats, max_age: int
) -> Floats:
    """Price at each second of the window: the last one known then, NaN where that is too old."""
    moments = end - (window - np.arange(1, window + 1, dtype=np.int64)) * SECOND
    known = ~np.isnan(spots)
    stamps, values = times[known], spots[known]
    if not len(stamps):
        return np.full(window, np.nan)
    last = np.searchsorted(stamps, moments, side="right") - 1
    fresh = (last >= 0) & (moments - stamps[last] <= max_age)
    return np.where(fresh, values[last], np.nan)


def _fill(row: Floats, spec: SettlementSpec, law: _Law, freedom: float) -> None:
    if spec.comparison in (Comparison.LINEAR, Comparison.NAMED):
        raise DataError(
            f"expected a contract that pays all or nothing, was {spec.comparison}", code="no_price",
            hint="fair_values prices one moment",
        )
    low, high = settled_interval(spec)
    for start in range(0, len(row), _BLOCK):
        part = slice(start, start + _BLOCK)
        mean, sd = law.mean[part], law.sd[part]
        above = 1.0 if low is None else _above(low, mean, sd, freedom, of_log=law.of_log)
        over = 0.0 if high is None else _above(high, mean, sd, freedom, of_log=law.of_log)
        chance = np.clip(above - over, 0.0, 1.0)
        row[part] = np.round(np.where(np.isnan(mean) | np.isnan(sd), np.nan, chance), _DIGITS)


def _above(bound: tuple[float, bool], mean: Floats, sd: Floats, freedom: float, *, of_log: bool) -> Floats:
    value, counted_below = bound
    level = np.log(value) if of_log and value > 0.0 else -np.inf if of_log else value
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (mean - level) / sd
        if of_log:
            z = z - 0.5 * sd
    found = special.ndtr(z) if not freedom else special.stdtr(freedom, z * np.sqrt(freedom / (freedom - 2.0)))
    certain = sd == 0.0
    if certain.any():
        beyond = mean > level if counted_below else mean >= level
        found = np.where(certain, beyond, found)
    return np.asarray(found, np.float64)
