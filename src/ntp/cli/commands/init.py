"""`ntp init`: make a workspace."""

from pathlib import Path
from typing import Annotated

import typer

from ntp.cli.options import Json
from ntp.cli.output import Output
from ntp.core.workspace import create_workspace


def command(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where; by default here.")] = Path(),
    as_json: Json = False,
) -> None:
    """Make a workspace; what exists is left alone."""
    workspace, created = create_workspace(folder)
    Output(as_json).show(
        {"workspace": workspace.root, "created": [str(path) for path in created]},
        f"workspace {workspace.root}" + ("" if created else " (nothing to do)"),
        *(f"  created {path}" for path in created),
        "next: ntp create strategy NAME, then ntp backtest NAME --data sample",
    )
