"""Where points and sweeps are kept: a point is computed once for all sweeps that meet it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from ntp.backtest.sweep.outcome import Outcome

_FILE: Final = "sweeps.sqlite"
_WAIT_S: Final = 30.0
_AT_ONCE: Final = 500
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS points (
    key TEXT PRIMARY KEY,
    run_id TEXT NOT NULL,
    created INTEGER NOT NULL,
    parameters TEXT NOT NULL,
    outcome TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sweeps (
    sweep_id TEXT PRIMARY KEY,
    created INTEGER NOT NULL,
    strategy TEXT NOT NULL,
    document TEXT NOT NULL
) STRICT;
"""


class SweepStore:
    """Outcomes of points by the manifest hash of what was replayed, and the sweeps that were asked for.

    Safe under several processes. Each batch is one transaction, so whoever is killed loses at most the batches
    that were under way.

    Parameters
    ----------
    root : Path, optional
        The workspace's ``.ntp`` folder; without one all is forgotten with the object.
    """

    def __init__(self, root: Path | None = None) -> None:
        if root is not None:
            root.mkdir(parents=True, exist_ok=True)
        self._path = None if root is None else str(root / _FILE)
        self._held: dict[str, tuple[str, Mapping[str, Any], Outcome]] = {}
        if root is not None:
            with self._connect() as index:
                index.executescript(_SCHEMA)

    def find(self, keys: Sequence[str]) -> dict[str, Outcome]:
        """Find the outcomes of points that were computed before."""
        if self._path is None:
            return {key: self._held[key][2] for key in keys if key in self._held}
        found: dict[str, Outcome] = {}
        with self._connect() as index:
            for first in range(0, len(keys), _AT_ONCE):
                some = keys[first : first + _AT_ONCE]
                marks = ", ".join("?" * len(some))
                rows = index.execute(f"SELECT key, outcome FROM points WHERE key IN ({marks})", some)  # noqa: S608
                found |= {key: Outcome.from_dict(json.loads(text)) for key, text in rows}
        return found

    def keep(self, points: Sequence[tuple[str, str, Mapping[str, Any], Outcome]], created: int) -> None:
        """Keep points: key, run id, parameters and outcome of each."""
        if self._path is None:
            self._held |= {key: (run_id, parameters, outcome) for key, run_id, parameters, outcome in points}
            return
        rows = [
            (key, run_id, created, json.dumps(dict(parameters)), json.dumps(outcome.to_dict()))
            for key, run_id, parameters, outcome in points
        ]
        with self._connect() as index:
            index.executemany("INSERT OR REPLACE INTO points VALUES (?, ?, ?, ?, ?)", rows)

    def enter(self, sweep_id: str, created: int, strategy: str, document: Mapping[str, Any]) -> None:
        """Enter a sweep, replacing an earlier run of the same."""
        if self._path is None:
            return
        with self._connect() as index:
            index.execute(
                "INSERT OR REPLACE INTO sweeps VALUES (?, ?, ?, ?)",
                (sweep_id, created, strategy, json.dumps(dict(document))),
            )

    def count(self) -> int:
        """Count the points kept."""
        if self._path is None:
            return len(self._held)
        with self._connect() as index:
            return int(index.execute("SELECT count(*) FROM points").fetchone()[0])

    def point(self, run_id: str) -> dict[str, Any] | None:
        """Find the parameters of a point by its run id; None if there is none."""
        if self._path is None:
            return next((dict(values) for name, values, _ in self._held.values() if name == run_id), None)
        with self._connect() as index:
            row = index.execute("SELECT parameters FROM points WHERE run_id = ?", (run_id,)).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        index = sqlite3.connect(str(self._path), timeout=_WAIT_S)
        try:
            index.execute("PRAGMA journal_mode=WAL")
            index.execute("PRAGMA synchronous=NORMAL")
            with index:
                yield index
        finally:
            index.close()
