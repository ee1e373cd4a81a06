"""`ntp runs`: the stored runs."""

from pathlib import Path

from ntp.cli.options import Json
from ntp.cli.output import Output
from ntp.core import format_ns
from ntp.core.workspace import find_workspace


def command(as_json: Json = False) -> None:
    """List the stored runs, the newest first."""
    from ntp.backtest import RunStore
    from ntp.backtest.table import runs_table

    found = RunStore(find_workspace(Path.cwd()).state).list()
    rows = [summary.to_dict() | {"created": format_ns(summary.created)} for summary in found]
    Output(as_json).show({"runs": rows}, runs_table(found) if found else "no run is stored yet")
