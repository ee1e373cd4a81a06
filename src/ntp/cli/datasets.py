"""Data sets as the commands name and describe them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ntp.core import DataError, NotFound, format_ns, suggest
from ntp.core.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from ntp.data import Catalog, Dataset

SAMPLE: Final = "sample"
"""Name of the embedded recording, said here so that wrong usage is told without loading the data room."""


def open_catalog(workspace: Workspace | None = None) -> "Catalog":
    """Open the catalog of a workspace, by default that of the current folder."""
    from ntp.data import Catalog

    return Catalog((workspace or find_workspace(Path.cwd())).catalog)


def open_dataset(name: str, workspace: Workspace | None = None) -> "Dataset":
    """Open a stored data set; the embedded sample is stored when it is first asked for.

    Raises
    ------
    NotFound
        If there is none of this name.
    """
    catalog = open_catalog(workspace)
    if name == SAMPLE:
        from ntp.data.sample import stored_sample

        return stored_sample(catalog)
    if name not in catalog.names():
        raise NotFound(
            f"expected a stored data set or a path, was {name!r}",
            code="unknown_dataset",
            hint=suggest(name, [*catalog.names(), SAMPLE]),
            details={"data": name},
        )
    return catalog.dataset(name)


def describe(dataset: "Dataset") -> dict[str, Any]:
    """Describe a data set in JSON types; times are null where it has no rows."""
    span: tuple[int | None, int | None]
    try:
        span = dataset.span
    except DataError:
        span = (None, None)
    contracts = {(each.venue, each.symbol) for each in dataset.instruments() if each.kind == "contract"}
    return {
        "name": dataset.name,
        "from": _time(span[0]),
        "to": _time(span[1]),
        "rows": {str(kind): dataset.rows(kind) for kind in sorted(dataset.kinds())},
        "events": dataset.rows(),
        "contracts": len(contracts),
        "sources": dataset.sources(),
        "content_hash": dataset.content_hash,
        "warnings": dataset.warnings,
    }


def _time(moment: int | None) -> str | None:
    return None if moment is None else format_ns(moment)
