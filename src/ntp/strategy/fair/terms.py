"""Terms: what each contract settles on, in the words of the engine's table of claims."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ntp.core import SECOND, DataError
from ntp.engine import fair as f
from ntp.markets import Aggregation, Comparison, DayBoundary, SettlementSpec, asset_of_source, opening_of, settlement_of
from ntp.markets.instrument import Instrument
from ntp.markets.settlement_sources import CRYPTO_INDICES
from ntp.pricing.contract_price import DIFFERENCE, LAST, MAXIMUM, MEAN, MINIMUM
from ntp.pricing.settlement import settled_interval

_FUNCTIONALS: Final[Mapping[Aggregation, int]] = {
    Aggregation.LAST: LAST, Aggregation.MEAN: MEAN, Aggregation.MEAN_AGAINST_MEAN: MEAN,
    Aggregation.MAXIMUM: MAXIMUM, Aggregation.MINIMUM: MINIMUM,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Terms:
    """What one contract settles on.

    Attributes
    ----------
    refused : int
        Reason why it can never be priced, 0 if it can.
    functional, window : int
        As in :mod:`ntp.pricing.contract_price`; seconds.
    end, open_end : int
        Nanoseconds at which the closing and the opening observation are complete; 0 without the latter.
    low, high : (float, bool) or None
        Bounds, and whether the value at them is above.
    step : float
        To which the opening value is rounded; 0 for none.
    """

    refused: int = f.PRICED
    functional: int = LAST
    window: int = 0
    end: int = 0
    open_end: int = 0
    low: tuple[float, bool] | None = None
    high: tuple[float, bool] | None = None
    step: float = 0.0

    def fields(self) -> dict[str, Any]:
        """Values of the engine's record."""
        low, high = self.low or (math.nan, False), self.high or (math.nan, False)
        return {
            "refused": self.refused, "reason": self.refused, "functional": self.functional, "window": self.window,
            "end": self.end, "open_end": self.open_end, "has_low": self.low is not None, "low_counts": low[1],
            "has_high": self.high is not None, "high_counts": high[1], "step": self.step,
            "low": 0.0 if self.low is None else low[0], "high": 0.0 if self.high is None else high[0],
        }


def terms_of(instrument: Instrument) -> Terms:
    """Read what a contract settles on; a reason where the engine has no formula for it."""
    opening = 0
    try:
        spec = settlement_of(instrument)
    except DataError as error:
        opening = opening_of(instrument) or 0
        if not opening:
            return Terms(f.NO_STRIKE if "strike for" in error.message else f.RULES_UNKNOWN)
        try:  # the strike is the value at the opening: the change is compared with nothing
            spec = settlement_of(replace(instrument, strike_low="0"))
        except DataError:
            return Terms(f.RULES_UNKNOWN)
    return _terms(spec, opening)


def _terms(spec: SettlementSpec, opening: int) -> Terms:
    observable = spec.observable
    functional = _FUNCTIONALS.get(observable.aggregation)
    if spec.comparison in (Comparison.NAMED, Comparison.LINEAR) or functional is None:
        return Terms(f.NO_FORMULA)
    if observable.day is not DayBoundary.NONE:
        return Terms(f.NOT_A_PRICE)
    if observable.at_ns is None:
        return Terms(f.NO_END)
    window = observable.window_ns // SECOND
    if functional in (MAXIMUM, MINIMUM) and not window:
        return Terms(f.NO_FORMULA)
    if opening:
        functional, window = DIFFERENCE, max(window, 1)
    elif functional == MEAN and not window:
        functional = LAST
    low, high = settled_interval(spec)
    return Terms(
        functional=functional, window=window, end=observable.at_ns, open_end=opening,
        low=None if low is None else (low[0], not low[1]), high=None if high is None else (high[0], not high[1]),
        step=0.0 if observable.step is None else float(observable.step),
    )  # fmt: skip


def follows(instrument: Instrument, underlying: Instrument) -> bool:
    """Whether a feed stands for what a contract settles on: named by its record, or of the asset of the source.

    The only index in the data is not enough: a temperature does not price bitcoin, nor does another coin.
    """
    symbol, named = underlying.symbol.upper(), str(instrument.attributes.get("underlying", ""))
    source = str(instrument.attributes.get("settlement", {}).get("source", ""))
    try:
        source = source or settlement_of(replace(instrument, strike_low=instrument.strike_low or "0")).observable.source
    except DataError:
        return False
    asset = asset_of_source(source) or asset_of_source(f"cfbenchmarks:{named}")
    if source == underlying.id or named in (underlying.symbol, underlying.id) or (asset and asset in symbol):
        return True
    return bool(named) and not any(other in symbol for other in CRYPTO_INDICES if other != asset)


__all__ = ["Terms", "follows", "terms_of"]
