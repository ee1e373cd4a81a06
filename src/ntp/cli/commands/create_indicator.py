"""`ntp create indicator`: write the start of an indicator into the workspace."""

from pathlib import Path
from typing import Annotated

import typer

from ntp.cli.options import Json
from ntp.cli.output import Output
from ntp.core.workspace import find_workspace


def command(
    name: Annotated[str, typer.Argument(help="Name of the indicator and of its file.")],
    as_json: Json = False,
) -> None:
    """Write the start of an indicator; it is live at once."""
    from ntp.strategy.indicators import create_indicator_file

    path = create_indicator_file(name, folder=find_workspace(Path.cwd()).indicators)
    Output(as_json).show(
        {"indicator": name, "path": path},
        f"created {path}",
        f'next: trend = Indicator("{name}") in a strategy',
    )
