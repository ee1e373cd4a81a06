"""Table of the indicators that exist."""

import types
from collections.abc import Callable, Mapping
from typing import Final

from ntp.core import NotFound, suggest
from ntp.statistics.indicators.kind import IndicatorKind, Setting

_BAR: Final = ("high", "low", "close")
_CLOSE: Final = ("close",)
_BANDS: Final = ("middle", "upper", "lower")


def _n(default: int, name: str = "n", least: int = 1) -> Setting:
    return Setting(name, default, least)


def _kind(
    module: str, name: str, title: str, *settings: Setting, scratch: Callable[..., int],
    inputs: tuple[str, ...] = _CLOSE, outputs: tuple[str, ...] = ("value",), function: str = "",
) -> IndicatorKind:
    return IndicatorKind(name, title, inputs, outputs, settings, module, function or name.lower(), scratch)


def _window(n: int) -> int:
    return n + 2


_KINDS: Final = (
    _kind("averages", "SMA", "simple mean", _n(20), scratch=lambda n: n + 3),
    _kind("averages", "EMA", "exponential mean", _n(20), scratch=lambda n: 2),
    _kind("averages", "WMA", "weighted mean", _n(20), scratch=_window),
    _kind("averages", "DEMA", "double exponential mean", _n(20), scratch=lambda n: 4),
    _kind("averages", "VWAP", "price weighted by volume", _n(0, least=0), inputs=(*_BAR, "volume"),
          scratch=lambda n: 2 * (n + 2)),
    _kind("momentum", "MOM", "change", _n(10), scratch=_window),
    _kind("momentum", "ROC", "change in percent", _n(10), scratch=_window),
    _kind("momentum", "RSI", "relative strength index", _n(14), scratch=lambda n: 6),
    _kind("momentum", "MACD", "convergence and divergence of means", _n(12, "fast"), _n(26, "slow"), _n(9, "signal"),
          outputs=("line", "signal", "histogram"), scratch=lambda fast, slow, signal: 6),
    _kind("momentum", "TSI", "true strength index", _n(25, "slow"), _n(13, "fast"), scratch=lambda slow, fast: 10),
    _kind("momentum", "STOCH", "stochastic oscillator", _n(14), _n(3, "smooth"), _n(3, "signal"), inputs=_BAR,
          outputs=("line", "signal"), scratch=lambda n, smooth, signal: 2 * (n + 2) + smooth + 3 + signal + 3),
    _kind("momentum", "WILLR", "Williams' percent range", _n(14), inputs=_BAR, scratch=lambda n: 2 * (n + 2)),
    _kind("momentum", "CCI", "commodity channel index", _n(20), inputs=_BAR, scratch=_window),
    _kind("momentum", "MFI", "money flow index", _n(14), inputs=(*_BAR, "volume"),
          scratch=lambda n: 2 + 2 * (n + 2)),
    _kind("volatility", "TRUE_RANGE", "range with the close before", inputs=_BAR, function="trange",
          scratch=lambda: 2),
    _kind("volatility", "ATR", "average true range", _n(14), inputs=_BAR, scratch=lambda n: 4),
    _kind("volatility", "STDDEV", "standard deviation", _n(20), scratch=_window),
    _kind("volatility", "ZSCORE", "standardised value", _n(20), scratch=_window),
    _kind("volatility", "BBANDS", "Bollinger bands", _n(20), Setting("width", 2.0, 0, whole=False), outputs=_BANDS,
          scratch=lambda n, width: n + 2),
    _kind("volatility", "KELTNER", "Keltner channel", _n(20), _n(10, "atr"), Setting("width", 2.0, 0, whole=False),
          inputs=_BAR, outputs=_BANDS, scratch=lambda n, atr, width: 6),
    _kind("trend", "MAX", "largest", _n(20), function="maximum", scratch=_window),
    _kind("trend", "MIN", "smallest", _n(20), function="minimum", scratch=_window),
    _kind("trend", "DONCHIAN", "Donchian channel", _n(20), inputs=("high", "low"), outputs=_BANDS,
          scratch=lambda n: 2 * (n + 2)),
    _kind("trend", "OBV", "on-balance volume", inputs=("close", "volume"), scratch=lambda: 2),
    _kind("trend", "ADX", "average directional index", _n(14), inputs=_BAR, outputs=("line", "plus", "minus"),
          scratch=lambda n: 8),
)  # fmt: skip

INDICATORS: Final[Mapping[str, IndicatorKind]] = types.MappingProxyType({kind.name: kind for kind in _KINDS})
"""Indicators by name."""


def indicator_named(name: str) -> IndicatorKind:
    """Return the indicator of a name, in capitals or not.

    Raises
    ------
    NotFound
        ``unknown_indicator`` with a suggestion.
    """
    found = INDICATORS.get(name.upper())
    if found is None:
        raise NotFound(
            f"expected the name of an indicator, was {name!r}", code="unknown_indicator",
            hint=suggest(name.upper(), INDICATORS), details={"indicator": name},
        )
    return found
