"""One engine for any strategy on any source: registries, a simulation, and validators of what came out."""

from ntp.backtest.universal.engine import UniversalBacktestEngine
from ntp.backtest.universal.validators import ValidationFinding, ValidationPipeline

__all__ = ["UniversalBacktestEngine", "ValidationFinding", "ValidationPipeline"]
