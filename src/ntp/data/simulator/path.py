"""Latent path of the underlying: diffusion with changing volatility, and jumps."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ntp.core import SECOND, parse_duration
from ntp.data.simulator.config import SimulatorConfig

YEAR_SECONDS: Final = 365 * 86_400
VOL_SECONDS: Final = 10
"""The volatility is constant over this time."""


@dataclass(frozen=True, slots=True)
class SpotPath:
    """Underlying on a regular grid, in cents.

    Attributes
    ----------
    start : int
        Time of the first point.
    step : int
        Nanoseconds between points.
    value : ndarray
        Latent price at each point.
    variance : ndarray
        Variance that the diffusion adds from the point before to this one.
    jump_chance : float
        Probability of a jump in one step.
    jump_variance : float
        Variance of a jump, which is normal with mean zero.
    interval : int
        Points between two published values.
    published : ndarray of int64
        Index values in whole cents, one each `interval` points.
    """

    start: int
    step: int
    value: NDArray[np.float64]
    variance: NDArray[np.float64]
    jump_chance: float
    jump_variance: float
    interval: int
    published: NDArray[np.int64]

    def at(self, ts: int) -> int:
        """Position of a time on the grid."""
        return (ts - self.start) // self.step

    @property
    def published_at(self) -> NDArray[np.int64]:
        """Times of the published values."""
        return self.start + np.arange(len(self.published), dtype=np.int64) * (self.step * self.interval)


def spot_path(config: SimulatorConfig) -> SpotPath:
    """Draw the path of a whole recording.

    The increments are arithmetic and independent given the variance path, so the price is a
    martingale and the probability of each outcome has a closed form up to the number of jumps.
    The logarithm of the volatility is an Ornstein-Uhlenbeck process on a grid of 10 seconds.

    Parameters
    ----------
    config : SimulatorConfig
        Volatility, jumps and grid.

    Returns
    -------
    SpotPath
        From one averaging window before the first open to the last close.
    """
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([config.seed, 1])))
    lead = (config.averaging * config.interval_ns // SECOND + 2) * SECOND
    start = config.start_ns - lead
    end = config.start_ns + (config.events - 1) * config.every_ns + config.duration_ns
    steps = (end - start) // config.step_ns
    seconds = config.step_ns / SECOND
    cents = config.spot * 100
    base = (config.sigma * cents) ** 2 / YEAR_SECONDS * seconds
    factor = np.repeat(_volatility(config, random, steps), VOL_SECONDS * SECOND // config.step_ns)[:steps]
    variance = np.concatenate([[0.0], base * factor**2])
    chance = config.jump_rate / 3_600 * seconds
    jumps = random.random(steps) < chance
    moves = random.standard_normal(steps) * np.sqrt(variance[1:])
    moves[jumps] += random.standard_normal(int(jumps.sum())) * (config.jump_size * cents)
    value = cents + np.concatenate([[0.0], np.cumsum(moves)])
    interval = config.interval_ns // config.step_ns
    return SpotPath(
        start=start, step=config.step_ns, value=value, variance=variance, jump_chance=chance,
        jump_variance=(config.jump_size * cents) ** 2, interval=interval,
        published=np.rint(value[::interval]).astype(np.int64),
    )


def _volatility(config: SimulatorConfig, random: np.random.Generator, steps: int) -> NDArray[np.float64]:
    """Factor on the volatility, mean square one, one value each 10 seconds."""
    count = steps * config.step_ns // (VOL_SECONDS * SECOND) + 1
    decay = 0.5 ** (VOL_SECONDS * SECOND / parse_duration(config.vol_half_life))
    shock = config.vol_of_vol * np.sqrt(1 - decay**2) * random.standard_normal(count)
    level = config.vol_of_vol * random.standard_normal()
    logs = np.empty(count)
    for i in range(count):
        level = decay * level + shock[i]
        logs[i] = level
    return np.exp(logs - config.vol_of_vol**2)


def settlement_cents(path: SpotPath, ts: int, averaging: int) -> int:
    """Mean of the published values of a window that ends at a time, halves rounded up.

    Parameters
    ----------
    path : SpotPath
        Where the values are.
    ts : int
        End of the window; the value of this very time belongs to it.
    averaging : int
        Number of values.

    Returns
    -------
    int
        Cents.
    """
    last = path.at(ts) // path.interval
    total = int(path.published[last - averaging + 1 : last + 1].sum())
    return (2 * total + averaging) // (2 * averaging)
