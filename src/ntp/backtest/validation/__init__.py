"""How far a result can be trusted after everything that was tried: trials, walk-forward tests, comparisons."""

from ntp.backtest.validation.comparison import Comparison, Failure, comparison_table
from ntp.backtest.validation.trial_ledger import Trial, TrialLedger, Trials, told_anything, trial_of

__all__ = [
    "Comparison", "Failure", "Trial", "TrialLedger", "Trials", "comparison_table", "told_anything", "trial_of",
]
