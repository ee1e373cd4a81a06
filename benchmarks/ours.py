"""Our side of the comparison: `python -m benchmarks.ours WORKLOAD PATH` measures one call and prints JSON.

Each workload is one function of `WORKLOADS` that takes the path of a tape and returns the same fields as
the peers' runners: events, orders, fills, CPU and wall seconds, peak memory, a digest of the fills.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

NOT_WIRED = 3


class NotWiredError(RuntimeError):
    """The engine does not offer this yet; the table shows it as not measured."""


def maker_compiled(path: str) -> dict[str, Any]:
    """One contract, both sides quoted at the best prices by the compiled maker."""
    raise NotWiredError("the compiled maker is not wired")


def maker_best(path: str) -> dict[str, Any]:
    """Quote as a Python strategy that wakes when a best price changes and when it is filled."""
    raise NotWiredError("the Python maker woken on the best price is not wired")


def maker_quotes(path: str) -> dict[str, Any]:
    """Quote as a Python strategy that wakes on every quote."""
    raise NotWiredError("the Python maker woken on every quote is not wired")


def contracts_compiled(path: str) -> dict[str, Any]:
    """Many contracts merged by time, one portfolio, compiled maker, settlement at the end."""
    raise NotWiredError("many contracts with the compiled maker are not wired")


def contracts_python(path: str) -> dict[str, Any]:
    """Run many contracts with the Python maker."""
    raise NotWiredError("many contracts with the Python maker are not wired")


def bars(path: str) -> dict[str, Any]:
    """Cross two moving averages, Python `analyze` once per bar."""
    raise NotWiredError("bars are not wired")


def process(path: str) -> dict[str, Any]:
    """Go from Parquet on disk to the result; the caller measures the whole process."""
    raise NotWiredError("Parquet to result is not wired")


def streamed(path: str) -> dict[str, Any]:
    """Run the one-contract tape in chunks, for its peak memory."""
    raise NotWiredError("streaming is not wired")


WORKLOADS: dict[str, Callable[[str], dict[str, Any]]] = {
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
    args = parser.parse_args()
    try:
        result = WORKLOADS[args.workload](args.tape)
    except NotWiredError as error:
        print(json.dumps({"not_wired": str(error)}))
        return NOT_WIRED
    if result.get("cpu_s"):
        result["events_per_s"] = result["events"] / result["cpu_s"]
    print(json.dumps({"peer": "ntp", "workload": args.workload} | result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
