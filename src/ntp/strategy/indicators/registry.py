"""Registry: custom indicators by name, from files dropped into a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ntp.core import ConfigError, NotFound, NtpError, StrategyError, sha256_bytes, suggest
from ntp.core.registry import Registry
from ntp.core.user_code import classes_in, one_class, python_files, run_file, summary_of
from ntp.strategy.indicators.custom import CustomIndicator
from ntp.strategy.params import parameter_schema, parameters_of

if TYPE_CHECKING:
    from ntp.statistics.indicators import IndicatorKind


class IndicatorRegistry(Registry):
    """Indicators by name: the classical ones, and those written in files of a folder.

    A file dropped into the folder is there at once: nothing is remembered between look-ups.

    Parameters
    ----------
    folder : Path, optional
        The workspace's ``indicators`` folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """Names known, sorted; files that cannot be imported are listed too."""
        return sorted({*_classical(), *python_files(self.folder)})

    def resolve(self, name: str) -> type[CustomIndicator]:
        """Find the class of a file's stem, or ``stem:Class``.

        Raises
        ------
        NotFound
            ``unknown_indicator`` with a suggestion.
        StrategyError
            If its file cannot be imported or does not tell which class is meant.
        """
        stem, _, class_name = name.partition(":")
        path = python_files(self.folder).get(stem)
        if path is None:
            raise NotFound(
                f"expected the name of an indicator, was {name!r}", code="unknown_indicator",
                hint=_near(stem, self.names()), details={"indicator": name},
            )
        return load_indicator(path, class_name or None)

    def refuse_hidden(self, name: str) -> None:
        """Refuse a classical name that a file has too.

        Raises
        ------
        ConfigError
            ``ambiguous_name``.
        """
        path = next((path for stem, path in python_files(self.folder).items() if stem.upper() == name.upper()), None)
        if path is not None:
            raise ConfigError(
                f"expected one indicator named {name!r}, was a classical one and {path}", code="ambiguous_name",
                hint="rename the file",
            )

    def describe(self) -> list[dict[str, Any]]:
        """Describe each indicator in JSON types; one whose file cannot be used with its error."""
        rows: list[dict[str, Any]] = [
            {"name": kind.name, "kind": "indicator", "origin": "shipped", "summary": kind.title}
            for kind in _classical().values()
        ]
        for name in python_files(self.folder):
            row = {"name": name, "kind": "indicator", "origin": "workspace"}
            try:
                if name.upper() in _classical():
                    self.refuse_hidden(name)
                rows.append(row | {"summary": summary_of(self.resolve(name))})
            except NtpError as error:  # a broken file must not hide the others
                rows.append(row | {"error": error.message})
        return rows

    def info(self, name: str) -> dict[str, Any]:
        """Describe one indicator in JSON types, with its parameters, and what it takes and gives.

        Raises
        ------
        NotFound, StrategyError, ConfigError
            As :meth:`resolve` and :meth:`refuse_hidden`.
        """
        kind = _classical().get(name.upper())
        row: dict[str, Any] = {"name": name, "kind": "indicator", "origin": "shipped"}
        if kind is not None:
            self.refuse_hidden(name)
            settings = [
                {"name": each.name, "default": int(each.default) if each.whole else each.default, "range": each.range}
                for each in kind.settings
            ]
            return row | {
                "name": kind.name, "summary": kind.title, "parameters": settings, "inputs": list(kind.inputs),
                "outputs": list(kind.outputs),
            }
        cls = self.resolve(name)
        schema = parameter_schema(cls)["properties"]
        declared = parameters_of(cls)
        return row | {
            "origin": str(python_files(self.folder)[name.partition(":")[0]]), "summary": summary_of(cls),
            "parameters": [{"name": each, "range": declared[each].describe(), **more} for each, more in schema.items()],
        }


def _classical() -> Mapping[str, IndicatorKind]:
    from ntp.statistics.indicators import INDICATORS  # here, so that who uses none does not load numpy

    return INDICATORS


def load_indicator(path: Path, class_name: str | None = None) -> type[CustomIndicator]:
    """Load the indicator of a file, as a module of its own.

    Raises
    ------
    StrategyError
        ``import_failed``, ``no_indicator`` or ``several_indicators``.
    """
    source = path.read_bytes()
    module = run_file(path, source, kind="indicator", failed=StrategyError)
    cls = one_class(
        classes_in(module, CustomIndicator), class_name, path, kind="indicator", base="CustomIndicator",
        failed=StrategyError,
    )
    cls._code_hash = sha256_bytes(source + b"\0" + cls.__name__.encode())  # type: ignore[attr-defined]
    return cls


def _near(name: str, known: list[str]) -> str:
    """Hint for a name that is unknown, whatever its capitals."""
    hint = suggest(name, known)
    upper = suggest(name.upper(), known)
    return upper if upper.startswith("did you mean") and not hint.startswith("did you mean") else hint
