"""`ntp create strategy`: write the start of a strategy into the workspace."""

from pathlib import Path
from typing import Annotated

import typer

from ntp.cli.errors import UsageError
from ntp.cli.options import Json
from ntp.cli.output import Output
from ntp.core.workspace import find_workspace

_TEMPLATES = "blank, signal, pairs_trading, momentum, mean_reversion, ml_prediction, event_driven or maker"
"""Said here, so that the help does not load the SDK."""


def command(
    name: Annotated[str, typer.Argument(help="Name of the strategy and of its file.")],
    template: Annotated[
        str | None,
        typer.Option("--template", metavar="T", help=f"What to start from: {_TEMPLATES}."),
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Copy this strategy file instead.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the start of a strategy; it is live at once."""
    if template is not None and source is not None:
        raise UsageError("expected --template or --from, was both")
    from ntp.strategy import create_strategy_file

    folder = find_workspace(Path.cwd()).strategies
    path = create_strategy_file(name, template=template or "blank", folder=folder, source=source)
    Output(as_json).show(
        {"strategy": name, "path": path},
        f"created {path}",
        f"next: ntp backtest {name} --data sample",
    )
