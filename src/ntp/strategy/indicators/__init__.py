"""Indicators of strategies: how they are declared, found in files, kept up to date and read.

A runtime takes them from the modules ``book`` and ``reading``, which a declaration does not need and which load numpy.
"""

from ntp.strategy.indicators.create import create_indicator_file
from ntp.strategy.indicators.custom import CustomIndicator
from ntp.strategy.indicators.declared import declared_indicators
from ntp.strategy.indicators.indicator import BAR_FIELDS, VIEW_FIELDS, Indicator
from ntp.strategy.indicators.registry import IndicatorRegistry

__all__ = [
    "BAR_FIELDS",
    "VIEW_FIELDS",
    "CustomIndicator",
    "Indicator",
    "IndicatorRegistry",
    "create_indicator_file",
    "declared_indicators",
]
