"""Small frames and catalogs for the tests of this room."""

from pathlib import Path

import polars as pl
import pytest

from ntp.core import CountingIds, NtpError
from ntp.data import Catalog, import_path
from ntp.data.schema import SCHEMAS, Kind

DAY = 86_400_000_000_000
T0 = 1_700_000_000_000_000_000
QUOTES = "timestamp,bid,ask\n2024-01-01T00:00:00Z,0.41,0.43\n2024-01-01T00:00:01Z,0.42,\n"


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


def load(folder, text, *, file="data.csv", name="set", **options):
    """Import one file and open what became of it."""
    catalog = catalog_at(folder)
    report = import_path(catalog, write(folder, file, text), name=name, **options)
    return report, catalog.dataset(name)


def refused(folder, text, *, file="data.csv", **options) -> NtpError:
    """Error of a file that must be refused and leave nothing."""
    catalog = catalog_at(folder)
    with pytest.raises(NtpError) as caught:
        import_path(catalog, write(folder, file, text), name="set", **options)
    assert catalog.names() == []
    assert not list(catalog.root.rglob("*.parquet"))
    return caught.value
