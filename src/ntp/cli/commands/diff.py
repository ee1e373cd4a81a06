"""`ntp diff`: what differs between two stored runs."""

from pathlib import Path
from typing import Annotated

import typer

from ntp.cli.errors import VERIFICATION
from ntp.cli.options import Json
from ntp.cli.output import Output
from ntp.core.workspace import find_workspace


def command(
    first: Annotated[str, typer.Argument(metavar="RUN", help="Id, beginning of one, last or last~1.")],
    second: Annotated[str, typer.Argument(metavar="RUN", help="The other run.")],
    strict: Annotated[bool, typer.Option("--strict", help="End with exit code 7 if they differ.")] = False,
    as_json: Json = False,
) -> None:
    """Compare two runs: settings, code, metrics and the first fill that differs."""
    from ntp.backtest import RunStore
    from ntp.backtest.diff_table import diff_table

    store = RunStore(find_workspace(Path.cwd()).state)
    difference = store.load(first).compare(store.load(second))
    Output(as_json).show(difference.to_dict(), diff_table(difference))
    if strict and not difference.equal:
        raise typer.Exit(VERIFICATION)
