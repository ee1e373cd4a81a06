"""Where experiments are kept: plans, lots, results per event, looks and promotions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ntp.backtest.experiment.event_results import EventResult
from ntp.backtest.experiment.plan import Plan, Variant
from ntp.core import NotFound, suggest
from ntp.core.workspace import named_workspace

_FILE: Final = "experiments.sqlite"
_WAIT_S: Final = 30.0
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS experiments (
    name TEXT PRIMARY KEY, created INTEGER NOT NULL, plan TEXT NOT NULL, stopped INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS variants (
    experiment TEXT NOT NULL, variant TEXT NOT NULL, strategy TEXT NOT NULL, version TEXT NOT NULL,
    code_hash TEXT NOT NULL, parameters TEXT NOT NULL, stopped_event TEXT, stopped INTEGER,
    PRIMARY KEY (experiment, variant)
) STRICT;
CREATE TABLE IF NOT EXISTS batches (
    experiment TEXT NOT NULL, batch INTEGER NOT NULL, created INTEGER NOT NULL, sources TEXT NOT NULL,
    content TEXT NOT NULL, open_events INTEGER NOT NULL, PRIMARY KEY (experiment, batch)
) STRICT;
CREATE TABLE IF NOT EXISTS events (
    experiment TEXT NOT NULL, event TEXT NOT NULL, variant TEXT, settled INTEGER NOT NULL, batch INTEGER,
    PRIMARY KEY (experiment, event)
) STRICT;
CREATE TABLE IF NOT EXISTS results (
    experiment TEXT NOT NULL, event TEXT NOT NULL, variant TEXT NOT NULL, mode TEXT NOT NULL, run_id TEXT NOT NULL,
    pnl_usd REAL NOT NULL, stake_usd REAL NOT NULL, markout_cents REAL, fills INTEGER NOT NULL,
    PRIMARY KEY (experiment, event, variant, mode)
) STRICT;
CREATE TABLE IF NOT EXISTS looks (
    look INTEGER PRIMARY KEY, experiment TEXT NOT NULL, variant TEXT NOT NULL, mode TEXT NOT NULL,
    created INTEGER NOT NULL, events INTEGER NOT NULL, difference REAL, low REAL, high REAL, e_value REAL,
    p_value REAL NOT NULL, verdict TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS promotions (
    experiment TEXT NOT NULL, variant TEXT NOT NULL, strategy TEXT NOT NULL, version TEXT NOT NULL,
    code_hash TEXT NOT NULL, parameters TEXT NOT NULL, created INTEGER NOT NULL,
    PRIMARY KEY (experiment, variant)
) STRICT;
"""
_OWNED: Final = ("variants", "events", "results", "looks")


@dataclass(frozen=True)
class StoredEvent:
    """An event of an experiment.

    Attributes
    ----------
    event : str
        Its name.
    variant : str, optional
        Who trades it; None where all do.
    settled : int
        When its last result came, in ns UTC.
    batch : int, optional
        The part of the data with which all its results came; None before that.
    """

    event: str
    variant: str | None
    settled: int
    batch: int | None


