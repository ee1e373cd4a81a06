"""Data sources by name: declared in ``ntp.toml``, or dropped into the folder ``sources`` as YAML or Python."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, overload

from ntp.core import ConfigError, NotFound, NtpError, suggest
from ntp.core.registry import Registry
from ntp.core.user_code import python_files, summary_of
from ntp.core.workspace import Workspace, find_workspace
from ntp.data.declared import FILE_TYPES, DeclaredSource, load_sources, parse_sources
from ntp.data.selection import DataSelection, read_range
from ntp.data.source_files import load_source, summary_of_file
from ntp.data.sources import DataSource


class DataSourceRegistry(Registry):
    """Sources of a workspace; a file dropped into its folder is there at once.

    A Python file is named by its stem, or ``stem:Class`` where it has several classes.

    Parameters
    ----------
    workspace : Workspace, optional
        Whose sources; by default that of the current folder.
    """

    def __init__(self, workspace: Workspace | None = None) -> None:
        self._workspace = find_workspace(Path.cwd()) if workspace is None else workspace
        self._registered: dict[str, DataSource] = {}

    def names(self) -> list[str]:
        """Names known, sorted; Python files that cannot be imported are listed too.

        Raises
        ------
        ConfigError
            If a declaration is wrong, or two sources have the same name.
        """
        return sorted({*self.declared(), *self._files(), *self._registered})

    @overload
    def register(self, name: str, source: DataSource | type[DataSource]) -> Any: ...

    @overload
    def register(self, name: str) -> Callable[[Any], Any]: ...

    def register(self, name: str, source: Any = None) -> Any:
        """Register a source, or a class that needs no arguments, under a name; without it, a decorator.

        Raises
        ------
        ConfigError
            ``bad_source`` if it is neither, ``name_taken`` if the name means another source already.
        """
        if source is None:
            return lambda decorated: self.register(name, decorated)
        if not (isinstance(source, DataSource) or (isinstance(source, type) and issubclass(source, DataSource))):
            raise ConfigError(f"expected a data source for {name!r}, was {source!r}", code="bad_source")
        if name in self.names():
            raise ConfigError(f"expected a free name of a data source, was {name!r}", code="name_taken")
        self._registered[name] = source() if isinstance(source, type) else source
        self._registered[name].name = name
        return source

    async def load(
        self, name: str, date_range: Mapping[str, Any] | Sequence[Any] | None = None
    ) -> DataSelection:
        """Find data by name: what is registered, a stored data set, a source, or all that is stored of a venue.

        Parameters
        ----------
        name : str
            Its name, or a path.
        date_range : Mapping or pair, optional
            ``{"start", "end"}``; an end that is a bare date includes that day.

        Raises
        ------
        NotFound
            If the name means nothing, with a suggestion.
        ConfigError
            ``bad_range``.
        """
        start, end = read_range(date_range)
        if name in self._registered:
            return DataSelection(name, (self._registered[name],), start, end)
        if Path(name).exists() and ("/" in name or Path(name).suffix):
            return DataSelection(name, (Path(name),), start, end)
        from ntp.data.lookup import find_data

        return DataSelection(name, tuple(find_data(self._workspace, name)), start, end)

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
        for name, registered in sorted(self._registered.items()):
            text = summary_of(type(registered))
            rows.append({"name": name, "kind": "source", "origin": "registered", "summary": text})
        for name, file in self._files().items():
            row = {"name": name, "kind": "source", "origin": "workspace"}
            try:
                rows.append(row | {"summary": summary_of_file(file)})
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
            raise NotFound(
                f"expected a data source of this workspace, was {name!r}", code="unknown_source",
                hint=suggest(name, self.names()),
            )
        placed = self._placed().get(name)
        if placed is not None:
            source, file = placed
            return row | {"file": str(file), "settings": source.describe()}
        written = self._files().get(name)  # none where a program registered it
        return row | {"file": None if written is None else str(written), "settings": {}}

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
        if name in self._registered:
            return self._registered[name]
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
        return python_files(self._workspace.sources)
