"""`ntp diff`: what differs between two stored runs."""

from pathlib import Path
from typing import Annotated

import typer

from ntp.cli.errors import VERIFICATION
from ntp.cli.options import Json
from ntp.cli.output import Output, table
from ntp.core import format_ns
from ntp.core.workspace import find_workspace


def command(
    first: Annotated[str, typer.Argument(metavar="RUN", help="Id, beginning of an id, or last.")],
    second: Annotated[str, typer.Argument(metavar="RUN", help="The other run.")],
    strict: Annotated[bool, typer.Option("--strict", help="End with exit code 7 if they differ.")] = False,
    as_json: Json = False,
) -> None:
    """Compare two runs: settings, code, metrics and the first fill that differs."""
    from ntp.backtest import RunStore

    store = RunStore(find_workspace(Path.cwd()).state)
    difference = store.load(first).compare(store.load(second))
    document = difference.to_dict()
    rows = [
        (part, each["name"], each["before"], each["after"])
        for part in ("configuration", "code", "metrics")
        for each in document[part]
    ]
    parting = [
        f"{mode} fills part after {at['number']} equal ones, at {format_ns(at['ts'])}"
        for mode, at in document["first_divergent_fill"].items()
    ]
    Output(as_json).show(
        document,
        f"{' and '.join(document['runs'])} {'are equal' if document['equal'] else 'differ'}",
        *([table(("part", "what", *document["runs"]), rows)] if rows else ()),
        *parting,
    )
    if strict and not difference.equal:
        raise typer.Exit(VERIFICATION)
