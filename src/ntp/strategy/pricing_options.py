"""How fair values are computed: declared by a strategy, used by ``data.fair_value()``."""

from dataclasses import dataclass, field
from typing import Final

from ntp.core import ConfigError, parse_duration, suggest

_VOLS: Final = ("ewma",)
_TAILS: Final = ("normal",)


@dataclass(frozen=True, slots=True)
class Pricing:
    """Options of the fair value.

    Parameters
    ----------
    vol : str
        Estimator and half-life of the volatility, ``ewma:30m``.
    tails : str
        Distribution of returns, ``normal``.
    blend : float
        Weight of the market's mid in the fair value, 0 to 1.
    max_spot_age : str
        Duration after which a spot price no longer prices anything.

    Raises
    ------
    ConfigError
        ``bad_pricing`` if an option is not of this kind.
    """

    vol: str = "ewma:30m"
    tails: str = "normal"
    blend: float = 0.0
    max_spot_age: str = "5s"
    vol_ns: int = field(init=False, repr=False)
    max_spot_age_ns: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        estimator, _, span = self.vol.partition(":")
        if estimator not in _VOLS or not span:
            raise _bad("vol", "'ewma:' and a duration", self.vol, suggest(estimator, _VOLS))
        if self.tails not in _TAILS:
            raise _bad("tails", "'normal'", self.tails, suggest(self.tails, _TAILS))
        if not 0.0 <= self.blend <= 1.0:
            raise _bad("blend", "a number from 0 to 1", self.blend)
        object.__setattr__(self, "vol_ns", parse_duration(span))
        object.__setattr__(self, "max_spot_age_ns", parse_duration(self.max_spot_age))


def _bad(option: str, expected: str, was: object, hint: str = "") -> ConfigError:
    message = f"expected {expected} for Pricing({option}=...), was {was!r}"
    return ConfigError(message, code="bad_pricing", hint=hint)
