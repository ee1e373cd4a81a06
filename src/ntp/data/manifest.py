"""Manifest of a data set: the list of what belongs to it. A file that is not listed does not exist."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from ntp.core import DataError, sha256_json
from ntp.data.schema import Kind

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file: rows of one source, kind and UTC day.

    Attributes
    ----------
    source, kind, day : str
        Its partition.
    hash : str
        Digest of its rows, which also names the file.
    rows : int
        How many.
    first, last : int
        Least and greatest ``ts_event``.
    symbols : tuple of str
        Symbols it has rows of, sorted.
    """

    source: str
    kind: Kind
    day: str
    hash: str
    rows: int
    first: int
    last: int
    symbols: tuple[str, ...]

    @property
    def path(self) -> Path:
        """Place of the file below the data set's folder."""
        return Path(f"{self.source}/{self.kind.value}/{self.day}/{self.hash.removeprefix('sha256:')}.parquet")

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells it from other parts, and their order."""
        return (self.source, self.kind.value, self.day, self.hash)


@dataclass(slots=True)
class Manifest:
    """All parts of a data set and what is known of them.

    Attributes
    ----------
    parts : dict
        Parts by their key.
    instruments : str
        Digest of the instruments, empty where there are none; names their file.
    meta : dict
        JSON values by source.
    done : dict
        Source by digest of the input files that were read whole.
    warnings : list of str
        Each once, in order of appearance.
    """

    parts: dict[tuple[str, str, str, str], Part] = field(default_factory=dict)
    instruments: str = ""
    meta: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def content_hash(self) -> str:
        """Digest of rows and instruments; independent of paths, times and the order of imports."""
        return sha256_json({"parts": sorted(self.parts), "instruments": self.instruments})

    def sorted_parts(self) -> list[Part]:
        """Parts in order of source, kind, day and digest."""
        return [self.parts[key] for key in sorted(self.parts)]

    def warn(self, warning: str) -> None:
        """Keep a warning once."""
        if warning not in self.warnings:
            self.warnings.append(warning)

    def to_dict(self) -> dict[str, Any]:
        """JSON object of the manifest."""
        return {
            "format": FORMAT,
            "content_hash": self.content_hash,
            "parts": [asdict(part) for part in self.sorted_parts()],
            "instruments": self.instruments,
            "meta": self.meta,
            "done": dict(sorted(self.done.items())),
            "warnings": self.warnings,
        }


def merge_meta(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Join JSON objects: tables and lists are joined without repeats, of other values the new one stays."""
    merged = dict(old)
    for key, value in new.items():
        known = merged.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            merged[key] = merge_meta(known, value)
        elif isinstance(known, list) and isinstance(value, list):
            merged[key] = known + [item for item in value if item not in known]
        else:
            merged[key] = value
    return merged


def instruments_path(digest: str) -> Path:
    """Place of the instrument file with a digest, below the data set's folder."""
    return Path("instruments") / f"{digest.removeprefix('sha256:')}.parquet"


def read_manifest(path: Path) -> Manifest:
    """Read a manifest file; a missing file is an empty manifest.

    Raises
    ------
    DataError
        If the file is damaged or of a newer format.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Manifest()
    except (ValueError, UnicodeDecodeError) as error:
        raise DataError(
            f"expected a manifest in {path}, was damaged: {error}",
            code="damaged_catalog",
            hint="remove the data set and import it again",
            details={"file": str(path)},
        ) from error
    if record.get("format") != FORMAT:
        raise DataError(
            f"expected catalog format {FORMAT}, was {record.get('format')!r}",
            code="catalog_format",
            details={"file": str(path)},
        )
    parts = (
        Part(**{**item, "kind": Kind(item["kind"]), "symbols": tuple(item["symbols"])})
        for item in record["parts"]
    )
    return Manifest(
        parts={part.key: part for part in parts},
        instruments=record["instruments"],
        meta=record["meta"],
        done=record["done"],
        warnings=record["warnings"],
    )


def write_manifest(manifest: Manifest, path: Path) -> None:
    """Replace a manifest file at once: readers see the old one or the new one, never a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(manifest.to_dict(), file, sort_keys=True, ensure_ascii=False, allow_nan=False)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