class ExperimentStore:
    """Experiments of a workspace. Safe under several processes: each call is one transaction.

    Parameters
    ----------
    root : Path
        The workspace's ``.ntp`` folder; made if it is missing.
    """

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root
        self._path = root / _FILE
        with self._connect() as store:
            store.execute("PRAGMA journal_mode=WAL")
            store.executescript(_SCHEMA)

    def names(self) -> list[str]:
        """Names of all experiments, the newest first."""
        with self._connect() as store:
            return [name for (name,) in store.execute("SELECT name FROM experiments ORDER BY created DESC, name")]

    def plan(self, name: str) -> Plan:
        """Read the plan of an experiment.

        Raises
        ------
        NotFound
            ``no_such_experiment`` with a suggestion.
        """
        found = self.find(name)
        if found is None:
            known = self.names()
            raise NotFound(
                f"expected an experiment, was {name!r}", code="no_such_experiment",
                hint=suggest(name, known) or "ntp ab start begins one", details={"experiment": name},
            )
        return found

    def find(self, name: str) -> Plan | None:
        """Read the plan of an experiment, None where there is none of that name."""
        with self._connect() as store:
            row = store.execute("SELECT plan FROM experiments WHERE name = ?", (name,)).fetchone()
        return None if row is None else Plan.from_dict(json.loads(row[0]))

    def enter(self, plan: Plan, created: int) -> None:
        """Enter a new experiment and its variants; one that is there already stays."""
        rows = [(plan.name, each.name, *_identity(each)) for each in plan.variants]
        with self._connect() as store:
            store.execute(
                "INSERT OR IGNORE INTO experiments (name, created, plan) VALUES (?, ?, ?)",
                (plan.name, created, json.dumps(plan.to_dict())),
            )
            store.executemany(
                "INSERT OR IGNORE INTO variants (experiment, variant, strategy, version, code_hash, parameters) "
                "VALUES (?, ?, ?, ?, ?, ?)", rows,
            )

    def forget(self, name: str) -> None:
        """Remove an experiment of which nobody has seen anything."""
        with self._connect() as store:
            for table, column in (("experiments", "name"), *((each, "experiment") for each in _OWNED)):
                store.execute(f"DELETE FROM {table} WHERE {column} = ?", (name,))  # noqa: S608 - our names

    def state(self, name: str) -> tuple[int, int | None]:
        """When an experiment was begun, and when a person stopped it, if one did."""
        with self._connect() as store:
            created, stopped = store.execute(
                "SELECT created, stopped FROM experiments WHERE name = ?", (name,)
            ).fetchone()
        return created, stopped

    def stop(self, name: str, when: int) -> None:
        """Enter that a person stopped an experiment; the first time counts."""
        with self._connect() as store:
            store.execute("UPDATE experiments SET stopped = coalesce(stopped, ?) WHERE name = ?", (when, name))

    def stop_variant(self, name: str, variant: str, event: str, when: int) -> None:
        """Enter that a variant was stopped for harm, after which event and when; the first time counts."""
        with self._connect() as store:
            store.execute(
                "UPDATE variants SET stopped_event = coalesce(stopped_event, ?), stopped = coalesce(stopped, ?) "
                "WHERE experiment = ? AND variant = ?", (event, when, name, variant),
            )

    def stopped_variants(self, name: str) -> dict[str, tuple[str, int]]:
        """Variants stopped for harm: after which event, and when it was settled."""
        with self._connect() as store:
            rows = store.execute(
                "SELECT variant, stopped_event, stopped FROM variants WHERE experiment = ? AND stopped IS NOT NULL",
                (name,),
            ).fetchall()
        return {variant: (event, when) for variant, event, when in rows}

    def assign(self, name: str, events: Iterable[tuple[str, str | None, int]]) -> None:
        """Enter events with who trades them and when they were settled; who has an event keeps it."""
        rows = [(name, *each) for each in events]
        with self._connect() as store:
            store.executemany(
                "INSERT OR IGNORE INTO events (experiment, event, variant, settled) VALUES (?, ?, ?, ?)", rows
            )

    def events(self, name: str) -> list[StoredEvent]:
        """List events in the order in which their results became known."""
        with self._connect() as store:
            rows = store.execute(
                "SELECT event, variant, settled, batch FROM events WHERE experiment = ? "
                "ORDER BY batch IS NULL, batch, settled, event", (name,),
            ).fetchall()
        return [StoredEvent(*row) for row in rows]

    def keep(self, name: str, variant: str, run_id: str, modes: Mapping[str, Mapping[str, EventResult]]) -> None:
        """Keep what a variant made of events, by fill mode and event; what is kept already stays."""
        rows = [
            (name, event, variant, mode, run_id, each.pnl_usd, each.stake_usd, each.markout_cents, each.fills)
            for mode, results in modes.items() for event, each in results.items()
        ]
        with self._connect() as store:
            store.executemany("INSERT OR IGNORE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def results(self, name: str) -> dict[tuple[str, str], dict[str, EventResult]]:
        """Results by variant and mode, then by event."""
        found: dict[tuple[str, str], dict[str, EventResult]] = {}
        with self._connect() as store:
            rows = store.execute(
                "SELECT variant, mode, event, pnl_usd, stake_usd, markout_cents, fills FROM results "
                "WHERE experiment = ?", (name,),
            ).fetchall()
        for variant, mode, event, *values in rows:
            found.setdefault((variant, mode), {})[event] = EventResult(*values)
        return found

    def complete(
        self, name: str, events: Collection[str], *, created: int, sources: Sequence[str], content: str, waiting: int
    ) -> None:
        """Enter that all results of some events are there: from now on they are compared.

        Parameters
        ----------
        name : str
            Of the experiment.
        events : collection of str
            They.
        created : int
            Now, in ns UTC.
        sources : sequence of str
            Names of the data.
        content : str
            Content hash of the data.
        waiting : int
            Events of the data that are not settled.
        """
        with self._connect() as store:
            (last,) = store.execute(
                "SELECT coalesce(max(batch), 0) FROM batches WHERE experiment = ?", (name,)
            ).fetchone()
            store.execute(
                "INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?)",
                (name, last + 1, created, json.dumps(list(sources)), content, waiting),
            )
            store.executemany(
                "UPDATE events SET batch = ? WHERE experiment = ? AND event = ? AND batch IS NULL",
                [(last + 1, name, event) for event in sorted(events)],
            )

    def batches(self, name: str) -> list[dict[str, Any]]:
        """List the data that an experiment was run on, in order."""
        with self._connect() as store:
            rows = store.execute(
                "SELECT batch, created, sources, content, open_events FROM batches WHERE experiment = ? ORDER BY batch",
                (name,),
            ).fetchall()
        keys = ("batch", "created", "sources", "content_hash", "open_events")
        return [dict(zip(keys, (batch, created, json.loads(sources), *rest), strict=True))
                for batch, created, sources, *rest in rows]

    def look(self, name: str, created: int, rows: Iterable[Mapping[str, Any]]) -> None:
        """Enter what somebody saw."""
        with self._connect() as store:
            store.executemany(
                "INSERT INTO looks (experiment, created, variant, mode, events, difference, low, high, e_value, "
                "p_value, verdict) VALUES (:experiment, :created, :variant, :mode, :events, :difference, :low, :high, "
                ":e_value, :p_value, :verdict)",
                [{"experiment": name, "created": created, **row} for row in rows],
            )

    def looks(self, name: str) -> list[dict[str, Any]]:
        """List what was seen, in order."""
        with self._connect() as store:
            store.row_factory = sqlite3.Row
            rows = store.execute("SELECT * FROM looks WHERE experiment = ? ORDER BY look", (name,)).fetchall()
        return [{key: row[key] for key in row.keys() if key not in ("look", "experiment")} for row in rows]  # noqa: SIM118

    def promote(self, name: str, variant: Variant, when: int) -> None:
        """Enter a promotion; the first time counts."""
        with self._connect() as store:
            store.execute(
                "INSERT OR IGNORE INTO promotions VALUES (?, ?, ?, ?, ?, ?, ?)",
                (name, variant.name, *_identity(variant), when),
            )

    def promotions(self, name: str) -> list[dict[str, Any]]:
        """List the promotions of an experiment, in order."""
        with self._connect() as store:
            rows = store.execute(
                "SELECT variant, strategy, code_hash, created FROM promotions WHERE experiment = ? "
                "ORDER BY created, variant", (name,),
            ).fetchall()
        return [dict(zip(("variant", "strategy", "code_hash", "created"), row, strict=True)) for row in rows]

    def promoted(self, strategy: str, code_hash: str, parameters: Mapping[str, Any]) -> bool:
        """Whether a strategy with this code and these parameters was promoted by any experiment."""
        with self._connect() as store:
            rows = store.execute(
                "SELECT parameters FROM promotions WHERE strategy = ? AND code_hash = ?", (strategy, code_hash)
            ).fetchall()
        wanted = json.loads(json.dumps(dict(parameters)))
        return any(json.loads(stored) == wanted for stored, in rows)

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        store = sqlite3.connect(self._path, timeout=_WAIT_S)
        try:
            with store:
                yield store
        finally:
            store.close()


def promoted(strategy: str, code_hash: str, parameters: Mapping[str, Any], root: Path | None = None) -> bool:
    """Whether an A/B test promoted a strategy with exactly this code and these parameters.

    The variants of an experiment often share their code: what one of them has shown says nothing of the others.

    Parameters
    ----------
    strategy : str
        Name of the strategy.
    code_hash : str
        Hash of its code.
    parameters : Mapping of str to JSON values
        Of the strategy, defaults included.
    root : Path, optional
        The workspace's ``.ntp`` folder; by default that of the workspace around the current folder or of ``NTP_HOME``.
        Outside of both nothing is promoted.
    """
    if root is None:
        workspace = named_workspace(Path.cwd())
        if workspace is None:
            return False
        root = workspace.state
    return (root / _FILE).is_file() and ExperimentStore(root).promoted(strategy, code_hash, parameters)


def _identity(variant: Variant) -> tuple[str, str, str, str]:
    strategy = variant.strategy
    return strategy.name, strategy.version, strategy.code_hash, json.dumps(dict(strategy.parameters))
