"""What a check of a data set found: findings, a trust score per contract, coverage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from ntp.core import HOUR, MINUTE

_TRUSTED: Final = 0.5
_DEFECTIVE_SHARE: Final = 0.1


class Severity(StrEnum):
    """How much a finding matters."""

    INFO = "info"
    """Worth knowing; results hold."""
    WARNING = "warning"
    """Part of the rows should not be relied on."""
    ERROR = "error"
    """Results that rest on these rows mean nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong or remarkable.

    Attributes
    ----------
    check : str
        Stable name of the check.
    severity : Severity
        How much it matters.
    contract : str
        Symbol it is about; empty for the whole data set.
    start, end : int or None
        Range of ``ts_event`` of the rows concerned.
    count : int
        Rows concerned.
    message : str
        What was expected and what was found.
    penalty : float
        Part of the contract's trust that it costs, 0 to 1.
    """

    check: str
    severity: Severity
    contract: str
    start: int | None
    end: int | None
    count: int
    message: str
    penalty: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """JSON object with the keys ``check severity contract from to count message``."""
        return {
            "check": self.check,
            "severity": self.severity.value,
            "contract": self.contract,
            "from": self.start,
            "to": self.end,
            "count": self.count,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Trust:
    """How far a contract's rows can be relied on.

    Attributes
    ----------
    score : float
        Product of one minus the penalties of its findings: 1 is flawless, 0 worthless.
    reasons : tuple of str
        Messages of the findings that cost trust.
    coverage : float or None
        Part of the contract's life that was recorded, None where open or close is unknown.
    """

    score: float
    reasons: tuple[str, ...] = ()
    coverage: float | None = None


@dataclass(frozen=True, slots=True)
class QualityReport:
    """Findings of all checks of a data set.

    Attributes
    ----------
    findings : tuple of Finding
        Worst first, then by check and contract.
    trust : Mapping of str to Trust
        By symbol, for every contract and asset with rows.
    """

    findings: tuple[Finding, ...] = ()
    trust: Mapping[str, Trust] = field(default_factory=dict)

    @property
    def coverage(self) -> float | None:
        """Mean coverage of the contracts whose life is known, None where there is none."""
        known = [trust.coverage for trust in self.trust.values() if trust.coverage is not None]
        return sum(known) / len(known) if known else None

    @property
    def untrusted(self) -> list[str]:
        """Contracts with a score below one half, sorted."""
        return sorted(name for name, trust in self.trust.items() if trust.score < _TRUSTED)

    @property
    def defective(self) -> bool:
        """Whether at least a tenth of the contracts cannot be trusted, or an error concerns all rows."""
        if any(found.severity is Severity.ERROR and not found.contract for found in self.findings):
            return True
        return bool(self.untrusted) and len(self.untrusted) >= _DEFECTIVE_SHARE * len(self.trust)

    @property
    def reasons(self) -> list[str]:
        """Messages of the errors, each once, without repeating one per contract."""
        return list(
            dict.fromkeys(
                f"{found.check}: {found.message}"
                for found in self.findings
                if found.severity is Severity.ERROR
            )
        )

    def of(self, check: str) -> list[Finding]:
        """Return the findings of one check."""
        return [found for found in self.findings if found.check == check]

    def to_dict(self) -> dict[str, Any]:
        """JSON object of the report."""
        return {
            "defective": self.defective,
            "coverage": self.coverage,
            "findings": [found.to_dict() for found in self.findings],
            "trust": {
                name: {
                    "score": round(trust.score, 4),
                    "reasons": list(trust.reasons),
                    "coverage": trust.coverage,
                }
                for name, trust in sorted(self.trust.items())
            },
        }


def build_report(
    findings: Sequence[Finding], contracts: Sequence[str], coverage: Mapping[str, float]
) -> QualityReport:
    """Sort findings and turn their penalties into scores.

    Parameters
    ----------
    findings : sequence of Finding
        Of all checks.
    contracts : sequence of str
        Every contract and asset that has rows.
    coverage : Mapping of str to float
        Recorded part of the lives that are known.
    """
    by_contract: dict[str, list[Finding]] = {name: [] for name in contracts}
    for found in findings:
        if found.contract in by_contract:
            by_contract[found.contract].append(found)
    trust = {}
    for name, own in sorted(by_contract.items()):
        score = 1.0
        for found in own:
            score *= 1.0 - min(max(found.penalty, 0.0), 1.0)
        reasons = tuple(found.message for found in own if found.penalty > 0)
        trust[name] = Trust(score, reasons, coverage.get(name))
    rank = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    ordered = sorted(findings, key=lambda f: (rank[f.severity], f.check, f.contract, f.start or 0))
    return QualityReport(tuple(ordered), trust)


def in_words(ns: int) -> str:
    """Word a long duration for people: minutes, from two hours on hours."""
    return f"{ns / MINUTE:.1f} minutes" if ns < 2 * HOUR else f"{ns / HOUR:.1f} hours"
