"""Fills and queue positions of hftbacktest 2.4 on a small tape, computed in a process of its own."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .peers import require_peer
from .tapes import Fill, OwnOrder, QueuePosition

RUNNER = Path(__file__).with_name("hftbacktest_runner.py")


@dataclass(frozen=True)
class Model:
    """A queue model: `risk_averse`, `power` with `n`, `log`, or `power_front` with `n`."""

    name: str
    n: float | None = None
    entry_ns: int = 0
    response_ns: int = 0


@dataclass(frozen=True)
class Case:
    """One tape, the own orders on it, the model, and the moments (order id, time) to look at the queue."""

    tape: np.ndarray
    orders: Sequence[OwnOrder]
    model: Model
    probes: Sequence[tuple[int, int]] = ()


def oracle_run(
    tape: np.ndarray, orders: Sequence[OwnOrder], model: Model, probes: Sequence[tuple[int, int]] = ()
) -> tuple[list[Fill], list[QueuePosition]]:
    """Return the fills and, at each probe (order id, time), the contracts ahead of the order.

    A probe of an order that has left the book by then gives no position.
    """
    return oracle_runs([Case(tape, orders, model, probes)])[0]


def oracle_runs(cases: Sequence[Case]) -> list[tuple[list[Fill], list[QueuePosition]]]:
    """Return fills and queue positions of every case, all computed in one process of the peer."""
    python = require_peer("hftbacktest")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tapes.npz"
        np.savez(path, **{f"tape_{k}": case.tape for k, case in enumerate(cases)})
        request = {"tapes": str(path), "jobs": [_job(case) for case in cases]}
        done = subprocess.run(
            [str(python), str(RUNNER)], input=json.dumps(request), capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise RuntimeError(f"hftbacktest ended with {done.returncode}: {done.stderr[-2000:]}")
    return [_answer(result) for result in json.loads(done.stdout)["results"]]


def _job(case: Case) -> dict[str, object]:
    return {
        "orders": [asdict(order) for order in case.orders],
        "probes": [list(probe) for probe in case.probes],
        "model": {"name": case.model.name, "n": case.model.n},
        "entry_ns": case.model.entry_ns,
        "response_ns": case.model.response_ns,
    }


def _answer(result: dict[str, Any]) -> tuple[list[Fill], list[QueuePosition]]:
    if result["error"]:
        raise RuntimeError(f"hftbacktest stopped: {result['error']}")
    return [Fill(**row) for row in result["fills"]], [QueuePosition(**row) for row in result["positions"]]


def probes_for(orders: Sequence[OwnOrder], model: Model, per_order: int = 4) -> list[tuple[int, int]]:
    """Return moments evenly spread over each order's life at the venue.

    The first is when a cancel sent on the acknowledgement would arrive: the peer takes none earlier.
    """
    out = []
    for order in orders:
        start = order.sent + 2 * model.entry_ns + model.response_ns + 1
        end = order.cancel_sent + model.entry_ns
        out += [(order.order_id, start + (end - start) * k // per_order) for k in range(per_order)]
    return out
