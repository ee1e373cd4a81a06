"""Data sources by name: declared in ``ntp.toml``, or dropped into the folder ``sources`` as YAML or Python."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ntp.core import ConfigError, NotFound, NtpError, suggest
from ntp.core.workspace import Workspace
from ntp.data.declared import FILE_TYPES, DeclaredSource, load_sources, parse_sources
from ntp.data.source_files import load_source, summary_of
from ntp.data.sources import DataSource


class DataSourceRegistry:
    """Sources of a workspace; a file dropped into its folder is there at once.

    A Python file is named by its stem, or ``stem:Class`` where it has several classes.

    Parameters
    ----------
    workspace : Workspace
        Whose sources.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self.names())

    def __contains__(self, name: object) -> bool:
        return name in self.names()

    def names(self) -> list[str]:
        """Names known, sorted; Python files that cannot be imported are listed too.

        Raises
        ------
        ConfigError
            If a declaration is wrong, or two sources have the same name.
        """
        return sorted({**self.declared(), **self._files()})

    def declared(self) -> dict[str, DeclaredSource]:
        """Read the declared sources by name.

        Raises
        ------
        ConfigError
            If a declaration is wrong, or two sources have the same name.
        """
        return {name: source for name, (source, _) in self._placed().items()}

    def _placed(self) -> dict[str, tuple[DeclaredSource, Path]]:
        """Read the declared sources with the files that declare them."""
        workspace = self._workspace
        files = sorted(workspace.sources.glob("*.y*ml")) if workspace.sources.is_dir() else []
        groups = [(workspace.file, parse_sources([dict(row) for row in workspace.config.data_sources]))]
        groups += [(file, load_sources(file)) for file in files]
        found: dict[str, tuple[DeclaredSource, Path]] = {}
        for file, sources in groups:
            for source in sources:
                if source.name in found or source.name in self._files():
                    raise ConfigError(
                        f"expected each data source once, was {source.name!r} again in {file}",
                        code="duplicate_name",
                    )
                found[source.name] = source, file
        return found

    def describe(self) -> list[dict[str, Any]]:
        """Describe each source in JSON types; one whose file cannot be imported with its error."""
        rows: list[dict[str, Any]] = []
        for name, source in sorted(self.declared().items()):
            rows.append({"name": name, "kind": "source", "origin": "declared", "summary": f"{source.type} source"})
        for name, file in self._files().items():
            row = {"name": name, "kind": "source", "origin": "workspace"}
            try:
                rows.append(row | {"summary": summary_of(file)})
            except NtpError as error:  # a broken file must not hide the others
                rows.append(row | {"error": error.message})
        return rows

    def details(self, name: str) -> dict[str, Any]:
        """Describe a source in JSON types: what :meth:`describe` tells, its file and its settings.

        Raises
        ------
        NotFound
            If there is none of this name.
        """
        row = next((row for row in self.describe() if row["name"] == name), None)
        if row is None:
            raise NotFound(f"expected a data source of this workspace, was {name!r}", code="unknown_source")
        placed = self._placed().get(name)
        if placed is None:
            return row | {"file": str(self._files()[name]), "settings": {}}
        source, file = placed
        return row | {"file": str(file), "settings": source.describe()}

    def find(self, name: str, path: Path | None = None) -> DeclaredSource | DataSource:
        """Find a source; a declared file lies relative to the workspace.

        Parameters
        ----------
        name : str
            Its name.
        path : Path, optional
            File or folder to read instead of its own.

        Raises
        ------
        NotFound
            If there is none of this name, with a suggestion.
        ConfigError, DataError
            If its declaration or its code is wrong.
        """
        stem, _, class_name = name.partition(":")
        file = self._files().get(stem)
        declared = self.declared()
        if file is not None:
            return load_source(file, class_name or None, argument=path)
        if name in declared:
            return self._located(declared[name], path)
        raise NotFound(
            f"expected a data source of this workspace, was {name!r}",
            code="unknown_source",
            hint=suggest(name, [*declared, *self._files()])
            or "declare one in ntp.toml or sources/*.yaml, or write one: ntp create source NAME",
            details={"source": name},
        )

    def _located(self, source: DeclaredSource, path: Path | None) -> DeclaredSource:
        if path is None and source.type in FILE_TYPES and not source.has_file:
            raise ConfigError(
                f"expected a path of data source {source.name!r}, was none", code="bad_source",
                hint="name the file in the command, or declare path: FILE", details={"source": source.name},
            )
        where = path if path is not None else source.require_file(self._workspace.root)
        return replace(source, path=str(where.resolve()))

    def _files(self) -> dict[str, Path]:
        folder = self._workspace.sources
        if not folder.is_dir():
            return {}
        return {
            file.stem: file for file in sorted(folder.glob("*.py"))
            if not file.name.startswith(("_", ".")) and file.is_file()
        }
