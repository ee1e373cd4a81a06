"""Quality of recorded data: checks, trust per contract, books rebuilt and compared."""

from ntp.data.quality.book_rebuild import Agreement, Rebuilt, agreement, compare_quotes, rebuild
from ntp.data.quality.check import Checkable, check, check_dataset
from ntp.data.quality.ends import life_coverage
from ntp.data.quality.report import Finding, QualityReport, Severity, Trust

__all__ = [
    "Agreement",
    "Checkable",
    "Finding",
    "QualityReport",
    "Rebuilt",
    "Severity",
    "Trust",
    "agreement",
    "check",
    "check_dataset",
    "compare_quotes",
    "life_coverage",
    "rebuild",
]
