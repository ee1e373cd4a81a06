"""`ntp plugins info`: a strategy or an indicator and its parameters, or a data source and what it reads."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ntp.cli.commands.plugins_list import KINDS
from ntp.cli.options import Json
from ntp.cli.output import Output, table
from ntp.cli.strategies import describe, open_registry
from ntp.core import ConfigError, NotFound, suggest
from ntp.core.workspace import Workspace, find_workspace


def command(
    name: Annotated[str, typer.Argument(help="Name of a strategy, indicator or data source, or a strategy's file.")],
    kind: Annotated[str | None, typer.Option("--kind", metavar="K", help=f"What it is: {', '.join(KINDS)}.")] = None,
    as_json: Json = False,
) -> None:
    """Show what a strategy or an indicator does and its parameters, or what a data source reads."""
    if kind not in (None, *KINDS):
        raise ConfigError(f"expected one of {', '.join(KINDS)} as kind, was {kind!r}", hint=suggest(kind or "", KINDS))
    row = _found(name, kind)
    if row["kind"] == "source":
        _show_source(Output(as_json), row)
        return
    cells = [
        (each["name"], each["default"], each.get("x-unit"), each["range"], each.get("description"))
        for each in row["parameters"]
    ]
    more = [f"{word}: {' '.join(row[word])}" for word in ("inputs", "outputs") if row.get(word)]
    Output(as_json).show(
        row,
        " ".join(filter(None, (row["name"], row.get("version")))) + (f": {row['summary']}" if row["summary"] else ""),
        "shipped with ntp" if row["origin"] == "shipped" else f"in {row['origin']}",
        *more,
        table(("parameter", "default", "unit", "allowed", "meaning"), cells),
    )


def _found(name: str, kind: str | None) -> dict[str, Any]:
    workspace = find_workspace(Path.cwd())
    strategies = open_registry(workspace)
    if kind == "source":
        return _source(workspace, name, [])
    if kind != "strategy":
        from ntp.strategy import IndicatorRegistry

        indicators = IndicatorRegistry(workspace.indicators)
        known = {each.upper() for each in indicators} - {each.upper() for each in strategies}
        if kind == "indicator" or name.partition(":")[0].upper() in known:
            return indicators.info(name)
    try:
        loaded = strategies.resolve(name)
    except NotFound:
        if kind is not None:
            raise
        return _source(workspace, name, strategies.names())
    return describe(loaded, str(loaded.path))


def _source(workspace: Workspace, name: str, others: list[str]) -> dict[str, Any]:
    """Describe a data source of the workspace.

    Raises
    ------
    NotFound
        If there is none of this name; `others` might have been meant, too.
    """
    from ntp.data import DataSourceRegistry

    sources = DataSourceRegistry(workspace)
    if name in sources:
        return sources.details(name)
    what = "a strategy name or file, an indicator or a data source" if others else "a data source"
    raise NotFound(
        f"expected {what}, was {name!r}", code="unknown_plugin",
        hint=suggest(name, [*others, *sources.names()]) or "none is declared: ntp create source NAME",
        details={"name": name},
    )


def _show_source(output: Output, row: dict[str, Any]) -> None:
    said = row.get("summary") or row.get("error")
    cells = [(key, value) for key, value in row["settings"].items() if value not in (None, "", {}, [])]
    output.show(
        row, row["name"] + (f": {said}" if said else ""), f"in {row['file']}", table(("setting", "value"), cells)
    )
