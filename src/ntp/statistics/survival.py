"""Waiting times of which some were cut short."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class SurvivalCurve:
    """Kaplan-Meier estimate of still waiting.

    Attributes
    ----------
    times : array of float64
        Distinct times at which something happened, ascending.
    surviving : array of float64
        Probability of waiting longer than that time.
    """

    times: NDArray[np.float64]
    surviving: NDArray[np.float64]

    @property
    def median(self) -> float | None:
        """First time by which half has happened, None if it never comes to half."""
        # the product of fractions may miss one half by a rounding
        reached = np.flatnonzero(self.surviving <= 0.5 + 1e-12)
        return float(self.times[reached[0]]) if len(reached) else None


def kaplan_meier(durations: NDArray[np.float64], happened: NDArray[np.bool_]) -> SurvivalCurve:
    """Product-limit estimate of the survival function.

    Parameters
    ----------
    durations : array of float64
        Time waited, until it happened or the watching ended.
    happened : array of bool
        False where the watching ended first (an order cancelled, expired or still at rest).

    Returns
    -------
    SurvivalCurve
        At equal times what happened counts before what was cut short (Kaplan and Meier 1958).
    """
    times, counts = np.unique(durations[happened], return_counts=True)
    ordered = np.sort(durations)
    at_risk = len(ordered) - np.searchsorted(ordered, times, side="left")
    surviving = np.cumprod(1.0 - counts / at_risk).astype(np.float64)
    return SurvivalCurve(times.astype(np.float64), surviving)
