"""`ntp create source`: write the start of a data source into the workspace."""

from pathlib import Path
from typing import Annotated

import typer

from ntp.cli.options import Json
from ntp.cli.output import Output
from ntp.core.workspace import find_workspace


def command(
    name: Annotated[str, typer.Argument(help="Name of the source and of its file.")],
    as_json: Json = False,
) -> None:
    """Write the start of a data source in Python; it is live at once."""
    from ntp.data import create_source_file

    path = create_source_file(name, folder=find_workspace(Path.cwd()).sources)
    Output(as_json).show(
        {"source": name, "path": path},
        f"created {path}",
        f"next: ntp data import --source {name} --as {name}",
    )
