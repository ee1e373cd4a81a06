"""`ntp check`: what would make the results of a strategy untrue."""

from pathlib import Path
from typing import Annotated

import typer

from ntp.cli import options
from ntp.cli.errors import VERIFICATION
from ntp.cli.output import Output
from ntp.cli.requests import FILLS, Request, prepare
from ntp.cli.strategies import pick_strategy
from ntp.core.workspace import find_workspace


def command(
    names: options.Names = None,
    strategy: options.Strategy = None,
    data: options.Data = None,
    start: options.From = None,
    end: options.To = None,
    capital: options.Capital = None,
    fills: Annotated[
        str | None, typer.Option("--fills", metavar="MODE", help=f"Mode to replay: {', '.join(FILLS)}.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer replays.")] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="ROWS", min=1, help="Rows of the data to replay at most.")
    ] = None,
    contracts: options.Contracts = "*",
    settings: options.Set = None,
    engine: options.Engine = None,
    waive: options.Waive = None,
    compiled: options.Compiled = False,
    allocate: options.Allocate = None,
    seed: options.Seed = None,
    as_json: options.Json = False,
) -> None:
    """Look for look-ahead, dependence on chance, misplaced state and luck; exit code 7 if an error is found."""
    name, more = pick_strategy(strategy, names)
    request = Request(
        strategy=name, data=[*(data or ()), *more], capital=capital, fills=fills, contracts=contracts,
        settings=settings, engine=engine, waive=waive, compiled=compiled, allocate=allocate, seed=seed,
    )  # fmt: skip
    first, last = options.read_time("--from", start), options.read_time("--to", end, end=True)
    output = Output(as_json)
    backtest = prepare(find_workspace(Path.cwd()), request)
    from ntp.backtest.check import check_table

    with output.progress(f"check {name}") as progress:
        result = backtest.check(first, last, quick=quick, limit=limit, progress=progress)
    if as_json:
        output.show(result.to_dict())
    else:
        output.show({}, check_table(result))
    if not result.passed:
        raise typer.Exit(VERIFICATION)
