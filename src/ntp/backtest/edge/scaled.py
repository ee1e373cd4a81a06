"""How sizes were scaled in a replay, week by week."""

from __future__ import annotations

import math
from typing import Any

from ntp.engine.state import ReplayState


def scaled_weeks(state: ReplayState) -> dict[str, list[dict[str, Any]]]:
    """Tell for the counters of a replay at which moments the factor of sizes changed, and why; empty if never."""
    rows = state.scaled[: int(state.context["n_scaled"][0])]
    found: list[dict[str, Any]] = []
    before = 1.0
    for row in rows:
        factor = float(row["factor"])
        if factor != before:
            slope, error = float(row["slope"]), float(row["error"])
            found.append({
                "ts": int(row["ts"]), "events": int(row["events"]), "slope": slope,
                "slope_error": None if math.isnan(error) else error, "factor": factor,
            })  # fmt: skip
        before = factor
    return {"size_factors": found} if found else {}
