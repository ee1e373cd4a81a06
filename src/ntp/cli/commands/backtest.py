"""`ntp backtest`: replay recorded markets through a strategy."""

from pathlib import Path
from typing import Annotated

import typer

from ntp.cli import options
from ntp.cli.errors import Interrupted
from ntp.cli.output import Output
from ntp.cli.requests import FILLS, Request, prepare
from ntp.cli.strategies import pick_strategy
from ntp.core.config import BacktestConfig
from ntp.core.workspace import find_workspace


def command(
    names: options.Names = None,
    strategy: options.Strategy = None,
    data: options.Data = None,
    start: options.From = None,
    end: options.To = None,
    capital: options.Capital = None,
    fills: Annotated[
        str | None,
        typer.Option(
            "--fills", metavar="MODE", show_default=BacktestConfig().fills, help=f"Headline: {', '.join(FILLS)}."
        ),
    ] = None,
    report: options.Report = None,
    contracts: options.Contracts = "*",
    settings: options.Set = None,
    engine: options.Engine = None,
    waive: options.Waive = None,
    compiled: options.Compiled = False,
    allocate: options.Allocate = None,
    seed: options.Seed = None,
    as_json: options.Json = False,
) -> None:
    """Replay recorded markets through a strategy, in three fill modes."""
    name, more = pick_strategy(strategy, names)
    request = Request(
        strategy=name, data=[*(data or ()), *more], capital=capital, fills=fills, contracts=contracts,
        settings=settings, engine=engine, waive=waive, compiled=compiled, allocate=allocate, seed=seed,
    )  # fmt: skip
    first, last = options.read_time("--from", start), options.read_time("--to", end, end=True)
    output = Output(as_json)
    workspace = find_workspace(Path.cwd())
    backtest = prepare(workspace, request)
    from ntp.backtest import RunStore
    from ntp.backtest.table import result_table

    store = RunStore(workspace.state)
    try:
        with output.progress(f"backtest {name}") as progress:
            run = backtest.run(first, last, progress=progress)
    except KeyboardInterrupt as error:
        ended = backtest.salvage("interrupted", "a person stopped it")
        if ended is None:
            raise
        store.save(ended)
        raise Interrupted(
            f"what happened before is kept: ntp report {ended.run_id}",
            {"run_id": ended.run_id, "status": ended.context.status},
        ) from error
    path = run.report(report or store.path(run.run_id) / "report.html")
    if as_json:
        output.show(run.to_dict())
    else:
        output.show({}, result_table(run), f"report {path}")
