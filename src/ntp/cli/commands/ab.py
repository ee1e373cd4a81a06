"""`ntp ab`: variants of a strategy side by side, judged at any time."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ntp.cli import options
from ntp.cli.errors import Interrupted, UsageError
from ntp.cli.output import Output, table
from ntp.cli.requests import Request, prepare
from ntp.cli.strategies import open_registry
from ntp.core import ConfigError, suggest
from ntp.core.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from ntp.backtest.experiment import ExperimentReport, Experiments

Page = Annotated[
    Path | None,
    typer.Option(
        "--report", metavar="FILE", show_default=".ntp/experiments/NAME.html", help="Write the page to this file."
    ),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the experiment.")]


def start(
    name: Name,
    strategies: Annotated[
        list[str] | None,
        typer.Option("--strategy", metavar="NAME", help="Name or file, twice or more; the first is the control."),
    ] = None,
    data: options.Data = None,
    paper: Annotated[bool, typer.Option("--paper", help="On live data with paper money.")] = False,
    live: Annotated[bool, typer.Option("--live", help="On a venue.")] = False,
    metric: Annotated[
        str | None,
        typer.Option(
            "--metric", metavar="M", show_default="return_on_locked_capital",
            help="What decides, fixed with the experiment: also markout, pnl_net_usd.",
        ),
    ] = None,
    paired: Annotated[
        bool, typer.Option("--paired", help="Every variant trades every event, instead of one drawn by lot.")
    ] = False,
    minimum: Annotated[
        int | None,
        typer.Option("--min-events", metavar="N", show_default="20", help="Events before any conclusion."),
    ] = None,
    start: options.From = None,
    end: options.To = None,
    capital: options.Capital = None,
    contracts: options.Contracts = "*",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Parameter of all variants; VARIANT.KEY=VALUE of one."),
    ] = None,
    engine: options.Engine = None,
    waive: options.Waive = None,
    compiled: options.Compiled = False,
    allocate: options.Allocate = None,
    seed: options.Seed = None,
    as_json: options.Json = False,
    report: Page = None,
) -> None:
    """Begin an experiment, or go on with it on new data."""
    if paper or live:
        word = "--live" if live else "--paper"
        raise ConfigError(
            f"expected --data SOURCE, was {word}, which comes with a later version", code="not_available_yet",
            hint="an experiment on recorded data needs neither", details={"option": word},
        )
    first, last = options.read_time("--from", start), options.read_time("--to", end, end=True)
    workspace, output = find_workspace(Path.cwd()), Output(as_json)
    from ntp.backtest.experiment import DEFAULT_METRIC, MINIMUM_EVENTS, Question, read_metric

    wanted = read_metric(metric or DEFAULT_METRIC)
    backtests = [
        prepare(workspace, Request(
            strategy=strategy, data=list(dict.fromkeys(data or ())), capital=capital, contracts=contracts,
            settings=own, engine=engine, waive=waive, compiled=compiled, allocate=allocate, seed=seed,
        ))
        for strategy, own in _variants(workspace, strategies or [], settings or [])
    ]  # fmt: skip
    lot = workspace.config.engine.seed if seed is None else seed
    question = Question(wanted.id, paired, lot, MINIMUM_EVENTS if minimum is None else minimum)
    experiments = _experiments(workspace)
    try:
        found = experiments.start(
            name, backtests, question, start=first, end=last, bar=lambda label: output.progress(label)
        )
    except KeyboardInterrupt as error:
        raise Interrupted("what was finished is kept; the same command goes on from there", {"experiment": name}) \
            from error
    if not found.document["added_events"]:
        output.note("nothing new: every settled event of this data has its result already")
    _show(workspace, output, found, report)


def status(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Experiment; all of them without.")] = None,
    as_json: options.Json = False,
    report: Page = None,
) -> None:
    """Look at an experiment: what is known, and whether it is enough."""
    workspace, output = find_workspace(Path.cwd()), Output(as_json)
    experiments = _experiments(workspace)
    if name is not None:
        _show(workspace, output, experiments.status(name), report)
        return
    rows = [experiments.status(each).document for each in experiments.store.names()]
    columns = ("experiment", "status", "metric", "analysis", "settled", "verdicts", "promoted")
    cells = [
        (
            row["experiment"], row["status"], row["metric"], row["analysis"], row["events"]["settled"],
            ", ".join(f"{each['variant']}: {each['verdict']}" for each in row["comparisons"]),
            ", ".join(each["variant"] for each in row["promotions"]) or None,
        )
        for row in rows
    ]
    output.show({"experiments": rows}, table(columns, cells, right=["settled"]))


def stop(name: Name, as_json: options.Json = False) -> None:
    """End an experiment: it takes no more data; what it found stays."""
    workspace = find_workspace(Path.cwd())
    _show(workspace, Output(as_json), _experiments(workspace).stop(name))


def promote(
    name: Name,
    variant: Annotated[
        str | None, typer.Argument(metavar="[VARIANT]", help="Variant; the one that is better without.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Promote a variant that is shown to be better than the control; nothing forces it."""
    workspace = find_workspace(Path.cwd())
    _show(workspace, Output(as_json), _experiments(workspace).promote(name, variant))


def _experiments(workspace: Workspace) -> "Experiments":
    from ntp.backtest import RunStore
    from ntp.backtest.experiment import Experiments

    return Experiments(RunStore(workspace.state))


def _show(workspace: Workspace, output: Output, found: "ExperimentReport", to: Path | None = None) -> None:
    from ntp.backtest.experiment import experiment_table, write_experiment_page

    path = write_experiment_page(found, to or workspace.state / "experiments" / f"{found.plan.name}.html")
    output.show({**found.to_dict(), "report": path}, experiment_table(found), f"report {path}")


def _variants(workspace: Workspace, strategies: Sequence[str], rows: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Give each variant its strategy and its own parameters.

    Raises
    ------
    UsageError
        If a parameter is given to a variant that does not exist.
    """
    from ntp.backtest.experiment import name_variants

    registry = open_registry(workspace)
    names = name_variants([registry.resolve(each).name for each in strategies])
    own: dict[str, list[str]] = {name: [] for name in names}
    for row in rows:
        key, equals, value = row.partition("=")
        variant, dot, parameter = key.rpartition(".")
        if dot and variant not in own:
            raise UsageError(
                f"expected a variant before the dot of --set {row}, was {variant!r}",
                hint=suggest(variant, names) or f"one of: {', '.join(names)}",
            )
        for each in [variant] if dot else names:
            own[each].append(f"{parameter}{equals}{value}")
    return [(strategy, _last_wins(own[name])) for strategy, name in zip(strategies, names, strict=True)]


def _last_wins(rows: list[str]) -> list[str]:
    """Let what is said of one variant replace what is said of all."""
    said: dict[str, Any] = {}
    for row in rows:
        said[row.partition("=")[0].strip()] = row
    return list(said.values())
