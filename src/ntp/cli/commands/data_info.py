"""`ntp data info`: what a stored data set holds."""

from typing import Annotated

import typer

from ntp.cli.datasets import describe, open_dataset
from ntp.cli.options import Json
from ntp.cli.output import Output, counted, table


def command(
    name: Annotated[str, typer.Argument(help="A stored data set, or sample.")],
    as_json: Json = False,
) -> None:
    """Show what a data set holds."""
    row = describe(open_dataset(name))
    Output(as_json).show(
        row,
        f"{row['name']}: {counted(row['contracts'], 'contract')}, {counted(row['events'], 'event')}",
        f"{row['from']} to {row['to']}, sources: {', '.join(row['sources'])}",
        table(
            ("kind", "rows"), [(kind, f"{count:,}") for kind, count in row["rows"].items()], right=("rows",)
        ),
        *(f"warning: {warning}" for warning in row["warnings"]),
    )
