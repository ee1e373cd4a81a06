"""Data sources that a workspace declares, in `ntp.toml` and in `sources/*.yaml`."""

from typing import TYPE_CHECKING

from ntp.core import ConfigError, NotFound, suggest
from ntp.core.workspace import Workspace

if TYPE_CHECKING:
    from ntp.data import DeclaredSource


def declared_sources(workspace: Workspace) -> "dict[str, DeclaredSource]":
    """Read all declared sources by name.

    Raises
    ------
    ConfigError
        If a declaration is wrong, or two have the same name.
    """
    from ntp.data import load_sources, parse_sources

    files = sorted(workspace.sources.glob("*.y*ml")) if workspace.sources.is_dir() else []
    groups = [(workspace.file, parse_sources([dict(row) for row in workspace.config.data_sources]))]
    groups += [(file, load_sources(file)) for file in files]
    found: dict[str, DeclaredSource] = {}
    for file, sources in groups:
        for source in sources:
            if source.name in found:
                raise ConfigError(
                    f"expected each data source once, was {source.name!r} again in {file}",
                    code="duplicate_name",
                )
            found[source.name] = source
    return found


def find_source(workspace: Workspace, name: str) -> "DeclaredSource":
    """Find a declared source.

    Raises
    ------
    NotFound
        If the workspace declares none of this name, with a suggestion.
    """
    known = declared_sources(workspace)
    if name not in known:
        raise NotFound(
            f"expected a declared data source, was {name!r}",
            code="unknown_source",
            hint=suggest(name, known) or "declare one in ntp.toml or sources/*.yaml",
            details={"source": name},
        )
    return known[name]
