"""Risk limits: how much of an order a limit leaves, in exact units of 0.000001 contract."""

from decimal import ROUND_FLOOR, Decimal
from typing import Final

from ntp.core import SIZE_SCALE, ConfigError

UNLIMITED: Final = 2**62
"""Stands for no limit; far above any size and far from overflow when sizes are added."""


def limit_units(contracts: float | int | Decimal | None) -> int:
    """Convert a limit in contracts to units, rounded down; None is `UNLIMITED`.

    Raises
    ------
    ConfigError
        ``bad_limit`` if it is negative or not a number.
    """
    if contracts is None:
        return UNLIMITED
    exact = Decimal(str(contracts))
    if not exact.is_finite() or exact < 0:
        raise ConfigError(f"expected a limit of at least 0 contracts, was {contracts}", code="bad_limit")
    return min(UNLIMITED, int(exact.scaleb(SIZE_SCALE).to_integral_value(ROUND_FLOOR)))


def position_room(side: int, position: int, resting: int, limit: int) -> int:
    """Units a new order may have so that the position stays within the limit even if all fills.

    Parameters
    ----------
    side : int
        +1 to buy YES, -1 to sell it.
    position : int
        Signed position held.
    resting : int
        Units of own orders of the same side that rest or are on their way.
    limit : int
        Largest absolute position.

    Returns
    -------
    int
        At least 0. What brings the position towards 0 always has room.
    """
    room = limit - side * position - resting
    return room if room > 0 else 0


def within_limit(side: int, size: int, position: int, resting: int, limit: int) -> int:
    """Size of an order after the position limit: as wanted, cut, or 0."""
    room = position_room(side, position, resting, limit)
    return size if size <= room else room


def reduce_only_size(side: int, size: int, position: int, resting: int) -> int:
    """Size of an order that may only bring the position towards 0, given what already does."""
    room = -side * position - resting
    return 0 if room <= 0 else min(size, room)
