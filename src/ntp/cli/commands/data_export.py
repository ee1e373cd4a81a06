"""`ntp data export`: copy a stored data set into a folder of Parquet files."""

from pathlib import Path
from typing import Annotated

import typer

from ntp.cli.datasets import open_catalog
from ntp.cli.options import Json
from ntp.cli.output import Output


def command(
    name: Annotated[str, typer.Argument(help="A stored data set.")],
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Where; by default DIR is NAME.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Copy a data set out of the catalog, one Parquet file per kind."""
    folder = to or Path(name)
    paths = open_catalog().export(name, folder)
    Output(as_json).show(
        {"name": name, "folder": folder, "files": [str(path) for path in paths]},
        *(f"wrote {path}" for path in paths),
    )
