"""A small made market for the checks: contracts of a few events, with quotes, prints, results and a note on each."""

import json
from collections.abc import Collection
from pathlib import Path

import numpy as np
from tests.backtest.recording import T0, Recording, at, dataset

from ntp.backtest import Backtest
from ntp.backtest.check import CheckResult, Finding
from ntp.data.dataset import Dataset
from ntp.data.schema import Kind

EVENTS, ROWS, EVERY = 4, 160, 2.0
LIFE = ROWS * EVERY
SAID = ("mood", "hint", "winner")


def symbols() -> list[str]:
    return [f"MADE-{event}-{side}" for event in range(EVENTS) for side in ("A", "B")]


def made(folder: Path, **changes: object) -> Dataset:
    """Store a market: `fields` names custom fields, `known` and `closes` say how instruments are known."""
    dice = np.random.default_rng(7)
    recordings = []
    for place, symbol in enumerate(symbols()):
        event = place // 2
        begins, value = event * LIFE * 0.7, float((place + event) % 2)
        recording = Recording(
            symbol, event=f"MADE-{event}", series="MADE", group="one", known_at=changes.get("known", T0),
            open_time=at(begins), close_time=at(begins + LIFE) + int(changes.get("closes", 0)),
        )
        mids = np.clip(0.5 + np.cumsum(dice.choice([-0.01, 0.0, 0.01], ROWS)), 0.2, 0.8).round(2)
        for row, mid in enumerate(mids):
            when = begins + row * EVERY
            recording.quote(when, mid - 0.01, mid + 0.01)
            if row % 3 == 0:
                recording.trade(when + 0.5, mid + 0.01 * dice.choice([-1, 1]), 30, int(dice.choice([-1, 1])))
            if changes.get("fields"):
                after = mids[min(row + 1, ROWS - 1)] - 0.01
                note = {"mood": float(dice.normal()), "hint": value, "winner": "home", "forecast": after.round(4)}
                recording._add(Kind.CUSTOM, when + 0.1, payload=json.dumps({k: note[k] for k in changes["fields"]}))
        recording.settle(begins + (float(changes.get("won", LIFE + 60)) if value else LIFE + 60), value)
        recordings.append(recording)
    return dataset(folder / "catalog", *recordings)


def fair(folder: Path, events: int, true: Collection[int]) -> Dataset:
    """Store events one after another, each at even odds, which fill what is asked at the touch; some come true."""
    recordings = []
    for number in range(events):
        first = number * 600
        one = Recording(f"{number:03}").quote(first, 0.49, 0.51).quote(first + 30, 0.49, 0.51)
        one.trade(first + 60, 0.49, 900, -1).trade(first + 61, 0.51, 900, 1)
        recordings.append(one.settle(first + 300, float(number in true)))
    return dataset(folder / "catalog", *recordings)


def examined(folder: Path, source: str | type, data: Dataset | None = None, **options: object) -> CheckResult:
    """Check a strategy, given as the text of a file or as a class."""
    strategy: object = source
    if isinstance(source, str):
        strategy = folder / "planted.py"
        strategy.write_text(source)
    backtest = Backtest(strategy, data or made(folder), store=False, **options)
    return backtest.check(quick=True)


def line_of(source: str, mark: str = "# here") -> int:
    """Number of the marked line."""
    return next(number for number, line in enumerate(source.splitlines(), 1) if mark in line)


def errors(result: CheckResult, check: str) -> list[Finding]:
    return [finding for finding in result.findings if finding.check == check and finding.severity == "error"]
