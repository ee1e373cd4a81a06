"""`ntp plugins info`: a strategy and its parameters."""

from pathlib import Path
from typing import Annotated

import typer

from ntp.cli.options import Json
from ntp.cli.output import Output, table
from ntp.cli.strategies import describe, open_registry
from ntp.core.workspace import find_workspace


def command(
    name: Annotated[str, typer.Argument(help="Name of a strategy, or its file.")],
    as_json: Json = False,
) -> None:
    """Show what a strategy does and its parameters."""
    loaded = open_registry(find_workspace(Path.cwd())).resolve(name)
    row = describe(loaded, str(loaded.path))
    cells = [
        (each["name"], each["default"], each.get("x-unit"), each["range"], each.get("description"))
        for each in row["parameters"]
    ]
    Output(as_json).show(
        row,
        f"{row['name']} {row['version']}" + (f": {row['summary']}" if row["summary"] else ""),
        f"in {row['origin']}",
        table(("parameter", "default", "unit", "allowed", "meaning"), cells),
    )
