"""`python -m benchmarks.peers setup` makes the environment in which the peers run.

It lies beside the benchmarks and is never imported from: hftbacktest (MIT), NautilusTrader (LGPL) and
backtesting.py (AGPL) run in processes of their own and exchange files with ours.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / ".venv-peers"
PYTHON = FOLDER / "bin" / "python"
PACKAGES = (
    "backtesting==0.6.6",
    "hftbacktest==2.4.4",
    "nautilus_trader==1.221.0",
    "pyarrow>=20",
)
"""The versions that were measured; pyarrow reads the Parquet tapes for pandas."""


def setup() -> None:
    """Make the environment if it is absent and install the pinned peers into it."""
    if not PYTHON.exists():
        venv.create(FOLDER, with_pip=True)
    subprocess.run([str(PYTHON), "-m", "pip", "install", "-q", *PACKAGES], check=True)


def main() -> None:
    """Carry out the one command there is."""
    if sys.argv[1:] != ["setup"]:
        raise SystemExit("usage: python -m benchmarks.peers setup")
    setup()


if __name__ == "__main__":
    main()
