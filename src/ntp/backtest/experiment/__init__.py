"""Experiments: variants of a strategy side by side, randomised by event, judged at any time."""

from ntp.backtest.experiment.comparison import Comparison, ModeComparison
from ntp.backtest.experiment.experiment import Experiments, Question
from ntp.backtest.experiment.experiment_store import ExperimentStore, promoted
from ntp.backtest.experiment.metric import DEFAULT_METRIC, METRICS, read_metric
from ntp.backtest.experiment.page import write_experiment_page
from ntp.backtest.experiment.plan import MINIMUM_EVENTS, Plan, Variant, name_variants
from ntp.backtest.experiment.report import ExperimentReport
from ntp.backtest.experiment.table import experiment_table

__all__ = [
    "DEFAULT_METRIC",
    "METRICS",
    "MINIMUM_EVENTS",
    "Comparison",
    "ExperimentReport",
    "ExperimentStore",
    "Experiments",
    "ModeComparison",
    "Plan",
    "Question",
    "Variant",
    "experiment_table",
    "name_variants",
    "promoted",
    "read_metric",
    "write_experiment_page",
]
