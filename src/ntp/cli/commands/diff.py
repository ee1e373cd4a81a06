"""`ntp diff`: what differs between two stored runs."""

from pathlib import Path
from typing import Annotated

import typer

from ntp.cli.errors import VERIFICATION
from ntp.cli.options import Json
from ntp.cli.output import Output, table
from ntp.core.workspace import find_workspace


def command(
    first: Annotated[str, typer.Argument(metavar="RUN", help="Id, beginning of an id, or last.")],
    second: Annotated[str, typer.Argument(metavar="RUN", help="The other run.")],
    strict: Annotated[bool, typer.Option("--strict", help="End with exit code 7 if they differ.")] = False,
    as_json: Json = False,
) -> None:
    """Compare two runs: inputs, metrics and the first fill that differs."""
    from ntp.backtest.diff import diff_runs
    from ntp.backtest.store import RunStore

    store = RunStore(find_workspace(Path.cwd()).runs)
    document = diff_runs(store.load(first), store.load(second)).to_dict()
    rows = [(each["what"], each["first"], each["second"]) for each in document["differences"]]
    Output(as_json).show(
        document, table(("what", first, second), rows) if rows else f"{first} and {second} are equal"
    )
    if strict and rows:
        raise typer.Exit(VERIFICATION)
