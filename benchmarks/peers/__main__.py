"""`python -m benchmarks.peers setup` makes the environment in which the peers run.

`oracles` instead of `setup` installs only those that the tests compare fills with.

It lies beside the benchmarks and is never imported from: hftbacktest (MIT), NautilusTrader (LGPL),
backtesting.py (AGPL) and vectorbt (Commons Clause) run in processes of their own and exchange files with ours.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
PYTHON = HERE / ".venv-peers" / "bin" / "python"
SWEEPER = HERE / ".venv-vectorbt" / "bin" / "python"
ORACLES = ("backtesting==0.6.6", "hftbacktest==2.4.4", "pyarrow>=20")
PACKAGES = (*ORACLES, "nautilus_trader==1.221.0")
"""The versions that were measured; pyarrow reads the Parquet tapes for pandas."""
SWEEPERS = ("vectorbt==1.2.0",)
"""Commons Clause; it needs other versions of what the others need."""


def setup_all() -> None:
    """Make the environments that are absent."""
    for python, packages in ((PYTHON, PACKAGES), (SWEEPER, SWEEPERS)):
        if not python.exists():
            setup(packages, python)


def setup(packages: tuple[str, ...] = PACKAGES, python: Path = PYTHON) -> None:
    """Make an environment if it is absent and install the pinned peers into it."""
    if not python.exists():
        venv.create(python.parents[1], with_pip=True)
    uv = Path(sys.executable).with_name("uv")
    install = [str(uv), "pip", "install", "--python"] if uv.exists() else []
    command = [*install, str(python)] if install else [str(python), "-m", "pip", "install"]
    subprocess.run([*command, "-q", *packages], check=True)


def main() -> None:
    """Carry out the command."""
    wanted = {"setup": PACKAGES, "oracles": ORACLES}
    if len(sys.argv) != 2 or sys.argv[1] not in wanted:
        raise SystemExit("usage: python -m benchmarks.peers setup|oracles")
    if sys.argv[1] == "setup":
        setup_all()
    else:
        setup(wanted[sys.argv[1]])


if __name__ == "__main__":
    main()
