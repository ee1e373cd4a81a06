"""The trial ledger: everything that was ever tried against a data set, whether or not its runs are still kept."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from ntp.backtest.run import Run

_FILE: Final = "trials.sqlite"
_WAIT_S: Final = 30.0
_PREFERRED: Final = "base"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS contents (
    content TEXT NOT NULL,
    part TEXT NOT NULL,
    PRIMARY KEY (part, content)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trials (
    content TEXT NOT NULL,
    trial TEXT NOT NULL,
    family TEXT NOT NULL,
    event_sharpe REAL,
    PRIMARY KEY (content, trial)
) STRICT, WITHOUT ROWID;
"""
_SHARED: Final = """
SELECT trial, min(family) AS family, max(event_sharpe) AS ratio FROM trials WHERE content IN (
    SELECT ? UNION SELECT other.content FROM contents AS own JOIN contents AS other USING (part) WHERE own.content = ?
) GROUP BY trial
"""


@dataclass(frozen=True)
class Trial:
    """One thing tried: a strategy with its parameters and settings, on data.

    Attributes
    ----------
    key : str
        :attr:`Manifest.trial`; the same for repeats, other fill modes, other versions of ntp and the compiled form.
    content : str
        Content hash of the data.
    family : str
        Name of the strategy, whatever its code and parameters.
    event_sharpe : float, optional
        Sharpe ratio per event; None where there is none.
    """

    key: str
    content: str
    family: str
    event_sharpe: float | None


@dataclass(frozen=True)
class Trials:
    """What was tried against a data set so far.

    Attributes
    ----------
    count : int
        Distinct trials of all strategies.
    family : int
        Those of the strategy asked for.
    variance : float, optional
        Variance of the Sharpe ratios per event of all trials; None with fewer than two that have one.
    """

    count: int = 0
    family: int = 0
    variance: float | None = None

    def luck(self, events: int) -> float:
        """Variance of Sharpe ratios from which the best of worthless trials is expected.

        That of the trials, but not below 1 / events, that of worthless trials of this length: neither a handful of
        trials nor a thousand near copies of one can argue the correction away.
        """
        return max(self.variance or 0.0, 1.0 / events)


class TrialLedger:
    """Everything tried in a workspace, by what it was tried on.

    Data sets that share a day of rows share their trials, so neither another name nor a day more makes a
    data set new. Safe under several processes: each call is one transaction.

    Parameters
    ----------
    root : Path
        The workspace's ``.ntp`` folder; made if it is missing.
    """

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._path = root / _FILE
        with self._connect() as ledger:
            ledger.execute("PRAGMA journal_mode=WAL")
            ledger.executescript(_SCHEMA)

    def describe(self, content: str, parts: Iterable[str]) -> None:
        """Say what a data set is made of: the digests of its rows by source, kind and day.

        Parameters
        ----------
        content : str
            Content hash of the data.
        parts : iterable of str
            Digests of its parts.
        """
        with self._connect() as ledger:
            if ledger.execute("SELECT 1 FROM contents WHERE content = ? LIMIT 1", (content,)).fetchone() is None:
                rows = sorted({(content, part) for part in parts})
                ledger.executemany("INSERT OR IGNORE INTO contents VALUES (?, ?)", rows)

    def record(self, trials: Sequence[Trial]) -> None:
        """Enter trials; one that is known already counts once."""
        rows = [(trial.content, trial.key, trial.family, trial.event_sharpe) for trial in trials]
        with self._connect() as ledger:
            ledger.executemany(
                "INSERT INTO trials VALUES (?, ?, ?, ?) ON CONFLICT (content, trial) DO UPDATE "
                "SET event_sharpe = coalesce(excluded.event_sharpe, event_sharpe)", rows,
            )

    def trials(self, content: str, family: str = "") -> Trials:
        """Count what was tried against a data set and against those that share rows with it.

        Parameters
        ----------
        content : str
            Content hash of the data.
        family : str
            Name of the strategy whose own trials are counted beside.
        """
        with self._connect() as ledger:
            rows = ledger.execute(_SHARED, (content, content)).fetchall()
        ratios = [ratio for _, _, ratio in rows if ratio is not None]
        return Trials(
            len(rows), sum(name == family for _, name, _ in rows),
            float(np.var(ratios, ddof=1)) if len(ratios) > 1 else None,
        )

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        ledger = sqlite3.connect(self._path, timeout=_WAIT_S)
        try:
            with ledger:
                yield ledger
        finally:
            ledger.close()


def trial_of(run: "Run") -> Trial:
    """Make the trial that a run was; its ratio is that of the base mode, where that was replayed."""
    shown = run.fill_modes.get(_PREFERRED, run.shown)
    return Trial(
        run.manifest.trial, run.context.data.content_hash, run.context.strategy.name, shown.event_sharpe
    )


def told_anything(run: "Run") -> bool:
    """Whether a run showed a result: it came to its end, or ended early with fills to look at."""
    return run.context.status == "done" or any(len(each.output.fills) for each in run.fill_modes.values())
