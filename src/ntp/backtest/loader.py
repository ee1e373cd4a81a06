"""From what a person names as data to the sources of a tape."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import polars as pl

from ntp.backtest.outcomes import share_outcomes
from ntp.backtest.stored import LATE, StoredSource
from ntp.core import ConfigError, DataError, NotFound, format_ns, parse_time, sha256_json, suggest
from ntp.core.workspace import find_workspace
from ntp.data import Catalog, Dataset, DataSource, DeclaredSource, find_data, import_path, stored_scratch
from ntp.data.schema import ROW_GROUP
from ntp.engine.tape import SourceFrames, TapeSource
from ntp.markets.instrument import Instrument, InstrumentKind

Resolver = Callable[[str], Any]
"""From a name to a data set, a source or a path, or a list of them."""
IN_MEMORY: Final = 1 << 19
"""Rows of a data set that are read once and kept; a longer one is read in pieces, as it is replayed."""
PIECE: Final = ROW_GROUP
"""Rows that are read at once; results do not depend on it."""


@dataclass(slots=True, weakref_slot=True)
class LoadedData:
    """All sources in the range asked for.

    Attributes
    ----------
    sources : list of TapeSource
        In the order they were named.
    names : list of str
        What people call them.
    content_hash : str
        Digest over the contents of all sources.
    warnings : list of str
        Of the recordings.
    parts : set of str
        Digests of all their rows by source, kind and day: data that shares one is not new to who tried the other.
    known_sources : set of str
        Names by which a feed latency can be given: of the data sets and of the sources in them.
    opened : tuple of Dataset
        All data sets; what was imported for this is there as long as this object.
    stored : tuple of Dataset
        All data sets, if each of them is stored and can be opened again elsewhere; else none.
    """

    sources: list[TapeSource]
    names: list[str]
    content_hash: str
    warnings: list[str] = field(default_factory=list)
    known_sources: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    stored: tuple[Dataset, ...] = ()
    opened: tuple[Dataset, ...] = ()

    @property
    def instruments(self) -> list[Instrument]:
        """All instruments."""
        return [instrument for source in self.sources for instrument in source.instruments]


def workspace_resolver(name: str) -> Any:
    """Find what a name means in the workspace around the current folder, or the embedded sample."""
    return find_data(find_workspace(Path.cwd()), name)


def load_data(
    data: Sequence[Any], start: int | None, end: int | None, *, resolver: Resolver = workspace_resolver,
    latency: Mapping[str, int] | None = None, venue: str | None = None,
) -> LoadedData:
    """Open everything a backtest needs.

    Parameters
    ----------
    data : sequence
        Names, paths, data sets or Polars frames with the default CSV columns.
    start, end : int, optional
        Range in nanoseconds UTC, end excluded.
    resolver : callable
        Finds what a name means.
    latency : mapping, optional
        Feed latency by source, ``default`` for the rest.

    Raises
    ------
    NotFound
        If a name or a path does not exist.
    DataError
        If nothing lies in the range.
    """
    scratch = Path(tempfile.mkdtemp(prefix="ntp-"))
    try:
        found = _found(data, resolver)
        opened = [_dataset(item, scratch / str(place), (start, end), venue) for place, item in enumerate(found)]
        loaded = _loaded(opened, start, end, dict(latency or {}))
        loaded.opened = tuple(opened)
        loaded.stored = loaded.opened if all(isinstance(item, Dataset) for item in found) else ()
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    weakref.finalize(loaded, shutil.rmtree, scratch, ignore_errors=True)  # its sources may still read there
    return loaded


def _words(start: int | None, end: int | None) -> str:
    """Tell a range to people."""
    ends = (("from", start), ("before" if start is None else "to", end))
    return " ".join(f"{word} {format_ns(at)}" for word, at in ends if at is not None) or "of a market"


def _held(dataset: Dataset) -> str:
    if not dataset.rows():
        return f"{dataset.name} is empty"
    first, last = dataset.span
    return f"{dataset.name} holds {format_ns(first)} to {format_ns(last)}"


def read_range(
    start: str | int | date | datetime | None, end: str | int | date | datetime | None
) -> tuple[int | None, int | None]:
    """Read a range of time; `end` as a bare date includes that day, as an instant it is excluded.

    Raises
    ------
    ConfigError
        ``bad_range`` if it ends before it begins.
    """
    first = None if start is None else parse_time(start)
    last = None if end is None else parse_time(end, end=True)
    if first is not None and last is not None and first >= last:
        raise ConfigError(
            f"expected a range that ends after it begins, was {format_ns(first)} to {format_ns(last)}",
            code="bad_range", hint="the beginning is included, an instant as the end is not",
        )
    return first, last


def _loaded(
    datasets: Sequence[Dataset], start: int | None, end: int | None, latencies: Mapping[str, int]
) -> LoadedData:
    found = [each for dataset in datasets for each in _sources(dataset, start, end, latencies)]
    sources = [source for source, _ in found]
    names = [dataset.name for dataset in datasets]
    if all(kind in LATE for source in sources for kind in source.kinds()):
        raise DataError(
            f"expected events of {', '.join(names)} {_words(start, end)}, was none", code="no_events",
            hint=", ".join(_held(dataset) for dataset in datasets) + "; ntp data info tells more",
        )
    hashes = [dataset.content_hash for dataset in datasets]
    return LoadedData(
        share_outcomes(sources), names, hashes[0] if len(hashes) == 1 else sha256_json(hashes),
        [warning for dataset in datasets for warning in dataset.warnings],
        {*names, *(name for _, known in found for name in known)},
        {part for dataset in datasets for part in dataset.part_hashes},
    )


def _found(data: Sequence[Any], resolver: Resolver) -> list[Any]:
    """Put in the place of each name what it means; a file of that name comes last."""
    found: list[Any] = []
    for item in data:
        meant = _meant(item, resolver) if isinstance(item, str) else item
        found += meant if isinstance(meant, list) else [meant]
    return found


def _meant(name: str, resolver: Resolver) -> Any:
    if "/" in name or "\\" in name:
        return Path(name)
    try:
        return resolver(name)
    except NotFound:
        if Path(name).exists():
            return Path(name)
        raise


def _dataset(item: Any, scratch: Path, span: tuple[int | None, int | None], venue: str | None) -> Dataset:
    if isinstance(item, Dataset):
        return item
    if isinstance(item, pl.DataFrame):
        scratch.mkdir(parents=True)
        path = scratch / "frame.parquet"
        item.write_parquet(path)
        return _imported(path, scratch, "frame", venue)
    if isinstance(item, DataSource | DeclaredSource):
        return stored_scratch(item, scratch, *span)
    if isinstance(item, Path):
        if not item.exists():
            raise NotFound(f"expected a file or folder, {item} does not exist", code="no_such_path")
        return _imported(item, scratch, item.stem.replace(".", "_"), venue)
    raise ConfigError(
        f"expected the name of a data set, a path, a source, a data set or a Polars frame, was {type(item).__name__}",
        code="bad_data_source",
    )


def _imported(path: Path, scratch: Path, name: str, venue: str | None) -> Dataset:
    catalog = Catalog(scratch / "catalog")
    import_path(catalog, path, name=name, venue=venue)
    return catalog.dataset(name)


def _sources(
    dataset: Dataset, start: int | None, end: int | None, latencies: Mapping[str, int]
) -> Iterable[tuple[TapeSource, list[str]]]:
    """Open each source of a data set; with it the names by which its latency can be given."""
    instruments = dataset.instruments()
    for source in dataset.sources():
        stored = StoredSource(dataset, source, (), 0, start, end)
        kinds = stored.kinds()
        symbols = {
            symbol for kind in kinds if kind not in LATE for symbol in dataset.symbols(kind, source=source)
        }
        own = [each for each in instruments if each.symbol in symbols]
        names = [source, dataset.name, *_only_venue(own)]
        latency = next((latencies[name] for name in (*names, "default") if name in latencies), 0)
        if sum(dataset.rows(kind, source=source) for kind in kinds) > IN_MEMORY:
            yield replace(stored, instruments=own, feed_latency=latency, piece=PIECE), names
        else:
            frames = {kind: stored.whole(kind) for kind in kinds}
            kept = {kind: frame for kind, frame in frames.items() if frame.height}
            known = {kind: stored.facts(kind) for kind in kept}
            yield SourceFrames(dataset.name, own, kept, latency, known), names


def _only_venue(instruments: Sequence[Instrument]) -> list[str]:
    """Venue that all traded instruments of a source share; empty if they have several."""
    venues = {each.venue for each in instruments if each.kind is not InstrumentKind.REFERENCE and each.venue}
    return list(venues) if len(venues) == 1 else []


def pick_contracts(instruments: Sequence[Instrument], pattern: str) -> set[str]:
    """Find the contracts and assets that a pattern means: ``venue:symbol`` or the bare symbol, with ``*``."""
    tradable = (InstrumentKind.CONTRACT, InstrumentKind.ASSET)
    parts = [part.strip() for part in pattern.split(",")]
    found = {
        each.id
        for each in instruments
        if each.kind in tradable
        and any(fnmatchcase(name, part) for part in parts for name in (each.id, each.symbol))
    }
    if not found:
        names = [each.id.removeprefix(":") for each in instruments if each.kind in tradable]
        raise DataError(
            f"expected contracts that fit {pattern!r}, was none of {len(names):,}", code="no_contracts",
            hint=_near(parts[0], names), details={"contracts": pattern},
        )
    return found


def _near(pattern: str, names: Sequence[str]) -> str:
    """Hint for a pattern that fits nothing: what begins so but for upper and lower case, or an example."""
    if not names:
        return "ntp data info shows what a data set holds"
    text = pattern.strip("*").lower()
    close = next((name for name in names if text in name.lower()), "")
    if close:
        return f"did you mean '*{pattern.strip('*').upper()}*'? {close!r} fits that"
    close = suggest(pattern, names)
    return close if close.startswith("did you mean") else f"for example {names[0]!r}; * stands for any text"
