"""Where the other engines are installed: never in the process of our own tests."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@functools.cache
def peer_python(package: str) -> Path | None:
    """Return a Python that can import `package`, or None when no environment has it.

    Looked for in `NTP_PEERS_PYTHON`, the environment that `python -m benchmarks.peers setup` makes, and
    the environment of the tests (the optional dependency group `peers`).
    """
    candidates = [
        os.environ.get("NTP_PEERS_PYTHON"),
        REPOSITORY / "benchmarks" / ".venv-peers" / "bin" / "python",
        sys.executable,
    ]
    probe = f"import importlib.util as u; raise SystemExit(u.find_spec({package!r}) is None)"
    for candidate in candidates:
        if candidate and Path(candidate).exists():
            done = subprocess.run([str(candidate), "-c", probe], check=False, capture_output=True)
            if done.returncode == 0:
                return Path(candidate)
    return None


def require_peer(package: str) -> Path:
    """Return a Python with `package` or skip the test with the reason."""
    python = peer_python(package)
    if python is None:
        pytest.skip(f"{package} is not installed: run `python -m benchmarks.peers setup`")
    return python
