"""Smiles: volatility by strike, fitted to quotes so that no digital costs less than nothing or more than a dollar.

Total variance ``w = sigma^2 T`` of an expiry is the SVI curve ``a + b (rho (k - m) + sqrt((k - m)^2 + s^2))`` of
``k = ln(K / F)`` (Gatheral 2004). A fit is bound to a density that is nowhere negative and to total variances that do
not fall from one expiry to the next (Gatheral and Jacquier 2014, 2.1 and 2.2), both on a grid of strikes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from ntp.core import DataError
from ntp.pricing.checks import Floats, ascending, numbers
from ntp.pricing.option_quotes import OptionQuote

_YEAR: Final = 365.0 * 86_400.0
_GRID: Final = 81
_REACH: Final = 6.0
"""Deviations of the logarithm to either side that are kept free of arbitrage."""
_LEAST: Final = 5
"""Strikes that a curve of five numbers needs."""
_ROOT: Final = float(np.sqrt(2.0 * np.pi))
_SLACK: Final = 1e-9
_POSITIVE: Final = 1e-4
"""Least total variance, as a share of that at the forward."""
_NARROW: Final = 0.15
_SLIM: Final = 0.005
"""Least density on the grid, so that there is none below zero between its points; narrowest bend, in deviations."""
_FLAT: Final = np.array((0.9, 0.1, 0.0, 0.0, 1.0))
_STARTS: Final = tuple(np.array(each) for each in ((0.5, 0.3, 0.0, 0.0, 1.5), (0.1, 0.5, -0.3, 0.0, 2.0)))


@dataclass(frozen=True, slots=True)
class Smile:
    """Total variance of one expiry by strike.

    Attributes
    ----------
    level, slope, lean, middle, width : float
        SVI's a, b, rho, m and s.
    """

    level: float
    slope: float
    lean: float
    middle: float
    width: float

    def variance(self, k: ArrayLike) -> Floats:
        """Total variance at logarithms of strike over forward."""
        away = np.asarray(k, np.float64) - self.middle
        return np.asarray(self.level + self.slope * (self.lean * away + np.hypot(away, self.width)))

    def variance_slope(self, k: ArrayLike) -> Floats:
        """Change of :meth:`variance` per unit of `k`."""
        away = np.asarray(k, np.float64) - self.middle
        return np.asarray(self.slope * (self.lean + away / np.hypot(away, self.width)))

    def density_factor(self, k: ArrayLike) -> Floats:
        """Density over that of a flat smile; negative where a butterfly of options would be paid for being held."""
        at = np.asarray(k, np.float64)
        away = at - self.middle
        w, first = self.variance(at), self.variance_slope(at)
        second = self.slope * self.width**2 / np.hypot(away, self.width) ** 3
        return np.asarray(
            (1.0 - at * first / (2.0 * w)) ** 2 - 0.25 * first**2 * (1.0 / w + 0.25) + 0.5 * second
        )

    def at_deviation(self, deviation: float) -> "Smile":
        """Return the same shape, over a shorter or longer time, at a deviation of the logarithm at the forward.

        Strikes are stretched by the deviation: a smile of a day, seen in deviations, is that of an hour.
        """
        stretch = float(numbers("a deviation", deviation, above=0.0)) / float(np.sqrt(self.variance(0.0)))
        return Smile(
            self.level * stretch**2, self.slope * stretch, self.lean, self.middle * stretch, self.width * stretch
        )

    def chance_above(self, k: ArrayLike) -> Floats:
        """Probability of ending above strikes: ``N(d2) - n(d2) w' / (2 sqrt(w))``, minus the slope of the call."""
        at = np.asarray(k, np.float64)
        root = np.sqrt(self.variance(at))
        d2 = -at / root - 0.5 * root
        return np.asarray(special.ndtr(d2) - np.exp(-0.5 * d2**2) / _ROOT * self.variance_slope(at) / (2.0 * root))


