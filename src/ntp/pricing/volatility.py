"""Variance of a price per bar, from closes, from ranges, and with memory.

Close to close; Parkinson (1980); Garman and Klass (1980); Rogers and Satchell (1991); Yang and Zhang (2000);
exponentially weighted (RiskMetrics 1996). All return variance per bar of logarithmic returns; :func:`annual` makes a
volatility of it.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike

from ntp.core import DataError
from ntp.pricing.checks import Floats, numbers

_YEAR_SECONDS: Final = 365.0 * 86_400.0
_LN2: Final = float(np.log(2.0))
_MISSED: Final = 0.5826
"""Steps by which a sampled maximum falls short: minus zeta(1/2) over the root of two pi."""
_MEAN_RANGE: Final = float(np.sqrt(8.0 / np.pi))
"""Mean range of a Brownian path of variance 1 (Feller 1951)."""


@dataclass(frozen=True, eq=False)
class Bars:
    """Bars of one price, oldest first, all of one length.

    Attributes
    ----------
    open, high, low, close : ndarray of float64, (n,)
        Above 0, with ``low <= open, close <= high``.
    """

    open: Floats
    high: Floats
    low: Floats
    close: Floats

    def __post_init__(self) -> None:
        for name in ("open", "high", "low", "close"):
            object.__setattr__(self, name, numbers(f"a {name}", getattr(self, name), above=0.0))
        wrong = np.flatnonzero(
            (self.low > np.minimum(self.open, self.close)) | (self.high < np.maximum(self.open, self.close))
        )
        if len(wrong):
            raise DataError(
                "expected open and close between low and high, was a bar where they are not", code="no_price",
                details={"place": int(wrong[0])},
            )


def close_variance(close: ArrayLike) -> float:
    """Sample variance of the returns from close to close; needs three closes."""
    returns = np.diff(np.log(numbers("a close", close, above=0.0)))
    _enough(len(returns), 2)
    return float(np.var(returns, ddof=1))


def parkinson_variance(bars: Bars) -> float:
    """Mean of ``ln(H / L)^2 / (4 ln 2)``: five times as efficient as closes if nothing gaps."""
    _enough(len(bars.close), 1)
    return float(np.mean(np.log(bars.high / bars.low) ** 2) / (4.0 * _LN2))


def garman_klass_variance(bars: Bars) -> float:
    """Mean of ``ln(H / L)^2 / 2 - (2 ln 2 - 1) ln(C / O)^2``."""
    _enough(len(bars.close), 1)
    span, body = np.log(bars.high / bars.low), np.log(bars.close / bars.open)
    return float(np.mean(0.5 * span**2 - (2.0 * _LN2 - 1.0) * body**2))


def rogers_satchell_variance(bars: Bars) -> float:
    """Mean of ``ln(H / C) ln(H / O) + ln(L / C) ln(L / O)``, which a drift does not disturb."""
    _enough(len(bars.close), 1)
    return float(np.mean(_rogers_satchell(bars)))


def yang_zhang_variance(bars: Bars) -> float:
    """Gap from close to open, open to close and Rogers-Satchell together; the first bar gives only its close.

    ``s_o + k s_c + (1 - k) RS`` with ``k = 0.34 / (1.34 + (n + 1) / (n - 1))`` over the n bars after the first.
    """
    n = len(bars.close) - 1
    _enough(n, 2)
    gap = np.log(bars.open[1:] / bars.close[:-1])
    body = np.log(bars.close[1:] / bars.open[1:])
    share = 0.34 / (1.34 + (n + 1) / (n - 1))
    ranges = float(np.mean(_rogers_satchell(bars)[1:]))
    return float(np.var(gap, ddof=1) + share * np.var(body, ddof=1) + (1.0 - share) * ranges)


def ewma_variance(close: ArrayLike, decay: float = 0.94) -> Floats:
    """Exponentially weighted variance after each return, begun with the square of the first.

    ``v = decay * v + (1 - decay) * r^2``.

    Returns
    -------
    ndarray of float64
        One value for each return.

    Raises
    ------
    DataError
        ``no_price`` if the decay is not between 0 and 1.
    """
    if not 0.0 < decay < 1.0:
        raise DataError(f"expected a decay between 0 and 1, was {decay:g}", code="no_price")
    squares = np.diff(np.log(numbers("a close", close, above=0.0))) ** 2
    _enough(len(squares), 1)
    from scipy.signal import lfilter

    smoothed, _ = lfilter([1.0 - decay], [1.0, -decay], squares[1:], zi=[decay * squares[0]])
    return np.concatenate((squares[:1], smoothed))


def average_true_range(bars: Bars, length: int = 14) -> Floats:
    """Wilder's average true range (1978) after each bar, from the `length`-th bar after the first on.

    The true range of a bar reaches to the close before it; the average begins as a mean of `length` and then moves by
    one part in `length`.

    Raises
    ------
    DataError
        ``no_price`` if there are not more bars than `length`.
    """
    if length < 1:
        raise DataError(f"expected a length of one bar or more, was {length}", code="no_price")
    _enough(len(bars.close) - 1, length)
    before = bars.close[:-1]
    ranges = np.maximum(bars.high[1:], before) - np.minimum(bars.low[1:], before)
    from scipy.signal import lfilter

    first = ranges[:length].mean()
    kept = 1.0 - 1.0 / length
    later, _ = lfilter([1.0 / length], [1.0, -kept], ranges[length:], zi=[kept * first])
    return np.concatenate(([first], later))


def range_variance(bars: Bars, length: int = 14) -> float:
    """Variance per bar that an average true range stands for, the simple choice.

    A Brownian path of variance 1 has a mean range of ``sqrt(8 / pi)`` (Feller 1951); the range is taken over the last
    close.
    """
    return float((average_true_range(bars, length)[-1] / bars.close[-1] / _MEAN_RANGE) ** 2)


def thin_sampling(
    trades_per_bar: float, estimator: Literal["parkinson", "garman_klass", "rogers_satchell"] = "parkinson"
) -> float:
    """Share of the variance that ranges of bars with few prices show: highs and lows between prices are missed.

    A random walk of n steps has a range shorter by ``c = 0.5826 / sqrt(n)`` at either end than the path that it samples
    (Asmussen, Glynn and Pitman 1995). Of a path of variance 1 with mean range ``E`` the mean squared range is then
    ``4 ln 2 - 4 c E + 4 c^2``, and what the other two measure ``1 - 2 c E + 2 c^2``. Divide a variance by it.

    Parameters
    ----------
    trades_per_bar : float
        Prices in a bar; at least 25, below which ranges say too little to be mended.
    estimator : str
        Whose variance it is.

    Raises
    ------
    DataError
        ``no_price``.
    """
    steps = float(numbers("prices in a bar", trades_per_bar, least=25.0))
    lost = _MISSED / np.sqrt(steps)
    of_range = float(4.0 * lost * _MEAN_RANGE - 4.0 * lost**2)
    if estimator in ("garman_klass", "rogers_satchell"):
        return 1.0 - 0.5 * of_range
    if estimator != "parkinson":
        raise DataError(
            f"expected parkinson, garman_klass or rogers_satchell, was {estimator!r}", code="no_price",
            hint="close to close misses nothing",
        )
    return 1.0 - of_range / (4.0 * _LN2)


def qlike(forecasts: ArrayLike, realised: ArrayLike) -> float:
    """Score forecasts of a variance: mean of ``x / f - ln(x / f) - 1``, 0 at best (Patton 2011).

    It ranks forecasts the same whether the realised variance or a noisy, unbiased proxy of it is at hand, and punishes
    forecasts that are too low.

    Raises
    ------
    DataError
        ``no_price`` if there is none, or one of either is not above 0.
    """
    said, was = numbers("a forecast", forecasts, above=0.0), numbers("a realised variance", realised, above=0.0)
    ratio = was / said
    if not ratio.size:
        raise DataError("expected forecasts to score, was none", code="no_price")
    return float(np.mean(ratio - np.log(ratio) - 1.0))


def annual(variance: ArrayLike, bar_seconds: float) -> Floats:
    """Annual volatility of a variance per bar; a year has 365 days, all hours alike."""
    seconds = float(numbers("seconds of a bar", bar_seconds, above=0.0))
    return np.asarray(np.sqrt(numbers("a variance", variance, least=0.0) * (_YEAR_SECONDS / seconds)))


def _rogers_satchell(bars: Bars) -> Floats:
    high, low = np.log(bars.high), np.log(bars.low)
    first, last = np.log(bars.open), np.log(bars.close)
    return np.asarray((high - last) * (high - first) + (low - last) * (low - first))


def _enough(have: int, least: int) -> None:
    if have < least:
        raise DataError(
            f"expected at least {least} returns or bars, was {have}", code="no_price", hint="a longer history"
        )
