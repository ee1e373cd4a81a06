"""Registry: strategy names to classes, from what is shipped, registered or lies in a folder."""

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, overload

from ntp.core import ConfigError, NotFound, StrategyError, suggest
from ntp.core.registry import Registry
from ntp.core.user_code import python_files
from ntp.strategy.base import Strategy
from ntp.strategy.loader import LoadedStrategy, describe_class, load_file

SHIPPED: Final = {
    "maker": "ntp.strategy.shipped.maker:Maker",
    "v10": "ntp.strategy.shipped.v10:V10",
    "v11": "ntp.strategy.shipped.v11:V11",
    "v12": "ntp.strategy.shipped.v12:V12",
    "v13": "ntp.strategy.shipped.v13:V13",
    "v14": "ntp.strategy.shipped.v14:V14",
    "v15": "ntp.strategy.shipped.v15:V15",
}
"""Strategies that come with the platform."""


class StrategyRegistry(Registry):
    """Strategies by name: shipped, registered by hand, files dropped into a folder, or any file's path.

    A file dropped into the folder is there at once: nothing is remembered between look-ups.

    Parameters
    ----------
    folder : Path, optional
        The workspace's ``strategies`` folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._registered: dict[str, type[Strategy]] = {}

    def names(self) -> list[str]:
        """Names known, sorted; files that cannot be imported are listed too."""
        return sorted({*SHIPPED, *self._registered, *python_files(self.folder)})

    @overload
    def register(self, name: str, cls: type[Strategy]) -> type[Strategy]: ...

    @overload
    def register(self, name: str) -> Callable[[type[Strategy]], type[Strategy]]: ...

    def register(self, name: str, cls: type[Strategy] | None = None) -> Any:
        """Register a class under a name; without the class, a decorator.

        Raises
        ------
        ConfigError
            ``name_taken`` if the name means another class already.
        """
        if cls is None:
            return lambda decorated: self.register(name, decorated)
        given: object = cls
        if not (isinstance(given, type) and issubclass(given, Strategy)):
            raise ConfigError(f"expected a strategy class for {name!r}, was {cls!r}", code="bad_strategy")
        if name in SHIPPED or self._registered.get(name, cls) is not cls:
            raise ConfigError(f"expected a free strategy name, was {name!r}", code="name_taken")
        self._registered[name] = cls
        return cls

    def load(self, name: str, parameters: Mapping[str, Any] | None = None) -> Strategy:
        """Make a strategy by name with parameter values.

        Raises
        ------
        NotFound
            If nothing has this name.
        StrategyError
            If its file cannot be imported or does not tell which class is meant.
        ConfigError
            If a parameter is unknown or its value not allowed.
        """
        return self.resolve(name).make(dict(parameters or {}))

    def resolve(self, name: str) -> LoadedStrategy:
        """Find a strategy by name, ``stem``, ``stem:Class``, file path or ``path:Class``.

        Raises
        ------
        NotFound
            If nothing has this name, with a suggestion.
        ConfigError
            ``ambiguous_name`` if a file in the folder has the name of a shipped or registered strategy.
        """
        stem, class_name = _split(name)
        file = python_files(self.folder).get(stem)
        if stem in SHIPPED or stem in self._registered:
            if file is not None:
                raise ConfigError(
                    f"expected one strategy named {stem!r}, was a shipped or registered one and {file}",
                    code="ambiguous_name", hint=f"rename the file, or name it by its path: {file}",
                )
            return self._known(name, stem, class_name)
        if file is not None:
            return load_file(file, class_name, name=name)
        path = Path(stem)
        if path.suffix == ".py" or (len(path.parts) > 1 and path.is_file()):
            return load_file(path, class_name)
        hint = suggest(stem, self.names())
        raise NotFound(
            f"expected a strategy name or file, was {name!r}", hint=hint, details={"strategy": name}
        )

    def _known(self, name: str, stem: str, class_name: str | None) -> LoadedStrategy:
        if stem in self._registered:
            cls, path = self._registered[stem], None
        else:
            module_name, _, attribute = SHIPPED[stem].partition(":")
            module = importlib.import_module(module_name)
            cls, path = getattr(module, attribute), Path(str(module.__file__))
        if class_name not in (None, cls.__name__):
            raise NotFound(
                f"expected a strategy class of {stem!r}, was {class_name!r}",
                hint=suggest(str(class_name), [cls.__name__]),
            )
        return describe_class(name, cls, path)


def as_strategy(
    strategy: object, registry: StrategyRegistry | None = None, parameters: Mapping[str, Any] | None = None
) -> tuple[Strategy, LoadedStrategy]:
    """Make an independent instance of what a person may name a strategy by.

    Parameters
    ----------
    strategy : Strategy, type, str or Path
        An instance (copied), a class, a name or a file.
    registry : StrategyRegistry, optional
        Where names are looked up; by default the shipped ones.
    parameters : Mapping, optional
        Values that replace those of the instance or the defaults.

    Returns
    -------
    Strategy, LoadedStrategy
        The instance and the description of its class.

    Raises
    ------
    StrategyError
        ``bad_strategy`` if it is none of these.
    """
    values = dict(parameters or {})
    if isinstance(strategy, Strategy):
        return strategy.copy(**values), describe_class(_own_name(type(strategy)), type(strategy))
    if isinstance(strategy, type) and issubclass(strategy, Strategy):
        return strategy(**values), describe_class(_own_name(strategy), strategy)
    if isinstance(strategy, str | Path):
        loaded = (registry or StrategyRegistry()).resolve(str(strategy))
        return loaded.make(values), loaded
    raise StrategyError(
        f"expected a strategy, its class, name or file, was {strategy!r}", code="bad_strategy"
    )


def _own_name(cls: type[Strategy]) -> str:
    where = f"{cls.__module__}:{cls.__qualname__}"
    return next((name for name, target in SHIPPED.items() if target == where), cls.__name__)


def _split(name: str) -> tuple[str, str | None]:
    stem, colon, class_name = name.rpartition(":")
    return (stem, class_name) if colon and class_name.isidentifier() else (name, None)
