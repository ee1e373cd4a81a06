"""`ntp compare`: each strategy on each data set, one table."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from ntp.cli import options
from ntp.cli.errors import Interrupted, UsageError, describe
from ntp.cli.output import Output, counted, table
from ntp.cli.requests import FILLS, Request, prepare, resolve_source
from ntp.cli.strategies import open_registry
from ntp.core import NotFound, NtpError, suggest
from ntp.core.workspace import find_workspace


def command(
    names: Annotated[list[str] | None, typer.Argument(metavar="STRATEGY...", help="Names or files.")] = None,
    strategies: Annotated[
        list[str] | None, typer.Option("--strategy", metavar="NAME", help="Name or file, repeatable.")
    ] = None,
    data: options.Data = None,
    start: options.From = None,
    end: options.To = None,
    capital: options.Capital = None,
    fills: Annotated[
        str | None, typer.Option("--fills", metavar="MODE", help=f"Mode of ratios and rates: {', '.join(FILLS)}.")
    ] = None,
    contracts: options.Contracts = "*",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Parameter of all strategies; STRATEGY.KEY=VALUE of one."),
    ] = None,
    engine: options.Engine = None,
    waive: options.Waive = None,
    compiled: options.Compiled = False,
    allocate: options.Allocate = None,
    seed: options.Seed = None,
    as_json: options.Json = False,
) -> None:
    """Run each strategy on each data set; what was run before is not run again."""
    wanted = list(dict.fromkeys([*(strategies or ()), *(names or ())]))
    sources = list(dict.fromkeys(data or ()))
    if not wanted or not sources:
        raise UsageError("expected strategies and --data SOURCE", hint="ntp compare maker v10 --data sample")
    first, last = options.read_time("--from", start), options.read_time("--to", end, end=True)
    own = _settings(wanted, settings or ())
    workspace, output = find_workspace(Path.cwd()), Output(as_json)
    _refuse_unknown(wanted, sources)
    from ntp.backtest import RunStore
    from ntp.backtest.validation import Comparison, comparison_table

    comparison = Comparison(RunStore(workspace.state))
    pairs = [(strategy, source) for source in sources for strategy in wanted]
    for number, (strategy, source) in enumerate(pairs):
        request = Request(
            strategy=strategy, data=[source], capital=capital, fills=fills, contracts=contracts, settings=own[strategy],
            engine=engine, waive=waive, compiled=compiled, allocate=allocate, seed=seed,
        )  # fmt: skip
        try:
            with output.progress(f"{number + 1} of {len(pairs)}: {strategy} on {source}") as progress:
                comparison.add(strategy, source, partial(prepare, workspace, request), first, last, progress=progress)
        except KeyboardInterrupt as error:
            raise Interrupted(
                f"{len(comparison.run_ids)} of {len(pairs)} runs are kept; the same command goes on from there",
                {"run_ids": comparison.run_ids, "runs": len(pairs)},
            ) from error
    document = comparison.to_dict()
    problems: list[dict[str, Any]] = [
        {"strategy": each.strategy, "data": each.data, "error": describe(each.error)} for each in comparison.failures
    ]
    output.show(
        {**document, "failed": problems},
        comparison_table(document["runs"]),
        "Net P&L in three fill modes; ratios, rates and markout in the headline mode. Profitable means that the "
        "pessimistic replay made money in 30 events or more; deflated counts everything tried on that data.",
        *_silent(document["runs"]),
        *([table(("failed", "data", "error"), [(
            row["strategy"], row["data"], row["error"]["message"]) for row in problems])] if problems else ()),
        *([f"{counted(comparison.reused, 'run')} of these had been made before"] if comparison.reused else ()),
    )  # fmt: skip
    if problems:
        raise typer.Exit(problems[0]["error"]["exit_code"])


def _silent(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name the strategies whose zeros are no result: they sent nothing."""
    names = dict.fromkeys(run["strategy"]["name"] for run in runs if not run["orders"]["placed"])
    return [f"no orders placed: {', '.join(names)}; ntp backtest says why"] if names else []


def _settings(strategies: Sequence[str], rows: Sequence[str]) -> dict[str, list[str]]:
    """Give each strategy its parameters: those of all, and those that name it before a dot.

    Raises
    ------
    UsageError
        If a parameter is given to a strategy that is not compared.
    """
    own: dict[str, dict[str, str]] = {name: {} for name in strategies}
    for every in (True, False):  # what is said of one replaces what is said of all
        for row in rows:
            key, equals, value = row.partition("=")
            strategy, dot, parameter = key.rpartition(".")
            if dot and strategy not in own:
                raise UsageError(
                    f"expected a compared strategy before the dot of --set {row}, was {strategy!r}",
                    hint=suggest(strategy, strategies) or f"one of: {', '.join(strategies)}",
                )
            if every is not bool(dot):
                for each in [strategy] if dot else strategies:
                    own[each][parameter.strip()] = f"{parameter}{equals}{value}"
    return {name: list(said.values()) for name, said in own.items()}


def _refuse_unknown(strategies: list[str], sources: list[str]) -> None:
    """Find everything that was named before anything runs.

    Raises
    ------
    NotFound
        If a name is unknown: it is misspelt, and no strategy that fails.
    """
    workspace = find_workspace(Path.cwd())
    registry = open_registry(workspace)
    for name in strategies:
        try:
            registry.resolve(name)
        except NotFound:
            raise
        except NtpError:  # a broken one fails by itself, when its turn comes
            continue
    for name in sources:
        resolve_source(workspace, name)
