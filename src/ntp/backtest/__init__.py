"""Runs: metrics, tables, manifests, the store, differences and reports."""

from ntp.backtest.backtest import Backtest
from ntp.backtest.diff import Change, Diff
from ntp.backtest.explain import Explanation
from ntp.backtest.manifest import Manifest, fills_hash
from ntp.backtest.metrics import METRICS, Metric, Metrics
from ntp.backtest.results import (
    EQUITY,
    FILLS,
    MODES,
    ORDERS,
    SETTLEMENTS,
    DataInfo,
    EngineInfo,
    ModeOutput,
    Performance,
    RunContext,
    StrategyInfo,
)
from ntp.backtest.run import ModeResult, Run
from ntp.backtest.store import RunStore, RunSummary
from ntp.backtest.universal import UniversalBacktestEngine, ValidationFinding, ValidationPipeline
from ntp.backtest.validation import Trial, TrialLedger, Trials
from ntp.backtest.verify import Check, Verification

__all__ = [
    "EQUITY",
    "FILLS",
    "METRICS",
    "MODES",
    "ORDERS",
    "SETTLEMENTS",
    "Backtest",
    "Change",
    "Check",
    "DataInfo",
    "Diff",
    "EngineInfo",
    "Explanation",
    "Manifest",
    "Metric",
    "Metrics",
    "ModeOutput",
    "ModeResult",
    "Performance",
    "Run",
    "RunContext",
    "RunStore",
    "RunSummary",
    "StrategyInfo",
    "Trial",
    "TrialLedger",
    "Trials",
    "UniversalBacktestEngine",
    "ValidationFinding",
    "ValidationPipeline",
    "Verification",
    "fills_hash",
]
