"""The table of the documentation: the part of docs/benchmarks.md between its two markers."""

from __future__ import annotations

import datetime as dt
import importlib.metadata as metadata
import os
import platform
from pathlib import Path
from typing import Any

from benchmarks.arms import HERE, Sizes
from benchmarks.claims import CLAIMS, Bound, Claim, Evenness, Medians, verdict

PAGE = HERE.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- results: written by make bench -->", "<!-- end of results -->"


def write(results: dict[str, list[dict[str, Any]]], medians: Medians, fills: str, sizes: Sizes) -> None:
    """Replace the results in the page."""
    text = PAGE.read_text()
    head, rest = text.split(BEGIN, 1)
    _, tail = rest.split(END, 1)
    parts = [
        machine(results),
        claims_table(medians),
        f"Fills of the compiled maker: {fills}.",
        rates_table(results, medians),
    ]
    parts.append(f"Sizes: {sizes}. Rounds: {len(next(iter(results.values())))}.")
    PAGE.write_text(head + BEGIN + "\n\n" + "\n\n".join(parts) + "\n\n" + END + tail)


def machine(results: dict[str, list[dict[str, Any]]]) -> str:
    """Name the day, the machine and every version."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or "unknown processor",
    )
    memory = next(
        (int(line.split()[1]) / 2**20 for line in _lines("/proc/meminfo") if "MemTotal" in line), 0.0
    )
    versions = {name: metadata.version(name) for name in ("ntp", "numpy", "numba", "polars")}
    for rounds in results.values():
        if rounds and "version" in rounds[0]:
            versions[str(rounds[0]["peer"])] = str(rounds[0]["version"])
    listed = ", ".join(f"{name} {version}" for name, version in versions.items())
    today = dt.datetime.now(dt.UTC).date().isoformat()
    where = f"{model}, {os.cpu_count()} cores, {memory:.0f} GB"
    return f"{today}, {where}, Python {platform.python_version()}; {listed}."


def claims_table(medians: Medians) -> str:
    """Return floor, goal and what was achieved."""
    lines = ["| work | floor | goal | achieved | |", "|---|---:|---:|---:|---|"]
    for claim in CLAIMS:
        value = claim.value(medians)
        cells = [_told(claim, number) for number in (claim.floor, claim.goal, value)]
        lines.append(f"| {claim.work} | {' | '.join(cells)} | {verdict(claim, value)} |")
    return "\n".join(lines)


def rates_table(results: dict[str, list[dict[str, Any]]], medians: Medians) -> str:
    """Return the medians of every arm."""
    lines = [
        "| arm | events | orders | fills | per CPU second | CPU s | wall s | process CPU s | peak MB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, rounds in results.items():
        found = medians.get(name)
        if found is None:
            why = rounds[0].get("not_wired") or rounds[0].get("error", "") if rounds else ""
            lines.append(f"| {name} | {str(why).splitlines()[0] if why else 'not measured'} |" + " |" * 7)
            continue
        whole = [
            f"{found[key]:,.0f}" if key in found else ""
            for key in ("events", "orders", "fills", "events_per_s")
        ]
        keys = ("cpu_s", "wall_s", "process_cpu_s")
        seconds = [f"{found[key]:.2f}" if key in found else "" for key in keys]
        lines.append(f"| {name} | {' | '.join(whole + seconds)} | {found['peak_rss_mb']:,.0f} |")
    return "\n".join(lines)


def _told(claim: Claim, number: float | None) -> str:
    if number is None:
        return "-"
    if isinstance(claim, Bound):
        return f"{number:,.0f} MB"
    if isinstance(claim, Evenness):
        return f"{number:.0%}"
    return f"{number:,.1f} x" if number < 20 else f"{number:,.0f} x"


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []
