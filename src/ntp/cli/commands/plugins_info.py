"""`ntp plugins info`: a strategy or an indicator and its parameters."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ntp.cli.commands.plugins_list import KINDS
from ntp.cli.options import Json
from ntp.cli.output import Output, table
from ntp.cli.strategies import describe, open_registry
from ntp.core import ConfigError, suggest
from ntp.core.workspace import find_workspace


def command(
    name: Annotated[str, typer.Argument(help="Name of a strategy or indicator, or a strategy's file.")],
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="K", help="What it is: strategy or indicator.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what a strategy or an indicator does and its parameters."""
    if kind not in (None, *KINDS[:2]):
        raise ConfigError(
            f"expected strategy or indicator as kind, was {kind!r}", hint=suggest(kind or "", KINDS[:2])
        )
    row = _found(name, kind)
    cells = [
        (each["name"], each["default"], each.get("x-unit"), each["range"], each.get("description"))
        for each in row["parameters"]
    ]
    more = [f"{word}: {' '.join(row[word])}" for word in ("inputs", "outputs") if row.get(word)]
    Output(as_json).show(
        row,
        " ".join(filter(None, (row["name"], row.get("version")))) + (f": {row['summary']}" if row["summary"] else ""),
        f"in {row['origin']}",
        *more,
        table(("parameter", "default", "unit", "allowed", "meaning"), cells),
    )


def _found(name: str, kind: str | None) -> dict[str, Any]:
    workspace = find_workspace(Path.cwd())
    strategies = open_registry(workspace)
    if kind != "strategy":
        from ntp.strategy import IndicatorRegistry

        indicators = IndicatorRegistry(workspace.indicators)
        known = {each.upper() for each in indicators} - {each.upper() for each in strategies}
        if kind == "indicator" or name.partition(":")[0].upper() in known:
            return indicators.info(name)
    loaded = strategies.resolve(name)
    return describe(loaded, str(loaded.path))
