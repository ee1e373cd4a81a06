"""Outcome: what one point of a sweep gave, in numbers small enough to keep by the thousand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ntp.backtest.metrics import Value
from ntp.statistics import sharpe


@dataclass(frozen=True, slots=True)
class EventMoments:
    """What the deflated Sharpe ratio needs of the returns per event, so that it can follow the number of trials.

    Attributes
    ----------
    ratio : float, optional
        Sharpe ratio per event; None without variation.
    events : int
        How many.
    skew, kurtosis : float
        Moments of the returns; 0 and 3 of a normal distribution.
    """

    ratio: float | None
    events: int
    skew: float = 0.0
    kurtosis: float = 3.0

    @classmethod
    def of(cls, returns: NDArray[np.float64]) -> EventMoments:
        """Take the moments of returns per event."""
        ratio = sharpe(returns)
        if ratio is None:
            return cls(None, len(returns))
        centred = returns - np.mean(returns)
        spread = float(np.mean(centred**2))
        return cls(
            ratio, len(returns), float(np.mean(centred**3)) / spread**1.5, float(np.mean(centred**4)) / spread**2
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the replay of one point gave.

    Attributes
    ----------
    metrics : Mapping
        Values of all metrics; empty where the strategy failed.
    reasons : Mapping of str to str
        Why a metric is None.
    moments : EventMoments
        Of the returns per event.
    fills_hash : str
        Digest of its fills.
    stamps : tuple of str
        What weakens it.
    error : str
        Why the strategy failed; empty if it did not.
    lost : bool
        Whether it took its workers down: then it is tried again the next time.
    """

    metrics: Mapping[str, Value]
    reasons: Mapping[str, str] = field(default_factory=dict)
    moments: EventMoments = field(default_factory=lambda: EventMoments(None, 0))
    fills_hash: str = ""
    stamps: tuple[str, ...] = ()
    error: str = ""
    lost: bool = False

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        moments = self.moments
        return {
            "metrics": dict(self.metrics), "reasons": dict(self.reasons), "fills_hash": self.fills_hash,
            "moments": [moments.ratio, moments.events, moments.skew, moments.kurtosis],
            "stamps": list(self.stamps), "error": self.error,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Outcome:
        """Read what :meth:`to_dict` wrote."""
        return cls(
            document["metrics"], document["reasons"], EventMoments(*document["moments"]), document["fills_hash"],
            tuple(document["stamps"]), document["error"],
        )
