"""Where finished runs are kept: an index in SQLite, frames in Parquet, one folder per run."""

import json
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from ntp.backtest.archive import read_run, write_run
from ntp.backtest.edge import KEY_METRICS
from ntp.backtest.metrics import INTERVALS
from ntp.backtest.run import Run
from ntp.backtest.validation import TrialLedger, told_anything, trial_of
from ntp.core import CASH_ONE, DataError, NotFound, suggest

_INDEX: Final = "runs.sqlite"
_LAST: Final = re.compile(r"last(?:~(\d+))?")
_WAIT_S: Final = 30.0
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS runs (
    run_id TEXT PRIMARY KEY,
    created INTEGER NOT NULL,
    strategy TEXT NOT NULL,
    version TEXT NOT NULL,
    sources TEXT NOT NULL,
    data_hash TEXT NOT NULL,
    manifest_hash TEXT NOT NULL,
    fill_mode TEXT NOT NULL,
    capital INTEGER NOT NULL,
    pnl_net_usd REAL,
    sharpe_ratio REAL,
    trades INTEGER NOT NULL,
    fills INTEGER NOT NULL,
    profitable INTEGER,
    status TEXT NOT NULL DEFAULT 'done',
    deflated_sharpe REAL,
    trials INTEGER,
    edge_per_trade_cents REAL,
    realised_edge_per_trade_cents REAL,
    maker_fill_rate REAL,
    cross_venue_spread_cents REAL,
    win_rate REAL,
    win_rate_ci90 TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS runs_by_manifest ON runs (manifest_hash);
"""
DONE: Final = "done"
_NUMBERS: Final = tuple(name for name in KEY_METRICS if name not in INTERVALS and name != "pnl_net_usd")
_PAIRS: Final = tuple(name for name in KEY_METRICS if name in INTERVALS)
_FIGURES: Final = (*KEY_METRICS, "sharpe_ratio", "deflated_sharpe", "trades", "fills", "profitable")
_ADDED: Final = {
    "status": f"TEXT NOT NULL DEFAULT '{DONE}'", "deflated_sharpe": "REAL", "trials": "INTEGER",
    **dict.fromkeys(_NUMBERS, "REAL"), **dict.fromkeys(_PAIRS, "TEXT"),
}  # fmt: skip
"""Columns that an index made by an earlier version lacks."""


@dataclass(frozen=True)
class RunSummary:
    """One line of the index of runs, money in dollars, `created` in ns UTC.

    `deflated_sharpe` and `trials` are as they were when the run was made; more was tried since, perhaps.
    `status` is ``done``, or ``failed`` or ``interrupted`` of a run that ended early; such a run has no
    figures here, as those of its beginning say nothing about the strategy.
    """

    run_id: str
    created: int
    strategy: str
    version: str
    sources: tuple[str, ...]
    data_hash: str
    manifest_hash: str
    fill_mode: str
    capital_usd: float
    pnl_net_usd: float | None
    sharpe_ratio: float | None
    trades: int | None
    fills: int | None
    profitable: bool | None
    status: str = DONE
    deflated_sharpe: float | None = None
    trials: int | None = None
    edge_per_trade_cents: float | None = None
    realised_edge_per_trade_cents: float | None = None
    maker_fill_rate: float | None = None
    cross_venue_spread_cents: float | None = None
    win_rate: float | None = None
    win_rate_ci90: list[float] | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {**vars(self), "sources": list(self.sources)}


class RunStore:
    """Finished runs of a workspace.

    Safe under several processes: a run's folder is written beside its place and renamed into it, and
    then entered in the index in one transaction, so an interrupted save leaves nothing that is listed.

    Parameters
    ----------
    root : Path
        The workspace's ``.ntp`` folder; made if it is missing.

    Attributes
    ----------
    ledger : TrialLedger
        Counts every run kept here, also after its removal.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "runs"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._index = self.folder / _INDEX
        self.ledger = TrialLedger(root)
        with self._connect() as index:
            index.executescript(_SCHEMA)
            index.execute("BEGIN IMMEDIATE")
            present = {row["name"] for row in index.execute("PRAGMA table_info(runs)")}
            for name, kind in _ADDED.items():
                if name not in present:
                    index.execute(f"ALTER TABLE runs ADD COLUMN {name} {kind}")

    def save(self, run: Run) -> Path:
        """Keep a run, replacing one of the same identifier, count it as a trial, and return its folder."""
        if told_anything(run):  # before anybody can look at it
            self.ledger.record([trial_of(run)])
        self._clear_broken()
        place = self.path(run.run_id)
        beside = self.folder / f".{run.run_id}.{os.getpid()}"
        before = beside.with_name(f"{beside.name}.before")
        shutil.rmtree(beside, ignore_errors=True)
        try:
            write_run(run, beside)
            if place.exists():
                place.rename(before)
            beside.rename(place)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
            shutil.rmtree(before, ignore_errors=True)
        row = _row(run)
        marks = ", ".join("?" * len(row))
        with self._connect() as index:
            index.execute(
                f"INSERT OR REPLACE INTO runs ({', '.join(row)}) VALUES ({marks})",  # noqa: S608 - our names
                tuple(row.values()),
            )
        return place

    def _clear_broken(self) -> None:
        """Remove what a process left behind that was killed while it saved."""
        for broken in self.folder.glob(".*.*"):
            run_id, pid, *rest = broken.name[1:].split(".")
            if not (broken.is_dir() and pid.isdecimal()) or alive(int(pid)):
                continue
            if rest == ["before"] and not self.path(run_id).exists():
                broken.rename(self.path(run_id))
            else:
                shutil.rmtree(broken, ignore_errors=True)

    def path(self, run_id: str) -> Path:
        """Folder of a run, also where its report belongs."""
        return self.folder / run_id

    def load(self, name: str) -> Run:
        """Read a run by identifier, unique prefix or ``last``.

        Raises
        ------
        NotFound
            If there is no such run, or several begin so.
        DataError
            If its files are gone or damaged.
        """
        run_id = self.resolve(name)
        try:
            return read_run(self.path(run_id))
        except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
            raise DataError(
                f"expected the stored run {run_id} to be readable, was: {error}", code="run_damaged",
                details={"run_id": run_id, "path": str(self.path(run_id))},
            ) from error

    def resolve(self, name: str) -> str:
        """Full identifier of a run given by identifier, unique prefix, ``last`` or ``last~1``, the one before."""
        known = [summary.run_id for summary in self.list()]
        steps = _LAST.fullmatch(name)
        if steps and int(steps[1] or 0) < len(known):
            return known[int(steps[1] or 0)]
        if steps and known:
            raise NotFound(f"expected one of the {len(known)} stored runs, was {name!r}", code="no_such_run")
        if name in known:
            return name
        found = [run_id for run_id in known if name and run_id.startswith(name)]
        if len(found) == 1:
            return found[0]
        if found:
            raise NotFound(
                f"expected a prefix of one run, {name!r} begins {len(found)}", code="ambiguous_run",
                hint=f"one of: {', '.join(found[:8])}",
            )
        hint = self._point(name) or suggest(name, known, ordered=True)
        raise NotFound(
            f"expected a run, was {name!r}", code="no_such_run",
            hint=hint or "no run is stored yet: ntp backtest makes one",
        )

    def _point(self, name: str) -> str:
        """Say how a point of a sweep becomes a run, if the name is that of one."""
        from ntp.backtest.sweep import SweepStore

        values = SweepStore(self.root).point(name)
        if values is None:
            return ""
        said = " ".join(f"--set {key}={value}" for key, value in values.items())
        return f"it is a point of a sweep, which keeps no frames: ntp backtest with {said} makes it a run"

    def list(self, *, strategy: str | None = None, limit: int | None = None) -> list[RunSummary]:
        """List runs, newest first."""
        with self._connect() as index:
            rows = index.execute(
                "SELECT * FROM runs WHERE ?1 IS NULL OR strategy = ?1 "
                "ORDER BY created DESC, rowid DESC LIMIT ?2",
                (strategy, -1 if limit is None else limit),
            ).fetchall()
        return [_summary(row) for row in rows]

    def find(self, manifest_hash: str) -> str | None:
        """Find the newest finished run of these inputs, None if there is none."""
        with self._connect() as index:
            row = index.execute(
                "SELECT run_id FROM runs WHERE manifest_hash = ? AND status = 'done' "
                "ORDER BY created DESC LIMIT 1",
                (manifest_hash,),
            ).fetchone()
        return None if row is None else str(row["run_id"])

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        index = sqlite3.connect(self._index, timeout=_WAIT_S)
        try:
            index.row_factory = sqlite3.Row
            index.execute("PRAGMA journal_mode=WAL")
            with index:
                yield index
        finally:
            index.close()


def alive(pid: int) -> bool:
    """Whether a process of that number runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _row(run: Run) -> Mapping[str, Any]:
    context = run.context
    return {
        "run_id": run.run_id,
        "created": context.created,
        "strategy": context.strategy.name,
        "version": context.strategy.version,
        "sources": json.dumps(list(context.data.sources)),
        "data_hash": context.data.content_hash,
        "manifest_hash": run.manifest.hash,
        "fill_mode": context.fill_mode,
        "capital": context.capital,
        "pnl_net_usd": run.metrics.number("pnl_net_usd"),
        "sharpe_ratio": run.metrics.number("sharpe_ratio"),
        "trades": run.metrics["trades"],
        "fills": run.metrics["fills"],
        "profitable": None if run.profitable is None else int(run.profitable),
        "status": context.status,
        "deflated_sharpe": run.metrics.number("deflated_sharpe"),
        "trials": context.trials,
        **{name: run.metrics.number(name) for name in _NUMBERS},
        **{name: None if run.metrics[name] is None else json.dumps(run.metrics[name]) for name in _PAIRS},
    }


def _summary(row: sqlite3.Row) -> RunSummary:
    kept = {*RunSummary.__annotations__, "capital"}  # an index made by an earlier version has more columns
    values = {name: value for name, value in dict(row).items() if name in kept}
    values["sources"] = tuple(json.loads(values["sources"]))
    values["capital_usd"] = values.pop("capital") / CASH_ONE
    for name in _PAIRS:
        values[name] = None if values[name] is None else json.loads(values[name])
    profitable = values["profitable"]
    values["profitable"] = None if profitable is None else bool(profitable)
    if values["status"] != DONE:
        values.update(dict.fromkeys(_FIGURES))
    return RunSummary(**values)
