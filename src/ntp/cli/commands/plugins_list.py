"""`ntp plugins list`: what can be named in a command."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ntp.cli.options import Json
from ntp.cli.output import Output, table
from ntp.cli.strategies import describe, open_registry
from ntp.core import ConfigError, NtpError, suggest
from ntp.core.workspace import Workspace, find_workspace

KINDS = ("strategy", "indicator", "source")
"""Kinds of plug-ins."""
Kind = Annotated[
    str | None, typer.Option("--kind", metavar="K", help="Only this kind: strategy, indicator or source.")
]


def command(
    kind: Kind = None,
    as_json: Json = False,
) -> None:
    """List strategies, shipped and your own, and your indicators and data sources.

    The classical indicators are listed with --kind indicator.
    """
    rows = found_plugins(find_workspace(Path.cwd()), kind)
    cells = [
        (row["name"], row["kind"], row["origin"], row.get("summary", row.get("error")) or None) for row in rows
    ]
    Output(as_json).show({"plugins": rows}, table(("name", "kind", "origin", "what it does"), cells))


def found_plugins(workspace: Workspace, kind: str | None) -> list[dict[str, Any]]:
    """Describe what can be named in a command; what cannot be loaded has an ``error``.

    Raises
    ------
    ConfigError
        If there is no such kind.
    """
    if kind is not None and kind not in KINDS:
        raise ConfigError(f"expected a kind of plug-in, was {kind!r}", hint=suggest(kind, KINDS))
    found = {"strategy": _strategies, "indicator": _indicators, "source": _sources}
    rows = [row for name, described in found.items() if kind in (None, name) for row in described(workspace)]
    return [row for row in rows if kind is not None or row["kind"] != "indicator" or row["origin"] == "workspace"]


def _strategies(workspace: Workspace) -> list[dict[str, Any]]:
    from ntp.strategy import SHIPPED

    registry = open_registry(workspace)
    rows: list[dict[str, Any]] = []
    for name in registry.names():
        origin = "shipped" if name in SHIPPED else "workspace"
        try:
            rows.append(describe(registry.resolve(name), origin))
        except NtpError as error:  # a broken file must not hide the others
            rows.append({"name": name, "kind": "strategy", "origin": origin, "error": error.message})
    return rows


def _indicators(workspace: Workspace) -> list[dict[str, Any]]:
    from ntp.strategy import IndicatorRegistry

    return IndicatorRegistry(workspace.indicators).describe()


def _sources(workspace: Workspace) -> list[dict[str, Any]]:
    from ntp.data import DataSourceRegistry

    return DataSourceRegistry(workspace).describe()
