"""`ntp data import`: turn files into a stored data set."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ntp.cli import options
from ntp.cli.datasets import SAMPLE
from ntp.cli.errors import UsageError
from ntp.cli.imports import FileWords, store
from ntp.cli.options import read_time
from ntp.cli.output import Output, counted
from ntp.core import ConfigError
from ntp.core.workspace import find_workspace


def command(
    name: Annotated[
        str, typer.Option("--as", metavar="NAME", help="Name of the data set; repeating one appends.")
    ],
    path: Annotated[
        Path | None,
        typer.Argument(metavar="[PATH]", help="File or folder; a --source may know its own.", show_default=False),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", metavar="FILE", help="How columns become events (YAML).")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--source", metavar="MYSOURCE", help="Read it as this source, declared or written in Python."),
    ] = None,
    emits: Annotated[
        str | None, typer.Option("--emits", metavar="KIND", help="What a row is, e.g. trade.")
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="KIND", help="contract (default), asset, forecast or reference."),
    ] = None,
    venue: Annotated[
        str | None, typer.Option("--venue", metavar="V", help="Whose fees and rules hold.")
    ] = None,
    symbol: Annotated[
        str | None, typer.Option("--symbol", metavar="S", help="Symbol, if no column has it.")
    ] = None,
    start: options.From = None,
    end: options.To = None,
    as_json: options.Json = False,
) -> None:
    """Import files as they lie, or what a source tells; a known layout needs no mapping."""
    if name == SAMPLE:
        raise ConfigError(f"expected a name of your own for --as, was {name!r}, the embedded recording")
    if source is not None and mapping is not None:
        raise UsageError("expected --source or --mapping, was both")
    if source is None and path is None:
        raise UsageError("expected a file, a folder or a --source, was none")
    words = FileWords(mapping=mapping, emits=emits, kind=kind, venue=venue, symbol=symbol)
    first, last = read_time("--from", start), read_time("--to", end, end=True)
    output = Output(as_json)
    workspace = find_workspace(Path.cwd())
    with output.progress(f"import {source or (path and path.name)}") as progress:
        report = store(workspace, name, path, source, words, (first, last), progress)
    row = report.to_dict()
    output.show(
        row,
        *_told(row),
        *(f"warning: {warning}" for warning in row["warnings"]),
    )


def _told(row: dict[str, Any]) -> list[str]:
    """Say what an import did, in sentences."""
    if not row["rows"]:
        return [f"{row['name']}: nothing new"]
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in row["kinds"].items())
    lines = [
        f"{row['name']}: {counted(row['rows'], 'row')} became {counted(row['events'], 'event')}"
        + (f" ({kinds})" if len(row["kinds"]) > 1 else "")
        + (f" of {counted(row['contracts'], 'contract')}" if row["contracts"] else "")
    ]
    span = f"{row['from']} to {row['to']}" if row["from"] else "no events"
    return [*lines, f"{span}, {counted(row['quarantined'], 'row')} quarantined"]
