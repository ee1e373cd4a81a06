"""A stored data set, as it stood when it was opened."""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import polars as pl

from ntp.core import DataError
from ntp.data.facts import FACTS, Facts, facts_of, joined_facts, read_facts
from ntp.data.frames import ordered, stacked
from ntp.data.instruments_io import read_instruments
from ntp.data.manifest import Manifest, Part, instruments_path, merge_meta
from ntp.data.schema import ROW_GROUP, Kind, empty_frame
from ntp.data.windows import windows
from ntp.markets.instrument import Instrument, InstrumentKind


class Dataset:
    """Rows and instruments of one stored data set.

    It reads the manifest it was opened with: what is appended later is not seen.

    Parameters
    ----------
    name : str
        Its name in the catalog.
    folder : Path
        Where its files are.
    manifest : Manifest
        What belongs to it.
    """

    def __init__(self, name: str, folder: Path, manifest: Manifest) -> None:
        self.name = name
        self.folder = folder
        self._manifest = manifest
        self._venue: str | None = None

    def of_venue(self, venue: str) -> "Dataset":
        """Restrict it to the contracts and assets of a venue; what is only observed stays."""
        part = Dataset(self.name, self.folder, self._manifest)
        part._venue = venue
        return part

    def venues(self) -> list[str]:
        """Venues of its contracts and assets, sorted."""
        traded = (each for each in self.instruments() if each.kind is not InstrumentKind.REFERENCE)
        return sorted({each.venue for each in traded if each.venue})

    def instruments(self) -> list[Instrument]:
        """All known versions of its instruments, sorted by venue, symbol and time known."""
        if not self._manifest.instruments:
            return []
        found = read_instruments(self.folder / instruments_path(self._manifest.instruments))
        if self._venue is None:
            return found
        return [
            each for each in found if each.venue == self._venue or each.kind is InstrumentKind.REFERENCE
        ]

    def kinds(self) -> set[Kind]:
        """Kinds it has rows of."""
        return {part.kind for part in self._manifest.parts.values()}

    def sources(self, kind: Kind | None = None) -> list[str]:
        """Names of the sources it has rows of, of one kind or of any."""
        return sorted({p.source for p in self._manifest.parts.values() if kind is None or p.kind == kind})

    def symbols(self, kind: Kind | None = None, *, source: str | None = None) -> list[str]:
        """Symbols it has rows of, of one kind or of any, of one source or of any."""
        parts = self._manifest.parts.values()
        return sorted({
            symbol for part in parts
            if (kind is None or part.kind == kind) and (source is None or part.source == source)
            for symbol in part.symbols
        })  # fmt: skip

    def rows(self, kind: Kind | None = None, *, source: str | None = None) -> int:
        """Count of its rows, of one kind or of all, of one source or of all."""
        return sum(
            part.rows for part in self._manifest.parts.values()
            if (kind is None or part.kind == kind) and (source is None or part.source == source)
        )  # fmt: skip

    @property
    def meta(self) -> dict[str, Any]:
        """What the importers kept, all sources together; where they disagree the last source by name wins."""
        merged: dict[str, Any] = {}
        for source in sorted(self._manifest.meta):
            merged = merge_meta(merged, self._manifest.meta[source])
        return merged

    @property
    def meta_by_source(self) -> dict[str, dict[str, Any]]:
        """What the importers kept, by source."""
        return self._manifest.meta

    @property
    def warnings(self) -> list[str]:
        """What the importers warned of."""
        return list(self._manifest.warnings)

    @property
    def content_hash(self) -> str:
        """Digest of its rows and instruments."""
        return self._manifest.content_hash

    @property
    def part_hashes(self) -> list[str]:
        """Digests of its rows by source, kind and day."""
        return [part.hash for part in self._manifest.sorted_parts()]

    @property
    def span(self) -> tuple[int, int]:
        """Least and greatest ``ts_event``.

        Raises
        ------
        DataError
            If it has no rows.
        """
        parts = self._manifest.parts.values()
        if not parts:
            raise DataError(f"expected rows in data set {self.name!r}, there are none", code="no_rows")
        return min(part.first for part in parts), max(part.last for part in parts)

    def last(self, source: str) -> int | None:
        """Greatest ``ts_event`` of a source's rows; None if it has none."""
        return max((part.last for part in self._manifest.parts.values() if part.source == source), default=None)

    def paths(
        self,
        kind: Kind,
        *,
        start: int | None = None,
        end: int | None = None,
        symbols: Sequence[str] | None = None,
        source: str | None = None,
    ) -> list[Path]:
        """Parquet files that may hold rows of the selection, in time order of their days."""
        return [self.folder / part.path for part in self._select(kind, start, end, symbols, source)]

    def frame(
        self,
        kind: Kind,
        *,
        start: int | None = None,
        end: int | None = None,
        symbols: Sequence[str] | None = None,
        source: str | None = None,
    ) -> pl.DataFrame:
        """Read rows of a kind in stored order: by ``ts_event``, then ``sequence``.

        Parameters
        ----------
        kind : Kind
            Which table.
        start, end : int, optional
            ``start <= ts_event < end``, nanoseconds UTC.
        symbols : sequence of str, optional
            Only these.
        source : str, optional
            Only rows of this source.

        Returns
        -------
        polars.DataFrame
            With the columns of ``SCHEMAS[kind]``; empty if nothing matches.
        """
        parts = self._select(kind, start, end, symbols, source)
        if symbols is None and start is None and end is None and _follow_each_other(parts):
            return self._together(parts)
        frames = list(self.batches(kind, start=start, end=end, symbols=symbols, source=source))
        if len(frames) == 1:
            return frames[0]
        return stacked(frames) if frames else empty_frame(kind)

    def facts(
        self, kind: Kind, *, start: int | None = None, end: int | None = None, source: str | None = None
    ) -> dict[str, Facts]:
        """Tell what the rows of :meth:`frame` have in common, by symbol; most files know it without being read."""
        return joined_facts(self._facts(part, start, end) for part in self._select(kind, start, end, None, source))

    def _facts(self, part: Part, start: int | None, end: int | None) -> dict[str, Facts]:
        whole = (start is None or part.first >= start) and (end is None or part.last < end)
        path = self.folder / part.path
        try:
            known = pl.read_parquet_metadata(path).get(FACTS) if whole else None
            if known is not None:
                return read_facts(known)
            frames = (_restrict(frame, [part], start, end, None) for frame in self._slices(part, ROW_GROUP))
            return joined_facts(facts_of(part.kind, frame) for frame in frames)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise self._damaged(error) from error

    def batches(
        self,
        kind: Kind,
        *,
        start: int | None = None,
        end: int | None = None,
        symbols: Sequence[str] | None = None,
        source: str | None = None,
        rows: int | None = None,
    ) -> Iterator[pl.DataFrame]:
        """Yield the rows of :meth:`frame` day by day, or in batches of about `rows` rows."""
        chosen = self._select(kind, start, end, symbols, source)
        wanted = None if symbols is None else frozenset(symbols)
        for _, same_day in groupby(chosen, key=lambda part: part.day):
            for run in _runs(list(same_day)):
                for frame in self._read(run, rows):
                    kept = _restrict(frame, run, start, end, wanted)
                    if kept.height:
                        yield kept

    def _select(
        self,
        kind: Kind,
        start: int | None,
        end: int | None,
        symbols: Sequence[str] | None,
        source: str | None,
    ) -> list[Part]:
        wanted = None if symbols is None else set(symbols)
        chosen = [
            part
            for part in self._manifest.parts.values()
            if part.kind == kind
            and (source is None or part.source == source)
            and (start is None or part.last >= start)
            and (end is None or part.first < end)
            and (wanted is None or not wanted.isdisjoint(part.symbols))
        ]
        return sorted(chosen, key=lambda part: (part.day, part.key))

    def _read(self, run: list[Part], rows: int | None) -> Iterator[pl.DataFrame]:
        try:
            if rows is None:
                whole = [pl.read_parquet(self.folder / part.path, glob=False, hive_partitioning=False) for part in run]
                yield whole[0] if len(whole) == 1 else ordered(stacked(whole))
            elif len(run) == 1:
                yield from self._slices(run[0], rows)
            else:
                for _, frames in windows([self._slices(part, rows) for part in run]):
                    yield ordered(stacked([frame for frame in frames if frame is not None]))
        except (OSError, pl.exceptions.PolarsError) as error:
            raise self._damaged(error) from error

    def _together(self, parts: list[Part]) -> pl.DataFrame:
        """Read whole files at once, which is quicker than one by one."""
        try:
            files = [self.folder / part.path for part in parts]
            return pl.read_parquet(files, glob=False, hive_partitioning=False)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> DataError:
        return DataError(
            f"expected the files of data set {self.name!r} to be readable, was {error}",
            code="damaged_catalog",
            hint="remove the data set and import it again",
        )

    def _slices(self, part: Part, rows: int) -> Iterator[pl.DataFrame]:
        scan = pl.scan_parquet(self.folder / part.path, glob=False, hive_partitioning=False)
        for offset in range(0, part.rows, rows):
            yield scan.slice(offset, rows).collect()


