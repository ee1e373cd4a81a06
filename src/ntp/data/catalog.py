"""The catalog: stored data sets by name, as Parquet that other tools can read too."""

import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any, Final

from ntp.core import ConfigError, IdSource, NotFound, RandomIds, sha256_bytes, suggest
from ntp.data.dataset import Dataset
from ntp.data.locks import is_held, locked
from ntp.data.manifest import MANIFEST, instruments_path, read_manifest
from ntp.data.writer import Writer

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class Catalog:
    """Stored data sets below one folder.

    A data set is the folder ``<name>`` with ``manifest.json`` and Parquet files
    ``<source>/<kind>/<day>/<digest>.parquet``. Files that the manifest does not list are remains of
    a killed import: nobody reads them, and the next writer removes them.

    Parameters
    ----------
    root : Path
        The folder, created on demand.
    ids : IdSource, optional
        Names of work folders.
    """

    def __init__(self, root: Path, *, ids: IdSource | None = None) -> None:
        self.root = Path(root)
        self._ids = ids or RandomIds()

    def names(self) -> list[str]:
        """Names of the stored data sets, sorted."""
        folders = (path.parent.name for path in self.root.glob(f"*/{MANIFEST}"))
        return sorted(name for name in folders if _NAME.fullmatch(name))

    def dataset(self, name: str) -> Dataset:
        """Open a data set as it is now.

        Raises
        ------
        NotFound
            If there is none of that name.
        """
        folder = self._existing(name)
        return Dataset(name, folder, read_manifest(folder / MANIFEST))

    def info(self, name: str) -> dict[str, Any]:
        """Tell what a data set holds.

        Returns
        -------
        dict
            ``name``, ``sources`` (names), ``kinds`` (rows by kind), ``rows``, ``symbols``, ``from`` and
            ``to`` (nanoseconds UTC, None without rows), ``content_hash``, ``meta``, ``warnings``, ``bytes``.
        """
        dataset = self.dataset(name)
        kinds: Counter[str] = Counter()
        for kind in dataset.kinds():
            kinds[kind.value] = dataset.rows(kind)
        first, last = dataset.span if kinds else (None, None)
        files = [path for kind in dataset.kinds() for path in dataset.paths(kind)]
        return {
            "name": name,
            "sources": dataset.sources(),
            "kinds": dict(sorted(kinds.items())),
            "rows": dataset.rows(),
            "symbols": dataset.symbols(),
            "from": first,
            "to": last,
            "content_hash": dataset.content_hash,
            "meta": dataset.meta,
            "warnings": dataset.warnings,
            "bytes": sum(path.stat().st_size for path in files if path.exists()),
        }

    def writer(self, name: str, *, source: str, resume: str | None = None) -> Writer:
        """Open a transaction that adds rows to a data set, which is created if it does not exist.

        Parameters
        ----------
        name : str
            The data set: letters, digits, dot, dash and underscore.
        source : str
            Where the rows come from, for example ``kalshi``; same characters.
        resume : str, optional
            Key of an import that may be taken up again after an interruption, for example its path.

        Returns
        -------
        Writer
            To be used in a ``with`` statement.

        Raises
        ------
        ConfigError
            If a name has other characters.
        """
        check_name(name, "data set")
        check_name(source, "source")
        works = self.root / ".work" / name
        self._clean(name, works)
        key = self._ids.new() if resume is None else sha256_bytes(f"{source}\0{resume}".encode())[7:23]
        work = works / f"{'once' if resume is None else 'resume'}-{key}"
        return Writer(self.root, name, source, work, resumable=resume is not None)

    def remove(self, name: str) -> None:
        """Delete a data set.

        Raises
        ------
        NotFound
            If there is none of that name.
        """
        folder = self._existing(name)
        with locked(self.root / ".locks" / name):
            (folder / MANIFEST).unlink(missing_ok=True)  # from here on it does not exist
            shutil.rmtree(folder, ignore_errors=True)

    def export(self, name: str, path: Path) -> list[Path]:
        """Write a data set as one Parquet file per kind and one of its instruments.

        Parameters
        ----------
        name : str
            The data set.
        path : Path
            Folder to write to, created if missing.

        Returns
        -------
        list of Path
            The files, named ``<kind>.parquet`` and ``instruments.parquet``.
        """
        dataset = self.dataset(name)
        path.mkdir(parents=True, exist_ok=True)
        written = []
        for kind in sorted(dataset.kinds()):
            target = path / f"{kind.value}.parquet"
            dataset.frame(kind).write_parquet(target, compression="zstd")
            written.append(target)
        digest = read_manifest(self.root / name / MANIFEST).instruments
        if digest:
            target = path / "instruments.parquet"
            shutil.copyfile(self.root / name / instruments_path(digest), target)
            written.append(target)
        return written

    def _existing(self, name: str) -> Path:
        folder = self.root / name
        if not _NAME.fullmatch(name) or not (folder / MANIFEST).is_file():
            raise NotFound(
                f"expected a stored data set, was {name!r}",
                code="unknown_dataset",
                hint=suggest(name, self.names()) or "import one with: ntp data import PATH --as NAME",
                details={"name": name},
            )
        return folder

    def _clean(self, name: str, works: Path) -> None:
        """Remove what killed writers left: work folders nobody holds and files nobody lists."""
        folder = self.root / name
        with locked(self.root / ".locks" / name):
            for work in works.glob("once-*"):
                # Fresh folders are locked under the same outer lock; one without a lock is being removed.
                if not is_held(work / "lock"):
                    shutil.rmtree(work, ignore_errors=True)
            manifest = read_manifest(folder / MANIFEST)
            listed = {folder / part.path for part in manifest.parts.values()}
            if manifest.instruments:
                listed.add(folder / instruments_path(manifest.instruments))
            for path in folder.rglob("*.parquet"):
                if path not in listed:
                    path.unlink()


def check_name(name: str, what: str) -> None:
    """Refuse a name that cannot be a folder.

    Raises
    ------
    ConfigError
        If it has other characters than letters, digits, dot, dash and underscore.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"expected a {what} name of letters, digits, dots, dashes and underscores, was {name!r}",
            code="bad_name",
        )
