"""`ntp data remove`: forget a stored data set."""

from typing import Annotated

import typer

from ntp.cli.datasets import open_catalog
from ntp.cli.options import Json
from ntp.cli.output import Output, ask, counted


def command(
    name: Annotated[str, typer.Argument(help="A stored data set.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Remove a data set from the catalog; asks first where a terminal is attached."""
    catalog = open_catalog()
    events = catalog.dataset(name).rows()
    if not yes and not as_json and not ask(f"remove {name} with {counted(events, 'event')}?"):
        raise typer.Abort
    catalog.remove(name)
    Output(as_json).show({"removed": name, "events": events}, f"removed {name}: {counted(events, 'event')}")
