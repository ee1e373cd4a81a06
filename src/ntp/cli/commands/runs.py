"""`ntp runs`: the stored runs."""

from pathlib import Path

from ntp.cli.options import Json
from ntp.cli.output import Output, table
from ntp.core import format_ns
from ntp.core.workspace import find_workspace


def command(as_json: Json = False) -> None:
    """List the stored runs, the newest first."""
    from ntp.backtest import RunStore

    rows = [
        summary.to_dict() | {"created": format_ns(summary.created)}
        for summary in RunStore(find_workspace(Path.cwd()).state).list()
    ]
    cells = [
        (
            row["run_id"],
            row["created"][:19],
            row["strategy"],
            ", ".join(row["sources"]),
            row["trades"],
            row["fills"],
            None if row["pnl_net_usd"] is None else f"{row['pnl_net_usd']:,.2f}",
            {True: "yes", False: "no", None: None}[row["profitable"]],
        )
        for row in rows
    ]
    columns = ("run", "when", "strategy", "data", "trades", "fills", "net P&L $", "profitable")
    Output(as_json).show({"runs": rows}, table(columns, cells, right=("trades", "fills", "net P&L $")))
