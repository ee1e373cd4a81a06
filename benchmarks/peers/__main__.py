"""`python -m benchmarks.peers setup` makes the environment in which the peers run.

`oracles` instead of `setup` installs only those that the tests compare fills with.

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
ORACLES = ("backtesting==0.6.6", "hftbacktest==2.4.4", "pyarrow>=20")
PACKAGES = (*ORACLES, "nautilus_trader==1.221.0")
"""The versions that were measured; pyarrow reads the Parquet tapes for pandas."""


def setup(packages: tuple[str, ...] = PACKAGES) -> None:
    """Make the environment if it is absent and install the pinned peers into it."""
    if not PYTHON.exists():
        venv.create(FOLDER, with_pip=True)
    uv = Path(sys.executable).with_name("uv")
    install = [str(uv), "pip", "install", "--python"] if uv.exists() else []
    command = [*install, str(PYTHON)] if install else [str(PYTHON), "-m", "pip", "install"]
    subprocess.run([*command, "-q", *packages], check=True)


def main() -> None:
    """Carry out the command."""
    wanted = {"setup": PACKAGES, "oracles": ORACLES}
    if len(sys.argv) != 2 or sys.argv[1] not in wanted:
        raise SystemExit("usage: python -m benchmarks.peers setup|oracles")
    setup(wanted[sys.argv[1]])


if __name__ == "__main__":
    main()
