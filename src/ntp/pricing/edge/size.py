"""How much smaller sizes should be where realised edges are not what was predicted."""

from typing import Final

LEAST_EVENTS: Final = 30
"""Events with a result below which nothing is said."""
LOWEST: Final = 0.7
HIGHEST: Final = 1.3
"""Slopes of realised on predicted edge that leave sizes alone."""
FLOOR: Final = 0.25
"""The smallest factor."""


def weighed_slope(slope: float, error: float) -> float:
    """Slope after weighing it against a right model, slope 1, with a standard deviation of 1 before any evidence.

    Results are near to coin tosses, so that the slope of a few dozen events may be off by several units; the posterior
    mean of a normal prior lets the slope count as much as it is known: ``(slope + error^2) / (1 + error^2)``.
    """
    return (slope + error * error) / (1.0 + error * error)


def size_factor(slope: float, error: float, events: int) -> float:
    """Multiplier of sizes, 0.25 to 1, given the regression of realised on predicted edge through the origin.

    1 where the weighed slope is within 0.7 to 1.3, and with fewer than 30 events or an unknown slope (NaN). Below,
    the slope itself: a stake should follow the edge that arrives. Above, its inverse: the model is as wrong, though
    to our advantage. Never below 0.25. Plain arithmetic, so that the compiled engine may call it.
    """
    if events < LEAST_EVENTS or slope != slope or error != error:
        return 1.0
    known = (slope + error * error) / (1.0 + error * error)
    if LOWEST <= known <= HIGHEST:
        return 1.0
    factor = known if known < 1.0 else 1.0 / known
    return factor if factor > FLOOR else FLOOR
