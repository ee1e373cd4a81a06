"""`ntp plugins doctor`: whether everything that was dropped into the workspace can be used."""

from pathlib import Path

import typer

from ntp.cli.commands.plugins_list import Kind, found_plugins
from ntp.cli.errors import BAD_INPUT
from ntp.cli.options import Json
from ntp.cli.output import Output, counted, table
from ntp.core.workspace import find_workspace


def command(
    kind: Kind = None,
    as_json: Json = False,
) -> None:
    """Load every strategy, indicator and data source and say what is wrong with those that cannot be used."""
    rows = [
        {"name": row["name"], "kind": row["kind"], "origin": row["origin"], "ok": "error" not in row,
         "error": row.get("error")}
        for row in found_plugins(find_workspace(Path.cwd()), kind)
    ]  # fmt: skip
    broken = [row for row in rows if not row["ok"]]
    cells = [(row["name"], row["kind"], row["origin"], row["error"]) for row in broken]
    Output(as_json).show(
        {"healthy": not broken, "plugins": rows},
        *([table(("name", "kind", "origin", "what is wrong"), cells)] if broken else ()),
        f"{counted(len(rows), 'plug-in')}, {len(broken)} that cannot be used",
    )
    if broken:
        raise typer.Exit(BAD_INPUT)
