"""Strategy SDK: what a strategy declares, calls and returns, and how it is found."""

from ntp.strategy.base import BaseStrategy, CustomStrategy, Strategy
from ntp.strategy.callbacks import CALLBACKS
from ntp.strategy.code_hash import code_hash_of
from ntp.strategy.compiled import Array
from ntp.strategy.create import TEMPLATES, create_strategy_file
from ntp.strategy.declaration import Declaration, declaration_of, warmup_of
from ntp.strategy.events import EventView
from ntp.strategy.indicators import CustomIndicator, Indicator, IndicatorRegistry
from ntp.strategy.inputs import matches, matches_any
from ntp.strategy.loader import LoadedStrategy, load_file
from ntp.strategy.objects import (
    Contract,
    Fill,
    Forecast,
    Game,
    Order,
    Position,
    Settlement,
    Timer,
    Value,
)
from ntp.strategy.params import Param, Parameter, coerce, parameter_schema, parameters_of
from ntp.strategy.port import MarketView, Runtime
from ntp.strategy.pricing_options import Pricing
from ntp.strategy.registry import SHIPPED, StrategyRegistry, as_strategy
from ntp.strategy.signal import Signal, TradingSignal, yes_terms
from ntp.strategy.signals import apply_analysis, exit_reason, exit_side, follow_signal, marked, signal_of
from ntp.strategy.sizing import affordable, kelly_contracts, kelly_fraction, unit_cost
from ntp.strategy.template import templates
from ntp.strategy.validation import StrategyWarning
from ntp.strategy.wake import Wake, parse_wake

__all__ = [
    "CALLBACKS",
    "SHIPPED",
    "TEMPLATES",
    "Array",
    "BaseStrategy",
    "Contract",
    "CustomIndicator",
    "CustomStrategy",
    "Declaration",
    "EventView",
    "Fill",
    "Forecast",
    "Game",
    "Indicator",
    "IndicatorRegistry",
    "LoadedStrategy",
    "MarketView",
    "Order",
    "Param",
    "Parameter",
    "Position",
    "Pricing",
    "Runtime",
    "Settlement",
    "Signal",
    "Strategy",
    "StrategyRegistry",
    "StrategyWarning",
    "Timer",
    "TradingSignal",
    "Value",
    "Wake",
    "affordable",
    "apply_analysis",
    "as_strategy",
    "code_hash_of",
    "coerce",
    "create_strategy_file",
    "declaration_of",
    "exit_reason",
    "exit_side",
    "follow_signal",
    "kelly_contracts",
    "kelly_fraction",
    "load_file",
    "marked",
    "matches",
    "matches_any",
    "parameter_schema",
    "parameters_of",
    "parse_wake",
    "signal_of",
    "templates",
    "unit_cost",
    "warmup_of",
    "yes_terms",
]
