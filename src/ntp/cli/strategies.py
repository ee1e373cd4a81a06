"""Strategies as the commands name and describe them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ntp.cli.errors import UsageError
from ntp.core.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from ntp.strategy import LoadedStrategy, StrategyRegistry


def open_registry(workspace: Workspace | None = None) -> "StrategyRegistry":
    """Open the registry of a workspace, by default that of the current folder."""
    from ntp.strategy import StrategyRegistry

    return StrategyRegistry((workspace or find_workspace(Path.cwd())).strategies)


def read_parameters(registry: "StrategyRegistry", name: str, settings: dict[str, str]) -> dict[str, Any]:
    """Read parameters given as texts by the declarations of a strategy.

    Raises
    ------
    NotFound
        If there is no such strategy.
    ConfigError
        If a parameter is unknown or its value is not allowed.
    """
    from ntp.strategy import coerce

    cls = registry.resolve(name).cls
    return {key: coerce(cls, key, text) for key, text in settings.items()}


def pick_strategy(option: str | None, names: list[str] | None) -> tuple[str, list[str]]:
    """Tell the strategy from further data sets among the bare words of a command.

    Returns
    -------
    str, list of str
        The strategy and the words that are left.

    Raises
    ------
    UsageError
        If no strategy was named.
    """
    words = list(names or ())
    if option is None and not words:
        raise UsageError("expected a strategy", hint="ntp plugins list shows them")
    return (option, words) if option is not None else (words[0], words[1:])


def describe(loaded: "LoadedStrategy", origin: str) -> dict[str, Any]:
    """Describe a strategy and its parameters in JSON types."""
    from ntp.core.user_code import summary_of
    from ntp.strategy import parameter_schema, parameters_of

    schema = parameter_schema(loaded.cls)["properties"]
    parameters = parameters_of(loaded.cls)
    return {
        "name": loaded.name,
        "kind": "strategy",
        "origin": origin,
        "version": str(getattr(loaded.cls, "version", "")),
        "summary": summary_of(loaded.cls),
        "code_hash": loaded.code_hash,
        "parameters": [
            {"name": name, "range": parameters[name].describe(), **row} for name, row in schema.items()
        ],
    }
