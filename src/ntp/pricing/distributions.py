"""Distributions of what a contract settles on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from ntp.core import DataError
from ntp.pricing.checks import Floats, numbers

_NORMALS: Final = 257
"""Normals that a normal inverse Gaussian is summed of."""
_NEGLIGIBLE: Final = 40.0
"""Exponent of the smallest weight among them."""


class Distribution(Protocol):
    """Anything that tells the probability of a value of at most `x`."""

    def cdf(self, x: ArrayLike, /) -> Floats:
        """Probability of a value of at most `x`."""
        ...


@dataclass(frozen=True, slots=True)
class Normal:
    """Normal distribution.

    Attributes
    ----------
    mean, sd : float
        `sd` is above 0.
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        numbers("a mean", self.mean)
        numbers("a standard deviation", self.sd, above=0.0)

    def cdf(self, x: ArrayLike, /) -> Floats:
        """Probability of a value of at most `x`."""
        return np.asarray(special.ndtr((np.asarray(x, np.float64) - self.mean) / self.sd))


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Price whose logarithm is normal and whose mean is the forward: no drift of its own.

    Attributes
    ----------
    forward : float
        Mean, above 0.
    spread : float
        Standard deviation of the logarithm: volatility times the root of the time, above 0.
    """

    forward: float
    spread: float

    def __post_init__(self) -> None:
        numbers("a forward", self.forward, above=0.0)
        numbers("a spread", self.spread, above=0.0)

    def cdf(self, x: ArrayLike, /) -> Floats:
        """Probability of a price of at most `x`."""
        return _of_log(x, lambda ratio: special.ndtr(ratio / self.spread + 0.5 * self.spread), self.forward)


@dataclass(frozen=True, slots=True)
class StudentT:
    """Price whose logarithm has Student's t distribution, scaled to a standard deviation: fat tails.

    The mean of the price does not exist for a t distribution; its median is placed at the forward less half the
    variance of the logarithm, which is the lognormal's for many degrees of freedom.

    Attributes
    ----------
    forward : float
        Above 0.
    spread : float
        Standard deviation of the logarithm, above 0.
    freedom : float
        Degrees of freedom, above 2; the lognormal is the limit.
    """

    forward: float
    spread: float
    freedom: float

    def __post_init__(self) -> None:
        numbers("a forward", self.forward, above=0.0)
        numbers("a spread", self.spread, above=0.0)
        numbers("degrees of freedom", self.freedom, above=2.0)

    def cdf(self, x: ArrayLike, /) -> Floats:
        """Probability of a price of at most `x`."""
        scale = self.spread * np.sqrt((self.freedom - 2.0) / self.freedom)
        return _of_log(
            x, lambda ratio: special.stdtr(self.freedom, (ratio + 0.5 * self.spread**2) / scale), self.forward
        )


@dataclass(frozen=True, slots=True)
class NormalInverseGaussian:
    """Price whose logarithm is normal inverse Gaussian, with skew and fat tails, and whose mean is the forward.

    Barndorff-Nielsen (1997), in the parameters of its shape: `steep` = alpha times delta and `lean` = beta over alpha.

    Attributes
    ----------
    forward : float
        Mean of the price, above 0.
    spread : float
        Standard deviation of the logarithm, above 0.
    steep : float
        Above 0; the larger, the nearer to the normal.
    lean : float
        Between -1 and 1; negative where falls are longer than rises.
    """

    forward: float
    spread: float
    steep: float
    lean: float = 0.0
    _parts: tuple[Floats, Floats, Floats] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        numbers("a forward", self.forward, above=0.0)
        numbers("a spread", self.spread, above=0.0)
        numbers("a steepness", self.steep, above=0.0)
        if not -1.0 < self.lean < 1.0:
            raise DataError(f"expected a lean between -1 and 1, was {self.lean:g}", code="no_price")
        # variance of NIG(a, b) in units of its scale: a^2 / (a^2 - b^2)^(3/2)
        gamma = self.steep * np.sqrt(1.0 - self.lean**2)
        scale = self.spread / np.sqrt(self.steep**2 / gamma**3)
        # the mean of the exponential exists while the right tail is thin enough
        tilted = self.steep**2 - (self.lean * self.steep + scale) ** 2
        if tilted <= 0:
            raise DataError(
                "expected a right tail under which the price has a mean, was a fatter one", code="no_price",
                hint="a larger steepness or a smaller spread",
            )
        place = -(gamma - np.sqrt(tilted))
        object.__setattr__(self, "_parts", self._mixture(gamma, place, scale))

    def _mixture(self, gamma: float, place: float, scale: float) -> tuple[Floats, Floats, Floats]:
        """Weights, centres and deviations of the normals that the distribution mixes.

        Its variance is inverse Gaussian: with ``z = e^u / gamma`` the density of u is proportional to
        ``exp(-u / 2 - gamma cosh u)``, which the trapezoid rule sums to the last digits. Integrating the density itself
        misses it where it is narrow.
        """
        reach = float(np.arccosh(1.0 + _NEGLIGIBLE / gamma))
        u = np.linspace(-reach, reach, _NORMALS)
        weights = np.exp(-0.5 * u - gamma * (np.cosh(u) - 1.0))
        z = np.exp(u) / gamma
        return weights / weights.sum(), place + scale * self.lean * self.steep * z, scale * np.sqrt(z)

    def cdf(self, x: ArrayLike, /) -> Floats:
        """Probability of a price of at most `x`."""
        weights, centres, deviations = self._parts

        def law(ratio: Floats) -> Floats:
            return np.asarray(special.ndtr((ratio[..., None] - centres) / deviations) @ weights)

        return _of_log(x, law, self.forward)


@dataclass(frozen=True, slots=True)
class Empirical:
    """Values seen before, each as likely as its weight.

    Attributes
    ----------
    values : sequence of float
        At least one.
    weights : sequence of float
        Not negative, not all 0; empty: all alike.
    """

    values: Sequence[float]
    weights: Sequence[float] = ()
    _table: tuple[Floats, Floats] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        values = numbers("a value", self.values)
        if not values.size:
            raise DataError("expected at least one value, was none", code="no_price")
        weights = numbers("a weight", self.weights, least=0.0) if len(self.weights) else np.ones(len(values))
        if len(weights) != len(values) or not weights.sum() > 0:
            raise DataError(
                f"expected a weight for each of {len(values)} values, was {len(weights)} of sum {weights.sum():g}",
                code="no_price",
            )
        order = np.argsort(values, kind="stable")
        shares = np.concatenate(([0.0], np.cumsum(weights[order]) / weights.sum()))
        object.__setattr__(self, "_table", (values[order], shares))

    def cdf(self, x: ArrayLike, /) -> Floats:
        """Share of the weight at values of at most `x`."""
        values, shares = self._table
        return np.asarray(shares[np.searchsorted(values, np.asarray(x, np.float64), "right")])


def _of_log(x: ArrayLike, law: Callable[[Floats], ArrayLike], forward: float) -> Floats:
    levels = np.asarray(x, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(np.maximum(levels, 0.0) / forward)
    return np.asarray(np.where(levels > 0.0, law(ratio), 0.0))
