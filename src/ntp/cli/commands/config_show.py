"""`ntp config show`: every setting with its value and, on request, its origin."""

from pathlib import Path
from typing import Annotated

import typer

from ntp.cli.options import Json
from ntp.cli.output import Output, table
from ntp.core.workspace import find_workspace


def command(
    origin: Annotated[bool, typer.Option("--origin", help="Say where each value comes from.")] = False,
    as_json: Json = False,
) -> None:
    """Show every setting in force."""
    workspace = find_workspace(Path.cwd())
    rows = workspace.config.rows()
    heading = ("setting", "value", "origin")[: 3 if origin else 2]
    values = [dict(zip(("key", "value", "origin")[: len(heading)], row, strict=False)) for row in rows]
    file = workspace.file if workspace.declared else None
    Output(as_json).show(
        {"workspace": workspace.root, "file": file, "settings": values},
        f"workspace {workspace.root}" + ("" if workspace.declared else " (no ntp.toml: defaults)"),
        table(heading, [row[: len(heading)] for row in rows]),
    )
