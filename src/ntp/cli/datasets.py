"""Data sets as the commands name and describe them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ntp.core import DataError, NotFound, format_ns, suggest
from ntp.core.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from ntp.data import Catalog, Dataset

SAMPLE: Final = "sample"
"""Name of the embedded recording; it exists in every workspace."""


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
        return stored_sample(catalog)
    if name not in catalog.names():
        raise NotFound(
            f"expected a stored data set or a path, was {name!r}",
            code="unknown_dataset",
            hint=suggest(name, [*catalog.names(), SAMPLE]),
            details={"data": name},
        )
    return catalog.dataset(name)


def stored_sample(catalog: "Catalog") -> "Dataset":
    """Open the embedded recording, stored on first use and again when its generator changed."""
    generator = _generator_hash()
    if SAMPLE in catalog.names():
        stored = catalog.dataset(SAMPLE)
        if stored.meta.get("generator") == generator and set(stored.meta["sources"]) == set(stored.sources()):
            return stored
        catalog.remove(SAMPLE)
    from ntp.data.simulator import sample_recording

    recording = sample_recording()
    homes = {each.symbol: each.venue for each in recording.instruments}
    sources = sorted(set(homes.values()))
    for source in sources:
        symbols = [symbol for symbol, home in homes.items() if home == source]
        with catalog.writer(SAMPLE, source=source) as writer:
            writer.add_meta({"generator": generator, "sources": sources})
            writer.add_instruments(each for each in recording.instruments if each.venue == source)
            for kind, frame in recording.frames.items():
                writer.add(kind, frame.filter(frame["symbol"].is_in(symbols)))
    return catalog.dataset(SAMPLE)


def _generator_hash() -> str:
    """Digest of the generator's code, taken without loading it: its compiler takes a second to import."""
    from importlib.util import find_spec

    from ntp.core import sha256_json

    spec = find_spec("ntp.data.simulator")
    folders = (spec.submodule_search_locations if spec else None) or ()
    files = sorted(path for folder in folders for path in Path(folder).glob("*.py"))
    return sha256_json([path.read_text(encoding="utf-8") for path in files])


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
