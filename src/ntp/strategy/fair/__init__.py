"""Fair values during a run: what contracts settle on, told to the engine, and its answers told to the strategy."""

from ntp.strategy.fair.appraiser import Appraiser
from ntp.strategy.fair.value import FairValue

__all__ = ["Appraiser", "FairValue"]
