"""The true probabilities are those of the law the path was drawn from."""

import numpy as np
import pytest

from ntp.core import SECOND
from ntp.data.simulator import SimulatorConfig
from ntp.data.simulator.contracts import claims_of
from ntp.data.simulator.fair import WindowLaw
from ntp.data.simulator.path import SpotPath, settlement_cents, spot_path

DOLLARS_A_SECOND = 100_000 * 0.5 / np.sqrt(365 * 86_400)


def flat_path(seconds: int, cents: float, variance: float = 1.0) -> SpotPath:
    """Constant price on a grid of seconds, with a variance each second."""
    return SpotPath(
        start=0, step=SECOND, value=np.full(seconds + 1, cents), variance=np.full(seconds + 1, variance),
        jump_chance=0.0, jump_variance=0.0, interval=1, published=np.full(seconds + 1, round(cents)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "factor"), [(60, 20.502778), (120, 80.502778), (300, 260.502778), (900, 860.502778)]
)
def test_variance_of_the_mean_before_the_window(seconds: int, factor: float) -> None:
    """Published values of the averaging window's variance factor, n = 60."""
    law = WindowLaw(flat_path(seconds, 1e7), 0, seconds * SECOND, 60)
    assert law.variance[0] == pytest.approx(factor, abs=1e-6)


@pytest.mark.parametrize(
    ("seen", "factor"), [(15, 8.720833), (30, 2.626389), (45, 0.344444), (59, 0.000277778)]
)
def test_variance_of_the_mean_inside_the_window(seen: int, factor: float) -> None:
    law = WindowLaw(flat_path(120, 1e7), 0, 120 * SECOND, 60)
    assert law.variance[60 + seen] == pytest.approx(factor, abs=1e-6)


def test_probability_half_way_through_the_window() -> None:
    """Volatility 50 %, spot 100,040, strike 100,050, 30 of 60 seen with mean 100,020: 0.08295."""
    path = flat_path(120, 10_004_000.0, (DOLLARS_A_SECOND * 100 * 1.0004) ** 2)
    path.published[61:91] = 10_002_000
    chance = WindowLaw(path, 0, 120 * SECOND, 60).at_least(10_005_000).chance[90]
    assert chance == pytest.approx(0.08295, abs=2e-4)


def test_probability_five_minutes_before() -> None:
    """Spot 100,000, strike 100,050, 300 seconds left: 0.36394."""
    path = flat_path(300, 1e7, (DOLLARS_A_SECOND * 100) ** 2)
    chance = WindowLaw(path, 0, 300 * SECOND, 60).at_least(10_005_000).chance[0]
    assert chance == pytest.approx(0.36394, abs=2e-4)


def test_forecasts_are_calibrated_over_many_events() -> None:
    config = SimulatorConfig(
        seed=1, events=1_500, brackets=4, duration="2m", step="500ms", averaging=30,
        jump_rate=30, jump_size=0.0006,
    )
    claims = claims_of(config, spot_path(config))
    for share in (0.0, 0.5, 0.85):
        at = int(share * (len(claims[0].fair) - 1))
        fair = np.array([c.fair[at] for c in claims])
        paid = np.array([float(c.pays) for c in claims])
        # claims of one event are not independent, so the deviation is taken over events
        error = ((fair - paid) ** 2 - fair * (1 - fair)).reshape(config.events, -1).mean(axis=1)
        assert abs(error.mean()) < 4 * error.std() / np.sqrt(config.events)
        for low in (0.05, 0.25, 0.45, 0.65, 0.85):
            inside = (fair >= low) & (fair < low + 0.1)
            gap = (paid - fair)[inside]
            assert abs(gap.mean()) < 4 * np.sqrt((fair * (1 - fair))[inside].mean() / inside.sum())


def test_fair_is_a_martingale() -> None:
    config = SimulatorConfig(seed=2, events=800, brackets=2, duration="2m", step="500ms", averaging=30)
    claims = [c for c in claims_of(config, spot_path(config)) if not c.is_bracket]
    moves = np.array([c.fair[-40] - c.fair[0] for c in claims])
    assert abs(moves.mean()) < 4 * moves.std() / np.sqrt(len(moves))


def test_settlement_rounds_halves_up() -> None:
    path = flat_path(10, 100.0)
    path.published[:] = 100
    path.published[10] = 101
    assert settlement_cents(path, 10 * SECOND, 2) == 101
    assert settlement_cents(path, 10 * SECOND, 3) == 100
