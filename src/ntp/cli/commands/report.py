"""`ntp report`: the report of a stored run."""

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from ntp.cli.options import Json
from ntp.cli.output import Output
from ntp.core.workspace import find_workspace


def command(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Id, beginning of one, last or last~1.")],
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="Write it to this file.")] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    as_json: Json = False,
) -> None:
    """Write the one-file report of a run and say where it is."""
    from ntp.backtest import RunStore

    store = RunStore(find_workspace(Path.cwd()).state)
    stored = store.load(run)
    path = stored.report(to or store.path(stored.run_id) / "report.html").resolve()
    Output(as_json).show({"run_id": stored.run_id, "report": path}, f"report {path}")
    if open_it:
        webbrowser.open(path.as_uri())
