"""How fair values are computed: declared by a strategy, used by ``data.fair_value()``."""

from dataclasses import dataclass, field
from typing import Any, Final

from ntp.core import ConfigError, parse_duration, suggest
from ntp.pricing import estimators as e

_ESTIMATORS: Final = {
    "ewma": e.EWMA, "flat": e.FLAT, "close": e.CLOSE, "parkinson": e.PARKINSON, "garman_klass": e.GARMAN_KLASS,
    "rogers_satchell": e.ROGERS_SATCHELL, "yang_zhang": e.YANG_ZHANG, "atr": e.ATR,
}  # fmt: skip
_TAILS: Final = ("normal", "t")
_FORMS: Final = "'ewma:30m', 'close:30m', 'parkinson:1m:30' (or another range estimator) or 'flat:0.6'"
_MOST_BARS: Final = 100_000
_MOST_DOLLARS: Final = 1e12


@dataclass(frozen=True, slots=True)
class Pricing:
    """Options of the fair value.

    Parameters
    ----------
    vol : str
        The volatility. ``ewma:30m``: exponentially weighted with that half-life. ``close:30m``: of the moves of a
        window. ``parkinson:1m:30``, ``garman_klass``, ``rogers_satchell``, ``yang_zhang``, ``atr``: from the ranges
        of that many bars of a duration, mended for what few prices miss. ``flat:0.6``: a constant a year.
    tails : str
        Distribution of returns: ``normal``, or ``t:4``, Student's t with that many degrees of freedom.
    blend : float
        Weight of the market's mid in the fair value, 0 to 1; where there is no mid the fair value stands alone.
    max_spot_age : str
        Duration after which a spot price no longer prices anything.
    basis : float or str
        The index that settles less the feed that is watched, in dollars: its standard deviation, or ``"8.8:5.8"``,
        its mean, which is added to the feed, and its standard deviation, see :func:`ntp.research.measure_basis`.
    sample : str
        Duration between the prices whose moves ``ewma`` and ``close`` measure.

    Raises
    ------
    ConfigError
        ``bad_pricing`` if an option is not of this kind.
    """

    vol: str = "ewma:30m"
    tails: str = "normal"
    blend: float = 0.0
    max_spot_age: str = "5s"
    basis: float | str = 0.0
    sample: str = "1s"
    vol_ns: int = field(init=False, repr=False)
    max_spot_age_ns: int = field(init=False, repr=False)
    grid_ns: int = field(init=False, repr=False)
    bars: int = field(init=False, repr=False)
    estimator: int = field(init=False, repr=False)
    flat: float = field(init=False, repr=False)
    freedom: int = field(init=False, repr=False)
    shift: float = field(init=False, repr=False)
    basis_sd: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not 0.0 <= self.blend <= 1.0:
            raise _bad("blend", "a number from 0 to 1", self.blend)
        oldest = parse_duration(self.max_spot_age)
        if oldest <= 0:
            raise _bad("max_spot_age", "a duration above 0", self.max_spot_age)
        shift, deviation = _basis(self.basis)
        values = {
            "max_spot_age_ns": oldest, "freedom": _freedom(self.tails), "shift": shift, "basis_sd": deviation,
            **_volatility(self.vol, self.sample),
        }  # fmt: skip
        for name, value in values.items():
            object.__setattr__(self, name, value)


def _volatility(vol: str, sample: str) -> dict[str, Any]:
    name, *rest = vol.split(":")
    if name not in _ESTIMATORS:
        raise _bad("vol", _FORMS, vol, suggest(name, _ESTIMATORS))
    estimator, grid = _ESTIMATORS[name], parse_duration(sample)
    if grid <= 0:
        raise _bad("sample", "a duration above 0", sample)
    if len(rest) != (2 if estimator > e.CLOSE else 1):
        raise _bad("vol", _FORMS, vol)
    found = {"estimator": estimator, "vol_ns": 0, "flat": 0.0, "bars": 0, "grid_ns": grid}
    if estimator == e.FLAT:
        return {**found, "flat": _number(rest[0], vol)}
    span = parse_duration(rest[0])
    if span <= 0:
        raise _bad("vol", "a duration above 0", vol)
    if estimator == e.CLOSE:
        found["bars"] = span // grid + 1
    elif estimator > e.CLOSE:
        found |= {"grid_ns": span, "bars": int(rest[1]) + 1 if rest[1].isdecimal() else 0}
    if estimator >= e.CLOSE and not 3 <= found["bars"] <= _MOST_BARS:
        raise _bad("vol", f"2 to {_MOST_BARS:,} bars", vol)
    return {**found, "vol_ns": span}


def _freedom(tails: str) -> int:
    kind, _, freedom = tails.partition(":")
    if kind == "normal" and not freedom:
        return 0
    if kind == "t" and freedom.isdecimal() and 3 <= int(freedom) <= 1_000:
        return int(freedom)
    if kind == "t":
        raise _bad("tails", "'t:' and a whole number of degrees of freedom from 3 to 1000", tails)
    raise _bad("tails", "'normal' or 't:4'", tails, suggest(kind, _TAILS))


def _basis(given: float | str) -> tuple[float, float]:
    """Mean and standard deviation of a basis."""
    mean, between, deviation = str(given).rpartition(":")
    try:
        found = float(mean) if between else 0.0, float(deviation)
    except ValueError:
        found = 0.0, -1.0
    if not (abs(found[0]) < _MOST_DOLLARS and 0.0 <= found[1] < _MOST_DOLLARS):
        raise _bad("basis", "dollars of at least 0, or a mean and a deviation such as '8.8:5.8'", given)
    return found


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
