"""Deflation: the Sharpe ratio of each point against the luck of everything that was tried."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ntp.backtest.formulas import MIN_EVENTS
from ntp.backtest.sweep.outcome import EventMoments
from ntp.statistics import expected_maximum_sharpe, probabilistic_sharpe


@dataclass(frozen=True, slots=True)
class Luck:
    """How many were tried, and how much their Sharpe ratios per event differ.

    Attributes
    ----------
    trials : int
        Distinct trials on the data.
    variance : float, optional
        Of their ratios; None with fewer than two.
    """

    trials: int
    variance: float | None

    @classmethod
    def of(cls, moments: Sequence[EventMoments]) -> Luck:
        """Take the trials of a sweep by themselves."""
        ratios = [each.ratio for each in moments if each.ratio is not None]
        return cls(len(moments), float(np.var(ratios, ddof=1)) if len(ratios) > 1 else None)

    def deflated(self, moments: EventMoments) -> float | None:
        """Probability that a point's ratio exceeds what the best of all would show by luck.

        The variance is that of the trials, but not below 1 / events, that of worthless trials: a thousand near
        copies of one cannot argue the correction away.
        """
        if moments.ratio is None or moments.events < MIN_EVENTS:
            return None
        variance = max(self.variance or 0.0, 1.0 / moments.events)
        value = probabilistic_sharpe(
            moments.ratio, moments.events, skew=moments.skew, kurtosis=moments.kurtosis,
            benchmark=expected_maximum_sharpe(self.trials, variance),
        )
        return None if math.isnan(value) else value
