"""True probability of each contract at each moment, from the law the path was drawn from."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ntp.core import SECOND
from ntp.data.simulator.path import SpotPath

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Exceedance:
    """Probability that the settlement value reaches a bound, over the life of an event.

    Attributes
    ----------
    chance : ndarray
        Probability at each point from open to close; 0 or 1 at the close.
    density : ndarray
        Change of the probability per cent of the underlying.
    """

    chance: Floats
    density: Floats


class WindowLaw:
    """Law of the mean of the last index values of an event, seen from each moment before.

    An increment at step i enters the mean with the weight w(i), the share of the averaged values
    that are still to come. Given the variance path, the mean is therefore normal around
    (sum of the observed values + open values x price) / n with the variance of the weighted
    increments that are left, plus a Poisson number of jumps, each of the jump variance times the
    mean squared weight.

    Parameters
    ----------
    path : SpotPath
        Latent path in cents.
    open_time, close_time : int
        Life of the event.
    averaging : int
        Number of averaged values.
    """

    def __init__(self, path: SpotPath, open_time: int, close_time: int, averaging: int) -> None:
        first, last = path.at(open_time), path.at(close_time)
        self.averaging = averaging
        ticks = last - path.interval * np.arange(averaging - 1, -1, -1)
        points = np.arange(first, last + 1)
        seen = np.searchsorted(ticks, points, side="right")
        sums = np.concatenate([[0], np.cumsum(path.published[ticks // path.interval])])
        weight = np.concatenate([1.0 - np.searchsorted(ticks, points[1:]) / averaging, [0.0]])
        self.left = averaging - seen
        self.total = sums[seen] + self.left * path.value[first : last + 1]
        variance = np.concatenate([path.variance[first + 1 : last + 1], [0.0]])
        self.variance = _rest(weight**2 * variance)
        steps = np.arange(last - first, -1, -1)
        self.jumps: Floats = path.jump_chance * steps.astype(np.float64)
        self.jump_variance = path.jump_variance * _rest(weight**2) / np.maximum(steps, 1)
        self.volatility = np.sqrt(path.variance[first : last + 1] * (SECOND / path.step))

    def at_least(self, cents: int) -> Exceedance:
        """Probability that the mean, rounded to a cent with halves up, reaches a bound."""
        gap = (self.total - (cents - 0.5) * self.averaging) / self.averaging
        chance, density = np.zeros_like(gap), np.zeros_like(gap)
        for count, weight in enumerate(_poisson(self.jumps)):
            deviation = np.sqrt(self.variance + count * self.jump_variance)
            sure = deviation <= 0.0
            z = gap / np.where(sure, 1.0, deviation)
            chance += weight * np.where(sure, gap >= 0.0, ndtr(z))
            bell = np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
            density += weight * np.where(sure, 0.0, bell / np.where(sure, 1.0, deviation))
        return Exceedance(np.clip(chance, 0.0, 1.0), density * (self.left / self.averaging))


def _rest(increments: Floats) -> Floats:
    """Sum of the increments from each point on."""
    return np.ascontiguousarray(np.cumsum(increments[::-1])[::-1])


def _poisson(mean: Floats) -> list[Floats]:
    """Probabilities of 0, 1, 2, … jumps, cut where less than 1e-9 is left, adding up to one."""
    top = float(mean.max())
    if top == 0.0:
        return [np.ones_like(mean)]
    count = int(top + 6 * math.sqrt(top) + 5)
    terms = [np.exp(-mean)]
    for n in range(1, count + 1):
        terms.append(terms[-1] * mean / n)
    total = sum(terms)
    return [term / total for term in terms]
