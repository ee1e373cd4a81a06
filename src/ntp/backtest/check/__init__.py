"""Checks of a strategy: look-ahead, determinism, state, what it takes from elsewhere, luck."""

from ntp.backtest.check.check import check_backtest, check_subject
from ntp.backtest.check.finding import CheckResult, Examined, Finding, Place
from ntp.backtest.check.laboratory import Subject, frames_of
from ntp.backtest.check.table import check_table

__all__ = [
    "CheckResult", "Examined", "Finding", "Place", "Subject", "check_backtest", "check_subject", "check_table",
    "frames_of",
]
