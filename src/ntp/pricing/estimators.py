"""Numbers of the volatility estimators, as options name them and the engine works with them."""

from typing import Final

EWMA: Final = 0
"""Exponentially weighted, per second of the time between prices."""
FLAT: Final = 1
"""A constant."""

__all__ = ["EWMA", "FLAT"]
