"""Our side of the comparison: `python -m benchmarks.ours WORKLOAD PATH` measures one call and prints JSON.

Each workload is one function of `WORKLOADS` that takes the path of a tape and returns the same fields as
the peers' runners: events, orders, fills, CPU and wall seconds, peak memory, a digest of the fills.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import recorded, rig, tapes
from benchmarks.strategies import BestMaker, Cross, QuoteMaker
from ntp.strategy import Strategy
from ntp.strategy.shipped import Maker

NOT_WIRED = 3
WARM_ROWS = 2_000


class NotWiredError(RuntimeError):
    """The engine does not offer this yet; the table shows it as not measured."""


def maker_compiled(path: str, fills: str = "") -> dict[str, Any]:
    """One contract, both sides quoted by the compiled maker."""
    return _one(path, Maker(**rig.MAKER), compiled=True, fills=fills)


def maker_best(path: str, fills: str = "") -> dict[str, Any]:
    """Quote as a Python strategy that wakes when a best price changes and when it is filled."""
    return _one(path, BestMaker(**rig.MAKER), compiled=False, fills=fills)


def maker_quotes(path: str, fills: str = "") -> dict[str, Any]:
    """Quote as a Python strategy that wakes on every quote."""
    return _one(path, QuoteMaker(**rig.MAKER), compiled=False, fills=fills)


def contracts_compiled(path: str, fills: str = "") -> dict[str, Any]:
    """Many contracts merged by time, one portfolio, compiled maker, settlement at the end."""
    return _many(path, Maker(**rig.MAKER), compiled=True)


def contracts_python(path: str, fills: str = "") -> dict[str, Any]:
    """Run many contracts with the Python maker."""
    return _many(path, BestMaker(**rig.MAKER), compiled=False)


def bars(path: str, fills: str = "") -> dict[str, Any]:
    """Cross two moving averages, Python `analyze` once per bar."""
    rows = tapes.load(Path(path))
    rig.run(rig.bars_runtime(rows[:WARM_ROWS], Cross()))
    return rig.run(rig.bars_runtime(rows, Cross()))


def process(path: str, fills: str = "") -> dict[str, Any]:
    """Go from a stored data set to the result; the caller measures the whole process."""
    return recorded.replay(Path(path), "maker", rig.MAKER)


def streamed(path: str, fills: str = "") -> dict[str, Any]:
    """Run a recording of any length, for its peak memory, with a strategy that trades seldom.

    Logs of orders and fills are what a run gives: they grow with what the strategy does.
    """
    return recorded.replay(Path(path), "v10", {"lookback": 20, "threshold": 0.03})


def _one(path: str, strategy: Strategy, *, compiled: bool, fills: str) -> dict[str, Any]:
    tape = rig.one_contract(Path(path))
    rig.run(rig.runtime_for(_head(tape), strategy.copy(), compiled=compiled))
    runtime = rig.runtime_for(tape, strategy, compiled=compiled)
    result = rig.run(runtime)
    if fills:
        np.save(fills, rig.fills_of(runtime))
    return result


def _many(path: str, strategy: Strategy, *, compiled: bool) -> dict[str, Any]:
    tape = rig.many_contracts(Path(path))
    rig.run(rig.runtime_for(_head(tape), strategy.copy(), compiled=compiled))
    return rig.run(rig.runtime_for(tape, strategy, compiled=compiled))


def _head(tape: rig.Tape) -> rig.Tape:
    """Return the first rows of a tape: compiling and first calls are not part of the measured call."""
    return replace(tape, columns={name: column[:WARM_ROWS] for name, column in tape.columns.items()})


WORKLOADS: dict[str, Callable[[str, str], dict[str, Any]]] = {
    "maker_compiled": maker_compiled,
    "maker_best": maker_best,
    "maker_quotes": maker_quotes,
    "contracts_compiled": contracts_compiled,
    "contracts_python": contracts_python,
    "bars": bars,
    "process": process,
    "streamed": streamed,
}


def main() -> int:
    """Run one workload and print its result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("workload", choices=sorted(WORKLOADS))
    parser.add_argument("tape")
    parser.add_argument("--fills", default="", help="write the fills there")
    args = parser.parse_args()
    try:
        result = WORKLOADS[args.workload](args.tape, args.fills)
    except NotWiredError as error:
        print(json.dumps({"not_wired": str(error)}))
        return NOT_WIRED
    if result.get("cpu_s"):
        result["events_per_s"] = result["events"] / result["cpu_s"]
    print(json.dumps({"peer": "ntp", "workload": args.workload} | result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
