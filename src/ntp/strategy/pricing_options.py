"""How fair values are computed: declared by a strategy, used by ``data.fair_value()``."""

from dataclasses import dataclass, field
from typing import Final

from ntp.core import ConfigError, parse_duration, suggest
from ntp.pricing.estimators import EWMA, FLAT

_ESTIMATORS: Final = {"ewma": EWMA, "flat": FLAT}
_TAILS: Final = ("normal", "t")


@dataclass(frozen=True, slots=True)
class Pricing:
    """Options of the fair value.

    Parameters
    ----------
    vol : str
        The volatility: ``ewma:30m``, exponentially weighted with that half-life; ``flat:0.6``, a constant a year.
    tails : str
        Distribution of returns: ``normal``, or ``t:4``, Student's t with that many degrees of freedom.
    blend : float
        Weight of the market's mid in the fair value, 0 to 1; where there is no mid the fair value stands alone.
    max_spot_age : str
        Duration after which a spot price no longer prices anything.
    basis : float
        Standard deviation, in dollars, of the index that settles around the feed that is watched.
    sample : str
        Duration between the prices from which volatility is measured.

    Raises
    ------
    ConfigError
        ``bad_pricing`` if an option is not of this kind.
    """

    vol: str = "ewma:30m"
    tails: str = "normal"
    blend: float = 0.0
    max_spot_age: str = "5s"
    basis: float = 0.0
    sample: str = "1s"
    vol_ns: int = field(init=False, repr=False)
    max_spot_age_ns: int = field(init=False, repr=False)
    sample_ns: int = field(init=False, repr=False)
    estimator: int = field(init=False, repr=False)
    flat: float = field(init=False, repr=False)
    freedom: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        estimator, _, span = self.vol.partition(":")
        if estimator not in _ESTIMATORS or not span:
            hint = suggest(estimator, _ESTIMATORS)
            raise _bad("vol", "'ewma:' and a duration, or 'flat:' and a number", self.vol, hint)
        flat = estimator == "flat"
        if not 0.0 <= self.blend <= 1.0:
            raise _bad("blend", "a number from 0 to 1", self.blend)
        if not 0.0 <= self.basis < 1e12:
            raise _bad("basis", "dollars of at least 0", self.basis)
        values = {
            "estimator": _ESTIMATORS[estimator], "vol_ns": 0 if flat else parse_duration(span),
            "flat": _number(span, self.vol) if flat else 0.0, "freedom": _freedom(self.tails),
            "max_spot_age_ns": parse_duration(self.max_spot_age), "sample_ns": parse_duration(self.sample),
        }  # fmt: skip
        for name, least in (("vol_ns", 0 if flat else 1), ("sample_ns", 1), ("max_spot_age_ns", 0)):
            if values[name] < least:
                raise _bad(name.removesuffix("_ns"), "a duration above 0", "0s")
        for name, value in values.items():
            object.__setattr__(self, name, value)


def _freedom(tails: str) -> int:
    kind, _, freedom = tails.partition(":")
    if kind == "normal" and not freedom:
        return 0
    if kind == "t" and freedom.isdecimal() and 3 <= int(freedom) <= 1_000:
        return int(freedom)
    if kind == "t":
        raise _bad("tails", "'t:' and a whole number of degrees of freedom from 3 to 1000", tails)
    raise _bad("tails", "'normal' or 't:4'", tails, suggest(kind, _TAILS))


def _number(text: str, was: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 < value < 100.0:
        raise _bad("vol", "'flat:' and an annual volatility above 0, for example 'flat:0.6'", was)
    return value


def _bad(option: str, expected: str, was: object, hint: str = "") -> ConfigError:
    message = f"expected {expected} for Pricing({option}=...), was {was!r}"
    return ConfigError(message, code="bad_pricing", hint=hint)
