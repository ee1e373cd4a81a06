"""A workspace of its own for each test, and the command line in this process."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ntp.cli.main import main
from ntp.core.workspace import Workspace, create_workspace


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """The error of a failure with --json."""
        return self.document["error"]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """An empty workspace, which is the current folder."""
    made, _ = create_workspace(tmp_path / "workspace")
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("NTP_HOME", str(tmp_path / "home"))
    return made


@pytest.fixture
def ntp(workspace: Workspace, capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run a command in the workspace."""

    def run(*words: str) -> Outcome:
        capfd.readouterr()
        code = main(words)
        captured = capfd.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run
