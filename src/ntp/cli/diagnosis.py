"""What `ntp doctor` looks at."""

import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ntp import __version__
from ntp.core import ConfigError
from ntp.core.workspace import Workspace, find_workspace

_PYTHONS: Final = ((3, 11), (3, 14))
_LIBRARIES: Final = ("numba", "numpy", "plotly", "polars", "rich", "scipy", "typer")


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one check."""

    check: str
    ok: bool
    found: str
    hint: str = ""


def examine(folder: Path) -> list[Finding]:
    """Check the installation, the machine and the workspace of a folder."""
    findings = [Finding("ntp", True, __version__), _python(), *_libraries(), _machine()]
    try:
        workspace = find_workspace(folder)
    except ConfigError as error:
        return [*findings, Finding("workspace", False, error.message, error.hint)]
    return [*findings, *_workspace(workspace)]


def _python() -> Finding:
    low, high = _PYTHONS
    ok = low <= sys.version_info[:2] < high
    hint = "" if ok else f"use Python {low[0]}.{low[1]} up to {high[0]}.{high[1] - 1}"
    return Finding("python", ok, platform.python_version(), hint)


def _libraries() -> Iterator[Finding]:
    from importlib.metadata import PackageNotFoundError, version  # with mail and archives, for this one command

    for name in _LIBRARIES:
        try:
            yield Finding(name, True, version(name))
        except PackageNotFoundError:
            yield Finding(name, False, "not installed", "install ntp again: make setup")


def _machine() -> Finding:
    return Finding("machine", True, f"{platform.machine()}, {os.cpu_count()} processors, {platform.system()}")


def _workspace(workspace: Workspace) -> Iterator[Finding]:
    declared = "" if workspace.declared else "no ntp.toml upward from here: run ntp init to make a workspace"
    yield Finding("workspace", True, str(workspace.root), declared)
    try:
        from ntp.data import DataSourceRegistry

        yield Finding("data sources", True, f"{len(DataSourceRegistry(workspace))} in this workspace")
    except ConfigError as error:
        yield Finding("data sources", False, error.message, error.hint)
    state = workspace.state
    while not state.exists():
        state = state.parent
    try:
        with tempfile.TemporaryFile(dir=state):
            yield Finding("writable", True, str(state))
    except OSError as error:
        yield Finding("writable", False, f"{state}: {error.strerror}", "choose another folder with NTP_HOME")
