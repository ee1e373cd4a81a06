"""Parts of a recorded set: what an importer stores, one bounded piece at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from ntp.data.schema import Kind
from ntp.markets.instrument import Instrument


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPart:
    """One run, file or day of a recorded set as unified events.

    Attributes
    ----------
    file : Path
        Identity of the part, stable between imports, so that an import resumes. It is the file the
        part comes from; where a file holds several parts, a name below that file.
    frames : dict of Kind to DataFrame
        Rows in the columns of :data:`ntp.data.schema.SCHEMAS`, sorted by ``ts_event``, ``sequence``.
    instruments : list of Instrument
        Every instrument that has rows in this part.
    meta : dict
        JSON values of the recording: ``recordings`` (clock offset, gaps, range) and what was assumed.
        It grows from part to part, so that the last part's holds for all.
    warnings : list of str
        What a reader of results has to know.
    quarantined : int
        Rows that broke a rule and were left out.
    """

    file: Path
    frames: dict[Kind, pl.DataFrame] = field(default_factory=dict)
    instruments: list[Instrument] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    quarantined: int = 0

    @property
    def rows(self) -> int:
        """Number of rows over all kinds."""
        return sum(frame.height for frame in self.frames.values())


@dataclass(frozen=True, slots=True)
class Located:
    """Files of a recognised set, by the role their columns give them.

    Attributes
    ----------
    folder : Path
        Where the set lies.
    tables : Mapping of str to tuple of Path
        Files of each role, sorted by name.
    only : Path or None
        The one file that was asked for, None for the whole folder.
    """

    folder: Path
    tables: Mapping[str, tuple[Path, ...]]
    only: Path | None = None

    def table(self, role: str) -> Path | None:
        """First file of a role, None where there is none."""
        files = self.tables.get(role, ())
        return files[0] if files else None

    def need(self, role: str) -> Path:
        """First file of a role that the set's signature guarantees."""
        return self.tables[role][0]

    def main(self, role: str) -> tuple[Path, ...]:
        """Files of a role, or only the one that was asked for if it plays that role."""
        files = self.tables.get(role, ())
        return (self.only,) if self.only in files and self.only is not None else files
