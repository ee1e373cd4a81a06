"""What every peer's runner shares: the measured call and its JSON result. Imports nothing of ours."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any


def measured(call: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """Return the result of one call with its CPU and wall seconds, and the peak memory so far."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = call()
    times = {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}
    times["peak_rss_mb"] = peak_rss_mb()
    return result, times


def peak_rss_mb() -> float:
    """Return the largest resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def emit(**result: Any) -> None:
    """Write the result as one JSON document, with the rate per CPU second."""
    if result.get("cpu_s"):
        result["events_per_s"] = result["events"] / result["cpu_s"]
    json.dump(result, sys.stdout)
    sys.stdout.write("\n")
