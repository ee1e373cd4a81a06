"""Options that several commands share, each declared once."""

from pathlib import Path
from typing import Annotated

import typer

from ntp.cli.errors import UsageError
from ntp.core import ConfigError, parse_time
from ntp.core.config import BacktestConfig, EngineConfig

_RUN, _ENGINE = BacktestConfig(), EngineConfig()

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Strategy = Annotated[
    str | None, typer.Option("--strategy", metavar="NAME", help="Name or file; a bare NAME works too.")
]
Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NAME] [SOURCE]...", help="Strategy, unless given by --strategy; then more data."
    ),
]
Data = Annotated[
    list[str] | None, typer.Option("--data", metavar="SOURCE", help="Stored data set or path, repeatable.")
]
From = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="TIME", show_default="the first event", help="Start: date, ISO 8601 or epoch."
    ),
]
To = Annotated[
    str | None,
    typer.Option(
        "--to", metavar="TIME", show_default="the last event", help="End: a bare date includes that day."
    ),
]
Capital = Annotated[
    str | None,
    typer.Option("--capital", metavar="USD", show_default=f"{_RUN.capital}", help="US dollars at the start."),
]
Contracts = Annotated[str, typer.Option("--contracts", metavar="PATTERN", help="Contracts to trade.")]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", show_default="those of the strategy", help="Parameter of the strategy."
    ),
]
Engine = Annotated[
    list[str] | None,
    typer.Option(
        "--engine", metavar="KEY=VALUE", help="Setting of the engine.",
        show_default=f"feed_latency={_ENGINE.feed_latency} order_latency={_ENGINE.order_latency} "
        f"queue={_ENGINE.queue} seed={_ENGINE.seed}",
    ),
]
Waive = Annotated[
    list[str] | None, typer.Option("--waive", metavar="RULE", help="Rule that does not hold here.")
]
Compiled = Annotated[bool, typer.Option("--compiled", help="Run the strategy as machine code: the same fills, faster.")]
Allocate = Annotated[
    list[str] | None,
    typer.Option(
        "--allocate", metavar="VENUE=SHARE", show_default="equal shares", help="Share of the capital for a venue."
    ),
]
Seed = Annotated[
    int | None,
    typer.Option("--seed", metavar="N", min=0, show_default=f"{_ENGINE.seed}", help="Start of every random stream."),
]
Report = Annotated[
    Path | None,
    typer.Option(
        "--report", metavar="FILE", show_default="beside the stored run", help="Write the report to this file."
    ),
]


def key_values(option: str, rows: list[str] | None) -> dict[str, str]:
    """Split ``key=value`` texts.

    Raises
    ------
    UsageError
        If a text has no ``=`` or a key is given twice.
    """
    values: dict[str, str] = {}
    for row in rows or ():
        key, equals, value = row.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"expected KEY=VALUE for {option}, was {row!r}")
        if key.strip() in values:
            raise UsageError(f"expected {key.strip()!r} once for {option}, was twice")
        values[key.strip()] = value.strip()
    return values


def read_time(option: str, text: str | None, *, end: bool = False) -> int | None:
    """Read a time of the command line; a bare date as the end includes that day.

    Raises
    ------
    UsageError
        If it is no time.
    """
    if text is None:
        return None
    try:
        return parse_time(text, end=end)
    except ConfigError as error:
        raise UsageError(f"{error.message} for {option}") from error
