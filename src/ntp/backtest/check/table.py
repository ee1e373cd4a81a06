"""Table of a check for the terminal; the command line prints what this returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ntp.backtest.check.finding import CheckResult

if TYPE_CHECKING:
    from rich.console import RenderableType


def check_table(result: CheckResult) -> RenderableType:
    """Tell what was checked, how, what could not be, and what was found."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    data = result.data
    parts: list[RenderableType] = [Text.assemble(
        (result.strategy, "bold"), f" on {', '.join(data['sources'])}: {data['events']:,} events, "
        f"{data['contracts']:,} contracts, {data['decisions']:,} decisions, {data['fill_mode']} fills",
    )]  # fmt: skip
    checks = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("check", "what is done"):
        checks.add_column(name)
    for name in ("replays", "seconds", "errors", "warnings"):
        checks.add_column(name, justify="right")
    for each in result.examined:
        errors = sum(finding.severity == "error" for finding in each.findings)
        warnings = len(each.findings) - errors
        checks.add_row(
            each.check, each.what, f"{each.reruns}", f"{each.seconds:.1f}",
            Text(str(errors), style="bold red" if errors else ""),
            Text(str(warnings), style="yellow" if warnings else ""),
        )
    parts.append(checks)
    for finding in result.findings:
        style = "bold red" if finding.severity == "error" else "yellow"
        where = f"{finding.place}: " if finding.place.file else ""
        parts.append(Text.assemble((f"{finding.severity} ", style), f"[{finding.check}] {where}{finding.message}"))
    parts += [Text(f"not checked: {reason}", style="dim") for each in result.examined for reason in each.unchecked]
    errors = sum(finding.severity == "error" for finding in result.findings)
    verdict = "passed" if result.passed else f"failed: {errors} error{'' if errors == 1 else 's'}"
    parts.append(Text(verdict, style="bold green" if result.passed else "bold red"))
    return Group(*parts)


__all__ = ["check_table"]
