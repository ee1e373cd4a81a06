"""`ntp data list`: the stored data sets."""

from ntp.cli.datasets import SAMPLE, describe, open_catalog, open_dataset
from ntp.cli.options import Json
from ntp.cli.output import Output, table


def command(as_json: Json = False) -> None:
    """List the stored data sets."""
    names = sorted({SAMPLE, *open_catalog().names()})
    rows = [describe(open_dataset(name)) for name in names]
    columns = ("name", "from", "to", "events", "contracts")
    cells = [
        [row["name"], row["from"], row["to"], f"{row['events']:,}", f"{row['contracts']:,}"] for row in rows
    ]
    Output(as_json).show({"data": rows}, table(columns, cells, right=("events", "contracts")))
