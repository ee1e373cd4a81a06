"""Neural Trading Platform: honest backtests and trading for prediction markets.

The names of the SDK are loaded when they are first used, so that ``import ntp`` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ntp.backtest import Backtest, Run, UniversalBacktestEngine, ValidationPipeline
    from ntp.core import (
        Absent,
        ConfigError,
        DataError,
        NotFound,
        NtpError,
        OrderOutcomeUnknown,
        OrderRejected,
        PermissionDenied,
        PluginInterface,
        RuleViolation,
        StrategyError,
        VenueError,
        VenueUnavailable,
        VerificationFailed,
    )
    from ntp.data import (
        BaseDataSource,
        CSVDataSource,
        CustomDataSource,
        DataSource,
        DataSourceRegistry,
        UnifiedEvent,
        UnifiedMarketEvent,
    )
    from ntp.strategy import (
        Array,
        BaseStrategy,
        CustomIndicator,
        CustomStrategy,
        Indicator,
        Param,
        Pricing,
        Signal,
        Strategy,
        StrategyRegistry,
        TradingSignal,
        templates,
    )
    from ntp.strategy.template import (
        EventDrivenTemplate,
        MakerTemplate,
        MeanReversionTemplate,
        MLPredictionTemplate,
        MomentumTemplate,
        PairsTradingTemplate,
    )

__version__ = "0.1.0"

_ROOMS: Final = {
    "ntp.backtest": ("Backtest Run UniversalBacktestEngine ValidationPipeline"),
    "ntp.core": (
        "Absent ConfigError DataError NotFound NtpError OrderOutcomeUnknown OrderRejected "
        "PermissionDenied PluginInterface RuleViolation StrategyError VenueError VenueUnavailable "
        "VerificationFailed"
    ),
    "ntp.data": (
        "BaseDataSource CSVDataSource CustomDataSource DataSource DataSourceRegistry UnifiedEvent UnifiedMarketEvent"
    ),
    "ntp.strategy": (
        "Array BaseStrategy CustomIndicator CustomStrategy Indicator Param Pricing Signal Strategy "
        "StrategyRegistry TradingSignal templates"
    ),
    "ntp.strategy.template": (
        "EventDrivenTemplate MLPredictionTemplate MakerTemplate MeanReversionTemplate MomentumTemplate "
        "PairsTradingTemplate"
    ),
}
"""Where each name of the SDK lives."""
_HOMES: Final = {name: room for room, names in _ROOMS.items() for name in names.split()}
_LATER: Final = (
    "KalshiClient LivePerformanceTracker ManifoldClient PerformanceVerifier PolymarketClient "
    "UniversalExecutor UserExchangeClient "
    "WebSocketAdapter"
)
"""Names of the SDK whose capability is not part of this version."""

__all__ = [
    "Absent",
    "Array",
    "Backtest",
    "BaseDataSource",
    "BaseStrategy",
    "CSVDataSource",
    "ConfigError",
    "CustomDataSource",
    "CustomIndicator",
    "CustomStrategy",
    "DataError",
    "DataSource",
    "DataSourceRegistry",
    "EventDrivenTemplate",
    "Indicator",
    "MLPredictionTemplate",
    "MakerTemplate",
    "MeanReversionTemplate",
    "MomentumTemplate",
    "NotFound",
    "NtpError",
    "OrderOutcomeUnknown",
    "OrderRejected",
    "PairsTradingTemplate",
    "Param",
    "PermissionDenied",
    "PluginInterface",
    "Pricing",
    "RuleViolation",
    "Run",
    "Signal",
    "Strategy",
    "StrategyError",
    "StrategyRegistry",
    "TradingSignal",
    "UnifiedEvent",
    "UnifiedMarketEvent",
    "UniversalBacktestEngine",
    "ValidationPipeline",
    "VenueError",
    "VenueUnavailable",
    "VerificationFailed",
    "__version__",
    "templates",
]


def __getattr__(name: str) -> Any:
    """Load a name of the SDK when it is first used."""
    room = _HOMES.get(name)
    if room is not None:
        value = getattr(import_module(room), name)
        globals()[name] = value
        return value
    if name in _LATER.split():
        from ntp.core import NotYetOffered

        raise NotYetOffered(f"expected a name that this version offers, was ntp.{name}, which comes with a later one")
    if name.startswith("_"):
        raise AttributeError(f"module 'ntp' has no attribute {name!r}")
    from ntp.core import suggest

    raise AttributeError(f"module 'ntp' has no attribute {name!r}; {suggest(name, __all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
