"""Entry point: the table of commands and the way every failure ends."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer

from ntp import __version__
from ntp.cli import process
from ntp.cli.commands import (
    ab,
    analytics,
    backtest,
    check,
    compare,
    config_show,
    create_indicator,
    create_source,
    create_strategy,
    data_check,
    data_export,
    data_import,
    data_info,
    data_list,
    data_remove,
    data_sample,
    diff,
    doctor,
    fairvalue,
    init,
    plugins_doctor,
    plugins_info,
    plugins_list,
    report,
    runs,
    sweep,
)
from ntp.cli.errors import INTERRUPTED, OK, UsageError, describe, flush_or_silence, reader_left
from ntp.cli.options import Json
from ntp.cli.output import Output
from ntp.core import ConfigError

LATER: Final = frozenset({
    "clone", "data fetch", "data record", "deploy", "exchange", "install",
    "keys", "kill", "logs", "matches", "monitor", "pause", "publish", "reconcile", "reload", "resume", "scan",
    "serve", "stop", "verify",
})  # fmt: skip
"""Commands that come with a later version."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : Sequence of str, optional
        What follows ``ntp``; by default those of the process.

    Returns
    -------
    int
        The exit code.
    """
    if arguments is None:
        process.begin()
        return process.end(_answer(sys.argv[1:]))
    return _answer(arguments)


def _answer(arguments: Sequence[str]) -> int:
    words = list(arguments) or ["--help"]
    output = Output("--json" in words)
    if words[0] == "--json" and words[1:] and not words[1].startswith("-"):
        words = [*words[1:], "--json"]  # every command takes it; said before the command it means the same
    try:
        _refuse_later(words)
        result = build()(words, prog_name="ntp", standalone_mode=False)
        if result == INTERRUPTED:
            raise KeyboardInterrupt  # noqa: TRY301 - the parser turns the signal into its number
        flush_or_silence()
    except (BrokenPipeError, SystemExit) as error:
        if not reader_left(error):
            raise
        flush_or_silence()
        return OK
    except (Exception, KeyboardInterrupt) as error:
        problem = describe(error)
        _tell(output, problem)
        return int(problem["exit_code"])
    return result if isinstance(result, int) else OK


def _tell(output: Output, problem: dict[str, Any]) -> None:
    """Print an error, unless nobody reads any more."""
    try:
        output.fail(problem)
        flush_or_silence()
    except (BrokenPipeError, SystemExit) as error:
        if not reader_left(error):
            raise
        flush_or_silence()


def _refuse_later(words: Sequence[str]) -> None:
    """Tell a command of a later version from a misspelt one.

    Raises
    ------
    ConfigError
        ``not_available_yet``.
    """
    for count in (1, 2):
        name = " ".join(words[:count])
        if name in LATER:
            raise ConfigError(
                f"expected a command that this version offers, was ntp {name}, which comes with a later one",
                code="not_available_yet", hint="ntp --help lists the commands", details={"command": name},
            )


def build() -> typer.Typer:
    """Assemble the commands."""
    app = _group("Neural Trading Platform: honest backtests and trading for prediction markets.")
    app.callback(invoke_without_command=True)(_root)
    app.command("init")(init.command)
    create = _group("Write the start of a strategy, an indicator or a data source.")
    create.command("strategy")(create_strategy.command)
    create.command("source")(create_source.command)
    create.command("indicator")(create_indicator.command)
    app.add_typer(create, name="create")
    app.command("doctor")(doctor.command)
    app.command("fairvalue")(fairvalue.command)
    config = _group("Show the configuration.")
    config.callback()(_nothing)
    config.command("show")(config_show.command)
    app.add_typer(config, name="config")
    data = _group("Import, list and check recorded markets.")
    data.command("list")(data_list.command)
    data.command("info")(data_info.command)
    data.command("check")(data_check.command)
    data.command("import")(data_import.command)
    data.command("export")(data_export.command)
    data.command("remove")(data_remove.command)
    data.command("sample")(data_sample.command)
    app.add_typer(data, name="data")
    app.command("backtest")(backtest.command)
    app.command("analytics")(analytics.command)
    app.command("compare")(compare.command)
    app.command("sweep")(sweep.command)
    experiments = _group("Compare variants of a strategy on the same events, judged at any time.")
    experiments.command("start")(ab.start)
    experiments.command("status")(ab.status)
    experiments.command("stop")(ab.stop)
    experiments.command("promote")(ab.promote)
    app.add_typer(experiments, name="ab")
    app.command("check")(check.command)
    app.command("runs")(runs.command)
    app.command("report")(report.command)
    app.command("diff")(diff.command)
    plugins = _group("List strategies, indicators and data sources, and say what is wrong with them.")
    plugins.command("list")(plugins_list.command)
    plugins.command("info")(plugins_info.command)
    plugins.command("doctor")(plugins_doctor.command)
    app.add_typer(plugins, name="plugins")
    return app


def _group(text: str) -> typer.Typer:
    # Plain help texts: the decorated ones cost a tenth of a second at every call.
    return typer.Typer(help=text, rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)


def _nothing() -> None:
    """Show the configuration."""


def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    as_json: Json = False,
) -> None:
    """Neural Trading Platform: honest backtests and trading for prediction markets."""
    if version:
        Output(as_json).show({"version": __version__}, f"ntp {__version__}")
    elif context.invoked_subcommand is None:
        raise UsageError("expected a command", hint="see ntp --help")
