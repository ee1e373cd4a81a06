"""Shape of what is still uncertain at one mean and deviation: normal, fat-tailed, or a smile of options."""

from dataclasses import dataclass
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from ntp.core import DataError, suggest
from ntp.pricing.checks import Floats, numbers
from ntp.pricing.distributions import (
    Distribution,
    Empirical,
    Lognormal,
    Normal,
    NormalInverseGaussian,
    StudentT,
)
from ntp.pricing.smile import Smile, SmileDistribution

_KINDS: Final = ("normal", "t", "nig")


class Shape(Protocol):
    """How what is uncertain is spread around its mean."""

    @property
    def name(self) -> str:
        """What people read."""
        ...

    def around(self, mean: float, sd: float, *, mean_of_prices: bool) -> Distribution:
        """Distribution with this shape, mean and standard deviation."""
        ...


@dataclass(frozen=True, slots=True)
class SmileTails:
    """Shape of a smile of options.

    Attributes
    ----------
    smile : Smile
        Of any time; it is stretched to the deviation that is left.
    """

    smile: Smile

    @property
    def name(self) -> str:
        """What people read."""
        return "smile"

    def around(self, mean: float, sd: float, *, mean_of_prices: bool) -> Distribution:
        """Distribution of a price whose options have the smile; a mean of prices is taken to have the same shape."""
        del mean_of_prices
        return Empirical([mean]) if sd == 0.0 else SmileDistribution(mean, self.smile.at_deviation(sd / mean))


@dataclass(frozen=True, slots=True)
class MeanT:
    """Student's t around a mean of prices, scaled to a standard deviation.

    Attributes
    ----------
    mean, sd, freedom : float
        `sd` above 0, degrees of freedom above 2.
    """

    mean: float
    sd: float
    freedom: float

    def __post_init__(self) -> None:
        numbers("a standard deviation", self.sd, above=0.0)
        numbers("degrees of freedom", self.freedom, above=2.0)

    def cdf(self, x: ArrayLike, /) -> Floats:
        """Probability of a value of at most `x`."""
        scale = self.sd * np.sqrt((self.freedom - 2.0) / self.freedom)
        return np.asarray(special.stdtr(self.freedom, (np.asarray(x, np.float64) - self.mean) / scale))


@dataclass(frozen=True, slots=True)
class Tails:
    """Shape of a forecast.

    Attributes
    ----------
    kind : str
        ``normal``: a last price is lognormal, a mean of prices normal; ``t`` in the same way; ``nig`` is a shape of
        the logarithm.
    numbers : tuple of float
        Degrees of freedom of ``t``; steepness and lean of ``nig``.
    """

    kind: Literal["normal", "t", "nig"] = "normal"
    numbers: tuple[float, ...] = ()

    @property
    def name(self) -> str:
        """As :func:`parse_tails` reads it."""
        return ":".join([self.kind, *(f"{each:g}" for each in self.numbers)])

    def around(self, mean: float, sd: float, *, mean_of_prices: bool) -> Distribution:
        """Distribution with this shape; without any deviation a value that is certain.

        Parameters
        ----------
        mean, sd : float
            Expected value and its standard deviation, in the unit of the price.
        mean_of_prices : bool
            Whether the value is a mean of prices rather than one price.

        Raises
        ------
        DataError
            ``no_price``.
        """
        if sd == 0.0:
            return Empirical([mean])
        if self.kind == "normal":
            return Normal(mean, sd) if mean_of_prices else Lognormal(mean, sd / mean)
        if self.kind == "t" and mean_of_prices:
            return MeanT(mean, sd, *self.numbers)
        if self.kind == "t":
            return StudentT(mean, sd / mean, *self.numbers)
        return NormalInverseGaussian(mean, sd / mean, *self.numbers)


NORMAL: Final = Tails()


def parse_tails(text: str) -> Tails:
    """Read ``normal``, ``t:DEGREES`` or ``nig:STEEPNESS[:LEAN]``.

    Raises
    ------
    DataError
        ``no_price`` if it is none of them, or its numbers make no distribution.
    """
    kind, *rest = text.strip().lower().split(":")
    wanted = {"normal": (0,), "t": (1,), "nig": (1, 2)}.get(kind)
    try:
        values = tuple(float(each) for each in rest)
    except ValueError:
        values = (float("nan"),)
    if wanted is None or len(values) not in wanted:
        raise DataError(
            f"expected normal, t:DEGREES or nig:STEEPNESS[:LEAN] as tails, was {text!r}", code="no_price",
            hint=suggest(kind, _KINDS) or "t:4 has fat tails, nig:2:-0.1 a longer left one",
        )
    numbers("a number of the tails", values or (0.0,))
    tails = Tails(kind, values)  # type: ignore[arg-type]
    tails.around(1.0, 1e-3, mean_of_prices=True)  # degrees of freedom or a lean that cannot be are told now
    return tails
