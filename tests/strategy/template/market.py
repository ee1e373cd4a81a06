"""A small made market for templates: two events of two contracts at two venues, with swings, moves and results."""

from pathlib import Path

import numpy as np
from tests.backtest.recording import Recording, at, dataset

from ntp.data.dataset import Dataset

EVENTS, ROWS, EVERY = 6, 150, 2.0
LIFE = ROWS * EVERY


def market(folder: Path) -> Dataset:
    """Store the market: prices swing, part of the contracts run to their result."""
    dice = np.random.default_rng(11)
    recordings = []
    for event in range(EVENTS):
        begins, won = event * (LIFE + 70), event % 2
        steps = dice.normal(0.004 * (1 if won else -1), 0.02, ROWS)
        mids = np.clip(0.5 + np.cumsum(steps), 0.06, 0.94).round(2)
        for venue in ("kalshi", "polymarket"):
            recording = Recording(
                f"MADE-{event}" if venue == "kalshi" else f"made-{event}", venue=venue, event=f"{venue}-{event}",
                series="MADE", strike_low=100.0 + event, open_time=at(begins), close_time=at(begins + LIFE),
            )
            for row, mid in enumerate(np.clip(mids + dice.choice([-0.02, 0.0, 0.02], ROWS), 0.04, 0.96).round(2)):
                when = begins + row * EVERY + (0.2 if venue == "kalshi" else 0.3)
                recording.quote(when, mid - 0.01, mid + 0.01, size=20 + 10 * (row % 3))
                recording.trade(when + 0.5, mid + 0.01 * (1 if row % 2 else -1), 60, 1 if row % 2 else -1)
            recording.settle(begins + LIFE + 30, float(won))
            recordings.append(recording)
    return dataset(folder / "catalog", *recordings)
