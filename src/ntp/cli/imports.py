"""From the words of `ntp data import` to a stored data set."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ntp.cli.datasets import open_catalog
from ntp.cli.errors import UsageError
from ntp.cli.output import Progress
from ntp.core.workspace import Workspace

if TYPE_CHECKING:
    from ntp.data import ImportReport

Span = tuple[int | None, int | None]


@dataclass(frozen=True, kw_only=True)
class FileWords:
    """What a command says of the files it imports."""

    mapping: Path | None = None
    emits: str | None = None
    kind: str | None = None
    venue: str | None = None
    symbol: str | None = None

    def given(self) -> dict[str, Any]:
        """Those that were given."""
        return {key: value for key, value in vars(self).items() if value is not None}


def store(
    workspace: Workspace, name: str, path: Path | None, source: str | None, words: FileWords, span: Span,
    progress: Progress,
) -> "ImportReport":
    """Store files, or what a source tells.

    Raises
    ------
    UsageError
        If the words do not go together.
    """
    from ntp.data import DataSource, DataSourceRegistry, import_path, import_source

    catalog = open_catalog(workspace)
    found = None if source is None else DataSourceRegistry(workspace).find(source, path)
    if isinstance(found, DataSource):
        if given := words.given():
            raise UsageError(
                f"expected no --{next(iter(given))} with {source!r}, a source written in Python, was one",
                hint="its class says what it tells: venue, kind and the events that transform returns",
            )
        return import_source(catalog, found, name=name, start=span[0], end=span[1], progress=progress)
    if span != (None, None):
        raise UsageError("expected --from and --to with a source written in Python only; files are stored whole")
    if found is not None:
        path, words = Path(found.path), FileWords(**(words.given() | {"mapping": found.mapping}))
    if path is None:
        raise UsageError("expected a file or folder, was none")
    return import_path(catalog, path, name=name, **words.given(), progress=progress)
