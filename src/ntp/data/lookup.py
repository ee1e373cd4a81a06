"""What a name means as data: a stored data set, else a source, else all that is stored of a venue."""

from pathlib import Path
from typing import Final

from ntp.core import NotFound, suggest
from ntp.core.workspace import Workspace
from ntp.data.catalog import Catalog
from ntp.data.dataset import Dataset
from ntp.data.declared import DeclaredSource
from ntp.data.importer import Progress, import_path, import_source
from ntp.data.registry import DataSourceRegistry
from ntp.data.sample import SAMPLE, stored_sample
from ntp.data.sources import CSVDataSource, DataSource

Found = Dataset | DataSource | DeclaredSource
_SCRATCH: Final = "catalog"


def find_data(workspace: Workspace, name: str) -> list[Found]:
    """Find what a name means; several data sets where it is a venue.

    Raises
    ------
    NotFound
        ``unknown_dataset`` with a suggestion.
    """
    catalog = Catalog(workspace.catalog)
    if name == SAMPLE:
        return [stored_sample(catalog)]
    stored, sources = catalog.names(), DataSourceRegistry(workspace)
    if name in stored:
        return [catalog.dataset(name)]
    known = sources.names()
    if name.partition(":")[0] in known:
        return [sources.find(name)]
    venues: dict[str, list[Found]] = {}
    for dataset in map(catalog.dataset, stored):
        for venue in dataset.venues():
            venues.setdefault(venue, []).append(dataset.of_venue(venue))
    if name in venues:
        return venues[name]
    raise NotFound(
        f"expected a stored data set, a data source, a venue or a path, was {name!r}",
        code="unknown_dataset",
        hint=suggest(name, [*stored, *known, *venues, SAMPLE]),
        details={"data": name},
    )


def stored_scratch(
    source: DataSource | DeclaredSource, folder: Path, start: int | None, end: int | None,
    progress: Progress | None = None,
) -> Dataset:
    """Read a source into a catalog of its own, to be replayed and thrown away."""
    catalog = Catalog(folder / _SCRATCH)
    if isinstance(source, DeclaredSource):
        import_path(catalog, Path(source.path), name=source.name, mapping=source.mapping, progress=progress)
    else:
        if isinstance(source, CSVDataSource) and source.is_plain:
            start = end = None  # the file is read as a whole, the range is applied when it is replayed
        import_source(catalog, source, name=source.name, start=start, end=end, progress=progress)
    return catalog.dataset(source.name)
