"""Strategies that come with the platform; `maker` and `v10` also exist in compiled form inside the engine."""

from ntp.strategy.shipped.maker import Maker
from ntp.strategy.shipped.v10 import V10
from ntp.strategy.shipped.v11 import V11
from ntp.strategy.shipped.v12 import V12
from ntp.strategy.shipped.v13 import V13
from ntp.strategy.shipped.v14 import V14
from ntp.strategy.shipped.v15 import V15

__all__ = ["V10", "V11", "V12", "V13", "V14", "V15", "Maker"]
