"""The workspace: the folder that holds a user's files and everything that ntp keeps for them."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ntp.core.config import FILE_NAME, Config, load_config
from ntp.core.errors import ConfigError

HOME_VARIABLE: Final = "NTP_HOME"
FOLDERS: Final = ("strategies", "indicators", "sources")
"""Folders whose files are live without registration."""
_STATE: Final = ".ntp"

TEMPLATE: Final = """\
# Workspace of ntp. Every key is optional; `ntp config show --origin` lists them all with their values.

[backtest]
# capital = 10000
# fills = "base"                     # pessimistic, base or optimistic

[engine]
# feed_latency = "20ms"
# order_latency = "50ms"
# queue = "power:2"
# seed = 0

[rules]
# waive = ["maker_only"]             # stamped on every result
# enforce = ["fair_value"]           # refuses what it else counts
# max_event_loss = 50                # dollars that an event may lose in its worst state

[edge]
# threshold = 0.05                   # dollars per contract from which data.admits() says yes
# adverse_selection = 0.005          # dollars per contract lost to the better informed, at 50 cents

[underlyings]
# BRTI = "coinbase:BTC-USD"          # which feed stands for which index
"""


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where things lie.

    Attributes
    ----------
    root : Path
        The folder of `ntp.toml`, or the one that stands in for it.
    config : Config
        The resolved configuration.
    declared : bool
        Whether there is an `ntp.toml`; otherwise only `.ntp` is used.
    """

    root: Path
    config: Config
    declared: bool

    @property
    def file(self) -> Path:
        """The configuration file, whether it exists or not."""
        return self.root / FILE_NAME

    @property
    def state(self) -> Path:
        """Everything that ntp writes by itself."""
        return self.root / _STATE

    @property
    def strategies(self) -> Path:
        """The user's strategies."""
        return self.root / "strategies"

    @property
    def indicators(self) -> Path:
        """The user's indicators."""
        return self.root / "indicators"

    @property
    def sources(self) -> Path:
        """The user's data sources, Python or YAML."""
        return self.root / "sources"

    @property
    def catalog(self) -> Path:
        """Stored data sets."""
        return self.state / "catalog"

    @property
    def runs(self) -> Path:
        """Stored runs and their reports."""
        return self.state / "runs"

    @property
    def logs(self) -> Path:
        """Logs."""
        return self.state / "logs"


def find_workspace(start: Path, environment: Mapping[str, str] = os.environ) -> Workspace:
    """Find the workspace of a folder.

    Parameters
    ----------
    start : Path
        Where to begin; the nearest `ntp.toml` upward wins.
    environment : Mapping
        Read for ``NTP_HOME``, which comes next, and for the user's data directory, which comes last.

    Raises
    ------
    ConfigError
        If the configuration cannot be read.
    """
    return named_workspace(start, environment) or open_workspace(user_data_folder(environment))


def named_workspace(start: Path, environment: Mapping[str, str] = os.environ) -> Workspace | None:
    """Find the workspace that a person chose, by an `ntp.toml` or by ``NTP_HOME``; None if there is neither.

    Parameters
    ----------
    start : Path
        Where to begin; the nearest `ntp.toml` upward wins.
    environment : Mapping
        Read for ``NTP_HOME``, which comes next.

    Raises
    ------
    ConfigError
        If the configuration cannot be read.
    """
    folder = start.resolve()
    for root in (folder, *folder.parents):
        if (root / FILE_NAME).is_file():
            return open_workspace(root)
    home = environment.get(HOME_VARIABLE)
    return open_workspace(Path(home).expanduser()) if home else None


def open_workspace(root: Path) -> Workspace:
    """Read the workspace of exactly this folder."""
    file = root / FILE_NAME
    declared = file.is_file()
    return Workspace(root.resolve(), load_config(file) if declared else Config(), declared)


def create_workspace(root: Path) -> tuple[Workspace, list[Path]]:
    """Make a workspace, leaving alone what exists.

    Returns
    -------
    Workspace, list of Path
        The workspace and what was created, in order; nothing if it was complete.

    Raises
    ------
    ConfigError
        If a file stands where a folder must be.
    """
    created: list[Path] = []
    for folder in (root, *(root / name for name in FOLDERS), root / _STATE):
        if folder.exists() and not folder.is_dir():
            raise ConfigError(f"expected a folder, was the file {folder}", code="not_a_folder")
        if not folder.exists():
            folder.mkdir(parents=True)
            created.append(folder)
    file = root / FILE_NAME
    if not file.exists():
        file.write_text(TEMPLATE, encoding="utf-8")
        created.append(file)
    return open_workspace(root), created


def user_data_folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Folder of the user's data by the custom of the operating system."""
    home = Path(environment.get("HOME") or environment.get("USERPROFILE") or Path.home())
    if platform == "darwin":
        return home / "Library" / "Application Support" / "ntp"
    if platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local") / "ntp"
    return Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share") / "ntp"
