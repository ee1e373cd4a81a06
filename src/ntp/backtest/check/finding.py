"""Findings: what a check holds against a strategy, and where in its code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

SEVERITIES: Final = ("error", "warning")
"""An error fails the check; a warning is for a person to judge."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the code: file, line from 1 and column from 1; None where it cannot be told."""

    file: str | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        if self.file is None:
            return ""
        parts = [Path(self.file).name, *(str(part) for part in (self.line, self.column) if part is not None)]
        return ":".join(parts)


NOWHERE: Final = Place()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a strategy.

    Attributes
    ----------
    check : str
        The check that found it: ``look_ahead``, ``start``, ``determinism``, ``state``, ``outside``,
        ``resolved``, ``parameters`` or ``over_fitting``.
    severity : str
        ``error`` or ``warning``.
    message : str
        What was found, for people.
    place : Place
        The culprit.
    """

    check: str
    severity: str
    message: str
    place: Place = NOWHERE

    def to_dict(self) -> dict[str, Any]:
        """JSON values: ``check severity file line column message``."""
        return {
            "check": self.check, "severity": self.severity, "file": self.place.file, "line": self.place.line,
            "column": self.place.column, "message": self.message,
        }  # fmt: skip


@dataclass(slots=True)
class Examined:
    """One check: what was looked at, what it cost and what could not be checked.

    Attributes
    ----------
    check : str
        Its name.
    what : str
        What it does, for people.
    reruns : int
        Replays it took.
    seconds : float
        Time it took.
    unchecked : list of str
        What could not be checked, and why.
    findings : list of Finding
        What it found.
    """

    check: str
    what: str
    reruns: int = 0
    seconds: float = 0.0
    unchecked: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, severity: str, message: str, place: Place = NOWHERE, *, check: str | None = None) -> None:
        """Add a finding, once per place and message."""
        finding = Finding(check or self.check, severity, message, place)
        if finding not in self.findings:
            self.findings.append(finding)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Everything that ``ntp check`` tells of a strategy.

    Attributes
    ----------
    strategy : str
        Name of the strategy.
    data : Mapping
        What it was checked on: ``sources from to events contracts decisions``.
    examined : sequence of Examined
        The checks in the order they were made.
    """

    strategy: str
    data: Mapping[str, Any]
    examined: Sequence[Examined]

    @property
    def findings(self) -> list[Finding]:
        """All findings, errors first."""
        found = [finding for each in self.examined for finding in each.findings]
        return sorted(dict.fromkeys(found), key=lambda finding: SEVERITIES.index(finding.severity))

    @property
    def passed(self) -> bool:
        """Whether no finding is an error."""
        return all(finding.severity != "error" for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Build the document of ``ntp check --json``."""
        return {
            "passed": self.passed, "strategy": self.strategy, "data": dict(self.data),
            "findings": [finding.to_dict() for finding in self.findings],
            "checks": [
                {name: value for name, value in asdict(each).items() if name != "findings"}
                | {"findings": len(each.findings)} for each in self.examined
            ],
        }  # fmt: skip

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f"<tr><td>{each.severity}</td><td>{each.check}</td><td>{escape(str(each.place))}</td>"
            f"<td>{escape(each.message)}</td></tr>" for each in self.findings
        )
        verdict = "passed" if self.passed else "failed"
        return f"<p><b>{escape(self.strategy)}</b> {verdict} the checks</p><table>{rows}</table>"


__all__ = ["NOWHERE", "SEVERITIES", "CheckResult", "Examined", "Finding", "Place"]
