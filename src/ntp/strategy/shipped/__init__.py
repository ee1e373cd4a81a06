"""Strategies that come with the platform; each also exists in compiled form inside the engine."""

from ntp.strategy.shipped.maker import Maker
from ntp.strategy.shipped.v10 import V10

__all__ = ["V10", "Maker"]
