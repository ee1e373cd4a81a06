"""`ntp plugins list`: what can be named in a command."""

from pathlib import Path
from typing import Annotated

import typer

from ntp.cli.options import Json
from ntp.cli.output import Output, table
from ntp.core.workspace import find_workspace


def command(
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="K", help="Only this kind, e.g. strategy.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the strategies, shipped and your own."""
    from ntp.strategy.registry import StrategyRegistry

    registry = StrategyRegistry(find_workspace(Path.cwd()).strategies)
    rows = [row for row in registry.describe() if kind in (None, row["kind"])]
    cells = [(row["name"], row["kind"], row["origin"], row["summary"]) for row in rows]
    Output(as_json).show({"plugins": rows}, table(("name", "kind", "origin", "what it does"), cells))