def _follow_each_other(parts: list[Part]) -> bool:
    """Whether there are several parts, each of which begins after the one before ended."""
    return len(parts) > 1 and all(one.last < other.first for one, other in pairwise(parts))


def _runs(parts: list[Part]) -> Iterator[list[Part]]:
    """Group the parts of a day so that groups do not overlap in time; only inside one rows are merged."""
    run: list[Part] = []
    last = 0
    for part in sorted(parts, key=lambda part: (part.first, part.key)):
        if run and part.first > last:
            yield sorted(run, key=lambda part: part.key)
            run = []
        last = max(last, part.last) if run else part.last
        run.append(part)
    if run:
        yield sorted(run, key=lambda part: part.key)


def _restrict(
    frame: pl.DataFrame, run: list[Part], start: int | None, end: int | None, wanted: frozenset[str] | None
) -> pl.DataFrame:
    if start is not None and min(part.first for part in run) < start:
        frame = frame.filter(pl.col("ts_event") >= start)
    if end is not None and max(part.last for part in run) >= end:
        frame = frame.filter(pl.col("ts_event") < end)
    if wanted is not None and any(not wanted.issuperset(part.symbols) for part in run):
        held = frozenset[str]().union(*(part.symbols for part in run))  # few of the many that may be wanted
        frame = frame.filter(pl.col("symbol").is_in(sorted(wanted & held)))
    return frame
