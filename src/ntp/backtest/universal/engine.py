"""Universal engine: any strategy of a registry on any source of another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ntp.backtest.backtest import Backtest
from ntp.backtest.run import Run
from ntp.backtest.universal.validators import ValidationPipeline
from ntp.core import ConfigError, suggest
from ntp.core.workspace import find_workspace
from ntp.data import DataSelection, DataSourceRegistry
from ntp.strategy import Strategy, StrategyRegistry

_KEYS: Final = ("strategy", "parameters", "data_source", "date_range", "capital")
_NEEDED: Final = ("strategy", "data_source")


class UniversalBacktestEngine:
    """Backtests described by names.

    Parameters
    ----------
    **options
        Settings of every :class:`~ntp.backtest.Backtest` it makes: ``engine``, ``waive``, ``fills``, ``store``, ...

    Attributes
    ----------
    data_sources : DataSourceRegistry
        Stored data sets, declared sources, and what is registered.
    strategies : StrategyRegistry
        Shipped strategies, those of the workspace, and what is registered.
    validators : ValidationPipeline
        What every run is held against.

    Examples
    --------
    >>> import asyncio
    >>> engine = UniversalBacktestEngine(store=False)
    >>> results = asyncio.run(engine.backtest({"strategy": "maker", "data_source": "sample"}))
    >>> engine.generate_report(results)["status"]
    'done'
    """

    def __init__(self, **options: Any) -> None:
        workspace = find_workspace(Path.cwd())
        self.data_sources = DataSourceRegistry(workspace)
        self.strategies = StrategyRegistry(workspace.strategies)
        self.validators = ValidationPipeline()
        self._options = options

    async def backtest(self, config: Mapping[str, Any]) -> Run:
        """Load what a description names, replay it and validate what came out.

        Parameters
        ----------
        config : Mapping
            ``strategy`` and ``data_source`` by name (several sources as a list); ``parameters``, ``date_range``
            (``{"start", "end"}``) and ``capital`` (10 000 dollars) if wanted.

        Raises
        ------
        ConfigError
            ``unknown_key`` or ``missing_key``.
        NotFound
            If a name means nothing.
        VerificationFailed
            If a validator finds an error.
        """
        for key in config:
            if key not in _KEYS:
                raise ConfigError(
                    f"expected keys {', '.join(_KEYS)}, was {key!r}", code="unknown_key", hint=suggest(str(key), _KEYS)
                )
        for key in _NEEDED:
            if not config.get(key):
                raise ConfigError(f"expected a {key} in the description, was none", code="missing_key")
        named = config["data_source"]
        names = named if isinstance(named, list | tuple) else [named]
        found = [await self.data_sources.load(name, config.get("date_range")) for name in names]
        first = found[0]
        sources = tuple(source for each in found for source in each.sources)
        data = DataSelection(", ".join(each.name for each in found), sources, first.start, first.end)
        results = await self.run_simulation(
            data, config["strategy"], config.get("capital", 10_000), parameters=config.get("parameters")
        )
        self.validators.require(results)
        return results

    async def run_simulation(
        self, data: Any, strategy: Strategy | type[Strategy] | str, capital: Any = 10_000,
        *, parameters: Mapping[str, Any] | None = None,
    ) -> Run:
        """Replay data with a strategy; other tasks of the event loop go on meanwhile.

        Parameters
        ----------
        data : DataSelection or anything that Backtest takes
            What `data_sources` loaded, a name, a path, a data set, a frame or a list of them.
        strategy : Strategy, type or str
            An instance, a class or a name.
        capital : number
            US dollars.
        parameters : Mapping, optional
            Values of the strategy's parameters.
        """
        start = end = None
        if isinstance(data, DataSelection):
            data, start, end = list(data.sources), data.start, data.end
        backtest = Backtest(
            strategy, data, capital=capital, parameters=parameters, registry=self.strategies, **self._options
        )
        from asyncio import to_thread  # loaded long ago by whoever awaits this

        return await to_thread(backtest.run, start, end)

    def generate_report(self, results: Run, path: str | Path | None = None) -> dict[str, Any]:
        """Build the document of a run, as ``ntp backtest --json`` prints it, with what the validators found.

        Parameters
        ----------
        results : Run
            What :meth:`backtest` or :meth:`run_simulation` gave.
        path : path, optional
            Where the HTML report is written too.
        """
        if path is not None:
            results.report(path)
        findings = [each.to_dict() for each in self.validators.validate(results)]
        return {**results.to_dict(), "validation": findings}
