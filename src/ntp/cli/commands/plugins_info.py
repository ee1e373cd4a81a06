"""`ntp plugins info`: a strategy and its parameters."""

from pathlib import Path
from typing import Annotated

import typer

from ntp.cli.options import Json
from ntp.cli.output import Output, table
from ntp.core.workspace import find_workspace


def command(
    name: Annotated[str, typer.Argument(help="Name of a strategy, or its file.")],
    as_json: Json = False,
) -> None:
    """Show what a strategy does and its parameters."""
    from ntp.strategy.registry import StrategyRegistry

    row = StrategyRegistry(find_workspace(Path.cwd()).strategies).info(name)
    columns = ("parameter", "default", "range", "what it means")
    cells = [(each["name"], each["default"], each["range"], each["help"]) for each in row["parameters"]]
    Output(as_json).show(row, f"{row['name']} ({row['origin']}): {row['summary']}", table(columns, cells))
