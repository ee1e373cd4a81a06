"""`ntp sweep`: try many parameters of a strategy on the same data."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ntp.cli import options
from ntp.cli.errors import Interrupted, UsageError
from ntp.cli.output import Output, counted, table
from ntp.cli.requests import FILLS, Request, prepare
from ntp.cli.strategies import open_registry, pick_strategy
from ntp.core.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from ntp.backtest.sweep import Sweep
    from ntp.backtest.validation.walk_forward import WalkForward

_SHOWN: Final = 10
_BESIDE: Final = ("pnl_net_usd", "sharpe_ratio", "deflated_sharpe", "max_drawdown", "trades")


def command(
    names: options.Names = None,
    strategy: options.Strategy = None,
    data: options.Data = None,
    grid: Annotated[
        list[str] | None,
        typer.Option("--grid", metavar="KEY=A:B:STEP", help="Values: a:b:step, a:b or a,b,c; repeatable."),
    ] = None,
    search: Annotated[
        str | None, typer.Option("--search", metavar="N", help="Search N points instead: N, bayes:N or random:N.")
    ] = None,
    objective: Annotated[
        str, typer.Option("--objective", metavar="METRIC", help="Metric that ranks; -METRIC prefers less.")
    ] = "deflated_sharpe",
    workers: Annotated[int | None, typer.Option("--workers", metavar="N", help="Processes or threads here.")] = None,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="URL", help="tcp://HOST:8786 (Dask) or ray://auto (Ray).")
    ] = None,
    walk_forward: Annotated[
        int | None, typer.Option("--walk-forward", metavar="K", min=1, help="Choose on the past, test on what follows.")
    ] = None,
    rolling: Annotated[bool, typer.Option("--rolling", help="Train on the latest block of events only.")] = False,
    embargo: Annotated[
        str, typer.Option("--embargo", metavar="DURATION", help="Time between training and test, like 1h.")
    ] = "0s",
    max_points: Annotated[
        int, typer.Option("--max-points", metavar="N", min=1, help="Refuse more points than this.")
    ] = 10_000,
    start: options.From = None,
    end: options.To = None,
    capital: options.Capital = None,
    fills: Annotated[
        str | None, typer.Option("--fills", metavar="MODE", help=f"Fill mode: {', '.join(FILLS)}.")
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
    """Try many parameters of a strategy on the same data; what was tried before is not computed again."""
    name, more = pick_strategy(strategy, names)
    request = Request(
        strategy=name, data=[*(data or ()), *more], capital=capital, fills=fills, contracts=contracts,
        settings=settings, engine=engine, waive=waive, compiled=compiled, allocate=allocate, seed=seed,
    )  # fmt: skip
    first, last = options.read_time("--from", start), options.read_time("--to", end, end=True)
    values, fixed = _grid(grid), options.key_values("--set", settings)
    both = sorted(values.keys() & fixed.keys())
    if both:
        raise UsageError(f"expected {both[0]!r} in --grid or in --set, was in both")
    output, workspace = Output(as_json), find_workspace(Path.cwd())
    backtest = prepare(workspace, request)
    if not values:
        sizes = _declared(workspace, name, fixed)
        values = dict.fromkeys(sizes)
        if search is None:
            output.note(_many(sizes))
    reached: list[tuple[int, int | None]] = [(0, None)]
    try:
        with output.progress(f"sweep {name}", "points") as progress:

            def advance(done: int, total: int | None) -> None:
                reached[0] = done, total
                progress(done, total)

            wish: dict[str, Any] = {
                "search": search, "objective": objective, "workers": workers, "cluster": cluster, "start": first,
                "end": last, "max_points": max_points, "progress": advance,
            }  # fmt: skip
            if walk_forward is not None:
                walk = backtest.walk_forward(walk_forward, values, anchored=not rolling, embargo=embargo, **wish)
            else:
                found = backtest.sweep(values, **wish)
    except KeyboardInterrupt as error:
        done, total = reached[0]
        kept = "all points done" if walk_forward is not None else counted(done, "point")
        raise Interrupted(
            f"{kept} are kept: the same command goes on from there", {"done": done, "total": total}
        ) from error
    if walk_forward is not None:
        _show_walk(output, walk, report or workspace.state / "runs" / walk.run.run_id / "report.html")
        return
    path = found.report(report or workspace.state / "sweeps" / f"{found.sweep_id}.html")
    if as_json:
        output.show({**found.to_dict(), "report": str(path)})
    else:
        output.show({}, _ranking(found), *_remarks(found, name), f"report {path}")


def _show_walk(output: Output, walk: "WalkForward", path: Path) -> None:
    """Show a walk-forward test: its folds, and the run that puts the tests together."""
    from ntp.backtest.table import verdict_of
    from ntp.backtest.validation.summary import trials_sentence
    from ntp.backtest.validation.walk_forward import walk_forward_table

    walk.run.report(path)
    efficiency = (
        walk.reasons["efficiency"] if walk.efficiency is None else
        f"per event out of sample over in sample: {walk.efficiency:.2f}"
    )
    output.show(
        {**walk.to_dict(), "report": str(path)}, walk_forward_table(walk), f"efficiency: {efficiency}",
        trials_sentence(walk.run), f"all tests together: {verdict_of(walk.run)}",
        f"report {path}; ntp report {walk.run.run_id}",
    )  # fmt: skip


def _grid(rows: list[str] | None) -> dict[str, str | None]:
    """Read ``key=values``; a key alone stands for the range of its declaration."""
    values: dict[str, str | None] = {}
    for row in rows or ():
        key, equals, text = row.partition("=")
        key, text = key.strip(), text.strip()
        if not key or (equals and not text):
            raise UsageError(f"expected KEY=VALUES or KEY for --grid, was {row!r}")
        if key in values:
            raise UsageError(f"expected {key!r} once for --grid, was twice")
        values[key] = text or None
    return values


def _declared(workspace: Workspace, name: str, fixed: Mapping[str, str]) -> dict[str, int]:
    """Find the parameters that vary where none is named, but for those that are set, and how many values each has."""
    from ntp.backtest.sweep.axes import read_axes

    axes = read_axes(open_registry(workspace).resolve(name).cls, None)
    sizes = {axis.name: len(axis.values) for axis in axes if axis.name not in fixed}
    if not sizes:
        raise UsageError(
            "expected a parameter to vary, all that declare a range are set", hint=f"--grid {axes[0].name}=A:B:STEP"
        )
    return sizes


def _many(sizes: Mapping[str, int]) -> str:
    """Say what varies without --grid: it may be more than anybody meant."""
    said = ", ".join(f"{key} {count:,}" for key, count in sizes.items())
    return f"without --grid all declared ranges vary ({said}): {counted(math.prod(sizes.values()), 'point')}"


def _ranking(sweep: "Sweep") -> Any:
    from ntp.backtest.wording import write_value

    metric = sweep.objective.removeprefix("-")
    beside = [name for name in _BESIDE if name != metric]
    columns = [*(axis.name for axis in sweep.axes), metric, *beside, "run"]
    rows = [
        [
            *(point.parameters[axis.name] for axis in sweep.axes),
            *(write_value(name, point.metrics[name]) for name in (metric, *beside)), point.run_id,
        ]
        for point in sweep.ranked()[:_SHOWN]
    ]
    title = f"{counted(len(sweep), 'point')} by {sweep.objective}, {sweep.about['fill_mode']} fills"
    return table(columns, rows, title=title, right=columns[:-1])


def _remarks(sweep: "Sweep", name: str) -> list[str]:
    from ntp.backtest.sweep.page import overfitting_words

    effort = sweep.effort
    rate = f", {effort.computed / effort.wall_s:,.1f} points/s" if effort.wall_s > 0 and effort.computed else ""
    lines = [
        *(f"warning: {text}" for text in sweep.warnings),
        f"{counted(effort.computed, 'point')} computed in {effort.wall_s:.1f} s{rate}, {effort.stored:,} were stored; "
        f"{counted(sweep.trials, 'trial')} on this data count against the best",
    ]
    lines.append(f"probability of over-fitting: {overfitting_words(sweep)}")
    best = sweep.best()
    if best is not None:
        said = " ".join(f"--set {key}={value}" for key, value in best.parameters.items())
        lines.append(f"next: ntp backtest {name} --data {' --data '.join(sweep.about['data']['sources'])} {said}")
    return lines
