"""How far a result can be trusted after everything that was tried: trials, walk-forward tests, comparisons."""

from ntp.backtest.validation.trial_ledger import Trial, TrialLedger, Trials, told_anything, trial_of

__all__ = ["Trial", "TrialLedger", "Trials", "told_anything", "trial_of"]
