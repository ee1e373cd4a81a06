"""Measure the engine beside its peers: `python -m benchmarks.run [--quick] [--repeats N] [--only TEXT]`.

Every arm runs in a process of its own; the arms of a round follow each other, so that a change of the
machine's load meets all of them. Figures are medians over the rounds. Rates are per CPU second of the
measured call, which excludes loading, conversion and compilation; `process` arms are the whole process.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.arms import (
    FULL,
    HERE,
    HFT_FILLS,
    OUR_FILLS,
    QUICK,
    Arm,
    Files,
    Sizes,
    arms_for,
    convert_command,
    prepare,
)
from benchmarks.claims import CLAIMS, verdict
from benchmarks.ours import NOT_WIRED
from benchmarks.peers.__main__ import setup_all
from benchmarks.report import write
from benchmarks.tapes import load

Result = dict[str, Any]
STEP = 10_000  # of the venue, in 1e-6 contract: a fill here is whole steps, there as fine as its estimate


def run_arm(arm: Arm) -> Result:
    """Run one arm once and add what only the parent can see: CPU, wall and memory of the whole process."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        wall = time.perf_counter()
        child = subprocess.Popen(arm.command, stdout=out, stderr=err, cwd=HERE.parent)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - wall
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        lines = out.read().strip().splitlines()
        if child.returncode not in (0, NOT_WIRED):
            return {"error": f"exit code {child.returncode}: {err.read()[-400:]}"}
    result: Result = json.loads(lines[-1])
    result["process_cpu_s"] = usage.ru_utime + usage.ru_stime
    result["process_wall_s"] = wall
    result["peak_rss_mb"] = usage.ru_maxrss / 1024
    return result


def medians_of(results: dict[str, list[Result]]) -> dict[str, dict[str, float]]:
    """Return the median of every number of every arm that gave a result in all rounds."""
    out: dict[str, dict[str, float]] = {}
    for name, rounds in results.items():
        if any("error" in one or "not_wired" in one for one in rounds):
            continue
        numbers = [k for k, v in rounds[0].items() if isinstance(v, (int, float))]
        out[name] = {key: float(median(one[key] for one in rounds)) for key in numbers}
    return out


def fills_compared(end: int) -> str:
    """Say whether our compiled maker and hftbacktest filled alike, up to the last instant of the tape.

    What fills at that instant is told to hftbacktest's strategy after its data has ended.
    """
    if not (OUR_FILLS.exists() and HFT_FILLS.exists()):
        return "not compared"
    ours, peer = _sorted_fills(OUR_FILLS, end), _whole_steps(_sorted_fills(HFT_FILLS, end))
    if len(ours) != len(peer):
        return f"different: {len(ours):,} here, {len(peer):,} in hftbacktest"
    same = (ours[:, :3] == peer[:, :3]).all(axis=1) & (np.abs(ours[:, 3] - peer[:, 3]) < STEP)
    if same.all():
        return f"equal: {len(ours):,} fills, same times, sides and prices, sizes within a step of 0.01"
    first = int(np.argmin(same))
    return f"different from fill {first:,} of {len(ours):,}: {ours[first].tolist()}, {peer[first].tolist()}"


def _whole_steps(fills: np.ndarray) -> np.ndarray:
    """Join what hftbacktest fills in parts below a venue's step, as its estimates allow, to the rest."""
    parts = np.flatnonzero(fills[:, 3] < STEP)
    for part in parts:
        rest = part + 1 + np.flatnonzero((fills[part + 1 :, 1:3] == fills[part, 1:3]).all(axis=1))[:1]
        fills[rest, 3] += fills[part, 3]
    return np.delete(fills, parts, axis=0)


def _sorted_fills(path: Path, end: int) -> np.ndarray:
    rows: np.ndarray = np.load(path)
    rows = rows[rows[:, 0] < end]
    return rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))]


def _prepared(sizes: Sizes) -> tuple[Files, int]:
    files = prepare(sizes)
    return files, int(load(files.one)["ts_event"][-1])


def measure(arms: Sequence[Arm], repeats: int) -> dict[str, list[Result]]:
    """Run every arm once per round, arms beside each other, and tell the terminal.

    Whole processes are measured warm: with the file in the cache and the kernel compiled before.
    """
    for arm in arms:
        if arm.name.endswith("_process"):
            run_arm(arm)
    results: dict[str, list[Result]] = {arm.name: [] for arm in arms}
    for number in range(1, repeats + 1):
        for arm in arms:
            if arm.once and number > 1:
                continue
            result = run_arm(arm)
            results[arm.name].append(result)
            rate = result.get("events_per_s")
            told = (
                f"{rate:,.0f} events/s" if rate else result.get("not_wired") or result.get("error") or "done"
            )
            print(f"round {number}/{repeats}  {arm.name:26s} {told}", file=sys.stderr, flush=True)
    return results


def main() -> int:
    """Set up, measure, compare, write the table; fails when a claim measured in full is below its floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="one round on small tapes; writes no table")
    parser.add_argument("--only", default="", help="only arms whose name contains this; writes no table")
    args = parser.parse_args()
    setup_all()
    sizes = QUICK if args.quick else FULL
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:
        # what a process held when it began another counts as that one's peak: this one has to stay small
        files, end = apart.submit(_prepared, sizes).result()
    subprocess.run(convert_command(files), check=True)
    arms = [arm for arm in arms_for(files, sizes) if args.only in arm.name]
    for path in (OUR_FILLS, HFT_FILLS):
        path.unlink(missing_ok=True)
    results = measure(arms, 1 if args.quick else args.repeats)
    medians = medians_of(results)
    fills = fills_compared(end)
    below = False
    for claim in CLAIMS:
        value = claim.value(medians)
        said = verdict(claim, value)
        below |= said == "below floor"
        shown = "-" if value is None else f"{value:.2f}"
        print(f"{claim.work:66s} floor {claim.floor:>6g}  goal {claim.goal:>6g}  {shown:>8s}  {said}")
    print(f"fills: {fills}")
    if not args.quick and not args.only:
        write(results, medians, fills, sizes)
    return int(below and not args.quick)


if __name__ == "__main__":
    sys.exit(main())