@dataclass(frozen=True, slots=True)
class SmileDistribution:
    """Distribution of a price whose options have a smile.

    Attributes
    ----------
    forward : float
        Mean of the price.
    smile : Smile
        Of the time until the price counts.
    """

    forward: float
    smile: Smile

    def cdf(self, x: ArrayLike, /) -> Floats:
        """Probability of a price of at most `x`."""
        levels = np.asarray(x, np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            k = np.log(np.maximum(levels, 0.0) / self.forward)
            above = np.clip(self.smile.chance_above(k), 0.0, 1.0)
        return np.asarray(np.where(levels > 0.0, 1.0 - above, 0.0))


@dataclass(frozen=True, eq=False)
class SmileSurface:
    """Smiles of several expiries, between which total variance at a moneyness grows in a straight line.

    Attributes
    ----------
    expiries : ndarray of float64
        Years, rising.
    smiles : tuple of Smile
        One for each.
    """

    expiries: Floats
    smiles: tuple[Smile, ...]

    def variance(self, k: ArrayLike, years: float) -> Floats:
        """Total variance at a time; before the first expiry and after the last one volatility stays as it is there."""
        time = float(numbers("a time left", years, above=0.0))
        at = np.asarray(k, np.float64)
        after = int(np.searchsorted(self.expiries, time))
        if after == 0 or after == len(self.expiries):
            edge = min(after, len(self.expiries) - 1)
            return np.asarray(self.smiles[edge].variance(at) * (time / self.expiries[edge]))
        early, late = self.expiries[after - 1], self.expiries[after]
        share = (time - early) / (late - early)
        low, high = (self.smiles[each].variance(at) for each in (after - 1, after))
        return np.asarray((1.0 - share) * low + share * high)

    def volatility(self, years: float) -> float:
        """Annual volatility at the forward."""
        return float(np.sqrt(self.variance(0.0, years) / years))

    def smile(self, years: float) -> Smile:
        """Smile of a time: the nearest expiry's shape in deviations, at the surface's own variance.

        Close to the end a quoted smile says nothing of the last minutes but its shape; stretched to the deviation that
        is left it stays free of arbitrage.
        """
        deviation = float(np.sqrt(self.variance(0.0, years)))
        nearest = int(np.argmin(np.abs(np.log(self.expiries / years))))
        return self.smiles[nearest].at_deviation(deviation)


def fit_surface(quotes: Sequence[OptionQuote], at: int) -> SmileSurface:
    """Fit smiles to the quotes of every expiry after a moment that has five strikes, nearest first.

    Parameters
    ----------
    quotes : sequence of OptionQuote
        In any order.
    at : int
        Moment of the quotes, nanoseconds UTC.

    Raises
    ------
    DataError
        ``no_price`` if no expiry has enough quotes, or no curve free of arbitrage is found.
    """
    expiries: list[float] = []
    smiles: list[Smile] = []
    for expiry, of in groupby(sorted(quotes, key=lambda each: (each.expiry, each.strike)), lambda each: each.expiry):
        rows = list(of)
        years = (expiry - at) / 1e9 / _YEAR
        if years <= 0.0 or len(rows) < _LEAST:
            continue
        forward = float(np.median([each.forward for each in rows]))
        smiles.append(fit_smile(
            [each.strike for each in rows], [each.volatility for each in rows], forward, years,
            above=smiles[-1] if smiles else None,
        ))
        expiries.append(years)
    if not smiles:
        raise DataError(
            f"expected an expiry to come with {_LEAST} quoted strikes or more, was none", code="no_price",
            hint="quotes of a whole chain of options, and their own time",
        )
    return SmileSurface(np.array(expiries), tuple(smiles))


def fit_smile(
    strikes: ArrayLike, volatilities: ArrayLike, forward: float, years: float, *, above: Smile | None = None
) -> Smile:
    """Fit the curve of one expiry by least squares in volatility, nearer strikes counting more.

    Parameters
    ----------
    strikes, volatilities : array_like
        At least five, strikes rising.
    forward, years : float
        Price of the underlying for the expiry, and time until then.
    above : Smile, optional
        Of an earlier expiry, whose total variance this one must not fall below.

    Raises
    ------
    DataError
        ``no_price`` if there is too little to fit, or no curve free of arbitrage is found.
    """
    level = ascending("strikes", strikes)
    quoted = numbers("a volatility", volatilities, above=0.0)
    time = float(numbers("a time left", years, above=0.0))
    if len(level) < _LEAST or len(level) != len(quoted):
        raise DataError(f"expected {_LEAST} quoted strikes or more, was {len(level)}", code="no_price")
    k = np.log(numbers("a strike", level, above=0.0) / float(numbers("a forward", forward, above=0.0)))
    found = _Fit.of(k, quoted * np.sqrt(time), above).smile()
    if found is None:
        raise DataError(
            "expected a smile without arbitrage near the quotes, was none", code="no_price",
            hint="quotes of one moment and one expiry",
        )
    return found


@dataclass(frozen=True, eq=False)
class _Fit:
    """What a curve is fitted to, in deviations at the forward: its numbers are of order one, whatever the expiry."""

    k: Floats
    roots: Floats
    weights: Floats
    spread: float
    grid: Floats
    floor: Floats | None

    @classmethod
    def of(cls, k: Floats, roots: Floats, above: Smile | None) -> "_Fit":
        spread = float(np.interp(0.0, k, roots))
        unit = k / spread
        grid = np.linspace(min(-_REACH, unit[0]), max(_REACH, unit[-1]), _GRID) * spread
        return cls(k, roots / spread, 1.0 / np.sqrt(1.0 + unit**2), spread, grid,
                   None if above is None else above.variance(grid))  # fmt: skip

    def smile(self) -> Smile | None:
        """Return the nearest curve; the search is bound only where the free one leaves what arbitrage allows."""
        bounds = ((-5.0, 1e-6, -0.999, -5.0, _NARROW), (20.0, min(2.0 / self.spread, 20.0), 0.999, 5.0, 20.0))
        free = [optimize.least_squares(self._residuals, np.clip(each, *bounds), bounds=bounds).x for each in _STARTS]
        free.sort(key=self._loss)
        if self._room(free[0]).min() >= 0.0:
            return self._curve(free[0])
        bound = (self._bound(each, bounds) for each in (*free, np.clip(_FLAT, *bounds)))
        found = next((each for each in bound if each is not None), None)
        return None if found is None else self._curve(found)

    def _bound(self, start: Floats, bounds: tuple[tuple[float, ...], tuple[float, ...]]) -> Floats | None:
        with np.errstate(all="ignore"):
            found = optimize.minimize(
                self._loss, start, method="SLSQP", bounds=optimize.Bounds(*bounds),
                constraints={"type": "ineq", "fun": self._room}, options={"maxiter": 150, "ftol": 1e-10},
            )
        good = np.isfinite(found.fun) and self._room(found.x).min() > -_SLACK
        return np.asarray(found.x, np.float64) if good else None

    def _loss(self, found: Floats) -> float:
        return float(np.sum(self._residuals(found) ** 2))

    def _curve(self, found: Floats) -> Smile:
        a, b, rho, m, s = (float(each) for each in found)
        return Smile(a * self.spread**2, b * self.spread, rho, m * self.spread, s * self.spread)

    def _residuals(self, found: Floats) -> Floats:
        roots = np.sqrt(np.maximum(self._curve(found).variance(self.k), 1e-12)) / self.spread
        return np.asarray(self.weights * (roots - self.roots))

    def _room(self, found: Floats) -> Floats:
        """Measure what is left, at each strike of the grid, until there is arbitrage."""
        curve = self._curve(found)
        w = curve.variance(self.grid)
        a, b, rho, _, s = found
        least = a + b * s * np.sqrt(1.0 - rho**2)  # of all strikes, also beyond the grid
        with np.errstate(all="ignore"):
            density = np.where(w > 0.0, curve.density_factor(self.grid), -1.0)
        parts = [np.array([least - _POSITIVE]), density - _SLIM]
        if self.floor is not None:
            parts.append((w - self.floor) / self.spread**2)
        return np.concatenate(parts)
