"""Indicators of strategies: how they are declared, found in files, kept up to date and read."""

from ntp.strategy.indicators.book import IndicatorBook
from ntp.strategy.indicators.create import create_indicator_file
from ntp.strategy.indicators.custom import CustomIndicator
from ntp.strategy.indicators.declared import declared_indicators
from ntp.strategy.indicators.indicator import BAR_FIELDS, VIEW_FIELDS, Indicator
from ntp.strategy.indicators.reading import IndicatorSet, IndicatorValue
from ntp.strategy.indicators.registry import IndicatorRegistry

__all__ = [
    "BAR_FIELDS",
    "VIEW_FIELDS",
    "CustomIndicator",
    "Indicator",
    "IndicatorBook",
    "IndicatorRegistry",
    "IndicatorSet",
    "IndicatorValue",
    "create_indicator_file",
    "declared_indicators",
]
