"""What the commands that run strategies share: from words to a backtest."""

import sys
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ntp.cli.datasets import SAMPLE, open_catalog
from ntp.cli.errors import UsageError
from ntp.cli.options import key_values
from ntp.cli.output import Output
from ntp.cli.strategies import open_registry, read_parameters
from ntp.core import ConfigError, suggest
from ntp.core.workspace import Workspace

if TYPE_CHECKING:
    from ntp.backtest import Backtest

FILLS: Final = ("pessimistic", "base", "optimistic")
_ENGINE_KEYS: Final = ("feed_latency", "order_latency", "queue", "seed")


@dataclass(frozen=True, kw_only=True)
class Request:
    """Words of a command that runs a strategy, as they were given."""

    strategy: str
    data: list[str]
    capital: str | None = None
    fills: str | None = None
    contracts: str = "*"
    settings: list[str] | None = None
    engine: list[str] | None = None
    waive: list[str] | None = None
    compiled: bool = False
    allocate: list[str] | None = None
    seed: int | None = None


def prepare(workspace: Workspace, request: Request) -> "Backtest":
    """Turn the words of a command into a backtest.

    Raises
    ------
    NotFound
        If a strategy or a data set does not exist.
    ConfigError
        If a parameter, a setting of the engine or a rule is unknown or out of range.
    UsageError
        If the words do not go together.
    """
    if not request.data:
        raise UsageError("expected --data SOURCE, was none", hint=f"--data {SAMPLE} always exists")
    config = workspace.config
    capital, shares = _capital(workspace, request.capital), _shares(request.allocate)
    fills, engine = _fills(request.fills or config.backtest.fills), _engine(request)
    registry = open_registry(workspace)
    parameters = read_parameters(registry, request.strategy, key_values("--set", request.settings))
    from ntp.engine.warm import begin

    if begin() and sys.stderr.isatty():  # a first run compiles while it reads its data
        Output(as_json=False).note("compiling the engine, once for this version")
    sources = [found for name in request.data for found in resolve_source(workspace, name)]
    from ntp.backtest import Backtest, RunStore

    return Backtest(
        request.strategy,
        sources,
        registry=registry,
        store=RunStore(workspace.state),
        parameters=parameters,
        capital=capital,
        allocate=shares,
        contracts=request.contracts,
        fills=fills,
        engine=engine,
        waive=tuple(request.waive or ()),
        compiled=request.compiled or None,
        config=config,
    )


def resolve_source(workspace: Workspace, name: str) -> list[Any]:
    """Find what `--data` names: a stored data set, the sample, a path, a source or a venue.

    Raises
    ------
    NotFound
        If it is none of these.
    """
    if name != SAMPLE and name not in open_catalog(workspace).names() and Path(name).exists():
        return [Path(name)]
    from ntp.data import find_data

    return list(find_data(workspace, name))


def _capital(workspace: Workspace, text: str | None) -> Decimal:
    if text is None:
        return workspace.config.backtest.capital
    try:
        amount = Decimal(text.replace("_", "").replace(",", ""))
    except InvalidOperation as error:
        raise UsageError(f"expected US dollars for --capital, was {text!r}") from error
    if not amount.is_finite() or amount <= 0:
        raise UsageError(f"expected US dollars above 0 for --capital, was {text!r}")
    return amount


def _shares(rows: list[str] | None) -> dict[str, Decimal]:
    """Read the shares of the capital by venue."""
    shares: dict[str, Decimal] = {}
    for venue, text in key_values("--allocate", rows).items():
        try:
            shares[venue] = Decimal(text)
        except InvalidOperation as error:
            raise UsageError(f"expected a share from 0 to 1 for --allocate {venue}, was {text!r}") from error
        if not (shares[venue].is_finite() and 0 <= shares[venue] <= 1):
            raise UsageError(f"expected a share from 0 to 1 for --allocate {venue}, was {text!r}")
    return shares


def _fills(mode: str) -> str:
    if mode not in FILLS:
        raise UsageError(f"expected {', '.join(FILLS)} for --fills, was {mode!r}", hint=suggest(mode, FILLS))
    return mode


def _engine(request: Request) -> dict[str, Any]:
    """Read the settings of the engine that the command gives."""
    settings: dict[str, Any] = {}
    for key, text in key_values("--engine", request.engine).items():
        name, _, source = key.partition(".")
        if name not in _ENGINE_KEYS:
            raise ConfigError(
                f"expected a setting of the engine, was {name!r}",
                code="unknown_key",
                hint=suggest(name, _ENGINE_KEYS),
                details={"key": name},
            )
        if source:
            present = settings.get(name, {})
            settings[name] = (present if isinstance(present, dict) else {"default": present}) | {source: text}
        else:
            present = settings.get(name)
            value = int(text) if name == "seed" and text.isdecimal() else text
            settings[name] = present | {"default": value} if isinstance(present, dict) else value
    if request.seed is not None:
        settings["seed"] = request.seed
    return settings
