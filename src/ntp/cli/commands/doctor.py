"""`ntp doctor`: check that everything a run needs is there."""

from pathlib import Path

import typer

from ntp.cli.diagnosis import Finding, examine
from ntp.cli.errors import BAD_INPUT
from ntp.cli.options import Json
from ntp.cli.output import Output, table


def command(as_json: Json = False) -> None:
    """Check the installation and the workspace."""
    findings = examine(Path.cwd())
    healthy = all(finding.ok for finding in findings)
    Output(as_json).show(
        {"healthy": healthy, "checks": [_row(finding) for finding in findings]},
        table(["", "check", "found"], [("ok" if f.ok else "!!", f.check, f.found) for f in findings]),
        *(f"{finding.check}: {finding.hint}" for finding in findings if finding.hint),
        "everything is in place" if healthy else "something needs attention",
    )
    if not healthy:
        raise typer.Exit(BAD_INPUT)


def _row(finding: Finding) -> dict[str, object]:
    return {"check": finding.check, "ok": finding.ok, "found": finding.found, "hint": finding.hint}
