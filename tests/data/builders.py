"""Small frames and catalogs for the tests of this room."""

from pathlib import Path

import polars as pl

from ntp.core import CountingIds
from ntp.data import Catalog
from ntp.data.schema import SCHEMAS, Kind

DAY = 86_400_000_000_000
T0 = 1_700_000_000_000_000_000


def catalog_at(path: Path) -> Catalog:
    return Catalog(path / "catalog", ids=CountingIds("w"))


def rows(
    kind: Kind, count: int = 3, *, symbol: str = "A", start: int = T0, step: int = 10**9, **columns
) -> pl.DataFrame:
    """Rows of a kind, one `step` apart, null but for the header and what is given."""
    given = {
        "ts_event": [start + step * n for n in range(count)],
        "symbol": [symbol] * count,
        "flags": [1] * count,
    } | {name: value if isinstance(value, list) else [value] * count for name, value in columns.items()}
    return pl.DataFrame(
        {name: given.get(name, [None] * count) for name in SCHEMAS[kind]}, schema=SCHEMAS[kind]
    )


def quotes(count: int = 3, **columns) -> pl.DataFrame:
    return rows(Kind.QUOTE, count, **({"bid": 4_000, "ask": 4_200} | columns))


def store(catalog: Catalog, name: str, *frames: tuple[Kind, pl.DataFrame], source: str = "test") -> None:
    with catalog.writer(name, source=source) as writer:
        for kind, frame in frames:
            writer.add(kind, frame)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
