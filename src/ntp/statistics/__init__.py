"""Pure functions of arrays: ratios, intervals, drawdown, waiting times and scores."""

from ntp.statistics.drawdown import drawdowns, max_drawdown
from ntp.statistics.intervals import (
    bootstrap_sharpe_interval,
    clustered_proportion_interval,
    wilson_interval,
)
from ntp.statistics.scores import brier_score, signed_edge
from ntp.statistics.sharpe import (
    DAYS_PER_YEAR,
    daily_changes,
    deflated_sharpe,
    expected_maximum_sharpe,
    probabilistic_sharpe,
    sharpe,
)
from ntp.statistics.survival import SurvivalCurve, kaplan_meier

__all__ = [
    "DAYS_PER_YEAR",
    "SurvivalCurve",
    "bootstrap_sharpe_interval",
    "brier_score",
    "clustered_proportion_interval",
    "daily_changes",
    "deflated_sharpe",
    "drawdowns",
    "expected_maximum_sharpe",
    "kaplan_meier",
    "max_drawdown",
    "probabilistic_sharpe",
    "sharpe",
    "signed_edge",
    "wilson_interval",
]
