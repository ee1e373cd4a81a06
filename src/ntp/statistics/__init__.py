"""Pure functions of arrays: ratios, intervals, tests, folds, drawdown, waiting times, scores and calibration."""

from ntp.statistics.bootstrap import bootstrap_interval, rows_by_event
from ntp.statistics.brackets import bracket_stakes
from ntp.statistics.calibration import (
    ReliabilityDiagram,
    VennAbers,
    expected_calibration_error,
    isotonic,
    reliability_diagram,
    venn_abers,
)
from ntp.statistics.corrections import benjamini_hochberg, holm
from ntp.statistics.drawdown import drawdowns, max_drawdown
from ntp.statistics.folds import (
    Fold,
    check_apart,
    combinatorial_folds,
    fold_paths,
    group_by_event,
    purged_folds,
    walk_forward_folds,
)
from ntp.statistics.intervals import (
    bootstrap_sharpe_interval,
    bootstrap_sum_interval,
    clustered_proportion_interval,
    wilson_interval,
)
from ntp.statistics.overfitting import Overfitting, overfitting_of_blocks, probability_of_overfitting
from ntp.statistics.ratios import (
    annual_return,
    annual_return_of,
    calmar,
    calmar_of,
    omega,
    omega_of,
    sortino,
    sortino_of,
    tail_ratio,
    tail_ratio_of,
    value_at_risk,
)
from ntp.statistics.regression import Regression, clustered_mean, clustered_regression
from ntp.statistics.scores import BrierParts, brier_decomposition, brier_score, log_loss, signed_edge
from ntp.statistics.sharpe import (
    DAYS_PER_YEAR,
    ReturnMoments,
    daily_changes,
    deflated_sharpe,
    expected_maximum_sharpe,
    minimum_track_record,
    probabilistic_sharpe,
    return_moments,
    sharpe,
    sharpe_of,
)
from ntp.statistics.significance import random_entry_test, random_side_test
from ntp.statistics.survival import SurvivalCurve, kaplan_meier

__all__ = [
    "DAYS_PER_YEAR",
    "BrierParts",
    "Fold",
    "Overfitting",
    "Regression",
    "ReliabilityDiagram",
    "ReturnMoments",
    "SurvivalCurve",
    "VennAbers",
    "annual_return",
    "annual_return_of",
    "benjamini_hochberg",
    "bootstrap_interval",
    "bootstrap_sharpe_interval",
    "bootstrap_sum_interval",
    "bracket_stakes",
    "brier_decomposition",
    "brier_score",
    "calmar",
    "calmar_of",
    "check_apart",
    "clustered_mean",
    "clustered_proportion_interval",
    "clustered_regression",
    "combinatorial_folds",
    "daily_changes",
    "deflated_sharpe",
    "drawdowns",
    "expected_calibration_error",
    "expected_maximum_sharpe",
    "fold_paths",
    "group_by_event",
    "holm",
    "isotonic",
    "kaplan_meier",
    "log_loss",
    "max_drawdown",
    "minimum_track_record",
    "omega",
    "omega_of",
    "overfitting_of_blocks",
    "probabilistic_sharpe",
    "probability_of_overfitting",
    "purged_folds",
    "random_entry_test",
    "random_side_test",
    "reliability_diagram",
    "return_moments",
    "rows_by_event",
    "sharpe",
    "sharpe_of",
    "signed_edge",
    "sortino",
    "sortino_of",
    "tail_ratio",
    "tail_ratio_of",
    "value_at_risk",
    "venn_abers",
    "walk_forward_folds",
    "wilson_interval",
]
