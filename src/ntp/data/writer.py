"""Transaction that adds rows to a data set: everything or nothing, resumable by input file."""

import json
import os
import shutil
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import polars as pl

from ntp.core import canonical_json
from ntp.data.facts import FACTS, facts_of, write_facts
from ntp.data.finals import FinalSettlements
from ntp.data.frames import by_day, conform, frame_hash, ordered, stacked
from ntp.data.instruments_io import (
    instrument_from_dict,
    instrument_to_dict,
    instruments_hash,
    merge_instruments,
    read_instruments,
    write_instruments,
)
from ntp.data.locks import hold, locked
from ntp.data.manifest import (
    MANIFEST,
    Manifest,
    Part,
    instruments_path,
    merge_meta,
    read_manifest,
    write_manifest,
)
from ntp.data.schema import ROW_GROUP, Kind
from ntp.markets.instrument import Instrument

_SPILL_BYTES = 192 * 2**20
_CHECKPOINT = "checkpoint.json"


class Writer:
    """Open transaction on a data set; made by :meth:`ntp.data.Catalog.writer`.

    Rows gather in a work folder next to the data set. Leaving the ``with`` block publishes them by
    replacing the manifest; leaving it by an error throws them away. Two writers do not wait for each
    other until they publish.

    Parameters
    ----------
    root : Path
        Folder of the catalog.
    name, source : str
        Data set and source.
    work : Path
        Work folder of this transaction.
    resumable : bool
        Whether an interrupted transaction may be taken up again in the same work folder.
    """

    def __init__(self, root: Path, name: str, source: str, work: Path, *, resumable: bool) -> None:
        self.name = name
        self.source = source
        self._folder = root / name
        self._lock = root / ".locks" / name
        self._work = work
        self._resumable = resumable
        self._held: IO[str] | None = None
        self._buffer: dict[tuple[Kind, str], list[pl.DataFrame]] = defaultdict(list)
        self._spills: dict[tuple[Kind, str], list[Path]] = defaultdict(list)
        self._bytes = 0
        self._staged = Manifest()
        self._instruments: list[Instrument] = []
        self._finals = FinalSettlements()
        self._published: Manifest | None = None

    def __enter__(self) -> Self:
        if self._resumable:
            self._held = hold(self._work / "lock")
        else:
            with locked(self._lock):  # or another writer could take the fresh folder for an orphan
                self._held = hold(self._work / "lock")
        self._published = read_manifest(self._folder / MANIFEST)
        self._resume()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        interrupted = kind is not None and not issubclass(kind, Exception)
        try:
            if kind is None:
                self._commit()
        finally:
            if not (interrupted and self._resumable):
                shutil.rmtree(self._work, ignore_errors=True)
            if self._held is not None:
                self._held.close()

    def add(
        self,
        kind: Kind,
        frame: pl.DataFrame,
        *,
        file: str | None = None,
        rows: Sequence[int] | pl.Series | None = None,
    ) -> None:
        """Add rows; their order matters only where (``ts_event``, ``sequence``) ties.

        Parameters
        ----------
        kind : Kind
            Which table.
        frame : polars.DataFrame
            With the columns of ``SCHEMAS[kind]``.
        file : str, optional
            Where they come from, for errors.
        rows : sequence of int, optional
            Their row numbers in `file`, for errors; by default counted from 1.

        Raises
        ------
        DataError
            If the rows do not follow the schema, or a symbol gets a second, different final settlement.
        """
        frame = conform(kind, frame, file=file)
        if frame.is_empty():
            return
        if kind is Kind.SETTLEMENT:
            self._finals.add(frame, file=file or self.source, rows=rows)
        for day, part in by_day(frame):
            self._buffer[kind, day].append(part)
        self._bytes += int(frame.estimated_size())
        if self._bytes > _SPILL_BYTES:
            self._spill()

    def add_instruments(self, instruments: Iterable[Instrument]) -> None:
        """Add what is known of instruments; see :func:`ntp.data.merge_instruments`."""
        self._instruments.extend(instruments)

    def add_meta(self, meta: dict[str, Any]) -> None:
        """Keep JSON values with the source, for example the clock offset that was taken off.

        Repeated calls join tables and lists; of other values the last one stays.
        """
        canonical_json(meta)
        self._staged.meta[self.source] = merge_meta(self._staged.meta.get(self.source, {}), meta)

    def add_warning(self, warning: str) -> None:
        """Keep a warning with the data set."""
        self._staged.warn(warning)

    def skip(self, file_hash: str) -> bool:
        """Whether an input file with this digest is already in the data set or in this transaction."""
        published = self._published
        return file_hash in self._staged.done or (published is not None and file_hash in published.done)

    def done(self, file_hash: str) -> None:
        """Mark an input file as read whole; a resumable transaction never reads it again."""
        self._staged.done[file_hash] = self.source
        if self._resumable:
            self._flush()
            record = {
                "manifest": self._staged.to_dict(),
                "instruments": [instrument_to_dict(item) for item in self._instruments],
            }
            draft = self._work / f".{_CHECKPOINT}"
            draft.write_text(json.dumps(record), encoding="utf-8")
            draft.replace(self._work / _CHECKPOINT)

    def _resume(self) -> None:
        checkpoint = self._work / _CHECKPOINT
        if checkpoint.exists():
            record = json.loads(checkpoint.read_text(encoding="utf-8"))
            staged = self._work / MANIFEST
            staged.write_text(json.dumps(record["manifest"]), encoding="utf-8")
            self._staged = read_manifest(staged)
            self._instruments = [instrument_from_dict(item) for item in record["instruments"]]
        for part in self._staged.parts.values():
            if part.kind is Kind.SETTLEMENT:
                self._finals.add(pl.read_parquet(self._work / part.path), file=part.source)
        listed = {self._work / part.path for part in self._staged.parts.values()}
        for path in self._work.rglob("*.parquet"):
            if path not in listed:
                path.unlink()

    def _spill(self) -> None:
        for (kind, day), frames in self._buffer.items():
            path = self._work / f"spill-{kind}-{day}-{len(self._spills[kind, day])}.parquet"
            stacked(frames).write_parquet(path, compression="lz4", statistics=False)
            self._spills[kind, day].append(path)
        self._buffer.clear()
        self._bytes = 0

    def _flush(self) -> None:
        """Write what was added as finished parts into the work folder."""
        for kind, day in sorted({*self._buffer, *self._spills}):
            spilled = [pl.read_parquet(path) for path in self._spills[kind, day]]
            frame = ordered(stacked([*spilled, *self._buffer.pop((kind, day), [])]))
            self._write_part(kind, day, frame)
            for path in self._spills[kind, day]:
                path.unlink()
        self._buffer.clear()
        self._spills.clear()
        self._bytes = 0

    def _write_part(self, kind: Kind, day: str, frame: pl.DataFrame) -> None:
        facts = facts_of(kind, frame)
        part = Part(
            source=self.source,
            kind=kind,
            day=day,
            hash=frame_hash(frame),
            rows=frame.height,
            first=int(frame["ts_event"][0]),
            last=int(frame["ts_event"][-1]),
            symbols=tuple(facts),
        )
        path = self._work / part.path
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(
            path, compression="zstd", compression_level=3, row_group_size=ROW_GROUP,
            metadata={FACTS: write_facts(facts)},
        )  # fmt: skip
        self._staged.parts[part.key] = part

    def _commit(self) -> None:
        self._flush()
        with locked(self._lock):
            manifest = read_manifest(self._folder / MANIFEST)
            self._check_finals(manifest)
            again = [key for key in self._staged.parts if key in manifest.parts]
            if again:
                manifest.warn(f"{len(again)} part(s) of source {self.source!r} were stored before: kept once")
            for part in self._staged.parts.values():
                if part.key not in manifest.parts:
                    _publish(self._work / part.path, self._folder / part.path)
            manifest.parts |= self._staged.parts
            self._commit_instruments(manifest)
            for source, meta in self._staged.meta.items():
                manifest.meta[source] = merge_meta(manifest.meta.get(source, {}), meta)
            manifest.done |= self._staged.done
            for warning in self._staged.warnings:
                manifest.warn(warning)
            write_manifest(manifest, self._folder / MANIFEST)

    def _check_finals(self, manifest: Manifest) -> None:
        if self._finals.empty:
            return
        finals = FinalSettlements()
        for part in manifest.sorted_parts():
            if part.kind is Kind.SETTLEMENT:
                finals.add(pl.read_parquet(self._folder / part.path), file=f"data set {self.name!r}")
        finals.merge(self._finals)

    def _commit_instruments(self, manifest: Manifest) -> None:
        if not self._instruments:
            return
        known = (
            read_instruments(self._folder / instruments_path(manifest.instruments))
            if manifest.instruments
            else []
        )
        merged = merge_instruments([*known, *self._instruments])
        digest = instruments_hash(merged)
        if digest != manifest.instruments:
            draft = self._work / "instruments.parquet"
            write_instruments(merged, draft)
            _publish(draft, self._folder / instruments_path(digest))
            manifest.instruments = digest


def _publish(draft: Path, place: Path) -> None:
    """Put a finished file into its place and leave the draft, so that an interruption loses nothing."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        place.unlink()  # what is not listed is the rest of a killed import
    try:
        os.link(draft, place)
    except OSError:
        shutil.copyfile(draft, place)
