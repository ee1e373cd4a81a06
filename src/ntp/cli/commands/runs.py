"""`ntp runs`: the stored runs."""

from pathlib import Path

from ntp.cli.options import Json
from ntp.cli.output import Output, table
from ntp.core.workspace import find_workspace


def command(as_json: Json = False) -> None:
    """List the stored runs, the newest first."""
    from ntp.backtest.store import RunStore

    rows = RunStore(find_workspace(Path.cwd()).runs).list()
    columns = ("run", "when", "strategy", "data", "pnl net", "fills", "fill mode")
    cells = [
        (row["run_id"], row["created"], row["strategy"], ", ".join(row["data"]), row["pnl_net_usd"], row["fills"],
         row["fill_mode"])
        for row in rows
    ]  # fmt: skip
    Output(as_json).show({"runs": rows}, table(columns, cells, right=("pnl net", "fills")))
